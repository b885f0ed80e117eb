"""``kubectl apply --server-side -k deploy/k8s/overlays/prod`` at a real API server.

Its controllers, where they are, make the pods, and its scheduler places them on machines that exist as objects alone.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests import manifests
from tests.kubernetes.control_plane import CONTROLLERS, PROGRAMS, ControlPlane, control_plane, missing, wait_for
from tests.manifests import OVERLAYS, Manifest, rendered, workloads

pytestmark = pytest.mark.skipif(bool(missing(PROGRAMS)), reason=f"not installed: {', '.join(missing(PROGRAMS))}")
controlled = pytest.mark.skipif(bool(missing(CONTROLLERS)), reason=f"not installed: {', '.join(missing(CONTROLLERS))}")

ZONES = ("a", "b", "c")
PODS = {"mocast": 3, "coturn": 2, "mocast-redis": 1}


@pytest.fixture(scope="module")
def k8s(tmp_path_factory: pytest.TempPathFactory) -> Path:
    k8s = manifests.copied(tmp_path_factory.mktemp("k8s"))
    manifests.add_direct_overlay(k8s)
    return k8s


@pytest.fixture(scope="module")
def plane(k8s: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A cluster of three machines, one in each zone, with a disk for each node of Mocast, and the overlay ``prod``."""
    with control_plane(tmp_path_factory.mktemp("plane")) as plane:
        for zone in ZONES:
            plane.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all([machine(zone), disk(zone)]))
            status = yaml.safe_dump({"status": machine(zone)["status"]})
            plane.kubectl("patch", "node", f"machine-{zone}", "--subresource=status", "--type=merge", "-p", status)
        if not missing(CONTROLLERS):
            wait_for(lambda: not any("taints" in one["spec"] for one in plane.get("nodes")["items"]), "pods are let in")
        said = plane.kubectl("apply", "--server-side", "-k", str(k8s / "overlays" / "prod"))
        assert "Warning" not in said, said  # what Pod Security, or a later version, would have against it
        yield plane


def machine(zone: str) -> Manifest:
    sizes = {"cpu": "16", "memory": "64Gi", "pods": "110", "ephemeral-storage": "100Gi"}
    labels = {"topology.kubernetes.io/zone": zone, "kubernetes.io/hostname": f"machine-{zone}"}
    ready = {"type": "Ready", "status": "True", "reason": "Test", "message": "", "lastHeartbeatTime": None}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": f"machine-{zone}", "labels": labels},
        "status": {"capacity": sizes, "allocatable": sizes, "conditions": [ready]},
    }


def disk(zone: str) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": f"disk-{zone}"},
        "spec": {
            "capacity": {"storage": "20Gi"},
            "accessModes": ["ReadWriteOnce"],
            "hostPath": {"path": f"/nowhere/{zone}"},
        },
    }


def pods(plane: ControlPlane) -> list[Manifest]:
    items: list[Manifest] = plane.get("pods", "-n", "mocast").get("items", [])
    return items


def placed(plane: ControlPlane) -> dict[str, list[str]]:
    """The machines that pods are to run on, by the pods' names."""
    found: dict[str, list[str]] = {}
    for pod in pods(plane):
        if "nodeName" in pod["spec"]:
            found.setdefault(pod["metadata"]["labels"]["app.kubernetes.io/name"], []).append(pod["spec"]["nodeName"])
    return found


@pytest.mark.parametrize("overlay", [*OVERLAYS, "direct"])
def test_the_server_takes_every_object_and_has_nothing_against_it(plane: ControlPlane, k8s: Path, overlay: str) -> None:
    """In a namespace of its own, as each overlay has volumes of its own size, and levels of Pod Security."""
    objects = rendered(k8s / "overlays" / overlay)
    for each in objects:
        each["metadata"]["name" if each["kind"] == "Namespace" else "namespace"] = overlay
    namespace = next(each for each in objects if each["kind"] == "Namespace")
    plane.kubectl("apply", "--server-side", "-f", "-", stdin=yaml.safe_dump(namespace))
    said = plane.kubectl("apply", "--server-side", "--dry-run=server", "-f", "-", stdin=yaml.safe_dump_all(objects))
    assert said.count("(server dry run)") == said.count("\n") == len(objects), said


def test_pods_are_let_in_where_restricted_is_enforced(plane: ControlPlane, k8s: Path) -> None:
    """As the controllers would make them."""
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": "mocast"}}
    plane.kubectl("apply", "--server-side", "-f", "-", stdin=yaml.safe_dump(account))
    for name, template in workloads(rendered(k8s / "overlays" / "prod")):
        pod = {"apiVersion": "v1", "kind": "Pod", **template, "metadata": {"name": name, "namespace": "mocast"}}
        volumes = [*template["spec"].get("volumes", []), {"name": "disk", "emptyDir": {}}]
        pod["spec"] = {**template["spec"], "volumes": volumes}
        said = plane.kubectl("create", "--dry-run=server", "-f", "-", stdin=yaml.safe_dump(pod))
        assert said == f"pod/{name} created (server dry run)\n"


@controlled
def test_every_pod_is_made_and_nodes_are_spread_over_zones(plane: ControlPlane) -> None:
    """Where Pod Security's level ``restricted`` is enforced; without a metric the autoscaler asks for its least."""
    wait_for(lambda: {name: len(on) for name, on in placed(plane).items()} == PODS, "all pods have machines")
    assert sorted(placed(plane)["mocast"]) == [f"machine-{zone}" for zone in ZONES]
    failed = plane.get("events", "-n", "mocast", "--field-selector=reason=FailedCreate")["items"]
    assert [event["message"] for event in failed] == []


@controlled
def test_one_node_at_a_time_may_be_disrupted(plane: ControlPlane) -> None:
    def budget() -> Manifest:
        status: Manifest = plane.get("poddisruptionbudget", "mocast", "-n", "mocast").get("status", {})
        return status

    wait_for(lambda: budget().get("expectedPods") == 3, "the budget counts the nodes")
    assert budget()["desiredHealthy"] == 2


@controlled
def test_disks_are_the_nodes_own(plane: ControlPlane) -> None:
    wait_for(lambda: len(placed(plane).get("mocast", ())) == 3, "nodes have machines")
    claims = {
        pod["metadata"]["name"]: volume["persistentVolumeClaim"]["claimName"]
        for pod in pods(plane)
        for volume in pod["spec"]["volumes"]
        if "persistentVolumeClaim" in volume
    }
    assert claims == {f"mocast-{number}": f"disk-mocast-{number}" for number in range(3)}


def test_a_pod_that_asks_for_more_is_refused(plane: ControlPlane) -> None:
    refused = plane.tried("run", "-n", "mocast", "intruder", "--image=intruder", "--privileged")
    assert refused.returncode != 0
    assert 'violates PodSecurity "restricted:latest"' in refused.stderr
