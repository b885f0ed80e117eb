"""Datagrams are taken as aiortc would take them, in fewer steps."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aioice import Connection, stun
from aioice.ice import StunProtocol
from aiortc.rtcdtlstransport import RTCDtlsTransport

from mocast.webrtc.aiortc import datagrams_in, installation


@pytest.fixture(autouse=True)
def installed() -> None:
    installation.install()


def test_only_what_can_be_stun_is_read_as_stun() -> None:
    taken: list[bytes] = []
    protocol: Any = SimpleNamespace(
        receiver=SimpleNamespace(data_received=lambda data, _: taken.append(data), request_received=taken.append),
        local_candidate=SimpleNamespace(component=1),
        transactions={},
    )
    protocol._StunProtocol__log_debug = lambda *_: None
    message = stun.Message(stun.Method.BINDING, stun.Class.INDICATION)
    for data in (b"\x80media", b"\x16dtls", b"\x04", b"\x01broken", b""):
        StunProtocol.datagram_received(protocol, data, ("127.0.0.1", 1))
    StunProtocol.datagram_received(protocol, bytes(message), ("127.0.0.1", 1))
    assert taken == [b"\x80media", b"\x16dtls", b"\x04", b"\x01broken", b""]
    assert "datagram_received" in vars(StunProtocol)
    assert callable(Connection.data_received)


async def test_all_datagrams_that_wait_are_taken_in_order_and_the_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[bytes] = []

    async def take(_: Any, data: bytes) -> None:
        taken.append(data)

    monkeypatch.setattr(datagrams_in, "_take", take)
    waiting: asyncio.Queue[tuple[bytes, int] | None] = asyncio.Queue()
    connection = SimpleNamespace(_queue=waiting)
    dtls: Any = SimpleNamespace(
        _RTCDtlsTransport__handshake_done=True, _rx_srtp=object(), transport=SimpleNamespace(_connection=connection)
    )
    for number in range(3):
        waiting.put_nowait((bytes([number]), 1))
    await RTCDtlsTransport._recv_next(dtls)
    assert taken == [b"\0", b"\1", b"\2"]
    waiting.put_nowait((b"last", 1))
    waiting.put_nowait(None)
    with pytest.raises(ConnectionError):
        await RTCDtlsTransport._recv_next(dtls)
    assert taken[-1] == b"last"


def test_installing_twice_changes_nothing_more() -> None:
    before = (StunProtocol.datagram_received, RTCDtlsTransport._recv_next)
    datagrams_in.install()
    assert (StunProtocol.datagram_received, RTCDtlsTransport._recv_next) == before
