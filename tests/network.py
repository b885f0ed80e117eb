"""A network of the tests' own between a client and the server: it loses, delays, reorders and limits, over UDP or TCP.

In user space, because the kernels that tests run on often lack netem. The client is told the network's address in
place of the server's; the server learns the client's address from its checks, as behind a NAT.
"""

import asyncio
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from struct import Struct
from typing import Any

from mocast.model.options import PublishRequest
from mocast.rooms.publisher import Publisher
from mocast.rooms.registry import Rooms
from mocast.webrtc.offer import parse_offer
from tests.peers import Peer
from tests.rooms import DEFAULTS

Source = tuple[str, int]

_LENGTH = Struct("!H")


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a direction of a network does to packets."""

    loss: float = 0.0
    "The share that is lost, at random."
    delay_s: float = 0.0
    jitter_s: float = 0.0
    "Added to the delay or taken from it, uniformly; packets overtake each other."
    bits_per_s: float = 0.0
    "0: as many as come."
    queue_s: float = 0.3
    "How much the queue before the bottleneck holds; RFC 8867, section 4.3."


@dataclass
class Direction:
    """One way through a network. The same packets, by their number, are lost each time."""

    conditions: Conditions
    seed: int
    is_cut: bool = False
    "Whether everything is lost."
    seen: int = 0
    lost: int = 0
    _choose: random.Random = field(init=False)
    _free_at: float = 0.0

    def __post_init__(self) -> None:
        self._choose = random.Random(self.seed)

    def take(self, data: bytes, send: Callable[[bytes], None]) -> None:
        """Send a packet on, in time, or lose it."""
        conditions, loop = self.conditions, asyncio.get_running_loop()
        self.seen += 1
        is_lost = self._choose.random() < conditions.loss
        wait_s = conditions.delay_s + conditions.jitter_s * self._choose.uniform(-1, 1)
        if conditions.bits_per_s and not is_lost and not self.is_cut:
            now = loop.time()
            queued_s = max(self._free_at - now, 0.0)
            is_lost = queued_s > conditions.queue_s
            if not is_lost:
                self._free_at = max(self._free_at, now) + 8 * len(data) / conditions.bits_per_s
                wait_s += self._free_at - now
        if is_lost or self.is_cut:
            self.lost += 1
        elif wait_s > 0:
            loop.call_later(wait_s, send, data)
        else:
            send(data)


class UdpNetwork(asyncio.DatagramProtocol):
    """A network by whose ``address`` a client reaches ``server``, by UDP or, with ``tcp``, by ICE-TCP."""

    def __init__(
        self, up: Conditions, down: Conditions, *, seed: int = 1, tcp: bool = False, host: str = "127.0.0.1"
    ) -> None:
        self.up, self.down = Direction(up, seed), Direction(down, seed + 1)
        self.address: Source = ("", 0)
        self.server: Source = ("", 0)
        self._tcp = tcp
        self._host = host
        self._out: dict[Source, Any] = {}
        "By the client's address: what the server sees of it."
        self._waiting: dict[Source, list[bytes]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._paused = asyncio.Event()

    async def open(self) -> None:
        """Listen."""
        self._transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self, local_addr=(self._host, 0)
        )
        self.address = self._transport.get_extra_info("sockname")

    def close(self) -> None:
        """Close all sockets."""
        for task in self._tasks:
            task.cancel()
        for out in (self._transport, *self._out.values()):
            out.close()

    def cut(self, *, is_cut: bool) -> None:
        """Lose everything, or no longer."""
        self.up.is_cut = self.down.is_cut = is_cut

    async def pause(self, packets: int) -> None:
        """Lose everything until so many packets from the server were lost."""
        until, self._paused = self.down.lost + packets, asyncio.Event()
        self.cut(is_cut=True)
        while self.down.lost < until:
            self._paused.clear()
            await self._paused.wait()
        self.cut(is_cut=False)

    def rebind(self) -> None:
        """Give every client another address, as a NAT does that has forgotten them."""
        for out in self._out.values():
            out.close()
        self._out.clear()

    def datagram_received(self, data: bytes, client: Any) -> None:
        """From a client."""
        self.up.take(data, lambda sent: self._send_up(sent, client))

    def _send_up(self, data: bytes, client: Source) -> None:
        out = self._out.get(client)
        if self._transport.is_closing():
            return
        if out is not None:
            out.write(_LENGTH.pack(len(data)) + data) if self._tcp else out.sendto(data)
            return
        waiting = self._waiting.setdefault(client, [])
        waiting.append(data)
        if len(waiting) == 1:
            task = asyncio.ensure_future(self._connect(client))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _connect(self, client: Source) -> None:
        loop = asyncio.get_running_loop()
        if self._tcp:
            out, _ = await loop.create_connection(lambda: _FromStream(self, client), *self.server)
        else:
            out, _ = await loop.create_datagram_endpoint(lambda: _FromServer(self, client), remote_addr=self.server)
        self._out[client] = out
        for data in self._waiting.pop(client):
            self._send_up(data, client)

    def from_server(self, data: bytes, client: Source) -> None:
        """To a client."""
        self._paused.set()
        self.down.take(data, lambda sent: self._transport.is_closing() or self._transport.sendto(sent, client))


class _FromServer(asyncio.DatagramProtocol):
    def __init__(self, network: UdpNetwork, client: Source) -> None:
        self._network, self._client = network, client

    def datagram_received(self, data: bytes, _: Any) -> None:
        self._network.from_server(data, self._client)


class _FromStream(asyncio.Protocol):
    def __init__(self, network: UdpNetwork, client: Source) -> None:
        self._network, self._client = network, client
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= 2:
            (length,) = _LENGTH.unpack_from(self._buffer)
            if len(self._buffer) < 2 + length:
                return
            self._network.from_server(self._buffer[2 : 2 + length], self._client)
            self._buffer = self._buffer[2 + length :]


def candidates(sdp: str) -> list[list[str]]:
    """The words of the first media's candidate lines: foundation, component, transport, priority, address, port, ..."""
    media = sdp.split("\r\nm=")[1]
    return [line.split() for line in re.findall(r"^a=candidate:(.*)\r$", media, re.MULTILINE)]


def without_candidates(sdp: str) -> str:
    return re.sub(r"^a=(?:candidate:.*|end-of-candidates)\r\n", "", sdp, flags=re.MULTILINE)


def through(sdp: str, network: UdpNetwork, *, tcp: bool = False) -> str:
    """An answer whose only candidate is the network; the network is told the server's first one."""
    found = next(words for words in candidates(sdp) if words[2] == ("tcp" if tcp else "udp"))
    network.server = found[4], int(found[5])
    host, port = network.address
    line = f"a=candidate:1 1 udp 2130706431 {host} {port} typ host\r\na=end-of-candidates\r\n"
    return without_candidates(sdp).replace("a=ice-ufrag:", line + "a=ice-ufrag:")


async def publish_through(
    rooms: Rooms, peer: Peer, network: UdpNetwork, room: str = "room", *, tcp: bool = False
) -> Publisher:
    """Let a client publish to a room whose server it reaches by the network alone."""
    offer = parse_offer(without_candidates(await peer.offer()).encode())
    session, answer = await rooms.publish(room, offer, PublishRequest(DEFAULTS))
    await peer.accept(through(answer, network, tcp=tcp))
    return session
