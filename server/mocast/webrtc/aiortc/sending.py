"""What goes to a client, in fewer steps than aiortc 1.16 takes: a picture's packets and a frame's messages together."""

import asyncio
import socket
import sys
from collections.abc import Sequence
from struct import Struct
from typing import Any, Final

from aiortc import RTCRtpSender, RTCSctpTransport, clock
from aiortc.rtcdtlstransport import State
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtcsctptransport import (
    WEBRTC_BINARY,
    WEBRTC_BINARY_EMPTY,
    WEBRTC_STRING,
    WEBRTC_STRING_EMPTY,
    serialize_packet,
)
from aiortc.rtp import RTP_HISTORY_SIZE, HeaderExtensions, RtpPacket
from aiortc.utils import random16, uint16_add

_HEADER: Final = Struct("!BBHLL")
"""RFC 3550, section 5.1: version and flags, marker and payload type, sequence number, timestamp, source."""
_EXTENSION: Final = Struct("!HH")
_VERSION, _HAS_EXTENSION, _MARKER = 0x80, 0x10, 0x80

_UDP_SEGMENT: Final = 103  # linux/udp.h
_MAX_SEGMENTS = 64
"""As many as every Linux that can do it takes in one call (``UDP_MAX_SEGMENTS``)."""
_MAX_BYTES = 65_000
"""A little less than the longest UDP datagram, which is what they are to the system until it cuts them."""

_DATAGRAM_BYTES = 1500
_TIMESTAMP_BITS = 0xFFFF_FFFF


class Datagrams:
    """The way of packets to the client that an ICE connection has found. On the loop only."""

    def __init__(self, ice: Any) -> None:
        """``ice``: aiortc's transport."""
        self._connection = ice._connection
        self._cuts = sys.platform == "linux"
        "Whether the system can be given many packets as one, to be cut: on Linux, but not on every line."

    def send(self, packets: Sequence[bytes]) -> None:
        """Send packets in their order. Raises ``ConnectionError`` where there is no connection."""
        pair = self._connection._nominated.get(1)
        if pair is None:
            raise ConnectionError("Cannot send data, not connected")
        transport, address = pair.protocol.transport, pair.remote_addr
        if len(packets) > 1 and self._cuts and not transport.get_write_buffer_size():
            packets = self._send_together(transport, address, packets)
        for packet in packets:
            transport.sendto(packet, address)

    def _send_together(self, transport: Any, address: Any, packets: Sequence[bytes]) -> Sequence[bytes]:
        """Send packets with one call for as many as are equally long; return those that are left to send singly."""
        pseudo = transport.get_extra_info("socket")
        udp = socket.socket(pseudo.family, socket.SOCK_DGRAM, 0, pseudo.fileno())
        sent = 0
        try:
            for many in _equally_long(packets):
                size = len(packets[sent])
                udp.sendmsg(
                    packets[sent : sent + many],
                    [(socket.IPPROTO_UDP, _UDP_SEGMENT, size.to_bytes(2, "little"))] if many > 1 else [],
                    0,
                    address,
                )
                sent += many
        except BlockingIOError:
            pass
        except OSError:
            self._cuts = False
        finally:
            udp.detach()
        return packets[sent:]


def _equally_long(packets: Sequence[bytes]) -> list[int]:
    """Return how many packets go into each call: all of one length, but for the last, which may be shorter."""
    runs: list[int] = []
    size, is_open = 0, False
    for packet in packets:
        if is_open and len(packet) <= size and runs[-1] < _most(size):
            runs[-1] += 1
            is_open = len(packet) == size
        else:
            runs.append(1)
            size, is_open = len(packet), True
    return runs


def _most(size: int) -> int:
    return max(1, min(_MAX_SEGMENTS, _MAX_BYTES // size))


class FrameSender:
    """Stands in for the part of aiortc's sender that makes packets of a frame and sends them, one by one.

    Headers are made once for a frame, and only bytes are kept for sending again. A frame's timestamp is its packets',
    without aiortc's random origin, so that a page can match picture and landmarks by it. The rest of aiortc's sender,
    what it counts for its reports included, stays in use.
    """

    def __init__(self, sender: RTCRtpSender) -> None:
        inside: Any = sender
        self._inside = inside
        self._next = inside._next_encoded_frame
        self._resend = inside._retransmit
        self._sequence_number = random16()
        self._history: dict[int, tuple[int, bytes]] = {}
        self._datagrams: Datagrams | None = None
        inside._next_encoded_frame = self._send_next
        inside._retransmit = self._send_again

    async def _send_next(self, codec: RTCRtpCodecParameters) -> None:
        """Send the next frame. aiortc asks for another one when it is told that there was none."""
        encoded = await self._next(codec)
        if encoded is not None:
            assert codec.payloadType is not None
            self._send(codec.payloadType, encoded.payloads, encoded.timestamp & _TIMESTAMP_BITS)

    def _send(self, payload_type: int, payloads: list[bytes], timestamp: int) -> None:
        inside, dtls = self._inside, self._inside.transport
        if dtls._state != State.CONNECTED:
            raise ConnectionError("Cannot send encrypted RTP, not connected")
        now = clock.current_ntp_time()
        extensions = HeaderExtensions(abs_send_time=(now >> 14) & 0xFF_FFFF, mid=inside._RTCRtpSender__mid)
        profile, value = inside._RTCRtpSender__rtp_header_extensions_map.set(extensions)
        extension = _EXTENSION.pack(profile, len(value) >> 2) + value if value else b""
        first_byte = _VERSION | (_HAS_EXTENSION if value else 0)
        number = self._sequence_number
        last = len(payloads) - 1
        packets = []
        for place, payload in enumerate(payloads):
            marked = payload_type | _MARKER if place == last else payload_type
            packet = _HEADER.pack(first_byte, marked, number, timestamp, inside._ssrc) + extension + payload
            self._history[number % RTP_HISTORY_SIZE] = number, packet
            packets.append(dtls._tx_srtp.protect(packet))
            number = uint16_add(number, 1)
        self._sequence_number = number
        if self._datagrams is None or self._datagrams._connection is not dtls.transport._connection:
            self._datagrams = Datagrams(dtls.transport)
        self._datagrams.send(packets)
        _count_sent(dtls, packets)
        inside._RTCRtpSender__ntp_timestamp = now
        inside._RTCRtpSender__rtp_timestamp = timestamp
        inside._RTCRtpSender__octet_count += sum(map(len, payloads))
        inside._RTCRtpSender__packet_count += len(payloads)

    async def _send_again(self, sequence_number: int) -> None:
        number, packet = self._history.get(sequence_number % RTP_HISTORY_SIZE, (-1, b""))
        if number == sequence_number:
            inside = self._inside
            inside._RTCRtpSender__rtp_history[sequence_number % RTP_HISTORY_SIZE] = RtpPacket.parse(
                packet, inside._RTCRtpSender__rtp_header_extensions_map
            )
            await self._resend(sequence_number)


def send_messages_together(sctp: RTCSctpTransport) -> None:
    """Let messages that are sent one after the other leave in one go; aiortc starts a task on the loop for each."""
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
        _count_sent(dtls, (encrypted,))

    tasks: set[asyncio.Task[None]] = set()
    inside._data_channel_send = send
    inside._send_chunk = send_chunk


def _typed(data: bytes | str) -> tuple[int, bytes]:
    """A message with the identifier of its kind (RFC 8831, section 6.6); an empty one travels as one byte."""
    if isinstance(data, str):
        return (WEBRTC_STRING, data.encode()) if data else (WEBRTC_STRING_EMPTY, b"\0")
    return (WEBRTC_BINARY, data) if data else (WEBRTC_BINARY_EMPTY, b"\0")


def _count_sent(dtls: Any, packets: Sequence[bytes]) -> None:
    dtls._RTCDtlsTransport__tx_bytes += sum(map(len, packets))
    dtls._RTCDtlsTransport__tx_packets += len(packets)
