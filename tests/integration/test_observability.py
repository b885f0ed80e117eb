"""The dashboard, the alerts and what they ask: evaluated by a real Prometheus that scrapes a real ``mocast serve``."""

import asyncio
import json
import math
import re
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from mocast.auth.signed_tokens import SignedTokens, derived_key
from mocast.model.principal import Principal
from tests.e2e.server import Server
from tests.peers import HANG_S, Peer
from tests.polling import wait_until
from tests.prometheus import CONFIG, ROOT, Prometheus, find_prometheus, scraping

DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "dashboards" / "mocast.json").read_text())
ALERTS = [
    rule for group in yaml.safe_load((CONFIG.parent / "alerts.yml").read_text())["groups"] for rule in group["rules"]
]
ALERT_TESTS = ROOT / "tests" / "prometheus_alerts.yml"
SECRET = "a-secret-of-the-server"
VARIABLES = {"$instance": ".*", "$__rate_interval": "1m"}


def program(name: str) -> str:
    path = find_prometheus(name)
    if path is None:
        pytest.skip(f"{name} is neither installed nor one of Debian's packages here")
    return path


def expressions() -> list[str]:
    """Every query of the dashboard, with its variables filled in as Grafana does."""
    found = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    for name, value in VARIABLES.items():
        found = [expression.replace(name, value) for expression in found]
    return found


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "log", warm="pose", metrics_rooms="4", auth="token", token=SECRET)
    server.start()
    yield server
    server.stop()


def post(url: str, offer: str) -> str:
    headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {SECRET}"}
    request = urllib.request.Request(url, offer.encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return str(answer.read().decode())


def test_prometheus_takes_the_configuration_and_the_alerts() -> None:
    subprocess.run([program("promtool"), "check", "config", str(CONFIG)], check=True)


def test_each_alert_fires_when_it_should_and_says_whose_fault_it_is() -> None:
    named = {
        case["alertname"]
        for test in yaml.safe_load(ALERT_TESTS.read_text())["tests"]
        for case in test["alert_rule_test"]
    }
    assert named == {rule["alert"] for rule in ALERTS}
    subprocess.run([program("promtool"), "test", "rules", str(ALERT_TESTS)], check=True)


async def test_every_panel_shows_something_of_a_live_session_and_no_alert_fires(server: Server, tmp_path: Path) -> None:
    peer = Peer(rig="")
    await peer.accept(
        await asyncio.to_thread(post, f"{server.url}/v1/rooms/hall/publish?tracker=pose", await peer.offer())
    )
    await peer.until(lambda: len(peer.frames) >= 5 and len(peer.rig_messages) >= 5)
    signed = SignedTokens(derived_key(SECRET))
    token = signed.sign(Principal("prometheus", frozenset({"metrics"}), (), time.time() + 600))
    with scraping(await asyncio.to_thread(program, "prometheus"), server.port, tmp_path, token) as prometheus:
        for expression in expressions():
            await asyncio.to_thread(wait_for_numbers, prometheus, expression)
        for name in sorted({name for rule in ALERTS for name in re.findall(r"\b(?:mocast|process)_\w+", rule["expr"])}):
            assert await asyncio.to_thread(prometheus.query, name), f"nothing is called {name}"
        evaluated = await asyncio.to_thread(evaluated_rules, prometheus)
        assert {rule["name"]: rule["health"] for rule in evaluated} == {rule["alert"]: "ok" for rule in ALERTS}
        firing = {rule["name"] for rule in evaluated if rule["state"] == "firing"}
        assert firing <= {"MocastEventLoopHeld"}, "which a busy machine may do"
    await peer.close()


def wait_for_numbers(prometheus: Prometheus, expression: str) -> None:
    """Wait until there are series of an expression and all are numbers: a rate is none before the second scrape."""
    give_up = time.monotonic() + HANG_S
    while not ((series := prometheus.query(expression)) and all(math.isfinite(float(it["value"][1])) for it in series)):
        assert time.monotonic() < give_up, (expression, series)
        time.sleep(0.1)


def evaluated_rules(prometheus: Prometheus) -> list[dict[str, Any]]:
    """Return the alerts once each has been evaluated."""
    wait_until(lambda: all(rule["health"] != "unknown" for rule in prometheus.rules()))
    return prometheus.rules()


def test_the_dashboard_is_laid_out_without_overlap_and_names_its_source() -> None:
    def cells(panel: dict[str, Any]) -> set[tuple[int, int]]:
        at = panel["gridPos"]
        return {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}

    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(x < 24 for panel in panels for x, _ in cells(panel)), "Grafana's grid has 24 columns"
    assert not any(cells(one) & cells(other) for one, other in combinations(panels, 2))
    sources = {panel["datasource"]["uid"] for panel in panels}
    sources |= {target["datasource"]["uid"] for panel in panels for target in panel["targets"]}
    assert sources == {"${datasource}"}
    provisioned = yaml.safe_load((ROOT / "deploy/grafana/provisioning/datasources/prometheus.yml").read_text())
    (variable,) = [one for one in DASHBOARD["templating"]["list"] if one["name"] == "datasource"]
    assert variable["current"]["value"] == provisioned["datasources"][0]["uid"]
