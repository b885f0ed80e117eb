"""The containers of ``docker-compose.yml``, as one command starts them: ``make test-containers``."""

import os
import shlex
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.e2e.conftest import ROOT, camera_file, chromium_path

__all__ = ["camera_file", "chromium_path"]

PROJECT = "mocast-check"
"""Not the name that an operator's own containers have here, and ports of its own: both can run."""

START_LIMIT_S = 300
"""Trackers that are built on a busy machine take most of it."""


@dataclass(frozen=True)
class Deployment:
    """Running containers, seen from the host."""

    port: int
    turn_port: int

    def url(self, host: str = "localhost") -> str:
        return f"http://{host}:{self.port}"


@pytest.fixture(scope="session")
def deployment() -> Iterator[Deployment]:
    deployment = Deployment(port=18080, turn_port=13478)
    compose("up", "-d", deployment=deployment)
    try:
        wait_for(deployment)
        yield deployment
    finally:
        compose("logs", deployment=deployment)
        compose("down", "-v", deployment=deployment)


def compose(*words: str, deployment: Deployment) -> None:
    command = [*shlex.split(os.environ.get("COMPOSE", "docker compose")), "-p", PROJECT, *words]
    ports = {"MOCAST_PORT": str(deployment.port), "MOCAST_TURN_PORT": str(deployment.turn_port)}
    everywhere = {"MOCAST_BIND": "0.0.0.0", "MOCAST_INSECURE": "true"}
    subprocess.run(command, cwd=ROOT, env=os.environ | ports | everywhere, check=True)


def wait_for(deployment: Deployment) -> None:
    """Return when the server takes publishers and the relay answers."""
    give_up = time.monotonic() + START_LIMIT_S
    while not (ready(deployment) and relays(deployment)):
        assert time.monotonic() < give_up, f"the containers were not ready after {START_LIMIT_S} s"
        time.sleep(0.5)


def ready(deployment: Deployment) -> bool:
    try:
        with urllib.request.urlopen(f"{deployment.url()}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def relays(deployment: Deployment) -> bool:
    """Whether a STUN binding request is answered (RFC 8489, section 5: 20 bytes, magic cookie in bytes 4 to 8)."""
    request = bytes.fromhex("000100002112a442") + os.urandom(12)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(1)
        try:
            probe.sendto(request, ("127.0.0.1", deployment.turn_port))
            return probe.recv(2048)[8:20] == request[8:]
        except OSError:
            return False


def own_address() -> str:
    """This machine's address in its network. Nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
