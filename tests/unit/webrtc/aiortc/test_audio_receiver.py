"""Packets of audio are taken as they come, by both ways, and reports about them go on."""

import threading
from typing import Any

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpReceiveParameters, RTCRtpSendParameters
from aiortc.rtcrtpreceiver import RemoteStreamTrack
from aiortc.rtp import HeaderExtensionsMap, RtcpSenderInfo, RtcpSrPacket, RtpPacket
from tests.unit.webrtc.aiortc.test_video_receiver import EXTENSIONS

from mocast.webrtc.aiortc.audio_receiver import MOST_BYTES, AudioReceiver
from mocast.webrtc.sender_clock import LEAST_REPORTS
from mocast.webrtc.transport import OpusPacket

OPUS = RTCRtpCodecParameters("audio/opus", 48_000, 2, payloadType=111)
SSRC = 7


class Receiver:
    """A receiver of aiortc's, in whose place ours reads. ``take`` goes our way, ``handle`` aiortc's."""

    def __init__(self) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.inside: Any = self.pc.addTransceiver("audio").receiver
        self.inside._track = RemoteStreamTrack("audio")
        self.inside._RTCRtpReceiver__codecs[111] = OPUS
        self.inside.transport._rtp_header_extensions_map.configure(RTCRtpSendParameters(headerExtensions=EXTENSIONS))
        self.packets: list[OpusPacket] = []
        self.audio = AudioReceiver(self.inside, self.packets.append)

    async def handle(self, data: bytes) -> None:
        packet = RtpPacket.parse(data, self.inside.transport._rtp_header_extensions_map)
        await self.inside._handle_rtp_packet(packet, arrival_time_ms=0)

    async def take(self, data: bytes) -> bool:
        """As ``datagrams_in`` does; return whether it went our way."""
        is_taken = await self.audio.take(data, 0)
        if not is_taken:
            await self.handle(data)
        return is_taken


def packet(number: int, payload: bytes = b"opus", *, kind: int = 111, ssrc: int = SSRC, padding: int = 0) -> bytes:
    made = RtpPacket(kind, 0, number & 0xFFFF, 960 * number & 0xFFFF_FFFF, ssrc)
    made.payload, made.padding_size = payload, padding
    made.extensions.mid = "0"
    extensions = HeaderExtensionsMap()
    extensions.configure(RTCRtpSendParameters(headerExtensions=EXTENSIONS))
    return made.serialize(extensions)


async def test_a_packet_is_handed_on_as_it_is() -> None:
    receiver = Receiver()
    assert not await receiver.take(packet(65_535, b"first")), "aiortc's way makes the source's statistics"
    assert await receiver.take(packet(65_536, b"second"))
    assert [tuple(one)[:5] for one in receiver.packets] == [
        (b"first", SSRC, 65_535, 960 * 65_535, 0),
        (b"second", SSRC, 0, 960 * 65_536, 0),
    ]
    assert receiver.packets[0].arrived_at_s <= receiver.packets[1].arrived_at_s
    await receiver.pc.close()


async def test_what_is_too_long_to_be_sent_on_is_dropped() -> None:
    """It failed at every viewer, each time with a trace in the log, and held up the viewers of all rooms."""
    receiver = Receiver()
    for number, length in enumerate((MOST_BYTES, MOST_BYTES + 1, MOST_BYTES, MOST_BYTES + 1)):
        await receiver.take(packet(number, bytes(length)))
    assert [len(one.data) for one in receiver.packets] == 2 * [MOST_BYTES]
    await receiver.pc.close()


async def test_both_ways_count_for_the_reports() -> None:
    receiver = Receiver()
    for number in (1, 2, 4):
        await receiver.take(packet(number))
    await receiver.handle(packet(5))
    statistics = receiver.inside._RTCRtpReceiver__remote_streams[SSRC]
    assert (statistics.packets_received, statistics.packets_lost, statistics.max_seq) == (4, 1, 5)
    await receiver.pc.close()


async def test_padding_is_left_to_aiortc_and_is_no_audio() -> None:
    receiver = Receiver()
    await receiver.take(packet(1))
    assert not await receiver.take(packet(2, b"opus", padding=4))
    assert not await receiver.take(packet(3, b"", padding=200))
    await receiver.take(packet(4, b""))
    assert [one.data for one in receiver.packets] == [b"opus", b"opus"]
    await receiver.pc.close()


@pytest.mark.parametrize(
    "data",
    [
        b"\x80",
        packet(2)[:11],
        packet(2)[:13],
        packet(2)[:12] + b"\xbe\xde\xff\xff",
        packet(2, kind=0),
        packet(2, ssrc=8),
        b"\x8f" + packet(2)[1:],
    ],
    ids=["one byte", "cut header", "cut extension", "long extension", "another codec", "another source", "sources"],
)
async def test_what_is_not_ordinary_is_not_taken(data: bytes) -> None:
    receiver = Receiver()
    await receiver.take(packet(1))
    assert not await receiver.audio.take(data, 0)
    assert len(receiver.packets) == 1
    await receiver.pc.close()


async def test_a_line_that_is_not_received_is_not_read() -> None:
    receiver = Receiver()
    await receiver.take(packet(1))
    receiver.inside._enabled = False
    await receiver.take(packet(2))
    assert len(receiver.packets) == 1
    await receiver.pc.close()


async def test_a_report_says_how_long_packets_were_under_way() -> None:
    receiver = Receiver()
    await receiver.take(packet(1))
    assert receiver.audio.clock.lag_s is None
    for second in range(LEAST_REPORTS):
        sender = RtcpSenderInfo((1 + second) << 32, rtp_timestamp=960 + 48_000 * second, packet_count=1, octet_count=4)
        await receiver.inside._handle_rtcp_packet(RtcpSrPacket(ssrc=SSRC, sender_info=sender))
    await receiver.take(packet(51))
    assert receiver.audio.clock.lag_s == pytest.approx(receiver.packets[-1].arrived_at_s - 2)
    assert SSRC in receiver.inside._RTCRtpReceiver__lsr, "aiortc's own reports go on"
    await receiver.pc.close()


async def test_no_thread_waits_to_decode() -> None:
    receiver = Receiver()
    await receiver.inside.receive(RTCRtpReceiveParameters(codecs=[OPUS]))
    for thread in threading.enumerate():
        if thread.name == "audio-decoder":
            thread.join(10)
            assert not thread.is_alive()
    await receiver.pc.close()
