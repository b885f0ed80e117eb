"""The audit names what is known about the packages of the locks, and never takes silence for an answer."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from scripts import audit
from scripts.audit import is_affected, main, npm_version, pypi_version
from scripts.locks import npm_packages, python_packages


def locked(name: str) -> str:
    packages = [*python_packages("requirements.lock"), *npm_packages()]
    return next(package.version for package in packages if package.name == name)


def record(ident: str, ecosystem: str, name: str, **affected: Any) -> dict[str, Any]:
    return {"id": ident, "affected": [{"package": {"ecosystem": ecosystem, "name": name}, **affected}]}


def in_range(ident: str, ecosystem: str, name: str, **events: str) -> dict[str, Any]:
    kind = "SEMVER" if ecosystem == "npm" else "ECOSYSTEM"
    return record(ident, ecosystem, name, ranges=[{"type": kind, "events": [{k: v} for k, v in events.items()]}])


def export(folder: Path, **records: list[dict[str, Any]]) -> list[str]:
    for ecosystem in ("PyPI", "npm"):
        (folder / ecosystem).mkdir()
        with zipfile.ZipFile(folder / ecosystem / "all.zip", "w") as archive:
            for one in records.get(ecosystem, []):
                archive.writestr(f"{one['id']}.json", json.dumps(one))
    return ["--osv", str(folder)]


def test_vulnerable_versions_are_named_with_what_fixes_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = export(
        tmp_path,
        PyPI=[
            in_range("GHSA-aiohttp", "PyPI", "aiohttp", introduced="0", fixed="99.1"),
            in_range("GHSA-old", "PyPI", "aiohttp", introduced="0", fixed="3.0"),
            record("PYSEC-pillow", "PyPI", "pillow", versions=[locked("pillow")]),
            in_range("GHSA-other", "PyPI", "django", introduced="0"),
            in_range("GHSA-never-installed", "PyPI", "jax", introduced="0"),
            {**in_range("GHSA-withdrawn", "PyPI", "aiohttp", introduced="0"), "withdrawn": "2026-01-01T00:00:00Z"},
        ],
        npm=[in_range("GHSA-preact", "npm", "preact", introduced="1.0.0", last_affected=locked("preact"))],
    )
    assert main(flags) == 1
    told = capsys.readouterr().out
    assert set(told.splitlines()[:-1]) == {
        f"GHSA-aiohttp: aiohttp {locked('aiohttp')}, fixed in 99.1",
        f"PYSEC-pillow: pillow {locked('pillow')}, fixed in no version yet",
        f"GHSA-preact: preact {locked('preact')}, fixed in no version yet",
    }
    ignored = [word for ident in ("GHSA-aiohttp", "PYSEC-pillow", "GHSA-preact") for word in ("--ignore", ident)]
    assert main([*flags, *ignored]) == 0


def test_packages_that_nothing_is_known_of_pass(tmp_path: Path) -> None:
    assert main(export(tmp_path)) == 0


def test_an_export_that_is_missing_is_no_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--osv", str(tmp_path)]) == 2
    assert "NOT AUDITED" in capsys.readouterr().out


def test_an_export_that_is_missing_hides_nothing_of_the_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = export(tmp_path, PyPI=[in_range("GHSA-aiohttp", "PyPI", "aiohttp", introduced="0")])
    (tmp_path / "npm" / "all.zip").unlink()
    assert main(flags) == 2
    told = capsys.readouterr().out
    assert "GHSA-aiohttp" in told
    assert "NOT AUDITED" in told


@pytest.mark.parametrize(
    ("pypi", "npm", "status"),
    [
        ({"dependencies": [{"name": "aiohttp", "version": "3", "vulns": []}]}, {"vulnerabilities": {}}, 0),
        ({"dependencies": [{"name": "aiohttp", "skip_reason": "not found"}]}, {"vulnerabilities": {}}, 2),
        ({"dependencies": []}, {"message": "405 Method Not Allowed"}, 2),
        (
            {"dependencies": [{"name": "a", "version": "3", "vulns": [{"id": "X", "fix_versions": ["4"]}]}]},
            {"vulnerabilities": {}},
            1,
        ),
        (
            {"dependencies": []},
            {"vulnerabilities": {"a": {"via": ["b", {"url": "https://x/GHSA-1", "name": "b", "range": "<2"}]}}},
            1,
        ),
    ],
)
def test_silence_of_a_service_is_no_pass(
    monkeypatch: pytest.MonkeyPatch, pypi: dict[str, Any], npm: dict[str, Any], status: int
) -> None:
    """With answers as pip-audit 2.10 and npm 11 give them."""
    monkeypatch.setattr(audit, "_json", lambda _, source: {"PyPI": pypi, "npm": npm}[source])
    assert main([]) == status


@pytest.mark.parametrize(
    ("version", "events", "affected"),
    [
        ("1.5", [{"introduced": "0"}, {"fixed": "1.5"}], False),
        ("1.5", [{"introduced": "0"}, {"fixed": "1.5.1"}], True),
        ("1.5rc1", [{"introduced": "0"}, {"fixed": "1.5"}], True),
        ("1.5", [{"introduced": "0"}, {"last_affected": "1.5"}], True),
        ("1.6", [{"introduced": "0"}, {"last_affected": "1.5"}], False),
        ("2.1", [{"introduced": "0"}, {"fixed": "1.2"}, {"introduced": "2.0"}, {"fixed": "2.2"}], True),
        ("1.3", [{"introduced": "2.0"}, {"fixed": "2.2"}, {"introduced": "0"}, {"fixed": "1.2"}], False),
        ("1.10", [{"introduced": "1.9"}], True),
    ],
)
def test_ranges_are_read_as_osv_defines_them(version: str, events: list[dict[str, str]], affected: bool) -> None:
    assert is_affected(version, {"ranges": [{"type": "ECOSYSTEM", "events": events}]}, pypi_version) is affected
    assert not is_affected(version, {"ranges": [{"type": "GIT", "events": events}]}, pypi_version)


def test_versions_of_npm_are_ordered_as_semantic_versioning_says() -> None:
    """Its own example, section 11."""
    ordered = "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.10.0"
    versions = ordered.split()
    assert sorted(set(versions), key=npm_version) == versions
