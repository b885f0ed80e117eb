"""Looks every package of the locks up among the known vulnerabilities: ``make audit``.

Run: python -m scripts.audit [--osv FOLDER] [--ignore ID]... Asks the services of PyPI (by pip-audit) and npm; with
``--osv`` nobody: FOLDER holds OSV's exports of both, ``PyPI/all.zip`` and ``npm/all.zip``, fetched elsewhere.

The exit status is 1 where a vulnerability is known, and 2 where not all packages could be looked up.
"""

import argparse
import json
import subprocess
import sys
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from packaging.version import InvalidVersion, Version
from scripts.locks import HEAVY_LOCK, NPM_LOCK, ROOT, LockedPackage, npm_packages, python_packages

PYTHON_LOCKS = tuple(sorted(path.name for path in ROOT.glob("requirements*.lock")))


class Finding(NamedTuple):
    """A vulnerability of a package."""

    id: str
    package: str
    version: str
    fixed: str


class NotAudited(Exception):
    """Packages could not be looked up; the message says why."""


def main(words: list[str]) -> int:
    """Print what is found, and return the exit status."""
    parser = argparse.ArgumentParser(prog="make audit", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--osv", type=Path, help="a folder with OSV's exports, in place of the services")
    parser.add_argument("--ignore", action="append", default=[], help="a vulnerability that does not concern us")
    wanted = parser.parse_args(words)
    locked = {*npm_packages(), *npm_packages(HEAVY_LOCK)}
    locked.update(package for lock in PYTHON_LOCKS for package in python_packages(lock))
    packages = sorted((one for one in locked if one.is_installed_somewhere), key=lambda one: one.purl)
    sources: list[Callable[[], list[Finding]]] = [by_pip_audit, by_npm]
    if wanted.osv:
        sources = [partial(by_osv, packages, ecosystem, wanted.osv) for ecosystem in VERSIONS]
    findings: list[Finding] = []
    gaps = []
    for source in sources:
        try:
            findings += source()
        except NotAudited as problem:
            gaps.append(str(problem))
    known = [finding for finding in findings if finding.id not in wanted.ignore]
    for finding in known:
        print(f"{finding.id}: {finding.package} {finding.version}, fixed in {finding.fixed or 'no version yet'}")
    for gap in gaps:
        print(f"NOT AUDITED: {gap}")
    if gaps:
        return 2
    print(f"{len(packages)} packages, {len(known)} known vulnerabilities")
    return 1 if known else 0


def by_pip_audit() -> list[Finding]:
    """Ask PyPI. Raises ``NotAudited`` where it does not know a package: pip-audit itself counts that as well."""
    findings, skipped = [], []
    for lock in PYTHON_LOCKS:
        command = [sys.executable, "-m", "pip_audit", "-r", str(ROOT / lock), "--require-hashes", "--disable-pip"]
        answer = _json([*command, "--format", "json", "--progress-spinner", "off"], "PyPI")
        for one in answer["dependencies"]:
            skipped += [one["name"]] if "skip_reason" in one else []
            for vulnerability in one.get("vulns", ()):
                fixed = ", ".join(vulnerability["fix_versions"])
                findings.append(Finding(vulnerability["id"], one["name"], one["version"], fixed))
    if skipped:
        raise NotAudited(f"PyPI tells nothing about {len(skipped)} packages, such as {skipped[0]}")
    return findings


def by_npm() -> list[Finding]:
    """Ask npm's registry. Raises ``NotAudited`` where it does not answer."""
    answer = _json(["npm", "audit", "--json", "--prefix", str(NPM_LOCK.parent)], "npm")
    if "vulnerabilities" not in answer:
        raise NotAudited(f"npm's registry does not answer: {answer.get('message', 'it gives no reason')}")
    return [
        Finding(cause["url"].rpartition("/")[2], cause["name"], cause["range"], "")
        for vulnerable in answer["vulnerabilities"].values()
        for cause in vulnerable["via"]
        if isinstance(cause, dict)
    ]


def _json(command: list[str], source: str) -> dict[str, Any]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        reason = (done.stderr.strip() or "no answer").splitlines()[-1]
        raise NotAudited(f"{source} cannot be asked: {reason[:300]}") from error
    return answer


def by_osv(packages: Iterable[LockedPackage], ecosystem: str, folder: Path) -> list[Finding]:
    """Look an ecosystem's packages up in OSV's export of it. Raises ``NotAudited`` where that is missing."""
    by_name: defaultdict[str, list[LockedPackage]] = defaultdict(list)
    for package in packages:
        if package.ecosystem == ecosystem:
            by_name[package.name].append(package)
    return [
        finding
        for record in _records(folder / ecosystem / "all.zip")
        if "withdrawn" not in record
        for finding in _matches(record, ecosystem, by_name)
    ]


def _matches(record: dict[str, Any], ecosystem: str, by_name: Mapping[str, list[LockedPackage]]) -> Iterator[Finding]:
    for affected in record.get("affected", ()):
        of = affected.get("package", {})
        for package in by_name.get(of.get("name", ""), ()) if of.get("ecosystem") == ecosystem else ():
            if is_affected(package.version, affected, VERSIONS[ecosystem]):
                yield Finding(record["id"], package.name, package.version, _fixed(affected))


def _records(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield json.loads(archive.read(name))
    except (OSError, zipfile.BadZipFile) as error:
        raise NotAudited(f"{path} is no export of OSV's: {error}") from error


def is_affected(version: str, affected: Mapping[str, Any], key: Callable[[str], Any]) -> bool:
    """Return whether a record names a version, one by one or by a range.

    Source: the evaluation algorithm of the Open Source Vulnerability format, https://ossf.github.io/osv-schema/.
    """
    if version in affected.get("versions", ()):
        return True
    ranges = [one["events"] for one in affected.get("ranges", ()) if one["type"] in ("ECOSYSTEM", "SEMVER")]
    return any(_is_in(key(version), events, key) for events in ranges)


def _is_in(version: Any, events: Iterable[Mapping[str, str]], key: Callable[[str], Any]) -> bool:
    inside = False
    for event in sorted(events, key=lambda event: key(next(iter(event.values())))):
        ((kind, text),) = event.items()
        at = key(text)
        if kind == "introduced" and version >= at:
            inside = True
        elif (kind == "fixed" and version >= at) or (kind == "last_affected" and version > at):
            inside = False
    return inside


def _fixed(affected: Mapping[str, Any]) -> str:
    events = (event for one in affected.get("ranges", ()) if one["type"] != "GIT" for event in one["events"])
    return ", ".join(event["fixed"] for event in events if "fixed" in event)


def pypi_version(text: str) -> Version:
    """Return what orders versions of PyPI (PEP 440); what is none comes before all others."""
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0.dev0")


def npm_version(text: str) -> tuple[Any, ...]:
    """Return what orders versions of npm (Semantic Versioning 2.0.0, section 11)."""
    core, _, pre = text.partition("+")[0].partition("-")
    numbers = (*(int(part) for part in core.split(".") if part.isdigit()), 0, 0)[:3]
    parts = [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in pre.split(".")]
    return numbers, (1, []) if not pre else (0, parts)


VERSIONS: Mapping[str, Callable[[str], Any]] = {"PyPI": pypi_version, "npm": npm_version}
"""By ecosystem: what orders its versions."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
