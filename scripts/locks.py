"""What the locks pin: packages of PyPI and of npm."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
NPM_LOCK = ROOT / "web" / "package-lock.json"
HEAVY_LOCK = ROOT / "scripts" / "heavy" / "package-lock.json"
"""Of the package that has the heavy pose network."""
NETWORKS_LOCK = "requirements-networks.lock"
"""In the root: of the package that has the network of blend shapes, of which nothing else is kept."""


@dataclass(frozen=True, slots=True)
class LockedPackage:
    """One version of one package."""

    ecosystem: Literal["PyPI", "npm"]
    "As in OSV's records."
    name: str
    version: str
    licence: str = ""
    "An SPDX expression, as far as the lock knows it."
    builds_only: bool = False
    "Whether it takes part in building alone, and is not in what was built."
    marker: str = ""
    "For which machines, where not for all (PEP 508)."
    sha512: str = ""
    "In hexadecimal, where there is one file for all machines."

    @property
    def is_installed_somewhere(self) -> bool:
        """Whether there is a machine that it is for: what pyproject.toml overrides is for none."""
        return "sys_platform == 'never'" not in self.marker

    @property
    def purl(self) -> str:
        """Its package URL (https://github.com/package-url/purl-spec)."""
        return f"pkg:{self.ecosystem.lower()}/{quote(self.name, safe='/')}@{quote(self.version)}"


def python_packages(lock: str) -> list[LockedPackage]:
    """Return what a lock in the root of the project pins, on all machines together."""
    found = re.findall(r"^([\w.-]+)==([^\s;]+)(?: ; (.+?))? \\$", (ROOT / lock).read_text("utf-8"), re.M)
    return [LockedPackage("PyPI", name, version, marker=marker) for name, version, marker in found]


def npm_packages(lock: Path = NPM_LOCK) -> list[LockedPackage]:
    """Return what a lock of npm pins, by default the page's."""
    return list(_npm_packages(json.loads(lock.read_text("utf-8"))["packages"]))


def _npm_packages(packages: dict[str, dict[str, str]]) -> Iterator[LockedPackage]:
    for path, package in packages.items():
        if path:  # or it is the page itself
            algorithm, _, digest = package.get("integrity", "").partition("-")
            yield LockedPackage(
                "npm",
                package.get("name") or path.rpartition("node_modules/")[2],
                package["version"],
                licence=package.get("license", ""),
                builds_only=bool(package.get("dev")),
                sha512=base64.b64decode(digest).hex() if algorithm == "sha512" else "",
            )
