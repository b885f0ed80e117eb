"""The encoder of cameras that are simulated over aiortc."""

from typing import Any

import aiortc.rtcrtpsender
from aiortc.codecs import get_encoder
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av import Packet, VideoFrame

from mocast.webrtc.video_encoder import EncoderLimits, VideoEncoder


def encode_with(limits: EncoderLimits) -> None:
    """Have the video that this process sends through aiortc encoded by ``CameraEncoder``."""

    def encoder_of(codec: RTCRtpCodecParameters) -> Any:
        return CameraEncoder(limits, codec) if codec.mimeType.startswith("video/") else get_encoder(codec)

    setattr(aiortc.rtcrtpsender, "get_encoder", encoder_of)  # noqa: B010 (not an exported name)


class CameraEncoder:
    """What aiortc's sender asks of an encoder, over the server's own: faster, and without rounding the time."""

    def __init__(self, limits: EncoderLimits, codec: RTCRtpCodecParameters) -> None:
        self._codec_name = codec.name
        self._encoder = VideoEncoder(codec.name, limits)
        self._pictures = 0

    def encode(self, frame: VideoFrame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """Return the RTP payloads and the timestamp of a picture."""
        encoded = self._encoder.encode_frame(frame, frame.pts or 0, key_frame=force_keyframe)
        self._pictures += 1
        if self._codec_name == "H264":
            return H264Encoder._packetize(H264Encoder._split_bitstream(encoded.data)), encoded.pts
        return Vp8Encoder._packetize(encoded.data, self._pictures % 2**15), encoded.pts

    def pack(self, packet: Packet) -> tuple[list[bytes], int]:
        """Return the RTP payloads and the timestamp of what is encoded already, as H.264 on a clock of 90 kHz."""
        return H264Encoder._packetize(H264Encoder._split_bitstream(bytes(packet))), packet.pts or 0

    @property
    def target_bitrate(self) -> int:
        """Bits per second."""
        return self._encoder.bitrate

    @target_bitrate.setter
    def target_bitrate(self, bitrate: int) -> None:
        self._encoder.bitrate = bitrate
