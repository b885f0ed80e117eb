"""Clients of a real server: publishers over WebRTC, and what its API and the system say of it."""

import asyncio
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.e2e.server import Server
from tests.peers import HANG_S, Peer


def ask(server: Server, path: str, method: str = "GET", body: bytes | None = None, kind: str = "") -> tuple[int, bytes]:
    """Make a request; return status and body."""
    request = urllib.request.Request(f"{server.url}{path}", body, {"Content-Type": kind} if kind else {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=HANG_S) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def asked(server: Server, path: str, method: str = "GET") -> dict[str, Any]:
    """Make a request that succeeds; return its JSON."""
    status, body = ask(server, path, method)
    assert status < 300, (status, body)
    content: dict[str, Any] = json.loads(body)
    return content


def metric(server: Server, name: str) -> float:
    """Return a metric without labels."""
    lines = ask(server, "/metrics")[1].decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.split()[0] == name)


async def offered(server: Server, peer: Peer, room: str, role: str = "publish?tracker=pose") -> int:
    """Post a client's offer; return the answer's status, with the client connected where that is 201."""
    offer = (await peer.offer()).encode()
    status, answer = await asyncio.to_thread(ask, server, f"/v1/rooms/{room}/{role}", "POST", offer, "application/sdp")
    if status == 201:
        await peer.accept(answer.decode())
    return status


@asynccontextmanager
async def publishing(server: Server, room: str = "room") -> AsyncIterator[Peer]:
    """A publisher that has its picture back."""
    peer = Peer()
    try:
        assert await offered(server, peer, room) == 201
        await peer.until(lambda: len(peer.frames) >= 5 and peer.control_messages)
        yield peer
    finally:
        await peer.close()


async def longest_gap_s(peer: Peer, seconds: float) -> float:
    """Return the longest time without a picture within that time, from now on."""
    longest, came_at, end = 0.0, time.monotonic(), time.monotonic() + seconds
    while time.monotonic() < end:
        seen = len(peer.frames)
        await peer.until(lambda seen=seen: len(peer.frames) > seen)
        now = time.monotonic()
        longest, came_at = max(longest, now - came_at), now
    return longest


def processor_s(pid: int) -> float:
    """Processor time that a process has used: fields 14 and 15 of proc(5)."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
