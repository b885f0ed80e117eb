"""Pods of ``deploy/k8s`` in Podman: ``podman kube play`` knows Pods, ConfigMaps and claims, and no controllers.

What controllers and Services do is done here: a StatefulSet's pods by number, each with a claim of its own; the name of
a Service is that of its pod; ``$(NAME)`` in values and arguments. Podman 4.3 knows no address of a pod before it runs,
so nodes find their own. Policies, probes, spread and the autoscaler are out of its reach.
"""

import copy
import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.manifests import Manifest, environment, named, secret

NETWORK = "mocast-check-k8s"
TURN_FILES = "turn-files"
"""A ConfigMap in place of the Secret's volume, which Podman 4.3 cannot mount."""

UNKNOWN = ("POD_IP", "MOCAST_NODE_URL")


@contextmanager
def playing(manifests: list[Manifest], folder: Path, images: Mapping[str, str]) -> Iterator[None]:
    """Run an overlay's pods while the context lasts. ``images``: by the container's name."""
    keys = named(manifests, "Secret", "mocast")
    played = [*_configuration(manifests), *_pods(manifests, images)]
    file = folder / "pods.yaml"
    file.write_text(yaml.safe_dump_all(played))
    _clear(keys["metadata"]["name"], played)
    _podman("network", "create", NETWORK)
    try:
        # Podman's own form of it, as it reads its own secrets and not the manifest's.
        _podman("secret", "create", keys["metadata"]["name"], "-", stdin=json.dumps(keys["data"]))
        _podman("kube", "play", "--network", NETWORK, str(file))
        yield
    finally:
        _clear(keys["metadata"]["name"], played)


def address(pod: str, container: str) -> str:
    """Return a pod's address, which this machine reaches."""
    return run_in(pod, container, "hostname", "-i").stdout.strip()


def run_in(pod: str, container: str, *command: str) -> "subprocess.CompletedProcess[str]":
    """Run a command in a pod's container."""
    return subprocess.run(
        ["podman", "exec", f"{pod}-{container}", *command], check=False, capture_output=True, text=True
    )


def _configuration(manifests: list[Manifest]) -> list[Manifest]:
    turn_secret = secret(named(manifests, "Secret", "mocast"))["turn-secret"]
    files = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": TURN_FILES}, "data": {"secret": turn_secret}}
    return [*(manifest for manifest in manifests if manifest["kind"] == "ConfigMap"), files]


def _pods(manifests: list[Manifest], images: Mapping[str, str]) -> Iterator[Manifest]:
    """Yield the pods, after the claims that they need."""
    for name in ("mocast-redis", "coturn"):
        template = named(manifests, "Deployment", name)["spec"]["template"]
        yield _pod(name, _expanded(manifests, template), {}, images)
    nodes = named(manifests, "StatefulSet", "mocast")["spec"]
    (claim,) = nodes["volumeClaimTemplates"]
    for number in range(nodes["replicas"]):
        name, claimed = f"mocast-{number}", f"disk-mocast-{number}"
        yield {**claim, "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": claimed}}
        template = _expanded(manifests, nodes["template"])
        yield _pod(name, template, {claim["metadata"]["name"]: claimed}, images)


def _expanded(manifests: list[Manifest], template: Manifest) -> Manifest:
    """Return a pod template with its container's variables in the place of ``$(NAME)``."""
    text = json.dumps(template)
    for name, value in environment(manifests, template).items():
        text = text.replace(f"$({name})", value)
    expanded: Manifest = json.loads(text)
    return expanded


def _pod(
    name: str,
    template: Manifest,
    claims: Mapping[str, str],
    images: Mapping[str, str],
) -> Manifest:
    spec: dict[str, Any] = copy.deepcopy(template["spec"])
    (only,) = spec["containers"]
    only["image"], only["imagePullPolicy"] = images[only["name"]], "Never"
    only["env"] = [entry for entry in only["env"] if entry["name"] not in UNKNOWN]
    del only["ports"]  # Podman would publish them on all networks of this machine
    for volume in spec.get("volumes", ()):
        if volume.pop("secret", None):
            volume["configMap"] = {"name": TURN_FILES}
    spec["volumes"] = spec.get("volumes", []) + [
        {"name": volume, "persistentVolumeClaim": {"claimName": claim}} for volume, claim in claims.items()
    ]
    metadata = {"name": name, "labels": template["metadata"]["labels"]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def _clear(keys: str, played: list[Manifest]) -> None:
    """Remove what a run leaves, also one that was killed."""
    for manifest in played:
        if manifest["kind"] == "Pod":
            _podman("pod", "rm", "--force", "--ignore", "--time", "5", manifest["metadata"]["name"])
    for manifest in played:
        if manifest["kind"] == "PersistentVolumeClaim":
            _podman("volume", "rm", "--force", manifest["metadata"]["name"], check=False)
    _podman("secret", "rm", keys, check=False)
    _podman("network", "rm", NETWORK, check=False)


def _podman(*words: str, stdin: str | None = None, check: bool = True) -> str:
    done = subprocess.run(["podman", *words], check=False, input=stdin, capture_output=True, text=True)
    assert done.returncode == 0 or not check, done.stderr
    return done.stdout + done.stderr
