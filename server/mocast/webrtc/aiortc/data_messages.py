"""Messages of data channels over aiortc: they leave together."""

import asyncio
import contextlib
import struct
from collections.abc import Sequence
from typing import Any, Final

from aiortc import RTCSctpTransport
from aiortc.rtcdtlstransport import State
from aiortc.rtcsctptransport import (
    SCTP_DATA_FIRST_FRAG,
    SCTP_DATA_LAST_FRAG,
    SCTP_DATA_UNORDERED,
    USERDATA_MAX_LENGTH,
    WEBRTC_BINARY,
    WEBRTC_BINARY_EMPTY,
    WEBRTC_DCEP,
    WEBRTC_STRING,
    WEBRTC_STRING_EMPTY,
    DataChunk,
    serialize_packet,
)

from mocast.webrtc.aiortc.datagrams_out import Datagrams, count_sent
from mocast.webrtc.aiortc.sctp_checksum import with_checksum
from mocast.webrtc.aiortc.steady_clock import SteadyTime

MAX_MESSAGE_BYTES = 65_536
"""What our answers allow in one message. Control messages are shorter; a longer one should still be answered."""

MAX_CHUNKS_ON_THEIR_WAY = 512
"""Chunks sent to a client that it has not acknowledged. aiortc walks over them for each acknowledgement."""

_DATAGRAM_BYTES = 4096
"""More than the longest datagram that leaves: the answer to a HEARTBEAT, which is as long as the HEARTBEAT."""

MAX_TOGETHER: Final = 32
"""Packets that are encrypted before the first of them leaves: a frame of four people in landmarks and rigs."""

_PACKET: Final = struct.Struct("!HHLLBBHLHHL")
"""The header of a packet of SCTP and that of a DATA chunk (RFC 9260, sections 3.1 and 3.3.1)."""
_CHUNK_HEADER_BYTES: Final = 16

_RECORD_HEADER_BYTES: Final = 13
_RECORD_LENGTH: Final = 11
"""Where a record's length is in its header (RFC 6347, section 4.1)."""


class MessageSender:
    """Sends what an association's channels are given: all that one step of the loop leaves is one batch of packets.

    Messages that need no more than a packet each, in any order, go straight there; others, and all while packets were
    lost or the window is full, go aiortc's way: a coroutine, a chunk of twenty attributes and a datagram for each.
    """

    def __init__(self, sctp: RTCSctpTransport) -> None:
        """Takes the place of aiortc's own methods."""
        inside: Any = sctp
        self._inside = inside
        self._loop = asyncio.get_running_loop()
        self._is_on_its_way = False
        self._datagrams: Datagrams | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._flush_by_aiortc = inside._data_channel_flush
        self._transmit_by_aiortc = inside._transmit
        inside._transmit = self._transmit
        inside._data_channel_send = self.send
        inside._data_channel_flush = self.flush
        inside._send_chunk = self.send_chunk

    def send(self, channel: Any, data: bytes | str) -> None:
        """Send a message soon, together with others.

        Raises ``ValueError`` where it is too long for the client, or the client has not acknowledged what it was sent.
        """
        inside = self._inside
        protocol, payload = _typed(data)
        most = inside._remote_max_message_size
        if most and len(payload) > most:
            raise ValueError(f"the client takes messages of up to {most} bytes, not of {len(payload)}")
        if len(inside._sent_queue) >= MAX_CHUNKS_ON_THEIR_WAY:
            raise ValueError("the client has not acknowledged what it was sent")
        channel._addBufferedAmount(len(payload))
        inside._data_channel_queue.append((channel, protocol, payload))
        if not self._is_on_its_way:
            self._is_on_its_way = True
            task = self._loop.create_task(self._leave())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _leave(self) -> None:
        self._is_on_its_way = False
        with contextlib.suppress(ConnectionError):
            await self.flush()

    async def _transmit(self) -> None:
        """Send what waits, aiortc's way, unless the client has just gone: a timer's task would end with a traceback."""
        with contextlib.suppress(ConnectionError):
            await self._transmit_by_aiortc()

    async def flush(self) -> None:
        """Send the messages that wait, as far as the window allows. Raises ``ConnectionError`` where there is none."""
        inside = self._inside
        if inside._association_state != inside.State.ESTABLISHED:
            return
        waiting = inside._data_channel_queue
        packets: list[bytes] = []
        while waiting and len(packets) < MAX_TOGETHER and self._is_plain(*waiting[0]):
            channel, protocol, payload = waiting.popleft()
            packets.append(self._packed(channel, protocol, payload))
            channel._addBufferedAmount(-len(payload))
        if packets:
            if inside._t3_handle is None:
                inside._t3_start()
            self._send_packets(packets)
        if waiting or inside._reconfig_queue:
            await self._flush_by_aiortc()

    def _is_plain(self, channel: Any, protocol: int, payload: bytes) -> bool:
        """Whether a message is one chunk, in any order, and nothing has to leave before it."""
        inside = self._inside
        return (
            not channel.ordered
            and channel.id is not None
            and channel.maxPacketLifeTime is None
            and protocol != WEBRTC_DCEP
            and len(payload) <= USERDATA_MAX_LENGTH
            and inside._flight_size < inside._cwnd
            and not inside._outbound_queue
            and inside._forward_tsn_chunk is None
            and inside._fast_recovery_exit is None
            and not (inside._sent_queue and inside._sent_queue[0]._retransmit)
        )

    def _packed(self, channel: Any, protocol: int, payload: bytes) -> bytes:
        """Return a message's packet; from now on its chunk counts as sent."""
        inside = self._inside
        tsn, size = inside._local_tsn, len(payload)
        inside._local_tsn = (tsn + 1) & 0xFFFF_FFFF
        inside._flight_size += size
        inside._sent_queue.append(_SentChunk(tsn, channel.id, protocol, payload, channel.maxRetransmits))
        packet: bytes = _PACKET.pack(
            inside._local_port,
            inside._remote_port,
            inside._remote_verification_tag,
            0,
            DataChunk.type,
            _SentChunk.flags,
            _CHUNK_HEADER_BYTES + size,
            tsn,
            channel.id,
            0,
            protocol,
        )
        return with_checksum(packet + payload + bytes(-size % 4))

    async def send_chunk(self, chunk: Any) -> None:
        """Send one chunk of any kind. Raises ``ConnectionError`` where there is no connection."""
        inside = self._inside
        packet = serialize_packet(inside._local_port, inside._remote_port, inside._remote_verification_tag, chunk)
        self._send_packets([packet])

    def _send_packets(self, packets: Sequence[bytes]) -> None:
        dtls = self._inside.transport
        if dtls._state != State.CONNECTED:
            raise ConnectionError("Cannot send encrypted data, not connected")
        for packet in packets:
            dtls._ssl.send(packet)
        encrypted = dtls._ssl.bio_read(_DATAGRAM_BYTES * len(packets))
        records = [encrypted] if len(packets) == 1 else _records(encrypted)
        if self._datagrams is None:
            self._datagrams = Datagrams(dtls.transport)
        self._datagrams.send(records)
        count_sent(dtls, records)


class _SentChunk(DataChunk):
    """A message in one chunk that has been sent once, with what aiortc notes of it."""

    flags = SCTP_DATA_UNORDERED | SCTP_DATA_FIRST_FRAG | SCTP_DATA_LAST_FRAG
    stream_seq = 0
    _acked = _abandoned = _retransmit = False
    _in_flight = True
    _expiry = None
    _misses = 0
    _sent_count = 1

    def __init__(self, tsn: int, stream_id: int, protocol: int, user_data: bytes, max_retransmits: int | None) -> None:
        self.tsn = tsn
        self.stream_id = stream_id
        self.protocol = protocol
        self.user_data = user_data
        self._book_size = len(user_data)
        self._max_retransmits = max_retransmits
        self._sent_time = SteadyTime.time()


def _records(encrypted: bytes) -> list[bytes]:
    """Return the DTLS records that OpenSSL wrote one after the other; each is a datagram."""
    records, at = [], 0
    while at < len(encrypted):
        length = int.from_bytes(encrypted[at + _RECORD_LENGTH : at + _RECORD_HEADER_BYTES], "big")
        records.append(encrypted[at : at + _RECORD_HEADER_BYTES + length])
        at += len(records[-1])
    return records


def _typed(data: bytes | str) -> tuple[int, bytes]:
    """A message with the identifier of its kind (RFC 8831, section 6.6); an empty one travels as one byte."""
    if isinstance(data, str):
        return (WEBRTC_STRING, data.encode()) if data else (WEBRTC_STRING_EMPTY, b"\0")
    return (WEBRTC_BINARY, data) if data else (WEBRTC_BINARY_EMPTY, b"\0")
