"""What network lies between a client and the server, and by which of the server's ports it is reached."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import aioice.ice
import pytest
from aioice import stun

from mocast.api.metrics import registry, strangers_metrics
from mocast.errors import Unavailable
from mocast.model.options import PublishRequest
from mocast.rooms.publisher import Publisher
from mocast.rooms.registry import Rooms
from mocast.webrtc.aiortc.gathering import Gathering
from mocast.webrtc.ice import IceOptions, TurnServer, parse_public_addresses
from mocast.webrtc.offer import Offer, parse_offer
from tests.network import Conditions, UdpNetwork, candidates, publish_through
from tests.peers import HANG_S, Peer
from tests.ports import free_port
from tests.rooms import DEFAULTS, Footprint, gone, open_rooms, publish, subscribe

LOOPBACK = ("127.0.0.0/8",)
CLEAR = Conditions()


@asynccontextmanager
async def rooms_at(**options: Any) -> AsyncIterator[tuple[Rooms, Gathering]]:
    """Rooms whose sessions have only loopback's address, unless told otherwise."""
    gathering = Gathering(IceOptions(**{"interfaces": LOOPBACK, **options}))
    await gathering.start()
    try:
        async with open_rooms(gathering=gathering) as rooms:
            yield rooms, gathering
    finally:
        gathering.close()


@asynccontextmanager
async def network(up: Conditions = CLEAR, down: Conditions = CLEAR, **more: Any) -> AsyncIterator[UdpNetwork]:
    opened = UdpNetwork(up, down, **more)
    await opened.open()
    try:
        yield opened
    finally:
        opened.close()


async def is_live(peer: Peer, more: int = 3) -> None:
    """Wait for so many more pictures and landmarks."""
    frames, messages = len(peer.frames) + more, len(peer.landmark_messages) + more
    await peer.until(lambda: len(peer.frames) >= frames and len(peer.landmark_messages) >= messages)


def request(offer: str) -> tuple[Offer, PublishRequest]:
    return parse_offer(offer.encode()), PublishRequest(DEFAULTS)


def local_candidate(session: Publisher) -> Any:
    pc: Any = session._transport.pc  # type: ignore[attr-defined]
    return pc.getSenders()[0].transport.transport._connection._nominated[1].local_candidate


async def test_one_udp_port_carries_all_sessions_and_forgets_those_that_end() -> None:
    port = free_port()
    async with rooms_at(udp_port=port) as (rooms, gathering):
        assert gathering._mux is not None
        (shared,) = gathering._mux._sockets.values()
        before = Footprint.now()
        peers = [Peer(codec=codec) for codec in ("video/VP8", "video/H264", "video/VP8")]
        sessions = [await publish(rooms, peer, f"room{number}") for number, peer in enumerate(peers)]
        viewer = Peer(direction="recvonly")
        await subscribe(rooms, viewer, "room1")
        for peer, session in zip(peers, sessions, strict=True):
            await is_live(peer)
            assert local_candidate(session).port == port
        await is_live(viewer)
        # Of sources there are more where the machine has several addresses.
        assert len(shared.by_name) == len({*shared.by_source.values()}) == 4
        await peers[0].close()
        await gone(rooms, sessions[0])
        assert len(shared.by_name) == len({*shared.by_source.values()}) == 3
        await is_live(peers[1])
        await is_live(viewer)
        for peer in (*peers[1:], viewer):
            await peer.close()
        for session in sessions[1:]:
            await gone(rooms, session)
        assert shared.by_transaction == {}
        assert Footprint.now().sockets <= before.sockets


async def test_udp_blocked_media_comes_by_tcp_on_the_same_number() -> None:
    port = free_port()
    async with rooms_at(udp_port=port, tcp=True) as (rooms, gathering), network(tcp=True) as path:
        assert gathering._tcp is not None
        peer = Peer(tuned=True)
        session = await publish_through(rooms, peer, path, tcp=True)
        await is_live(peer, more=10)
        assert (local_candidate(session).transport, local_candidate(session).port) == ("tcp", port)
        (listener,) = gathering._tcp._sockets.values()
        assert not listener.unproven
        await peer.close()
        await gone(rooms, session)
        assert not listener.by_name


DISTURBED = {
    "random loss 5%": Conditions(loss=0.05),
    "delay 100 ± 30 ms": Conditions(delay_s=0.1, jitter_s=0.03),
    "capacity 300 kbit per s": Conditions(bits_per_s=300_000),
}


@pytest.mark.parametrize("conditions", DISTURBED.values(), ids=DISTURBED.keys())
async def test_video_and_landmarks_get_through(conditions: Conditions) -> None:
    """The short form of tests/long/test_networks.py, without a clock."""
    async with rooms_at() as (rooms, _), network() as path:
        peer = Peer(tuned=True)
        session = await publish_through(rooms, peer, path)
        await is_live(peer)
        path.up.conditions = path.down.conditions = conditions
        await is_live(peer, more=25)
        assert session.state == "live"
        await peer.close()


async def test_a_short_pause_is_survived() -> None:
    async with rooms_at() as (rooms, _), network() as path:
        peer = Peer(tuned=True)
        session = await publish_through(rooms, peer, path)
        await is_live(peer, more=15)
        await path.pause(8)
        await is_live(peer, more=20)
        assert (session.state, len(rooms.sessions.publishers)) == ("live", 1)
        await peer.close()


@pytest.mark.parametrize("shared", [False, True], ids=["own ports", "one port"])
async def test_address_change_in_mid_session_is_followed(monkeypatch: pytest.MonkeyPatch, shared: bool) -> None:
    options: dict[str, Any] = {"udp_port": free_port()} if shared else {}
    monkeypatch.setattr(aioice.ice, "CONSENT_INTERVAL", 0.3)  # of the client, whose checks tell where it is
    async with rooms_at(**options) as (rooms, _), network() as path:
        peer = Peer(tuned=True)
        session = await publish_through(rooms, peer, path)
        await is_live(peer)
        path.rebind()
        await is_live(peer, more=10)
        assert (session.state, len(rooms.sessions.publishers)) == ("live", 1)
        await peer.close()


async def test_a_range_without_a_free_port_is_a_503_until_a_session_ends() -> None:
    port = free_port()
    async with rooms_at(udp_ports=range(port, port + 1)) as (rooms, _):
        one, other = Peer(), Peer()
        session = await publish(rooms, one, "one")
        await is_live(one)
        assert local_candidate(session).port == port
        with pytest.raises(Unavailable, match=rf"No UDP port from {port} to {port} is free\."):
            await publish(rooms, other, "other")
        await is_live(one)
        await one.close()
        await gone(rooms, session)
        third = Peer()
        await publish(rooms, third, "third")
        await is_live(third)
        for peer in (other, third):
            await peer.close()


async def test_public_addresses_are_told_beside_the_local_ones() -> None:
    port = free_port()
    public = parse_public_addresses(["203.0.113.7", "198.51.100.9/127.0.0.1", "192.0.2.1/10.0.0.1", "2001:db8::7"])
    async with rooms_at(udp_port=port, tcp=True, public_addresses=public) as (rooms, _):
        peer = Peer()
        offer = await peer.offer()
        _, answer = await rooms.publish("room", *request(offer))
        found = [(words[2], words[4], words[5], words[7], *words[8:]) for words in candidates(answer)]
        behind = ("raddr", "127.0.0.1", "rport", str(port))
        passive = ("tcptype", "passive")
        assert found == [
            ("udp", "127.0.0.1", str(port), "host"),
            ("udp", "203.0.113.7", str(port), "srflx", *behind),
            ("udp", "198.51.100.9", str(port), "srflx", *behind),
            ("tcp", "127.0.0.1", str(port), "host", *passive),
            ("tcp", "203.0.113.7", str(port), "srflx", *behind, *passive),
            ("tcp", "198.51.100.9", str(port), "srflx", *behind, *passive),
        ]
        priorities = [int(words[3]) for words in candidates(answer)]
        assert priorities == sorted(priorities, reverse=True)
        await peer.accept(answer)
        await is_live(peer)
        await peer.close()


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6")
@pytest.mark.parametrize("shared", [False, True], ids=["own ports", "one port"])
async def test_ipv6_alone_is_enough(monkeypatch: pytest.MonkeyPatch, shared: bool) -> None:
    monkeypatch.setattr(
        aioice.ice, "get_host_addresses", lambda *_, **__: ["::1"]
    )  # the client's; aioice leaves it out
    options: dict[str, Any] = {"udp_port": free_port()} if shared else {}
    async with rooms_at(interfaces=("::1/128",), **options) as (rooms, _):
        peer = Peer()
        session, answer = await rooms.publish("room", *request(await peer.offer()))
        assert [words[4] for words in candidates(answer)] == ["::1"]
        await peer.accept(answer)
        await is_live(peer)
        assert local_candidate(session).host == "::1"
        await peer.close()


async def test_a_relay_that_does_not_answer_is_a_503_where_there_is_no_other_way() -> None:
    relay = TurnServer("127.0.0.1", free_port(), "tcp", tls=False)
    async with rooms_at(relay_only=True, relay=relay) as (rooms, _):
        with pytest.raises(Unavailable, match=r"The TURN server 127\.0\.0\.1 gives no address\."):
            await publish(rooms, Peer())
    async with rooms_at(relay=relay) as (rooms, _):
        peer = Peer()
        await publish(rooms, peer)
        await is_live(peer)
        await peer.close()


def check(username: str, password: str | None = None) -> stun.Message:
    """A connectivity check, signed or not."""
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes |= {"USERNAME": username, "PRIORITY": 1, "ICE-CONTROLLING": 1}
    if password is not None:
        request.add_message_integrity(password.encode())
    return request


async def test_a_stranger_at_the_shared_port_gets_no_answer_and_reaches_nobody() -> None:
    async with rooms_at(udp_port=free_port()) as (rooms, gathering):
        assert gathering._mux is not None
        peer = Peer()
        session = await publish(rooms, peer)
        await is_live(peer)
        (shared,) = gathering._mux._sockets.values()
        ((name, protocol),) = shared.by_name.items()
        received: list[bytes] = []
        take = protocol.datagram_received

        def watched(data: bytes, source: Any) -> None:
            if source == stranger.get_extra_info("sockname"):
                received.append(data)
            take(data, source)

        protocol.datagram_received = watched  # type: ignore[method-assign]
        loop = asyncio.get_running_loop()
        stranger, answers = await loop.create_datagram_endpoint(
            Inbox, remote_addr=("127.0.0.1", local_candidate(session).port)
        )
        before = shared.strangers
        username = f"{name.decode()}:{protocol.receiver.remote_username}"
        unsigned = [check(username), check(username, "guess" * 5)]
        unknown = [check("nobody:else", "guess" * 5), stun.Message(stun.Method.BINDING, stun.Class.RESPONSE)]
        noise = [b"\0", b"\x16" * 40, b"\x80" * 1200, b"\x90" * 40, bytes(20), b"\0\1" + b"\xff" * 1400]
        for datagram in (*map(bytes, [*unsigned, *unknown]), *noise):
            stranger.sendto(datagram)
        signed = bytes(check(username, protocol.receiver.local_password))
        stranger.sendto(signed)
        assert stun.parse_message(await answers.next()).message_class is stun.Class.RESPONSE  # and none before
        assert shared.strangers == before + len(unknown) + len(noise)
        metrics = registry(partial(strangers_metrics, lambda: gathering.strangers))
        assert metrics.get_sample_value("mocast_udp_strangers_total") == shared.strangers
        assert received == [bytes(unsigned[0]), bytes(unsigned[1]), signed]
        assert ("127.0.0.1", stranger.get_extra_info("sockname")[1]) not in shared.by_source
        stranger.close()
        await peer.close()


class Inbox(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self._received: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, _: Any) -> None:
        self._received.put_nowait(data)

    async def next(self) -> bytes:
        return await asyncio.wait_for(self._received.get(), HANG_S)
