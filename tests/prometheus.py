"""Debian's Prometheus: where it is, and one that scrapes a server of a test."""

import json
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.debian import find_program
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / "deploy" / "prometheus" / "prometheus.yml"

START_LIMIT_S = 60
SCRAPE_EVERY_S = 0.5


def find_prometheus(name: str) -> str | None:
    """Return the path of ``prometheus`` or ``promtool``; ``None`` where it is not to be had."""
    found = find_program(f"bin/{name}", "prometheus")
    return found[0] if found is not None else None


class Prometheus:
    """One that runs, asked over its API."""

    def __init__(self, url: str) -> None:
        self._url = url

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Return the series that an expression gives now. Raises ``HTTPError`` where it is none."""
        result: list[dict[str, Any]] = self._get("query", query=expression)["result"]
        return result

    def rules(self) -> list[dict[str, Any]]:
        """Return every alert, with its state and how its last evaluation went."""
        return [rule for group in self._get("rules")["groups"] for rule in group["rules"]]

    def _get(self, path: str, **query: str) -> Any:
        with urllib.request.urlopen(f"{self._url}/api/v1/{path}?{urllib.parse.urlencode(query)}", timeout=60) as answer:
            return json.loads(answer.read())["data"]


@contextmanager
def scraping(program: str, port: int, folder: Path, token: str) -> Iterator[Prometheus]:
    """Run Prometheus while the context lasts, with the project's configuration but for the address and intervals.

    ``token``: what it shows the server, from a file, as the configuration's comment says.
    """
    config = yaml.safe_load(CONFIG.read_text())
    config["global"] = dict.fromkeys(("scrape_interval", "evaluation_interval"), f"{SCRAPE_EVERY_S * 1e3:.0f}ms")
    config["scrape_configs"][0]["static_configs"] = [{"targets": [f"127.0.0.1:{port}"]}]
    (folder / "token").write_text(token)
    config["scrape_configs"][0]["authorization"] = {"credentials_file": str(folder / "token")}
    config["rule_files"] = [str(CONFIG.parent / name) for name in config["rule_files"]]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    address = f"127.0.0.1:{free_port()}"
    command = [program, f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*command, f"--web.listen-address={address}"], stdout=log, stderr=log)
    try:
        _wait_until_ready(f"http://{address}", process, folder / "log")
        yield Prometheus(f"http://{address}")
    finally:
        process.terminate()
        process.wait()


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    give_up = time.monotonic() + START_LIMIT_S
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < give_up, log.read_text()
        try:
            with urllib.request.urlopen(f"{url}/-/ready", timeout=START_LIMIT_S):
                return
        except OSError:
            time.sleep(0.05)
