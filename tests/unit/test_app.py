"""A server on a system that lacks what POSIX has."""

import asyncio
import json
import signal
import ssl
import urllib.request
from pathlib import Path

import pytest
from tests.e2e.server import Server
from tests.peers import HANG_S, Peer

TOKEN = "a-secret-of-the-server"
ON_WINDOWS = "from tests import windows; windows.become()"


def ask(server: Server, path: str, body: bytes | None = None) -> str:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/sdp"}
    request = urllib.request.Request(f"{server.url}{path}", body, headers)
    with urllib.request.urlopen(request, timeout=HANG_S, context=ssl._create_unverified_context()) as answer:
        assert answer.status in (200, 201)
        return str(answer.read().decode())


async def test_without_what_only_posix_has_a_server_starts_is_published_to_by_tls_and_stops_at_ctrl_c(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "token").write_text(TOKEN)
    auth = {"auth": "token", "token_file": str(tmp_path / "token"), "tls_self_signed": "true"}
    server = Server(tmp_path / "log", prologue=ON_WINDOWS, warm="pose", log_format="json", **auth)
    await asyncio.to_thread(server.start)
    assert ask(server, "/healthz")
    peer = Peer()
    offer = (await peer.offer()).encode()
    await peer.accept(await asyncio.to_thread(ask, server, "/v1/rooms/room/publish?tracker=pose", offer))
    await peer.until(lambda: len(peer.frames) >= 5 and len(peer.landmark_messages) >= 5)
    server.send_signal(signal.SIGINT)
    await asyncio.to_thread(server.wait)
    await peer.close()
    events = [json.loads(line)["event"] for line in server.log_tail(100_000).splitlines()]
    assert events[-1] == "stopped"
