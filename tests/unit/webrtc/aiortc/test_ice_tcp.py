"""Streams at the listening port: what is not a session's is closed, soon and at a bounded cost."""

import asyncio
import gc
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from struct import pack

import pytest
from aioice import Connection, stun
from tests.peers import HANG_S
from tests.polling import until

from mocast.webrtc.aiortc import ice_tcp
from mocast.webrtc.aiortc.ice_tcp import (
    MOST_STREAMS,
    MOST_UNPROVEN_OF_ADDRESS,
    Listener,
    StreamsProtocol,
    TcpListeners,
    TcpStream,
)


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[Listener, StreamsProtocol, Connection]]:
    """A listener at loopback with one connection, which has not connected."""
    listeners = TcpListeners(0)
    connection = Connection(ice_controlling=False)
    protocol = await listeners.open(connection, "127.0.0.1")
    (listener,) = listeners._sockets.values()
    try:
        yield listener, protocol, connection
    finally:
        listeners.close()
        protocol.transport.close()
        await asyncio.sleep(0)


async def connect(listener: Listener) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(*listener.sockname)


def framed(data: bytes) -> bytes:
    return pack("!H", len(data)) + data


def check(connection: Connection, password: str | None = None) -> bytes:
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes |= {"USERNAME": f"{connection.local_username}:other", "PRIORITY": 1, "ICE-CONTROLLING": 1}
    request.add_message_integrity((password or connection.local_password).encode())
    return bytes(request)


async def is_closed(reader: asyncio.StreamReader) -> bool:
    try:
        return await asyncio.wait_for(reader.read(1), HANG_S) == b""
    except ConnectionError:
        return True


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        framed(b""),
        framed(b"\x16" * 100),
        framed(b"\x80" * 100),
        framed(bytes(20)),
        framed(bytes(stun.Message(stun.Method.BINDING, stun.Class.REQUEST))),
        b"\xff\xff",
    ],
    ids=["HTTP", "empty", "DTLS", "RTP", "zeros", "check without a name", "cut short"],
)
async def test_a_stream_that_begins_otherwise_than_with_a_sessions_check_is_closed(sent: bytes) -> None:
    async with listening() as (listener, protocol, _):
        reader, writer = await connect(listener)
        writer.write(sent)
        assert await is_closed(reader)
        assert (listener.unproven, protocol.streams) == ({}, {})
        writer.close()


async def test_a_stream_that_says_nothing_is_closed_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ice_tcp, "PROVEN_WITHIN_S", 0.05)
    async with listening() as (listener, _, _connection):
        reader, writer = await connect(listener)
        assert await is_closed(reader)
        assert listener.unproven == {}
        writer.close()


async def test_an_address_has_a_bounded_number_of_streams_that_have_proven_nothing() -> None:
    async with listening() as (listener, _, _connection):
        streams = [await connect(listener) for _ in range(MOST_UNPROVEN_OF_ADDRESS)]
        reader, writer = await connect(listener)
        assert await is_closed(reader)
        assert len(listener.unproven) == MOST_UNPROVEN_OF_ADDRESS
        for _, opened in (*streams, (reader, writer)):
            opened.close()


async def test_a_session_has_a_bounded_number_of_streams_and_unsigned_checks_get_no_answer() -> None:
    async with listening() as (listener, protocol, connection):
        connection.remote_username = "other"
        streams = []
        for _ in range(MOST_STREAMS):
            reader, writer = await connect(listener)
            guessed, datagram, signed = check(connection, "guess" * 5), b"\x80" * 50, check(connection)
            whole = framed(guessed) + framed(datagram) + framed(signed)
            for at in range(0, len(whole), 7):  # in pieces, as TCP may bring it
                writer.write(whole[at : at + 7])
                await asyncio.sleep(0)
            length = int.from_bytes(await asyncio.wait_for(reader.readexactly(2), HANG_S), "big")
            answer = stun.parse_message(await reader.readexactly(length))
            assert answer.message_class is stun.Class.RESPONSE
            assert answer.transaction_id == stun.parse_message(signed).transaction_id
            streams.append(writer)
        assert (len(protocol.streams), connection._queue.qsize()) == (MOST_STREAMS, 0)
        reader, writer = await connect(listener)
        writer.write(framed(check(connection)))
        assert await is_closed(reader)
        protocol.transport.close()
        await until(lambda: not protocol.streams)
        assert listener.by_name == {}
        for opened in (*streams, writer):
            opened.close()


async def test_what_a_slow_client_does_not_take_is_dropped_not_kept() -> None:
    async with listening() as (listener, protocol, connection):
        connection.remote_username = "other"
        slow = socket.create_connection(listener.sockname)
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.sendall(framed(check(connection)))
        await until(lambda: protocol.streams)
        ((source, stream),) = protocol.streams.items()
        for _ in range(10_000):
            protocol.transport.sendto(bytes(1200), source)
        assert stream.transport.get_write_buffer_size() < ice_tcp.MOST_WAITING_BYTES + 1300
        slow.close()


@pytest.fixture
def short_collections() -> Iterator[None]:
    """Leaves what other tests have made out of the garbage collector's way, which would be counted as a step's."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("short_collections")
@pytest.mark.parametrize("frame", [framed(b""), framed(b"\x00"), None], ids=["empty", "broken", "unsigned check"])
async def test_many_small_frames_at_once_do_not_hold_the_loop(
    frame: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[float] = []

    def timed(name: str) -> None:
        step = getattr(TcpStream, name)

        def run(self: TcpStream, *data: bytes) -> None:
            began = time.thread_time()
            step(self, *data)
            steps.append(time.thread_time() - began)

        monkeypatch.setattr(TcpStream, name, run)

    timed("data_received")
    timed("_go_on")
    async with listening() as (listener, _, connection):
        connection.remote_username = "other"
        reader, writer = await connect(listener)
        many = frame or framed(check(connection, "guess" * 5))
        # The signed check behind them is answered: they have all been taken, and in their order.
        writer.write(framed(check(connection)) + many * (131_072 // len(many)) + framed(check(connection)))
        for _ in range(2):
            length = int.from_bytes(await asyncio.wait_for(reader.readexactly(2), HANG_S), "big")
            await asyncio.wait_for(reader.readexactly(length), HANG_S)
        assert len(steps) > 10
        assert max(steps) < 0.005
        writer.close()
