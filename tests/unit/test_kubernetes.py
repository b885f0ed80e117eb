"""``deploy/k8s``: what Kubernetes would run is what the server expects, and may do no more than it needs."""

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests import manifests
from tests.manifests import OVERLAYS, ROOT, Manifest, container, environment, named, rendered, workloads

from mocast.api.metrics import limits_metrics
from mocast.limiter_setup import make_limiter
from mocast.process_life import EXIT_GRACE_S
from mocast.settings.settings import Settings

pytestmark = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")

K8S = ROOT / "deploy" / "k8s"
MOCAST = "mocast"
ENFORCED = "pod-security.kubernetes.io/enforce"


@pytest.fixture(scope="module")
def k8s(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return manifests.copied(tmp_path_factory.mktemp("k8s"))


@pytest.fixture(scope="module", params=OVERLAYS)
def overlay(request: pytest.FixtureRequest, k8s: Path) -> list[Manifest]:
    return rendered(k8s / "overlays" / request.param)


def node(overlay: list[Manifest]) -> Manifest:
    template: Manifest = named(overlay, "StatefulSet", MOCAST)["spec"]["template"]
    return template


def settings(overlay: list[Manifest]) -> Settings:
    variables = environment(overlay, node(overlay))
    given = {
        name.removeprefix("MOCAST_").lower(): text for name, text in variables.items() if name.startswith("MOCAST_")
    }
    assert given.keys() <= Settings.model_fields.keys()
    return Settings(host="0.0.0.0", **given)  # type: ignore[arg-type]


def test_every_variable_is_a_setting_and_nobody_gets_in_without_a_token(overlay: list[Manifest]) -> None:
    assert not settings(overlay).is_open
    assert container(node(overlay))["imagePullPolicy"] == "IfNotPresent"  # kind and others load it into their machines


def test_nodes_share_their_secrets_and_know_their_own_names(overlay: list[Manifest]) -> None:
    node_settings = settings(overlay)
    assert node_settings.node_name == "mocast-0"
    assert node_settings.node_url == "http://10.1.2.3:8080"
    secrets = manifests.secret(named(overlay, "Secret", MOCAST))
    assert len(set(secrets.values())) == 4
    assert node_settings.redis_url.get_secret_value() == f"redis://:{secrets['redis-password']}@mocast-redis:6379/0"
    redis = named(overlay, "Deployment", "mocast-redis")["spec"]["template"]
    assert environment(overlay, redis) == {"REDIS_PASSWORD": secrets["redis-password"]}


def test_threads_follow_the_processors_asked_for(overlay: list[Manifest]) -> None:
    """The server counts the machine's processors where there is no limit, so a pod says how many are its own."""
    resources = container(node(overlay))["resources"]
    cores = manifests.whole_cores(resources["requests"]["cpu"])
    assert settings(overlay).tracking_threads == cores
    assert settings(overlay).max_sessions == 2 * cores
    assert resources["limits"].keys() == {"memory"}


def test_a_node_may_drain_before_it_is_killed(overlay: list[Manifest]) -> None:
    spec, node_settings = node(overlay)["spec"], settings(overlay)
    waits = container(node(overlay))["lifecycle"]["preStop"]["sleep"]["seconds"]
    stops = waits + node_settings.drain_s + node_settings.shutdown_timeout_s + EXIT_GRACE_S
    assert spec["terminationGracePeriodSeconds"] >= stops


def test_probes_ask_what_the_server_answers(overlay: list[Manifest]) -> None:
    paths = set(re.findall(r"^  (/\S*):$", (ROOT / "docs" / "openapi.yaml").read_text("utf-8"), re.M))
    only = container(node(overlay))
    probes = {name: only[f"{name}Probe"]["httpGet"] for name in ("startup", "readiness", "liveness")}
    assert {name: probe["path"] for name, probe in probes.items()} == {
        "startup": "/healthz",
        "readiness": "/readyz",  # 503 while it drains; a liveness probe on it would kill live sessions
        "liveness": "/healthz",
    }
    assert {probe["path"] for probe in probes.values()} <= paths


def test_pods_keep_to_pod_securitys_level_restricted(overlay: list[Manifest]) -> None:
    """Source: "Restricted" of Kubernetes' Pod Security Standards. Read-only file systems are more than it asks for."""
    assert named(overlay, "Namespace", MOCAST)["metadata"]["labels"][ENFORCED] == "restricted"
    for _, template in workloads(overlay):
        spec, only = template["spec"], container(template)
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] > 0
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not spec.keys() & {"hostNetwork", "hostPID", "hostIPC"}
        assert only["securityContext"]["allowPrivilegeEscalation"] is False
        assert only["securityContext"]["readOnlyRootFilesystem"] is True
        assert only["securityContext"]["capabilities"]["drop"] == ["ALL"]
        assert set(only["securityContext"]["capabilities"].get("add", ())) <= {"NET_BIND_SERVICE"}
        assert not any("hostPort" in port for port in only["ports"])
        assert all({"emptyDir", "configMap", "secret"} & volume.keys() for volume in spec.get("volumes", ()))
        assert spec["automountServiceAccountToken"] is False
        assert only["resources"]["limits"]["memory"]


def test_everything_selects_pods_that_there_are(overlay: list[Manifest]) -> None:
    pods = {name: template["metadata"]["labels"] for name, template in workloads(overlay)}
    selected: Counter[str] = Counter()
    for manifest in overlay:
        for selector in selectors(manifest["kind"], manifest["spec"]) if "spec" in manifest else ():
            matching = [name for name, labels in pods.items() if selector.items() <= labels.items()]
            assert matching, (manifest["kind"], manifest["metadata"]["name"], selector)
            selected.update(f"{manifest['kind']} {name}" for name in matching if selector)
    assert {f"Service {name}" for name in pods} <= selected.keys()
    assert {f"NetworkPolicy {name}" for name in pods} <= selected.keys()
    assert selected["PodDisruptionBudget mocast"] == 1


def selectors(kind: str, spec: Manifest) -> list[dict[str, str]]:
    """The labels by which an object selects pods of its namespace."""
    match kind:
        case "Service":
            return [spec["selector"]]
        case "StatefulSet" | "Deployment":
            spread = spec["template"]["spec"].get("topologySpreadConstraints", ())
            return [spec["selector"]["matchLabels"], *(one["labelSelector"]["matchLabels"] for one in spread)]
        case "PodDisruptionBudget":
            return [spec["selector"]["matchLabels"]]
        case "NetworkPolicy":
            rules = [*spec.get("ingress", ()), *spec.get("egress", ())]
            peers = [peer for rule in rules for peer in (*rule.get("from", ()), *rule.get("to", ()))]
            own = [peer["podSelector"] for peer in peers if "namespaceSelector" not in peer]
            return [one.get("matchLabels", {}) for one in (spec["podSelector"], *own)]
    return []


def test_ports_are_those_of_containers(overlay: list[Manifest]) -> None:
    ports = {
        name: {port["name"]: port.get("protocol", "TCP") for port in container(template)["ports"]}
        for name, template in workloads(overlay)
    }
    for manifest in overlay:
        if manifest["kind"] == "Service":
            of = ports[manifest["spec"]["selector"]["app.kubernetes.io/name"]]
            for port in manifest["spec"]["ports"]:
                assert of[port["targetPort"]] == port.get("protocol", "TCP")


def test_nothing_reaches_anything_unless_a_policy_says_so(overlay: list[Manifest]) -> None:
    closed = named(overlay, "NetworkPolicy", "nothing")["spec"]
    assert closed == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    redis = named(overlay, "NetworkPolicy", "mocast-redis")["spec"]
    assert "egress" not in redis
    assert redis["ingress"] == [
        {
            "from": [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": MOCAST}}}],
            "ports": [{"port": "redis", "protocol": "TCP"}],
        }
    ]


def test_policies_let_the_ports_of_the_relay_through(overlay: list[Manifest]) -> None:
    config = (ROOT / "deploy" / "coturn" / "turnserver.conf").read_text("utf-8")
    lowest, highest = (int(re.findall(rf"^{name}-port=(\d+)$", config, re.M)[0]) for name in ("min", "max"))
    relayed = {"port": lowest, "endPort": highest, "protocol": "UDP"}
    assert [rule["ports"] for rule in named(overlay, "NetworkPolicy", "coturn")["spec"]["ingress"]][1] == [relayed]
    assert [relayed] in [rule["ports"] for rule in named(overlay, "NetworkPolicy", MOCAST)["spec"]["egress"]]
    coturn = named(overlay, "Deployment", "coturn")["spec"]["template"]
    quota = next(entry["value"] for entry in container(coturn)["env"] if entry["name"] == "TOTAL_QUOTA")
    assert int(quota) <= highest - lowest + 1


def test_the_relay_has_the_configuration_and_the_secret_that_its_script_reads(overlay: list[Manifest]) -> None:
    spec = named(overlay, "Deployment", "coturn")["spec"]["template"]["spec"]
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    configuration = named(overlay, "ConfigMap", "coturn")
    assert volumes["configuration"]["configMap"]["name"] == configuration["metadata"]["name"]
    script = (ROOT / "deploy" / "coturn" / "start.sh").read_text("utf-8")
    assert configuration["data"]["start.sh"] == script
    assert "secret=/var/lib/mocast/turn/secret\n" in script
    assert volumes["secret"]["secret"]["items"] == [{"key": "turn-secret", "path": "secret"}]


def test_the_autoscaler_counts_places_that_the_server_reports(k8s: Path) -> None:
    scaler = named(rendered(k8s / "overlays" / "prod"), "HorizontalPodAutoscaler", MOCAST)["spec"]
    by_type: dict[str, Any] = {metric["type"]: metric for metric in scaler["metrics"]}
    adapter = yaml.safe_load(named(rendered(k8s / "monitoring"), "ConfigMap", "adapter")["data"]["config.yaml"])
    (rule,) = adapter["rules"]
    assert by_type["Pods"]["pods"]["metric"]["name"] == rule["name"]["as"]
    assert by_type["Resource"]["resource"]["name"] == "cpu"
    collected = {
        (family.name, sample.labels["kind"])
        for family in limits_metrics(make_limiter(Settings()), {})
        for sample in family.samples
        if "kind" in sample.labels
    }
    asked = {(name, kind) for name, kind in re.findall(r'(mocast_\w+)\{[^}]*kind="(\w+)"', str(rule))}
    assert asked == {("mocast_held", "sessions"), ("mocast_held_max", "sessions")}
    assert asked <= collected


def test_the_host_network_has_a_port_and_a_namespace_that_allows_it(k8s: Path) -> None:
    objects = rendered(manifests.add_direct_overlay(k8s))
    assert settings(objects).udp_port == 50000
    spec = node(objects)["spec"]
    assert spec["hostNetwork"]
    assert all(port["hostPort"] == port["containerPort"] for port in container(node(objects))["ports"])
    assert named(objects, "Namespace", MOCAST)["metadata"]["labels"][ENFORCED] == "privileged"


def test_secrets_are_made_once_and_stay_out_of_git(k8s: Path) -> None:
    file = k8s / "overlays" / "prod" / "secrets.env"
    made = file.read_text("utf-8")
    assert file.stat().st_mode & 0o077 == 0
    subprocess.run([k8s / "secrets.sh", "prod"], check=True, capture_output=True)
    assert file.read_text("utf-8") == made
    assert made != (k8s / "overlays" / "dev" / "secrets.env").read_text("utf-8")
    ignored = subprocess.run(
        ["git", "check-ignore", "-q", K8S / "overlays" / "prod" / "secrets.env"], cwd=ROOT, check=False
    )
    assert ignored.returncode == 0
