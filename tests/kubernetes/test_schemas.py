"""``deploy/k8s`` against the schemas of Kubernetes' own types: ``make test-kubernetes``."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests import manifests
from tests.manifests import OVERLAYS, ROOT, rendered

pytestmark = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")

VERSIONS = ("1.33", "1.35", "1.37")
"""The oldest that docs/deployment.md names, and later ones."""

VALIDATE = ROOT / ".tools" / "kubernetes" / "bin" / "kubernetes-validate"


@pytest.fixture(scope="module")
def k8s(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return manifests.copied(tmp_path_factory.mktemp("k8s"))


def validated(file: Path, version: str) -> str:
    """Return what is said of a file's objects; fields that the version does not know are errors."""
    command = [VALIDATE, "--kubernetes-version", version, "--strict", file]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.stdout


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("overlay", [*OVERLAYS, "direct"])
def test_objects_are_of_the_versions_types(k8s: Path, tmp_path: Path, overlay: str, version: str) -> None:
    manifests.add_direct_overlay(k8s)
    objects = rendered(k8s / "overlays" / overlay)
    (tmp_path / "all.yaml").write_text(yaml.safe_dump_all(objects))
    said = validated(tmp_path / "all.yaml", version)
    assert said.count(" passed for resource ") == said.count("\n") == len(objects) >= 16, said


@pytest.mark.parametrize("version", VERSIONS)
def test_a_field_that_is_misspelt_is_found(k8s: Path, tmp_path: Path, version: str) -> None:
    objects = rendered(k8s / "overlays" / "dev")
    pod = manifests.named(objects, "StatefulSet", "mocast")["spec"]["template"]["spec"]
    pod["terminationGracePeriod"] = pod.pop("terminationGracePeriodSeconds")
    (tmp_path / "all.yaml").write_text(yaml.safe_dump_all(objects))
    said = validated(tmp_path / "all.yaml", version)
    assert "did not validate for resource statefulset/mocast" in said
    assert "('terminationGracePeriod' was unexpected)" in said
