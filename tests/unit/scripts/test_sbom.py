"""The bill of materials names every package of the locks, and tells what is in the product from what is not."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest
from scripts import sbom
from scripts.locks import NPM_LOCK, ROOT, npm_packages, python_packages


@pytest.fixture(scope="module")
def components() -> dict[str, dict[str, Any]]:
    listed = sbom.bill_of_materials()["components"]
    assert max(Counter(component["bom-ref"] for component in listed).values()) == 1
    return {component["purl"]: component for component in listed}


def test_every_package_of_the_runtime_lock_is_named(components: dict[str, dict[str, Any]]) -> None:
    lines = re.findall(r"^([^\s#]+==[^\s;]+)", (ROOT / "requirements.lock").read_text("utf-8"), re.M)
    assert len(lines) > 60
    assert [line for line in lines if f"pkg:pypi/{line.replace('==', '@')}" not in components] == []
    assert components[python_purl("aiortc")]["scope"] == "required"
    assert components[python_purl("jax")]["scope"] == "excluded", "of the lock, on no machine"


def python_purl(name: str) -> str:
    return next(package.purl for package in python_packages("requirements.lock") if package.name == name)


def test_every_package_of_the_page_is_named_with_its_hash_and_licence(components: dict[str, dict[str, Any]]) -> None:
    locked = orjson.loads(NPM_LOCK.read_bytes())["packages"]
    assert len(npm_packages()) == len(locked) - 1
    for path, package in locked.items():
        if path:
            name = path.rpartition("node_modules/")[2].replace("@", "%40")
            component = components[f"pkg:npm/{name}@{package['version']}"]
            assert component["scope"] == ("excluded" if package.get("dev") else "required")
            assert component["licenses"] == [{"expression": package["license"]}]
            assert re.fullmatch(r"[0-9a-f]{128}", component["hashes"][0]["content"])


def test_debians_packages_are_named_where_they_are_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status = tmp_path / "status"
    status.write_text(
        "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.36-9+deb12u10\n\n"
        "Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1\n"
    )
    monkeypatch.setattr(sbom, "DPKG_STATUS", status)
    found = [one["purl"] for one in sbom.bill_of_materials()["components"] if one["purl"].startswith("pkg:deb/")]
    assert found == ["pkg:deb/debian/libc6@2.36-9%2Bdeb12u10?arch=amd64"]


def test_the_same_installation_gives_the_same_bytes() -> None:
    assert orjson.dumps(sbom.bill_of_materials()) == orjson.dumps(sbom.bill_of_materials())
