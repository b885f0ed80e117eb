"""Sends Opus packets as they came, as RTP packets of the server's own."""

from typing import Any

from aiortc import AudioStreamTrack, RTCRtpSender
from aiortc.rtcrtpsender import random_sequence_number
from aiortc.rtp import RtcpRrPacket, RtcpSrPacket

from mocast.model.wrapping import wrapped
from mocast.webrtc.aiortc.rtp_sender import RtpSender
from mocast.webrtc.transport import AudioOutput, OpusPacket


class RtpAudioSender(RtpSender):
    """Sends a room's Opus packets with a source, numbers and an encryption of its own.

    What was lost on the way to us is missing in its numbers, too, so the client fills the gap by what Opus has for it.
    """

    def __init__(self, sender: RTCRtpSender, output: AudioOutput) -> None:
        """To be made before aiortc starts the sender, which then starts ``output``."""
        super().__init__(sender, AudioStreamTrack())
        self._output = output
        self._number_offset: int | None = None

    def send(self, packet: OpusPacket) -> None:
        """Send a packet; it is dropped where there is no connection."""
        if self._number_offset is None:
            self._number_offset = random_sequence_number() - packet.sequence_number
        number = (packet.sequence_number + self._number_offset) & 0xFFFF
        self._send_packets([packet.data], number, wrapped(packet.timestamp), marker=packet.marker)

    def _start(self) -> None:
        self._output.start(self)

    async def _read_rtcp(self, packet: Any) -> None:
        """Heed reports alone: nothing is kept to be sent again."""
        if isinstance(packet, RtcpRrPacket | RtcpSrPacket):
            await self._handle_rtcp(packet)
