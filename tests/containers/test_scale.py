"""Three nodes behind nginx, as ``docker compose --profile scale`` starts them: rooms outlive their nodes."""

import asyncio
import json
import os
import shlex
import subprocess
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import numpy as np
import pytest
from numpy.typing import NDArray

from mocast.client import MocastClient
from tests.containers.conftest import START_LIMIT_S
from tests.e2e.conftest import ROOT
from tests.peers import HANG_S

PROJECT = "mocast-check-scale"
PORT = 18081
NODES = 3
ROOMS = [f"room-{number}" for number in range(6)]
PLACES = 4
"""Of each node, whatever its cores: two take all rooms."""
FPS = 5

COMPOSE = shlex.split(os.environ.get("COMPOSE", "docker compose"))
ENGINE = "podman" if "podman" in COMPOSE[0] else "docker"
FILES = ["--env-file", "deploy/scale.env", "--profile", "scale", "-p", PROJECT]


def compose(*words: str) -> None:
    settings = {"MOCAST_FRONT_PORT": str(PORT), "MOCAST_TURN_PORT": "13479", "MOCAST_MAX_SESSIONS": str(PLACES)}
    environment = os.environ | settings
    subprocess.run([*COMPOSE, *FILES, *words], cwd=ROOT, env=environment, check=True)


@pytest.fixture(scope="module")
def front() -> Iterator[str]:
    """The address of nginx, when every node takes publishers."""
    compose("up", "-d", "--scale", f"mocast={NODES}")
    try:
        give_up = time.monotonic() + START_LIMIT_S
        while not (len(nodes()) == NODES and all(ready(port) for port in (*nodes().values(), PORT))):
            assert time.monotonic() < give_up, f"the containers were not ready after {START_LIMIT_S} s"
            time.sleep(0.5)
        yield f"http://localhost:{PORT}"
    finally:
        compose("logs")
        # podman-compose's own "down" forgets all but the first of a service; Podman keeps what others depend on.
        left = subprocess.run(
            [ENGINE, "ps", "-aq", "--filter", f"name={PROJECT}"], check=True, capture_output=True, text=True
        )
        dependents = ["--depend"] if ENGINE == "podman" else []
        subprocess.run([ENGINE, "rm", "--force", *dependents, *left.stdout.split()], check=True, capture_output=True)
        compose("down", "-v")


def nodes() -> dict[str, int]:
    """The nodes that run, by their containers' names, and the port of each."""
    command = [ENGINE, "ps", "--filter", f"name={PROJECT}[-_]mocast", "--format", "{{.Names}} {{.Ports}}"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return {line.split()[0]: int(line.partition("->")[0].rpartition(":")[2]) for line in lines if "->" in line}


def asked(port: int, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        body: bytes = answer.read()
        return body


def ready(port: int) -> bool:
    try:
        return bool(asked(port, "/readyz"))
    except OSError:
        return False


def sessions() -> dict[str, int]:
    """How many publishers each node has."""
    return {name: json.loads(asked(port, "/v1/info"))["sessions"] for name, port in nodes().items()}


async def camera() -> AsyncIterator[NDArray[np.uint8]]:
    """Grey pictures: nobody is in them, and they are sent all the same."""
    for number in range(FPS * HANG_S * 4):
        yield np.full((240, 320, 3), number % 256, np.uint8)
        await asyncio.sleep(1 / FPS)


async def sees(client: MocastClient, room: str) -> None:
    """Return when somebody who asks nginx sees a new frame of a room."""
    async with asyncio.timeout(HANG_S):
        async for _ in client.landmarks(room):
            return


async def test_rooms_of_a_killed_node_meet_again_on_others(front: str) -> None:
    async with MocastClient(front) as client, AsyncExitStack() as stack:
        for room in ROOMS:
            await stack.enter_async_context(client.publish(camera(), room, tracker="pose", quality="fast"))
        await asyncio.gather(*(sees(client, room) for room in ROOMS))
        before = sessions()
        assert sum(before.values()) == len(ROOMS)
        killed = max(before, key=lambda name: before[name])
        assert before[killed] < len(ROOMS), "all rooms are on one node"
        assert {state.room for state in await client.rooms()} == set(ROOMS)

        await asyncio.to_thread(kill, killed)
        await asyncio.gather(*(sees(client, room) for room in ROOMS))


def kill(name: str) -> None:
    subprocess.run([ENGINE, "kill", "--signal", "KILL", name], check=True, capture_output=True)
