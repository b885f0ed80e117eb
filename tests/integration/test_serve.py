"""A real ``mocast serve``, with its own trackers, stopped as systemd and Docker do."""

import asyncio
import re
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.server import Server
from tests.peers import Peer
from tests.polling import wait_until

NOT_NEEDED = ("opentelemetry", "rich", "pygments", "PIL")
"""Packages of which a server that traces nothing and is sent no picture loads none: 12 MB and more."""
TELLS_OF_PACKAGES = f"""
import atexit, sys
atexit.register(lambda: print("loaded in vain:", sorted({{*{NOT_NEEDED}}} & sys.modules.keys())))
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    settings = {"warm": "pose", "log_format": "json", "drain_s": "3600"}
    server = Server(tmp_path / "log", prologue=TELLS_OF_PACKAGES, **settings)
    server.start()
    yield server
    if server.runs:
        server.kill()


def publish(server: Server, offer: str) -> str:
    headers = {"Content-Type": "application/sdp"}
    request = urllib.request.Request(f"{server.url}/v1/rooms/room/publish?tracker=pose", offer.encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        body: bytes = answer.read()
    return body.decode()


async def live_peer(server: Server) -> Peer:
    peer = Peer()
    await peer.accept(await asyncio.to_thread(publish, server, await peer.offer()))
    await peer.until(lambda: len(peer.frames) >= 5 and len(peer.landmark_messages) >= 5 and peer.control_messages)
    return peer


def status(server: Server, path: str) -> int:
    try:
        with urllib.request.urlopen(f"{server.url}{path}", timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


async def test_sigterm_drains_and_a_second_one_ends_live_sessions_and_the_process_with_status_0(server: Server) -> None:
    peer = await live_peer(server)
    server.send_signal(signal.SIGTERM)
    await peer.until(lambda: any(message.get("notice") == "draining" for message in peer.control_messages))
    assert await asyncio.to_thread(status, server, "/healthz") == 200
    assert await asyncio.to_thread(status, server, "/readyz") == 503
    with pytest.raises(urllib.error.HTTPError, match="503"):
        await asyncio.to_thread(publish, server, await Peer().offer())
    seen = len(peer.frames)
    await peer.until(lambda: len(peer.frames) >= seen + 10)
    await asyncio.to_thread(server.stop)  # fails where the status is not 0
    await peer.until(lambda: any(message.get("notice") == "closing" for message in peer.control_messages))
    await peer.close()
    log = server.log_tail(100_000)
    assert '"event": "stopped"' in log
    assert "Traceback" not in log
    assert "loaded in vain: []" in log
    assert not re.search(r'"level": "(error|critical)"', log), log


def test_a_server_that_is_stopped_while_it_compiles_ends_in_time_with_status_0(tmp_path: Path) -> None:
    server = Server(tmp_path / "log", cache_dir="", shutdown_timeout_s="0.5", log_format="json")
    server.launch()
    wait_until(lambda: '"event": "serving"' in server.log_tail())
    server.stop()
    log = server.log_tail()
    assert "still being built" in log, "or it was not compiling any more"
    assert "threads do not end" not in log


async def test_a_process_that_is_killed_is_noticed_and_its_port_is_free_at_once(server: Server) -> None:
    peer = await live_peer(server)
    server.kill()
    server.start()
    again = await live_peer(server)
    server.send_signal(signal.SIGINT)  # as by Ctrl-C, which waits for nobody
    await asyncio.to_thread(server.wait)
    await again.close()
    await peer.close()
