"""The objects that ``kubectl apply -k`` would send of ``deploy/k8s``, with secrets made for the test."""

import base64
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
OVERLAYS = ("dev", "prod")

Manifest = dict[str, Any]


def copied(folder: Path) -> Path:
    """Copy ``deploy`` into a folder, with secrets for each overlay; return that of ``deploy/k8s``."""
    shutil.copytree(ROOT / "deploy", folder / "deploy", ignore=shutil.ignore_patterns("secrets.env"))
    k8s = folder / "deploy" / "k8s"
    for overlay in OVERLAYS:
        subprocess.run([k8s / "secrets.sh", overlay], check=True, capture_output=True)
    return k8s


def add_direct_overlay(k8s: Path) -> Path:
    """Write and return an overlay that takes the component ``host-network`` as docs/deployment.md says."""
    folder = k8s / "overlays" / "direct"
    folder.mkdir(exist_ok=True)
    parts = {"resources": ["../prod"], "components": ["../../components/host-network"]}
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(parts))
    return folder


def rendered(folder: Path) -> list[Manifest]:
    """Return what a kustomization makes. Needs ``kubectl``."""
    done = subprocess.run(["kubectl", "kustomize", folder], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def named(manifests: list[Manifest], kind: str, prefix: str) -> Manifest:
    """Return the one of this kind whose name is that, or that and a hash."""
    (one,) = (
        manifest
        for manifest in manifests
        if manifest["kind"] == kind
        and manifest["metadata"]["name"].rsplit("-", manifest["kind"] in HASHED)[0] == prefix
    )
    return one


HASHED = ("ConfigMap", "Secret")
"""Kinds whose names end with a hash of what is in them."""


def workloads(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """Yield the name and the pod template of each workload."""
    for manifest in manifests:
        if manifest["kind"] in ("Deployment", "StatefulSet"):
            yield manifest["metadata"]["name"], manifest["spec"]["template"]


def container(template: Manifest) -> Manifest:
    """Return a pod's only container."""
    (only,) = template["spec"]["containers"]
    return dict(only)


def environment(manifests: list[Manifest], template: Manifest) -> dict[str, str]:
    """Return a container's variables as Kubernetes makes them, with stand-ins for what only a pod has."""
    only = container(template)
    variables: dict[str, str] = {}
    for source in only.get("envFrom", ()):
        variables |= named(manifests, "ConfigMap", source["configMapRef"]["name"].rsplit("-", 1)[0])["data"]
    for entry in only["env"]:
        text = entry["value"] if "value" in entry else _from(manifests, only, **entry["valueFrom"])
        for name, value in variables.items():
            text = text.replace(f"$({name})", value)
        variables[entry["name"]] = text
    return variables


def _from(manifests: list[Manifest], only: Manifest, **source: Manifest) -> str:
    match source:
        case {"secretKeyRef": {"name": name, "key": key}}:
            return secret(named(manifests, "Secret", name.rsplit("-", 1)[0]))[key]
        case {"fieldRef": {"fieldPath": "status.podIP"}}:
            return "10.1.2.3"
        case {"fieldRef": {"fieldPath": "metadata.name"}}:
            return "mocast-0"
        case {"resourceFieldRef": {"resource": "requests.cpu"}}:
            return str(whole_cores(only["resources"]["requests"]["cpu"]))
    raise AssertionError(source)


def secret(manifest: Manifest) -> dict[str, str]:
    """Return a Secret's values, decoded."""
    return {key: base64.b64decode(value).decode() for key, value in manifest["data"].items()}


def whole_cores(quantity: str) -> int:
    """Return a quantity of processors as ``divisor: "1"`` gives it: rounded up."""
    return -(-int(quantity[:-1]) // 1000) if quantity.endswith("m") else int(quantity)
