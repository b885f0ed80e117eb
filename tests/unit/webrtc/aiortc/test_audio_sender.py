"""Packets of audio leave as they came, under numbers and a source of our own."""

import asyncio
from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.rtcdtlstransport import State
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpSendParameters
from aiortc.rtp import (
    RTCP_RTPFB_NACK,
    HeaderExtensionsMap,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtpPacket,
)
from pylibsrtp import Policy, Session
from tests.sound import opus
from tests.unit.webrtc.aiortc.test_video_sender import EXTENSIONS, Dtls

from mocast.webrtc.aiortc.audio_receiver import MOST_BYTES
from mocast.webrtc.aiortc.audio_sender import RtpAudioSender
from mocast.webrtc.aiortc.rtp_sender import MOST_MID
from mocast.webrtc.transport import AudioSender

OPUS = RTCRtpCodecParameters("audio/opus", 48_000, 2, payloadType=111)


class Sending:
    """A sender of aiortc's, in whose place ours sends; it is the source of its packets, too."""

    def __init__(self) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.inside: Any = self.pc.addTransceiver("audio").sender
        self.dtls: Any = Dtls()
        self.dtls._stats_id = "transport"
        self.inside._RTCRtpSender__transport = self.dtls
        self.inside._RTCRtpSender__mid = "1"
        self.extensions = HeaderExtensionsMap()
        self.extensions.configure(RTCRtpSendParameters(headerExtensions=EXTENSIONS[:1]))
        self.inside._RTCRtpSender__rtp_header_extensions_map = self.extensions
        self.senders: list[AudioSender] = []
        self.sender = RtpAudioSender(self.inside, self)
        self.sender._codec = OPUS

    def start(self, sender: AudioSender) -> None:
        self.senders.append(sender)

    @property
    def sent(self) -> list[RtpPacket]:
        return [RtpPacket.parse(data, self.extensions) for data in self.dtls.sent]


async def test_a_long_name_of_a_line_is_not_sent_with_each_packet() -> None:
    """Of 256 characters it cannot be written, and beside the longest packets not encrypted."""
    key = bytes(30)
    srtp = Session(Policy(key=key, ssrc_type=Policy.SSRC_ANY_OUTBOUND))
    for name, is_sent in (("m" * MOST_MID, True), ("m" * 17, False), ("m" * 300, False)):
        sending = Sending()
        sending.inside._RTCRtpSender__mid = name
        sending.sender.send(opus(0)._replace(data=bytes(MOST_BYTES)))
        (sent,) = sending.sent
        assert sent.extensions.mid == (name if is_sent else None)
        assert srtp.protect(sending.dtls.sent[0])
        await sending.pc.close()


async def test_payloads_are_the_very_same_and_gaps_stay() -> None:
    sending = Sending()
    for number in (70_000, 70_001, 70_003):
        packet = opus(number)._replace(sequence_number=number, timestamp=2**32 + number, marker=number % 2)
        sending.sender.send(packet)
    sent = sending.sent
    assert [packet.payload for packet in sent] == [opus(number).data for number in (70_000, 70_001, 70_003)]
    first = sent[0].sequence_number
    assert [(packet.sequence_number - first) & 0xFFFF for packet in sent] == [0, 1, 3]
    assert first < 32_768, "as far from its wrap as SRTP needs"
    assert [packet.timestamp for packet in sent] == [70_000, 70_001, 70_003]
    assert [packet.marker for packet in sent] == [0, 1, 1]
    assert {(packet.ssrc, packet.payload_type) for packet in sent} == {(sending.inside._ssrc, 111)}
    assert {packet.extensions.mid for packet in sent} == {"1"}
    await sending.pc.close()


async def test_reports_say_when_the_last_packet_left() -> None:
    sending = Sending()
    sending.sender.send(opus(3))
    inside = sending.inside
    assert (inside._RTCRtpSender__packet_count, inside._RTCRtpSender__octet_count) == (1, len(opus(3).data))
    assert inside._RTCRtpSender__rtp_timestamp == opus(3).timestamp
    assert inside._RTCRtpSender__ntp_timestamp > 0
    await sending.pc.close()


async def test_nothing_is_sent_without_a_connection() -> None:
    sending = Sending()
    sending.dtls._state = State.CLOSED
    sending.sender.send(opus(0))
    sending.dtls._state = State.CONNECTED
    sending.dtls.transport._connection._nominated.clear()
    sending.sender.send(opus(1))
    assert sending.sent == []
    assert sending.inside._RTCRtpSender__packet_count == 0
    await sending.pc.close()


async def test_its_source_begins_when_the_client_is_connected() -> None:
    sending = Sending()
    asked = asyncio.create_task(sending.inside._next_encoded_frame(OPUS))
    await asyncio.sleep(0)
    assert sending.senders == [sending.sender]
    asked.cancel()
    await sending.pc.close()


async def test_nothing_is_sent_again_and_reports_are_read() -> None:
    sending = Sending()
    sending.sender.send(opus(0))
    number, ssrc = sending.sent[0].sequence_number, sending.inside._ssrc
    nack = RtcpRtpfbPacket(fmt=RTCP_RTPFB_NACK, ssrc=1, media_ssrc=ssrc, lost=[number] * 1_000)
    await sending.inside._handle_rtcp_packet(nack)
    assert len(sending.dtls.sent) == 1
    report = RtcpReceiverInfo(ssrc, 0, 0, number, 0, 0, 0)
    await sending.inside._handle_rtcp_packet(RtcpRrPacket(ssrc=1, reports=[report]))
    assert any("remote-inbound" in name for name in sending.inside._RTCRtpSender__stats)
    await sending.pc.close()
