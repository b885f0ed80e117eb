"""One test for each reach into what aiortc sends by: the same packets leave as by its own hands."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.rtcdtlstransport import State
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpHeaderExtensionParameters, RTCRtpSendParameters
from aiortc.rtcrtpsender import RTCEncodedFrame
from aiortc.rtp import RTP_HISTORY_SIZE, HeaderExtensionsMap, RtpPacket, unwrap_rtx

from mocast.webrtc.aiortc.sending import Datagrams, FrameSender, _equally_long, send_messages_together

VP8 = RTCRtpCodecParameters("video/VP8", 90_000, payloadType=97)
EXTENSIONS = [
    RTCRtpHeaderExtensionParameters(1, "urn:ietf:params:rtp-hdrext:sdes:mid"),
    RTCRtpHeaderExtensionParameters(2, "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"),
]


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


@pytest.mark.parametrize("cuts", [True, False])
async def test_packets_arrive_whole_and_in_order(cuts: bool) -> None:
    async with line() as (datagrams, inbox, _):
        datagrams._cuts = cuts and sys.platform == "linux"
        datagrams.send(PACKETS)
        datagrams.send(PACKETS[:1])
        assert await inbox.until(22) == [*PACKETS, PACKETS[0]]


async def test_a_line_that_takes_no_packets_together_gets_them_singly(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(22, "Invalid argument")

    async with line() as (datagrams, inbox, _):
        datagrams._cuts = True
        monkeypatch.setattr("mocast.webrtc.aiortc.sending.socket.socket.sendmsg", refuse)
        datagrams.send(PACKETS)
        assert await inbox.until(21) == PACKETS
        assert not datagrams._cuts


async def test_what_waits_to_leave_is_not_overtaken() -> None:
    async with line() as (datagrams, _inbox, pair):
        sent: list[bytes] = []
        pair.protocol.transport = SimpleNamespace(
            get_write_buffer_size=lambda: 1, sendto=lambda data, _: sent.append(data)
        )
        datagrams.send(PACKETS)
        assert sent == PACKETS


async def test_sending_without_a_connection_is_an_error() -> None:
    async with line() as (datagrams, *_):
        datagrams._connection._nominated.clear()
        with pytest.raises(ConnectionError):
            datagrams.send([b"x"])


class Dtls:
    """As much of a transport as a sender needs; it sends what it is given as it is."""

    def __init__(self) -> None:
        self._state = State.CONNECTED
        self._tx_srtp = SimpleNamespace(protect=lambda data: data)
        self.sent: list[bytes] = []
        self.resent: list[bytes] = []
        pair = SimpleNamespace(
            remote_addr=None,
            protocol=SimpleNamespace(
                transport=SimpleNamespace(
                    get_write_buffer_size=lambda: 1, sendto=lambda data, _: self.sent.append(data)
                )
            ),
        )
        self.transport = SimpleNamespace(_connection=SimpleNamespace(_nominated={1: pair}))
        self._RTCDtlsTransport__tx_bytes = self._RTCDtlsTransport__tx_packets = 0

    async def _send_rtp(self, data: bytes) -> None:
        self.resent.append(data)


class Sending:
    """A sender of aiortc's, and frames that its encoder has made."""

    def __init__(self) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.sender: Any = self.pc.addTransceiver("video").sender
        self.dtls = Dtls()
        self.sender._RTCRtpSender__transport = self.dtls
        self.sender._RTCRtpSender__mid = "0"
        self.extensions = HeaderExtensionsMap()
        self.extensions.configure(RTCRtpSendParameters(headerExtensions=EXTENSIONS))
        self.sender._RTCRtpSender__rtp_header_extensions_map = self.extensions
        self.frames: list[RTCEncodedFrame | None] = []
        self.sender._next_encoded_frame = self._next
        FrameSender(self.sender)

    async def _next(self, _: RTCRtpCodecParameters) -> RTCEncodedFrame | None:
        return self.frames.pop(0)

    async def send(self, *payloads: bytes, timestamp: int = 3000) -> list[RtpPacket]:
        self.frames.append(RTCEncodedFrame(list(payloads), timestamp, None))
        self.dtls.sent.clear()
        assert await self.sender._next_encoded_frame(VP8) is None
        return [RtpPacket.parse(data, self.extensions) for data in self.dtls.sent]


async def test_a_frames_packets_are_what_aiortc_would_make_of_them() -> None:
    sending = Sending()
    first = await sending.send(b"one", b"two", b"three", timestamp=2**32 + 7)
    second = await sending.send(b"four")
    packets = [*first, *second]
    assert [packet.payload for packet in packets] == [b"one", b"two", b"three", b"four"]
    assert [packet.marker for packet in packets] == [0, 0, 1, 1]
    assert [packet.timestamp for packet in packets] == [7, 7, 7, 3000]
    assert {(packet.payload_type, packet.ssrc) for packet in packets} == {(97, sending.sender._ssrc)}
    assert {packet.extensions.mid for packet in packets} == {"0"}
    assert all(packet.extensions.abs_send_time is not None for packet in packets)
    assert {(b.sequence_number - a.sequence_number) & 0xFFFF for a, b in pairwise(packets)} == {1}
    for data, packet in zip(sending.dtls.sent, second, strict=True):
        assert packet.serialize(sending.extensions) == data
    await sending.pc.close()


async def test_what_aiortc_reports_is_counted_on() -> None:
    sending = Sending()
    await sending.send(b"one", b"three", timestamp=9000)
    inside = sending.sender
    assert (inside._RTCRtpSender__packet_count, inside._RTCRtpSender__octet_count) == (2, 8)
    assert inside._RTCRtpSender__rtp_timestamp == 9000
    assert inside._RTCRtpSender__ntp_timestamp > 0
    assert sending.dtls._RTCDtlsTransport__tx_packets == 2
    assert sending.dtls._RTCDtlsTransport__tx_bytes == sum(map(len, sending.dtls.sent))
    await sending.pc.close()


@pytest.mark.parametrize("rtx", [None, 98])
async def test_a_packet_is_sent_again_as_it_was_while_it_is_kept(rtx: int | None) -> None:
    sending = Sending()
    sending.sender._RTCRtpSender__rtx_payload_type = rtx
    packets = await sending.send(b"one", b"two")
    await sending.sender._retransmit(packets[1].sequence_number)
    (data,) = sending.dtls.resent
    again = RtpPacket.parse(data, sending.extensions)
    again = again if rtx is None else unwrap_rtx(again, 97, sending.sender._ssrc)
    assert again.serialize(sending.extensions) == sending.dtls.sent[1]
    for _ in range(RTP_HISTORY_SIZE):
        await sending.send(b"later")
    await sending.sender._retransmit(packets[1].sequence_number)
    await sending.sender._retransmit((packets[0].sequence_number - 1) & 0xFFFF)
    assert len(sending.dtls.resent) == 1
    await sending.pc.close()


async def test_a_sender_that_has_nothing_or_no_connection_sends_nothing() -> None:
    sending = Sending()
    sending.frames.append(None)
    assert await sending.sender._next_encoded_frame(VP8) is None
    sending.dtls._state = State.CLOSED
    with pytest.raises(ConnectionError):
        await sending.send(b"one")
    assert sending.dtls.sent == []
    await sending.pc.close()


async def connected() -> tuple[RTCPeerConnection, RTCPeerConnection, Any]:
    """Two peers, and the channel of the first."""
    one, other = (RTCPeerConnection(RTCConfiguration(iceServers=[])) for _ in range(2))
    channel = one.createDataChannel("c", ordered=False, maxRetransmits=0)
    opened = asyncio.Event()
    channel.on("open", opened.set)
    await one.setLocalDescription(await one.createOffer())
    await other.setRemoteDescription(one.localDescription)
    assert one.sctp is not None
    send_messages_together(one.sctp)
    await other.setLocalDescription(await other.createAnswer())
    await one.setRemoteDescription(other.localDescription)
    async with asyncio.timeout(60):
        await opened.wait()
    return one, other, channel


async def test_messages_arrive_as_they_were_and_leave_in_one_task() -> None:
    received: list[bytes | str] = []
    has_all = asyncio.Event()
    one, other, channel = await connected()
    messages: list[bytes | str] = [b"a" * 1100, "text", b"", "", b"b" * 5000, "é"]

    def take(message: bytes | str) -> None:
        received.append(message)
        if len(received) == len(messages):
            has_all.set()

    (there,) = other.sctp._data_channels.values()  # type: ignore[union-attr]
    there.on("message", take)
    before = asyncio.all_tasks()
    for message in messages:
        channel.send(message)
    assert len(asyncio.all_tasks() - before) == 1
    assert channel.bufferedAmount == sum(max(1, len(m.encode() if isinstance(m, str) else m)) for m in messages)
    async with asyncio.timeout(60):
        await has_all.wait()
    assert received == messages
    assert channel.bufferedAmount == 0
    await one.close()
    await other.close()


async def test_a_message_that_is_too_long_for_the_client_is_refused() -> None:
    one, other, channel = await connected()
    one.sctp._remote_max_message_size = 10  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="up to 10 bytes"):
        channel.send(b"x" * 11)
    assert channel.bufferedAmount == 0
    one.sctp._remote_max_message_size = 0  # type: ignore[union-attr]  # any length
    channel.send(b"x" * 11)
    await one.close()
    await other.close()
