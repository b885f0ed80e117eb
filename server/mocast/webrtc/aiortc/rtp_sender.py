"""The part of an aiortc sender that sends packets and keeps what its reports need, replaced by ours."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Final

from aiortc import MediaStreamTrack, RTCRtpSender, clock
from aiortc.rtcdtlstransport import State
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import HeaderExtensions

from mocast.webrtc.aiortc.datagrams_out import Datagrams, count_sent
from mocast.webrtc.aiortc.rtp_header import EXTENSION, HAS_EXTENSION, HEADER, MARKER, PLAIN

MOST_MID: Final = 16
"""Bytes of a line's name that is sent with each packet; clients have some three (RFC 8843, section 9). What is
named longer is told apart by payload types and sources: the name would not fit beside a picture's data."""

_SEND_TIMES: Final = 0xFF_FFFF
"""The absolute send time has 24 bits."""


class RtpSender(ABC):
    """Sends the packets that it is given, at once; the rest of aiortc's sender, its reports included, stays in use.

    A report says when by the server's clock the packet with the newest timestamp left. Sound and picture that were
    captured together leave together, so by the reports a client plays them together.
    """

    def __init__(self, sender: RTCRtpSender, track: MediaStreamTrack) -> None:
        """To be made before aiortc starts the sender. ``track``: without one aiortc sends nothing; nobody reads it."""
        inside: Any = sender
        self._inside = inside
        self._codec: RTCRtpCodecParameters | None = None
        self._handle_rtcp = inside._handle_rtcp_packet
        self._datagrams: Datagrams | None = None
        self._extension_around: tuple[bytes, bytes | None] | None = None
        "Once it is known: ``_made_extension``."
        sender.replaceTrack(track)
        inside._next_encoded_frame = self._begin
        inside._handle_rtcp_packet = self._read_rtcp

    async def _begin(self, codec: RTCRtpCodecParameters) -> None:
        """Called by aiortc, for the first frame, when connected. It never returns one: they come by ``send``."""
        self._codec = codec
        self._start()
        await asyncio.get_running_loop().create_future()

    @abstractmethod
    def _start(self) -> None:
        """The client is connected."""

    @abstractmethod
    async def _read_rtcp(self, packet: Any) -> None:
        """Take a packet of the client's feedback."""

    @property
    def _is_connected(self) -> bool:
        return self._codec is not None and self._inside.transport._state == State.CONNECTED

    def _send_packets(self, payloads: Sequence[bytes], number: int, timestamp: int, *, marker: int = 1) -> list[bytes]:
        """Send payloads as the packets of one frame, numbered from ``number`` on; return the packets, not encrypted.

        ``marker``: of the last one. Where it returns packets, their numbers are used up, even if they did not leave:
        no number is ever encrypted with two contents.
        """
        if not self._is_connected or self._codec is None:
            return []
        inside = self._inside
        now = clock.current_ntp_time()
        extension = self._extension(now)
        first_byte = PLAIN | HAS_EXTENSION if extension else PLAIN
        payload_type = self._codec.payloadType or 0
        last = len(payloads) - 1
        packets = []
        for place, payload in enumerate(payloads):
            marked = payload_type | MARKER if place == last and marker else payload_type
            header = HEADER.pack(first_byte, marked, (number + place) & 0xFFFF, timestamp, inside._ssrc)
            packets.append(header + extension + payload)
        if self._send_protected(packets):
            inside._RTCRtpSender__ntp_timestamp = now
            inside._RTCRtpSender__rtp_timestamp = timestamp
            inside._RTCRtpSender__octet_count += sum(map(len, payloads))
            inside._RTCRtpSender__packet_count += len(payloads)
        return packets

    def _extension(self, now: int) -> bytes:
        """Return the header extensions that the client has asked for; empty: none. ``now``: NTP's, 32.32 bits."""
        if self._extension_around is None:
            self._extension_around = self._made_extension()
        before, after = self._extension_around
        return before if after is None else before + ((now >> 14) & _SEND_TIMES).to_bytes(3, "big") + after

    def _made_extension(self) -> tuple[bytes, bytes | None]:
        """Return the extensions' bytes before and after the time of sending; without one, all bytes and ``None``."""
        inside = self._inside
        name = inside._RTCRtpSender__mid
        mid = name if name and len(name.encode()) <= MOST_MID else None
        first, other = (
            inside._RTCRtpSender__rtp_header_extensions_map.set(HeaderExtensions(abs_send_time=time, mid=mid))
            for time in (0, _SEND_TIMES)
        )
        profile, value = first
        head = EXTENSION.pack(profile, len(value) >> 2) if value else b""
        at = next((at for at, (one, two) in enumerate(zip(value, other[1], strict=True)) if one != two), None)
        return (head + value, None) if at is None else (head + value[:at], value[at + 3 :])

    def _send_protected(self, packets: list[bytes]) -> bool:
        """Encrypt and send packets; return whether there is a connection."""
        dtls = self._inside.transport
        if self._datagrams is None or self._datagrams._connection is not dtls.transport._connection:
            self._datagrams = Datagrams(dtls.transport)
        encrypted = [dtls._tx_srtp.protect(packet) for packet in packets]
        try:
            self._datagrams.send(encrypted)
        except ConnectionError:
            return False
        count_sent(dtls, encrypted)
        return True
