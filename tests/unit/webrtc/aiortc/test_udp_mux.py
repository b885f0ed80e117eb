"""The shared port knows whose a datagram is, and a source is nobody's before it has answered."""

import asyncio
from typing import Any

import pytest
from aioice import Connection, stun

from mocast.webrtc.aiortc.stun_header import BINDING_REQUEST, kind_of, receiver_of
from mocast.webrtc.aiortc.udp_mux import MOST_SOURCES, MuxedProtocol, UdpMux


def test_the_receiver_of_a_check_is_found_wherever_its_name_is() -> None:
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes |= {"SOFTWARE": "abc", "PRIORITY": 1, "USERNAME": "ours:theirs"}
    request.add_message_integrity(b"x" * 22)
    data = bytes(request)
    assert (kind_of(data), receiver_of(data)) == (BINDING_REQUEST, b"ours")
    assert kind_of(data[:-1]) == kind_of(data + b"x") == kind_of(b"") == -1
    for end in range(20, len(data)):
        receiver_of(data[:end])  # whatever is cut


def test_a_check_whose_attributes_have_no_end_costs_no_more_than_an_ordinary_one() -> None:
    empty_attributes = b"\x80\x22\0\0" * 370
    data = b"\0\1" + len(empty_attributes).to_bytes(2, "big") + b"\x21\x12\xa4\x42" + bytes(12) + empty_attributes
    assert kind_of(data) == BINDING_REQUEST
    assert receiver_of(data + b"\0\6\0\4ours") == b""


async def answered(protocol: MuxedProtocol, monkeypatch: pytest.MonkeyPatch, *sources: tuple[str, int]) -> None:
    """Have checks to these sources be answered from there."""

    class Answered(stun.Transaction):
        async def run(self) -> Any:
            return None, self._Transaction__addr  # type: ignore[attr-defined]

    monkeypatch.setattr("aioice.stun.Transaction", Answered)
    for source in sources:
        await protocol.request(stun.Message(stun.Method.BINDING, stun.Class.REQUEST), source)


async def test_a_source_is_whose_check_it_answered_last(monkeypatch: pytest.MonkeyPatch) -> None:
    mux = UdpMux(0)
    one, other = [await mux.open(Connection(ice_controlling=False), "127.0.0.1") for _ in range(2)]
    (shared,) = mux._sockets.values()
    received: list[Any] = []
    for name, protocol in (("one", one), ("other", other)):
        protocol.datagram_received = lambda data, _, name=name: received.append((name, data))  # type: ignore[method-assign]
    source = ("192.0.2.1", 1)
    shared.datagram_received(b"\x80 too early", source)
    await answered(one, monkeypatch, source)
    shared.datagram_received(b"\x80 first", source)
    await answered(other, monkeypatch, source)
    shared.datagram_received(b"\x80 second", source)
    await one.close()
    shared.datagram_received(b"\x80 third", source)
    await other.close()
    shared.datagram_received(b"\x80 too late", source)
    assert received == [("one", b"\x80 first"), ("other", b"\x80 second"), ("other", b"\x80 third")]
    assert (shared.strangers, shared.by_source, shared.by_name) == (2, {}, {})
    mux.close()


async def test_a_connection_has_a_bounded_number_of_sources_and_keeps_those_in_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mux = UdpMux(0)
    protocol = await mux.open(Connection(ice_controlling=False), "127.0.0.1")
    (shared,) = mux._sockets.values()
    in_use = ("192.0.2.1", 1)
    for port in range(2, 3 * MOST_SOURCES):
        await answered(protocol, monkeypatch, in_use, ("192.0.2.1", port))
    assert len(shared.by_source) == MOST_SOURCES
    assert shared.by_source[in_use] is protocol
    await protocol.close()
    assert shared.by_source == {}
    mux.close()


async def test_a_closed_port_ends_its_connections() -> None:
    mux = UdpMux(0)
    protocol = await mux.open(Connection(ice_controlling=False), "127.0.0.1")
    mux.close()
    await asyncio.wait_for(protocol.close(), 60)
