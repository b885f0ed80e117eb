"""Messages of data channels over aiortc: they leave together."""

import asyncio
import contextlib
from typing import Any

from aiortc import RTCSctpTransport
from aiortc.rtcdtlstransport import State
from aiortc.rtcsctptransport import (
    WEBRTC_BINARY,
    WEBRTC_BINARY_EMPTY,
    WEBRTC_STRING,
    WEBRTC_STRING_EMPTY,
    serialize_packet,
)

from mocast.webrtc.aiortc.datagrams_out import Datagrams, count_sent

MAX_MESSAGE_BYTES = 65_536
"""What our answers allow in one message. Control messages are shorter; a longer one should still be answered."""

MAX_CHUNKS_ON_THEIR_WAY = 512
"""Chunks sent to a client that it has not acknowledged. aiortc walks over them for each acknowledgement."""

_DATAGRAM_BYTES = 4096
"""More than the longest that leaves: the answer to a HEARTBEAT is as long as it."""


def send_messages_together(sctp: RTCSctpTransport) -> None:
    """Batch messages that are sent one after the other; aiortc starts a task on the loop for each.

    A channel's ``send`` raises ``ValueError`` where the message is too long for the client, or the client has not
    acknowledged what it was sent.
    """
    inside: Any = sctp
    loop = asyncio.get_running_loop()
    is_on_its_way = False
    datagrams: Datagrams | None = None

    async def leave() -> None:
        nonlocal is_on_its_way
        is_on_its_way = False
        with contextlib.suppress(ConnectionError):
            await inside._data_channel_flush()

    def send(channel: Any, data: bytes | str) -> None:
        nonlocal is_on_its_way
        protocol, payload = _typed(data)
        most = inside._remote_max_message_size
        if most and len(payload) > most:
            raise ValueError(f"the client takes messages of up to {most} bytes, not of {len(payload)}")
        if len(inside._sent_queue) >= MAX_CHUNKS_ON_THEIR_WAY:
            raise ValueError("the client has not acknowledged what it was sent")
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
