"""Datagrams leave whole and in order, several in one call where the system can do that."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mocast.webrtc.aiortc.datagrams_out import Datagrams, _equally_long


@pytest.mark.parametrize("seed", range(5))
def test_packets_that_go_together_are_equally_long_but_for_a_shorter_last(seed: int) -> None:
    lengths = np.random.default_rng(seed).choice([1300, 1300, 1300, 1299, 700, 3], 300)
    packets = [bytes(int(length)) for length in lengths]
    runs = _equally_long(packets)
    assert sum(runs) == len(packets)
    starts = np.cumsum([0, *runs]).tolist()
    for start, end in pairwise(starts):
        sizes = {len(packet) for packet in packets[start : end - 1]}
        assert len(sizes) <= 1
        assert not sizes or len(packets[end - 1]) <= sizes.pop()
        assert end - start <= 64
        assert sum(map(len, packets[start:end])) <= 65_507
    assert _equally_long([b"x" * 1300] * 8 + [b"x"]) == [9]


class Inbox(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self.has_news = asyncio.Event()

    def datagram_received(self, data: bytes, address: Any) -> None:
        self.packets.append(data)
        self.has_news.set()

    async def until(self, many: int) -> list[bytes]:
        async with asyncio.timeout(60):
            while len(self.packets) < many:
                self.has_news.clear()
                await self.has_news.wait()
        return self.packets


@asynccontextmanager
async def line() -> AsyncIterator[tuple[Datagrams, Inbox, Any]]:
    """An ICE connection's sending side over loopback, and what arrives."""
    loop = asyncio.get_running_loop()
    receiving, inbox = await loop.create_datagram_endpoint(Inbox, ("127.0.0.1", 0))
    sending, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, ("127.0.0.1", 0))
    protocol = SimpleNamespace(transport=sending)
    pair = SimpleNamespace(protocol=protocol, remote_addr=receiving.get_extra_info("sockname"))
    try:
        yield Datagrams(SimpleNamespace(_connection=SimpleNamespace(_nominated={1: pair}))), inbox, pair
    finally:
        sending.close()
        receiving.close()


PACKETS = [bytes([number]) * (1300 if number < 20 else 777) for number in range(21)]


@pytest.mark.parametrize("has_gso", [True, False])
async def test_packets_arrive_whole_and_in_order(has_gso: bool) -> None:
    async with line() as (datagrams, inbox, _):
        datagrams._has_gso = has_gso and sys.platform == "linux"
        datagrams.send(PACKETS)
        datagrams.send(PACKETS[:1])
        assert await inbox.until(22) == [*PACKETS, PACKETS[0]]


async def test_a_line_that_takes_no_packets_together_gets_them_singly(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(22, "Invalid argument")

    async with line() as (datagrams, inbox, _):
        datagrams._has_gso = True
        monkeypatch.setattr("mocast.webrtc.aiortc.datagrams_out.socket.socket.sendmsg", refuse)
        datagrams.send(PACKETS)
        assert await inbox.until(21) == PACKETS
        assert not datagrams._has_gso


async def test_what_waits_to_leave_is_not_overtaken() -> None:
    async with line() as (datagrams, _inbox, pair):
        sent: list[bytes] = []
        pair.protocol.transport = SimpleNamespace(
            get_extra_info=lambda _: "a socket",
            get_write_buffer_size=lambda: 1,
            sendto=lambda data, _: sent.append(data),
        )
        datagrams.send(PACKETS)
        assert sent == PACKETS


async def test_a_relay_or_a_stream_gets_packets_singly() -> None:
    async with line() as (datagrams, _inbox, pair):
        sent: list[bytes] = []
        pair.protocol.transport = SimpleNamespace(
            get_extra_info=lambda _: None, sendto=lambda data, _: sent.append(data)
        )
        datagrams.send(PACKETS)
        assert sent == PACKETS


async def test_sending_without_a_connection_is_an_error() -> None:
    async with line() as (datagrams, *_):
        datagrams._connection._nominated.clear()
        with pytest.raises(ConnectionError):
            datagrams.send([b"x"])
