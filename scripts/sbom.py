"""Prints the software bill of materials (CycloneDX 1.6, JSON) of the installation that runs it.

Run: python -m scripts.sbom. The image has what it printed there in /opt/mocast/share/mocast/sbom.cdx.json.

It lists what requirements.lock and the page's lock pin, the packages that networks are taken from (that of the heavy
pose network where it is installed), and Debian's packages where there are some. Packages that take part in building
alone, and those of the lock that are not installed here (of other systems, or left out of the image), have the scope
``excluded``. The same installation gives the same bytes.
"""

import json
import re
import sys
import uuid
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote

from scripts.locks import HEAVY_LOCK, NETWORKS_LOCK, LockedPackage, npm_packages, python_packages

from mocast.tracking.networks_folder import FACE_SHAPES, HEAVY

DPKG_STATUS = Path("/var/lib/dpkg/status")


def main() -> None:
    """Print it."""
    sys.stdout.write(json.dumps(bill_of_materials(), indent=1) + "\n")


def bill_of_materials() -> dict[str, Any]:
    """Return the document. Source: the specification of CycloneDX 1.6 (ECMA-424)."""
    packages = [*python_packages("requirements.lock"), *python_packages(NETWORKS_LOCK), *npm_packages()]
    if HEAVY.is_file():
        packages += npm_packages(HEAVY_LOCK)
    components = sorted([*map(_component, packages), *_debian_components()], key=lambda component: component["bom-ref"])
    version = metadata.version("mocast")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, json.dumps([version, components]))}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": f"pkg:generic/mocast@{version}",
                "name": "mocast",
                "version": version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": components,
    }


def _component(package: LockedPackage) -> dict[str, Any]:
    scope, _, name = package.name.rpartition("/")
    licence = package.licence or _installed_licence(package)
    return {
        "type": "library",
        "bom-ref": package.purl,
        **({"group": scope} if scope else {}),
        "name": name,
        "version": package.version,
        "scope": "required" if _is_in(package) else "excluded",
        "purl": package.purl,
        **({"hashes": [{"alg": "SHA-512", "content": package.sha512}]} if package.sha512 else {}),
        **({"licenses": [{"expression": licence}]} if licence else {}),
    }


def _is_in(package: LockedPackage) -> bool:
    """Whether it is part of the installation."""
    if package.ecosystem == "npm":
        return not package.builds_only
    if package in python_packages(NETWORKS_LOCK):
        return FACE_SHAPES.is_file()
    try:
        return metadata.version(package.name) == package.version
    except metadata.PackageNotFoundError:
        return False


def _installed_licence(package: LockedPackage) -> str:
    """The SPDX expression that an installed package states (PEP 639)."""
    try:
        return metadata.metadata(package.name).get("License-Expression", "")
    except metadata.PackageNotFoundError:
        return ""


def _debian_components() -> Iterator[dict[str, Any]]:
    if not DPKG_STATUS.is_file():
        return
    for paragraph in DPKG_STATUS.read_text("utf-8").split("\n\n"):
        fields = dict(re.findall(r"^(Package|Status|Version|Architecture): (.+)$", paragraph, re.M))
        if fields.get("Status", "").endswith(" installed"):
            version = quote(fields["Version"])
            purl = f"pkg:deb/debian/{fields['Package']}@{version}?arch={fields['Architecture']}"
            name = {"name": fields["Package"], "version": fields["Version"]}
            yield {"type": "library", "bom-ref": purl, **name, "scope": "required", "purl": purl}


if __name__ == "__main__":
    main()
