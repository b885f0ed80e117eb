"""Messages of data channels over aiortc: they leave together, and those that are unfinished are bounded."""

import asyncio
from collections.abc import Callable
from typing import Any

from aiortc import RTCSctpTransport
from aiortc.rtcdtlstransport import State
from aiortc.rtcsctptransport import (
    WEBRTC_BINARY,
    WEBRTC_BINARY_EMPTY,
    WEBRTC_STRING,
    WEBRTC_STRING_EMPTY,
    serialize_packet,
    tsn_plus_one,
)

from mocast.webrtc.aiortc.datagrams_out import Datagrams, count_sent

MAX_MESSAGE_BYTES = 65_536
"""What our answers allow in one message. Control messages are shorter; a longer one should still be answered."""

MAX_UNFINISHED_BYTES = 262_144
MAX_UNFINISHED_CHUNKS = 512
"""Of messages that are not complete, or wait for an earlier one: as many control messages as may wait.

aiortc walks over all chunks of a stream for each that comes, so their number counts, too.
"""

ENDLESS_MESSAGE = "the client sent a message that has no end"

_DATAGRAM_BYTES = 1500


def bound_messages(sctp: RTCSctpTransport, on_overflow: Callable[[str], None]) -> None:
    """Bound what is kept of unfinished messages: aiortc tells its receive window, but does not enforce it.

    Above the window, what comes behind a gap is dropped unacknowledged, so the peer sends it again. What fills gaps is
    taken up to twice the window. Then a message is too long: all data is discarded, and the reason is told, once.
    """
    inside: Any = sctp
    inside._advertised_rwnd = MAX_UNFINISHED_BYTES
    receive = inside._receive_data_chunk
    has_overflowed = False

    def is_above(times: int, stream_id: int) -> bool:
        stream = inside._inbound_streams.get(stream_id)
        chunks = max(len(inside._sack_misordered), len(stream.reassembly) if stream else 0)
        unfinished = MAX_UNFINISHED_BYTES - inside._advertised_rwnd
        return unfinished >= times * MAX_UNFINISHED_BYTES or chunks >= times * MAX_UNFINISHED_CHUNKS

    async def receive_bounded(chunk: Any) -> None:
        nonlocal has_overflowed
        is_next = chunk.tsn == tsn_plus_one(inside._last_received_tsn)
        if has_overflowed or (not is_next and is_above(1, chunk.stream_id)):
            return
        await receive(chunk)
        if is_above(2, chunk.stream_id):
            has_overflowed = True
            on_overflow(ENDLESS_MESSAGE)

    inside._receive_data_chunk = receive_bounded


def send_messages_together(sctp: RTCSctpTransport) -> None:
    """Batch messages that are sent one after the other; aiortc starts a task on the loop for each."""
    inside: Any = sctp
    loop = asyncio.get_running_loop()
    is_on_its_way = False
    datagrams: Datagrams | None = None

    async def leave() -> None:
        nonlocal is_on_its_way
        is_on_its_way = False
        await inside._data_channel_flush()

    def send(channel: Any, data: bytes | str) -> None:
        nonlocal is_on_its_way
        protocol, payload = _typed(data)
        most = inside._remote_max_message_size
        if most and len(payload) > most:
            raise ValueError(f"the client takes messages of up to {most} bytes, not of {len(payload)}")
        channel._addBufferedAmount(len(payload))
        inside._data_channel_queue.append((channel, protocol, payload))
        if not is_on_its_way:
            is_on_its_way = True
            task = loop.create_task(leave())
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    async def send_chunk(chunk: Any) -> None:
        nonlocal datagrams
        dtls = inside.transport
        if dtls._state != State.CONNECTED:
            raise ConnectionError("Cannot send encrypted data, not connected")
        packet = serialize_packet(inside._local_port, inside._remote_port, inside._remote_verification_tag, chunk)
        dtls._ssl.send(packet)
        encrypted = dtls._ssl.bio_read(_DATAGRAM_BYTES)
        if datagrams is None:
            datagrams = Datagrams(dtls.transport)
        datagrams.send((encrypted,))
        count_sent(dtls, (encrypted,))

    tasks: set[asyncio.Task[None]] = set()
    inside._data_channel_send = send
    inside._send_chunk = send_chunk


def _typed(data: bytes | str) -> tuple[int, bytes]:
    """A message with the identifier of its kind (RFC 8831, section 6.6); an empty one travels as one byte."""
    if isinstance(data, str):
        return (WEBRTC_STRING, data.encode()) if data else (WEBRTC_STRING_EMPTY, b"\0")
    return (WEBRTC_BINARY, data) if data else (WEBRTC_BINARY_EMPTY, b"\0")
