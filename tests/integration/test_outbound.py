"""Nothing that a client names makes the server reach out, but for connectivity checks to single hosts; few of them."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Iterator

import pytest

from tests.integration.http_server import Running, running
from tests.peers import HANG_S, Peer

STUN_MAGIC = 0x2112A442
MOST_CHECKS = 7
"""To one address, of each of ours: aioice sends a check so often, with growing pauses (4 in the first 4 s)."""
MOST_BYTES = 160
GROUP = "224.0.0.251"


class Watched:
    """A UDP socket that counts what comes to it."""

    def __init__(self, address: str, *, group: str = "") -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind((group or address, 0))
        if group:
            member = struct.pack("4s4s", socket.inet_aton(group), socket.inet_aton(address))
            self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        self.address = group or address
        self.port = self.socket.getsockname()[1]
        self.seen: list[bytes] = []

    def look(self) -> int:
        """Take what has come; return how much in all."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self.seen.append(self.socket.recv(4096))
        return len(self.seen)

    def candidate(self, *, protocol: str = "udp", more: str = "") -> str:
        return f"candidate:1 1 {protocol} 2130706431 {self.address} {self.port} typ host{more}"


@pytest.fixture
def server() -> Iterator[Running]:
    with running(connect_timeout_s=4) as served:
        yield served


async def offer_with(candidates: list[str]) -> bytes:
    """An offer of a client that is nowhere but where these say."""
    peer = Peer()
    lines = [line for line in (await peer.offer()).splitlines() if not line.startswith(("a=candidate:", "a=end-of"))]
    await peer.close()
    at = next(number for number, line in enumerate(lines) if line.startswith("a=ice-ufrag:"))
    return "\r\n".join([*lines[:at], *(f"a={line}" for line in candidates), *lines[at:], ""]).encode()


@pytest.mark.parametrize("trickled", [False, True])
async def test_only_single_hosts_elsewhere_are_checked(server: Running, own_address: str, trickled: bool) -> None:
    allowed = Watched(own_address)
    refused = [Watched("127.0.0.1"), Watched(own_address, group=GROUP)]
    listener = socket.create_server((own_address, 0))
    listener.setblocking(False)
    port = listener.getsockname()[1]
    named = [
        *(watched.candidate() for watched in [*refused, allowed]),
        f"candidate:1 1 udp 2130706431 localhost {refused[0].port} typ host",
        f"candidate:1 1 udp 2130706431 ::ffff:127.0.0.1 {refused[0].port} typ host",
        f"candidate:1 1 tcp 2130706431 {own_address} {port} typ host tcptype passive",
        f"candidate:1 1 udp 2130706431 {own_address} 9 typ relay raddr 127.0.0.1 rport {refused[0].port}",
    ]
    answer = await asyncio.to_thread(server.publish, "room", await offer_with([] if trickled else named))
    assert answer.status == 201, answer.body
    if trickled:
        fragment = "a=mid:0\r\n" + "".join(f"a={line}\r\n" for line in named)
        headers = {"Content-Type": "application/trickle-ice-sdpfrag"}
        assert (await asyncio.to_thread(server.ask, "PATCH", answer.location, fragment, headers)).status == 204
    async with asyncio.timeout(HANG_S):
        while (await asyncio.to_thread(server.ask, "GET", answer.location)).status == 200:  # until it has given up
            allowed.look()
            await asyncio.sleep(0.05)
    assert 0 < allowed.look() <= MOST_CHECKS
    for check in allowed.seen:
        kind, _, magic = struct.unpack_from("!HHI", check)
        assert (kind, magic) == (1, STUN_MAGIC), "a binding request (RFC 8489), and nothing else"
        assert len(check) <= MOST_BYTES
    assert [watched.look() for watched in refused] == [0, 0]
    with pytest.raises(BlockingIOError):
        listener.accept()
    for watched in [allowed, *refused]:
        watched.socket.close()
    listener.close()
