"""``mocast top`` beside a server with a live session, and before one that sends it elsewhere."""

import asyncio
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from mocast.commands.top import http, top
from tests.integration.http_server import Running, running
from tests.peers import Peer

TOKEN = "secret" * 6


async def test_a_live_session_is_shown_to_who_has_the_token(capsys: pytest.CaptureFixture[str]) -> None:
    with running(auth="token", token=TOKEN) as server:
        peer = Peer()
        await peer.accept(await asyncio.to_thread(publish, server, await peer.offer()))
        await peer.until(lambda: len(peer.frames) >= 5)
        address = f"http://127.0.0.1:{server.port}"
        assert await asyncio.to_thread(top, [address, "--once", "--token", TOKEN]) == 0
        told = capsys.readouterr().out
        assert "publishers 1/" in told
        assert "320x240" in told
        assert "loop lag" in told
        assert await asyncio.to_thread(top, [address, "--once", "--token", ""]) == 0
        told = " ".join(capsys.readouterr().out.split())
        assert '/v1/rooms: 401 Send a token: "Authorization: Bearer TOKEN". (--token TOKEN)' in told
        assert "/metrics: 401" in told
        await peer.close()


def publish(server: Running, offer: str) -> str:
    answer = server.publish("hall", offer, Authorization=f"Bearer {TOKEN}")
    assert answer.status == 201, answer.body
    return answer.body.decode()


def test_a_token_goes_to_no_other_server() -> None:
    asked: list[str] = []

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", f"http://localhost:{self.server.server_port}/elsewhere")  # type: ignore[attr-defined]
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(OSError, match="302"):
            http(f"http://127.0.0.1:{server.server_port}", TOKEN)("/v1/info")
        server.shutdown()
    assert asked == ["/v1/info"]
