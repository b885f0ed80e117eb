"""What a client's reports (RTCP SR) tell of its clock."""

from typing import Any

from aiortc import RTCRtpReceiver
from aiortc.rtp import RtcpSrPacket

from mocast.webrtc.sender_clock import SenderClock


def follow_reports(receiver: RTCRtpReceiver, clock: SenderClock) -> None:
    """Tell a clock of each report that a receiver gets, from now on."""
    inside: Any = receiver
    handle = inside._handle_rtcp_packet

    async def read(packet: Any) -> None:
        if isinstance(packet, RtcpSrPacket):
            clock.report(packet.sender_info.ntp_timestamp, packet.sender_info.rtp_timestamp)
        await handle(packet)

    inside._handle_rtcp_packet = read
