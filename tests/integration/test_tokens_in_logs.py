"""No token and no camera's password reaches a log: whatever is asked, answered, refused or fails, with every logger at
its most talkative."""

import io
import logging
import socket
import time
from collections.abc import Iterator

import pytest

from mocast import logs
from mocast.rooms.registry import Rooms
from tests.integration.http_server import Running, running
from tests.ip_camera import PASSWORD, mjpeg_camera
from tests.peers import HANG_S

SECRET = "a-secret-that-no-log-may-have"


@pytest.fixture(params=["json", "console"])
def written(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    stream, root = io.StringIO(), logging.getLogger()
    monkeypatch.setattr(logs.sys, "stderr", stream)
    logs.configure(request.param, "debug")
    root.setLevel(logging.DEBUG)  # which the server never does
    root.handlers[0].filters[:] = [logs.without_bytes]  # not limited to one line a second
    return stream


def raw(server: Running, request: str) -> bytes:
    """Send bytes as they are; return what comes back."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(request.encode("latin-1"))
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
        return answer


def test_a_token_is_in_no_log(written: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    bearer = {"Authorization": f"Bearer {SECRET}"}
    wrong = SECRET.upper()
    with running(auth="token", token=SECRET) as server:
        for method, path in (("GET", "/v1/rooms"), ("POST", "/v1/images"), ("GET", "/none"), ("PUT", "/v1/rooms")):
            for sent in (SECRET, wrong):
                server.ask(method, path, b"", {"Authorization": f"Bearer {sent}"})
                server.ask(method, f"{path}?access_token={sent}", b"")
                server.ask(method, path, b"", {"Sec-WebSocket-Protocol": f"mocast.bearer, {sent}"})
        made = server.ask("POST", "/v1/tokens", b'{"room": "hall"}', {**bearer, "Content-Type": "application/json"})
        link = made.json["token"]
        server.ask("GET", f"/v1/rooms?access_token={link}")
        server.ask("GET", f"/v1/rooms?access_token={link[:-4]}")
        raw(server, f"GET /v1/rooms?access_token={SECRET} HTTP/1.1\r\nBad Header {SECRET}\r\n\r\n")
        raw(server, f"GET /v1/rooms?access_token={SECRET} HTP/9\r\n\r\n")
        raw(server, f"GET /?access_token={SECRET}{'x' * 9000} HTTP/1.1\r\n\r\n")
        raw(server, f"GET / HTTP/1.1\r\nAuthorization: Bearer {SECRET}{'x' * 9000}\r\n\r\n")
        raw(server, f"GET / HTTP/1.1\r\nAuthorization: Bearer {SECRET}\r\nContent-Length: -1\r\n\r\n")

        def fail(rooms: Rooms) -> Iterator[None]:
            raise RuntimeError("a fault")

        monkeypatch.setattr(Rooms, "__iter__", fail)
        assert server.ask("GET", f"/v1/rooms?access_token={SECRET}").status == 500
        assert server.ask("GET", "/v1/rooms", None, bearer).status == 500
    text = written.getvalue()
    assert "a fault" in text, "what is logged is seen here"
    for sent in (SECRET, wrong, link):
        assert sent not in text
        assert sent[-12:] not in text


def test_a_camera_s_password_is_in_no_log(written: io.StringIO) -> None:
    with mjpeg_camera() as camera:
        wrong, broken = camera.url(f"not-{PASSWORD}"), f"rtsp://admin:{PASSWORD}@127.0.0.1:1/{PASSWORD}"
        with running(sources=f"good={camera.url()} wrong={wrong} broken={broken}") as server:
            deadline = time.monotonic() + HANG_S
            while written.getvalue().count("source waits") < 2 or "source live" not in written.getvalue():
                assert time.monotonic() < deadline, written.getvalue()
                time.sleep(0.05)
            server.ask("GET", "/v1/rooms")
    text = written.getvalue()
    assert "the camera refuses the user name or the password" in text
    assert PASSWORD not in text
