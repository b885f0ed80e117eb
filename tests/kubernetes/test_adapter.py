"""``deploy/k8s/monitoring`` by Prometheus' own tools: what is scraped, and what prometheus-adapter asks for."""

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.manifests import ROOT
from tests.prometheus import find_prometheus

PROMTOOL = find_prometheus("promtool")

SERIES = {
    'mocast_held{kind="sessions",namespace="mocast",pod="mocast-0"}': 3,
    'mocast_held_max{kind="sessions",namespace="mocast",pod="mocast-0"}': 8,
    'mocast_held{kind="sessions",namespace="mocast",pod="mocast-1"}': 8,
    'mocast_held_max{kind="sessions",namespace="mocast",pod="mocast-1"}': 8,
    'mocast_held{kind="viewers",namespace="mocast",pod="mocast-1"}': 50,
    'mocast_held_max{kind="viewers",namespace="mocast",pod="mocast-1"}': 64,
    'mocast_held{kind="sessions",namespace="another",pod="mocast-0"}': 1,
    'mocast_held_max{kind="sessions",namespace="another",pod="mocast-0"}': 2,
}


MONITORING = ROOT / "deploy" / "k8s" / "monitoring"

pytestmark = pytest.mark.skipif(PROMTOOL is None, reason="Debian's Prometheus cannot be had")


def promtool(*words: str | Path) -> str:
    """Return what promtool says. Raises ``AssertionError`` where it refuses."""
    assert PROMTOOL is not None
    done = subprocess.run([PROMTOOL, *words], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_prometheus_takes_what_it_is_to_scrape(tmp_path: Path) -> None:
    scraped = yaml.safe_load((MONITORING / "scrape.yaml").read_text("utf-8"))
    del scraped[0]["kubernetes_sd_configs"]  # Debian's is built without
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump({"scrape_configs": scraped}))
    promtool("check", "config", "--syntax-only", tmp_path / "prometheus.yml")


def test_each_nodes_share_of_its_places_is_asked_for(tmp_path: Path) -> None:
    (rule,) = yaml.safe_load((MONITORING / "adapter.yaml").read_text("utf-8"))["rules"]
    query = rule["metricsQuery"].replace("<<.GroupBy>>", "pod")
    query = query.replace("<<.LabelMatchers>>", 'namespace="mocast",pod=~"mocast-0|mocast-1"')
    samples = [{"labels": f'{{pod="{pod}"}}', "value": load} for pod, load in (("mocast-0", 0.375), ("mocast-1", 1))]
    test = {
        "interval": "1m",
        "input_series": [{"series": series, "values": str(value)} for series, value in SERIES.items()],
        "promql_expr_test": [{"expr": query, "eval_time": "0m", "exp_samples": samples}],
    }
    (tmp_path / "test.yml").write_text(yaml.safe_dump({"tests": [test]}))
    promtool("test", "rules", tmp_path / "test.yml")
