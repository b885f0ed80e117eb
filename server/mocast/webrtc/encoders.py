"""Video encoders tuned for a live picture: bounded threads, no needless key frames, bitrate within bounds."""

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import av
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.mediastreams import VIDEO_TIME_BASE, convert_timebase
from av.frame import Frame
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

REOPEN_CHANGE = 0.25
REOPEN_AFTER_S = 5.0
"""Opening an encoder anew costs a key frame, so a bitrate must have changed by a quarter; to go up, not too often."""

KEY_FRAME_EVERY = 3_000
"""Frames. A receiver that needs a key frame asks for it."""


@dataclass(frozen=True, slots=True)
class EncoderLimits:
    """What an operator sets for the returned video."""

    min_bitrate: int = 300_000
    start_bitrate: int = 2_000_000
    max_bitrate: int = 4_000_000
    threads: int = 1
    h264_preset: str = "superfast"
    vp8_finest: int = 12
    "The finest quantiser, of 63. Webcam video at 640x480 has a PSNR of 45 dB with it: nobody sees what is finer."
    h264_finest: int = 20
    "The same of 51: 46 dB."


class Encoded(NamedTuple):
    """A picture as the codec left it."""

    data: bytes
    is_key_frame: bool


class LiveCodec:
    """An FFmpeg encoder that is opened for the first picture, and anew for another size or another bitrate."""

    def __init__(self, name: str, limits: EncoderLimits, options: Callable[[int], dict[str, str]]) -> None:
        """``options``: the encoder's own, for a bitrate."""
        self._name = name
        self._limits = limits
        self._options = options
        self._bitrate = limits.start_bitrate
        self.codec: VideoCodecContext | None = None
        self._opened_at = 0.0

    @property
    def bitrate(self) -> int:
        """The target, bits per second; what is set is kept within the operator's limits."""
        return self._bitrate

    @bitrate.setter
    def bitrate(self, bitrate: int) -> None:
        self._bitrate = max(self._limits.min_bitrate, min(bitrate, self._limits.max_bitrate))

    def encode(self, frame: av.VideoFrame, *, key_frame: bool) -> Encoded:
        """Return a picture encoded; ``key_frame``: so that decoding can begin with it."""
        if self.codec is None or self._is_outdated(self.codec, frame):
            self.codec = self._open(frame)
        frame.pict_type = PictureType.I if key_frame else PictureType.NONE
        packets = self.codec.encode(frame)
        return Encoded(b"".join(bytes(packet) for packet in packets), any(packet.is_keyframe for packet in packets))

    def close(self) -> None:
        """Give back what the encoder holds; the next picture opens it anew."""
        self.codec = None

    def _is_outdated(self, codec: VideoCodecContext, frame: av.VideoFrame) -> bool:
        if (codec.width, codec.height) != (frame.width, frame.height):
            return True
        change = self._bitrate / (codec.bit_rate or 1) - 1
        if abs(change) <= REOPEN_CHANGE:
            return False
        return change < 0 or time.monotonic() - self._opened_at > REOPEN_AFTER_S

    def _open(self, frame: av.VideoFrame) -> VideoCodecContext:
        codec = av.CodecContext.create(self._name, "w")
        assert isinstance(codec, VideoCodecContext)
        codec.width, codec.height = frame.width, frame.height
        codec.pix_fmt = "yuv420p"
        codec.bit_rate = self._bitrate
        codec.time_base = VIDEO_TIME_BASE
        codec.framerate = Fraction(30)
        codec.gop_size = KEY_FRAME_EVERY
        codec.thread_count = self._limits.threads
        codec.options = self._options(self._bitrate)
        self._opened_at = time.monotonic()
        return codec


class _LiveEncoder:
    """What aiortc's sender asks of an encoder, over a ``LiveCodec``."""

    _live: LiveCodec

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """Return the RTP payloads and the timestamp of a picture."""
        assert isinstance(frame, av.VideoFrame)
        assert frame.pts is not None
        assert frame.time_base is not None
        payloads = self._payloads(self._live.encode(frame, key_frame=force_keyframe).data)
        return payloads, _timestamp(frame.pts, frame.time_base)

    def pack(self, packet: "Packet[Any]") -> tuple[list[bytes], int]:
        """Return the RTP payloads and the timestamp of a picture that was encoded for all viewers."""
        assert packet.pts is not None
        assert packet.time_base is not None
        return self._payloads(bytes(packet)), _timestamp(packet.pts, packet.time_base)

    @property
    def target_bitrate(self) -> int:
        """Bits per second, within the limits."""
        return self._live.bitrate

    @target_bitrate.setter
    def target_bitrate(self, bitrate: int) -> None:
        self._live.bitrate = bitrate

    def _payloads(self, encoded: bytes) -> list[bytes]:
        raise NotImplementedError


def _timestamp(pts: int, time_base: Fraction) -> int:
    return convert_timebase(pts, time_base, VIDEO_TIME_BASE) & 0xFFFFFFFF


class LiveVp8Encoder(_LiveEncoder, Vp8Encoder):
    """VP8 at its fastest: 0.05 dB below the speed of a call (-6) on webcam video, at two thirds of its time.

    No denoiser: what is encoded was decoded from video before. For the same reason blocks that differ by little from
    what is shown already are left as they are (``static-thresh``): a fifth of the time, and at 0.3 to 2 Mbit/s the same
    PSNR and SSIM as with a quarter of the threshold, as the bits go where something moves. A third of the time goes
    into writing bits, so those that only a fast line would take are left out (``qmin``): a quarter of it at 4 Mbit/s.
    """

    def __init__(self, limits: EncoderLimits) -> None:
        super().__init__()
        self._live = self.codec_for(limits)

    @classmethod
    def codec_for(cls, limits: EncoderLimits) -> LiveCodec:
        """Return what encodes."""
        return LiveCodec("libvpx", limits, functools.partial(cls._options, limits))

    def _payloads(self, encoded: bytes) -> list[bytes]:
        payloads = self._packetize(encoded, self.picture_id)
        self.picture_id = (self.picture_id + 1) % (1 << 15)
        return payloads

    @staticmethod
    def _options(limits: EncoderLimits, bitrate: int) -> dict[str, str]:
        return {
            "deadline": "realtime",
            "cpu-used": "-16",
            "lag-in-frames": "0",
            "noise-sensitivity": "0",
            "static-thresh": "400",
            "qmin": str(limits.vp8_finest),
            "qmax": "56",
            "minrate": str(bitrate),
            "maxrate": str(bitrate),
            "bufsize": str(bitrate),
            "undershoot-pct": "100",
            "overshoot-pct": "15",
            "error-resilient": "0",
        }


class LiveH264Encoder(_LiveEncoder, H264Encoder):
    """H.264 with a fast preset; aiortc sets none, so x264's "medium" would take ten times as long.

    Without adaptive quantisation and without parts of blocks smaller than 16x16: a quarter less time, and on webcam
    video at 0.3 to 2 Mbit/s 0.6 to 1.7 dB more PSNR and the same SSIM.
    """

    def __init__(self, limits: EncoderLimits) -> None:
        super().__init__()
        self._live = self.codec_for(limits)

    @classmethod
    def codec_for(cls, limits: EncoderLimits) -> LiveCodec:
        """Return what encodes."""
        return LiveCodec("libx264", limits, functools.partial(cls._options, limits))

    def _payloads(self, encoded: bytes) -> list[bytes]:
        return self._packetize(self._split_bitstream(encoded))

    @staticmethod
    def _options(limits: EncoderLimits, bitrate: int) -> dict[str, str]:
        return {
            "preset": limits.h264_preset,
            "tune": "zerolatency",
            "profile": "baseline",
            "aq-mode": "none",
            "partitions": "none",
            "qmin": str(limits.h264_finest),
            "maxrate": str(bitrate),
            "bufsize": str(bitrate // 2),
        }


def shared_codec(mime_type: str, limits: EncoderLimits) -> LiveCodec:
    """Return an encoder for all viewers of one codec. Raises ``KeyError`` for a codec that there is none of."""
    makers = {"video/vp8": LiveVp8Encoder.codec_for, "video/h264": LiveH264Encoder.codec_for}
    return makers[mime_type.lower()](limits)
