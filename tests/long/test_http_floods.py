"""Floods of connections to a real server: who holds how many, and what the others notice."""

import http.client
import select
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mocast.api.http_connection import HEAD_TIMEOUT_S
from tests.e2e.server import Server

SHARE = 64
TOTAL = 200
CONNECTIONS = 400
SLACK = 2
"""Files that are open for a moment: the probe's own connection."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    limits = {"max_connections": str(TOTAL), "max_connections_per_address": str(SHARE)}
    server = Server(tmp_path / "log", host="0.0.0.0", insecure="true", warm="pose", **limits)
    server.start()
    yield server
    server.stop()


def healthz_s(server: Server) -> float:
    """How long a new connection from this machine itself waits for an answer."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200
    connection.close()
    return time.perf_counter() - began


def statuses(held: list[socket.socket]) -> list[int]:
    """What has been answered on these so far."""
    heads = [one.recv(4096) for one in held if select.select([one], [], [], 0)[0]]
    return [int(head.split()[1]) for head in heads if head]


def test_slow_heads_take_no_more_than_their_share_and_for_10_s(
    server: Server, own_address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before_s = max(healthz_s(server) for _ in range(20))
    held = []
    for _ in range(CONNECTIONS):
        one = socket.create_connection((own_address, server.port))
        one.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nA")
        held.append(one)
    meanwhile_s, began = [], time.monotonic()
    while time.monotonic() < began + HEAD_TIMEOUT_S / 2:
        meanwhile_s.append(healthz_s(server))
    refused = statuses(held)
    time.sleep(HEAD_TIMEOUT_S)
    late = statuses(held)
    for one in held:
        one.close()
    with capsys.disabled():
        print(f"\n{CONNECTIONS} slow heads: {len(refused)} refused with 429, {len(late)} ended with 408")
        print(f"/healthz: {1e3 * before_s:.1f} ms at most before, {1e3 * max(meanwhile_s):.1f} ms meanwhile")
    assert refused == [429] * (CONNECTIONS - SHARE)
    assert late == [408] * SHARE
    assert healthz_s(server) < 60


def test_floods_of_short_connections_leave_nothing(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    pid = server.pid

    def files() -> int:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))

    healthz_s(server)
    before, began = files(), time.monotonic()
    for _ in range(5_000):
        socket.create_connection(("127.0.0.1", server.port)).close()
    took_s = time.monotonic() - began
    while files() > before + SLACK and time.monotonic() < began + 60:
        time.sleep(0.05)
    with capsys.disabled():
        print(f"\n5000 connections that ask nothing, in {took_s:.1f} s; files {before} -> {files()}")
    assert files() <= before + SLACK
    assert healthz_s(server) < 60
