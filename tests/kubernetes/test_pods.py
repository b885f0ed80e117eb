"""The pods of ``deploy/k8s`` run as they are written: two nodes, Redis and coturn, with ``podman kube play``.

Wants the image that the Dockerfile makes (``podman build -t mocast .``, or ``TEST_IMAGE``), and those of Redis
and coturn that are pinned, or others by ``REDIS_IMAGE`` and ``COTURN_IMAGE``.
"""

import asyncio
import os
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator

import numpy as np
import pytest
from aioice.stun import TransactionFailed
from aioice.turn import TurnClientTcpProtocol
from numpy.typing import NDArray
from scripts.images import IMAGES, images

from mocast.client import MocastClient
from tests import manifests
from tests.kubernetes.kube_play import address, playing, run_in
from tests.manifests import Manifest, named, rendered, secret
from tests.peers import HANG_S

PINNED = images(IMAGES.read_text("utf-8"))
USED = {
    "mocast": os.environ.get("TEST_IMAGE", "localhost/mocast"),
    "redis": os.environ.get("REDIS_IMAGE", PINNED["REDIS_IMAGE"]),
    "coturn": os.environ.get("COTURN_IMAGE", PINNED["COTURN_IMAGE"]),
}
NODES = ("mocast-0", "mocast-1")
START_LIMIT_S = 180


def have(image: str) -> bool:
    return subprocess.run(["podman", "image", "exists", image], check=False).returncode == 0


pytestmark = [
    pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed"),
    pytest.mark.skipif(
        shutil.which("podman") is None or not all(map(have, USED.values())), reason="Podman or an image is not here"
    ),
]


@pytest.fixture(scope="module")
def overlay(tmp_path_factory: pytest.TempPathFactory) -> list[Manifest]:
    return rendered(manifests.copied(tmp_path_factory.mktemp("k8s")) / "overlays" / "dev")


@pytest.fixture(scope="module")
def cluster(overlay: list[Manifest], tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """The addresses of the two nodes, when they take publishers."""
    with playing(overlay, tmp_path_factory.mktemp("play"), USED):
        urls = [f"http://{address(name, 'mocast')}:8080" for name in NODES]
        give_up = time.monotonic() + START_LIMIT_S
        while not all(map(ready, urls)):
            assert time.monotonic() < give_up, f"the pods were not ready after {START_LIMIT_S} s"
            time.sleep(0.5)
        yield urls


def ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_a_node_is_nobody_and_can_write_to_its_volumes_alone(cluster: list[str]) -> None:
    assert run_in("mocast-0", "mocast", "id", "-u").stdout == "10001\n"
    status = run_in("mocast-0", "mocast", "cat", "/proc/1/status").stdout
    assert "CapBnd:\t0000000000000000\n" in status
    assert "NoNewPrivs:\t1\n" in status
    assert "Seccomp:\t2\n" in status
    written = {path: run_in("mocast-0", "mocast", "touch", f"{path}/x").returncode for path in ("/opt/mocast", "/etc")}
    assert 0 not in written.values()
    volumes = ("/tmp", "/var/cache/mocast", "/var/lib/mocast/disk")
    assert [run_in("mocast-0", "mocast", "touch", f"{path}/x").stderr for path in volumes] == [""] * 3


def test_nobody_gets_in_without_a_token(cluster: list[str]) -> None:
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(f"{cluster[0]}/v1/rooms", timeout=30)
    assert refusal.value.code == 401


async def test_what_is_published_at_one_node_is_seen_at_the_other(cluster: list[str], overlay: list[Manifest]) -> None:
    token = secret(named(overlay, "Secret", "mocast"))["token"]
    async with (
        MocastClient(cluster[0], token=token) as here,
        MocastClient(cluster[1], token=token) as there,
        here.publish(grey(), "studio", tracker="pose", quality="fast"),
        asyncio.timeout(HANG_S),
    ):
        async for _ in there.landmarks("studio"):
            break
        assert [state.room for state in await there.rooms()] == ["studio"]
        assert (await here.info())["max_sessions"] == 2


async def test_the_relay_reaches_nodes_by_tcp_and_nothing_beyond_the_pods(
    cluster: list[str], overlay: list[Manifest]
) -> None:
    """By TCP, as ``kubectl port-forward`` passes it on. What it may reach among the pods is its NetworkPolicy's."""
    token = secret(named(overlay, "Secret", "mocast"))["token"]
    username, password = await asyncio.to_thread(turn_credentials, f"{cluster[0]}/v1/rooms/studio/publish", token)
    relay = (address("coturn", "coturn"), 3478)

    def protocol() -> TurnClientTcpProtocol:
        return TurnClientTcpProtocol(relay, username, password, lifetime=600, channel_refresh_time=500)

    transport, turn = await asyncio.get_running_loop().create_connection(protocol, *relay)
    try:
        await turn.connect()
        await turn.channel_bind(0x4000, (address("mocast-1", "mocast"), 40000))
        for number, peer in enumerate(("127.0.0.1", "192.168.1.1", "169.254.169.254"), 0x4001):
            with pytest.raises(TransactionFailed) as refusal:
                await turn.channel_bind(number, (peer, 40000))
            assert refusal.value.response.error_code == 403
    finally:
        transport.close()


def turn_credentials(url: str, token: str) -> tuple[str, str]:
    request = urllib.request.Request(url, method="OPTIONS", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        found = re.search(r'username="([^"]+)"; credential="([^"]+)"', answer.headers["Link"])
    assert found is not None
    return found[1], found[2]


async def grey() -> AsyncIterator[NDArray[np.uint8]]:
    for number in range(HANG_S * 5):
        yield np.full((240, 320, 3), number % 256, np.uint8)
        await asyncio.sleep(0.2)
