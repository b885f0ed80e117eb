"""Video encoders tuned for a live picture: bounded threads, no needless key frames, bitrate within bounds."""

import asyncio
import random
import time
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from mocast.errors import Unprocessable
from mocast.model.frame import RgbImage
from mocast.model.pts import PTS_PER_S
from mocast.pipeline.fault_counts import FaultCounts
from mocast.webrtc.pixels import to_video_frame
from mocast.webrtc.video_decoder import TIME_BASE

REOPEN_CHANGE = 0.25
REOPEN_AFTER_S = 5.0
"""Opening an encoder anew costs a key frame, so a bitrate must have changed by a quarter; to go up, not too often."""

MIN_LIVE_BITRATE_RATIO = 0.7
"""PyAV changes the bitrate of a running encoder, but not its `maxrate`. Below two thirds of that, x264 averages over
all that it has sent (ratecontrol.c, `cbr_decay` is 1): after a quiet picture it would keep the old rate for seconds.
FFmpeg's libvpx cannot be changed at all."""

LONGEST_STEP: Final = PTS_PER_S // 15
"""Of an encoder's clock, between two pictures. It allots bits by time: where a slow line makes pictures rare, each
would have the bits of all that were left out, and so make the next one wait as long."""

STEP_GAIN: Final = 0.1
"""Weight of the newest step in the moving average by which the encoder's clock goes. libvpx takes a step that is not a
thirtieth of a second for the rate of pictures at once, and forgets it over a second (onyx_if.c,
``vp8_get_compressed_data``): where every tenth picture is left out, it would send 2.8 Mbit/s, not 2.0 (measured)."""

MOST_OF_KEY_FRAME: Final = 900
"""Percent of a picture's share of VP8's bitrate, as in WebRTC: 0.3 s of it, which the queue of a slow line holds."""

KEY_FRAME_EVERY = 3_000
"""Key-frame interval in frames: a receiver that needs a key frame asks for it."""


@dataclass(frozen=True, slots=True)
class EncoderLimits:
    """What an operator sets for the returned video."""

    min_bitrate: int = 150_000
    start_bitrate: int = 2_000_000
    max_bitrate: int = 4_000_000
    threads: int = 1
    h264_preset: str = "superfast"
    vp8_min_quantizer: int = 12
    "Least quantizer, of 63. Webcam video at 640x480 has a PSNR of 45 dB with it: nobody sees what is finer."
    h264_min_quantizer: int = 20
    "Least quantizer, of 51: 46 dB."


@dataclass(slots=True)
class EncodedFrame:
    """An encoded picture, for any number of clients."""

    data: bytes
    pts: int
    "90 kHz."
    is_key_frame: bool
    number: int = 0
    "Of the encoder's pictures, one after the other from a number of chance."
    payloads: list[bytes] | None = field(default=None, compare=False)
    "Of its RTP packets, which are the same for every client: made by the first sender, used by all on the loop."


class VideoEncoder:
    """An FFmpeg encoder that is opened for the first picture, and anew for another size.

    H.264's bitrate is changed while it runs, between ``MIN_LIVE_BITRATE_RATIO`` and all of the one that it was opened
    with. For any other change of more than a quarter the encoder is opened anew, which costs a key frame.
    """

    def __init__(self, codec_name: str, limits: EncoderLimits) -> None:
        """``codec_name``: "VP8" or "H264", in any case. Raises ``KeyError`` for others."""
        self._ffmpeg_name, self._options = _ENCODERS[codec_name.upper()]
        self._limits = limits
        self._bitrate = limits.start_bitrate
        self.codec: VideoCodecContext | None = None
        self._opened_at = 0.0
        self._opened_bitrate = 0
        self._last_pts = self._time = 0
        "Of the last picture: its pts, and the encoder's clock."
        self._step = PTS_PER_S / 30
        "Of the encoder's clock from one picture to the next."
        self._number = random.getrandbits(15)

    @property
    def start_bitrate(self) -> int:
        """The target before anything is known of the link, bits per second."""
        return self._limits.start_bitrate

    @property
    def bitrate(self) -> int:
        """The target, bits per second; what is set is kept within the operator's limits."""
        return self._bitrate

    @bitrate.setter
    def bitrate(self, bitrate: int) -> None:
        self._bitrate = max(self._limits.min_bitrate, min(bitrate, self._limits.max_bitrate))

    def encode(self, rgb: RgbImage, pts: int, *, key_frame: bool = False) -> EncodedFrame:
        """Return a picture of even size, encoded; ``key_frame``: so that decoding can begin with it."""
        return self.encode_frame(to_video_frame(rgb), pts, key_frame=key_frame)

    def encode_frame(self, frame: av.VideoFrame, pts: int, *, key_frame: bool = False) -> EncodedFrame:
        """Do the same with a 4:2:0 frame."""
        step = min(max(pts - self._last_pts, 1), LONGEST_STEP)
        self._step += STEP_GAIN * (step - self._step)
        self._time += max(1, round(self._step))
        self._last_pts = pts
        frame.pts, frame.time_base = self._time, TIME_BASE
        if self.codec is None or self._must_reopen(self.codec, frame):
            self.codec = self._open(frame)
        frame.pict_type = PictureType.I if key_frame else PictureType.NONE
        packets = self.codec.encode(frame)
        data = b"".join(bytes(packet) for packet in packets)
        self._number += 1
        return EncodedFrame(data, pts, any(packet.is_keyframe for packet in packets), self._number)

    def close(self) -> None:
        """Free the encoder; the next picture opens it anew."""
        self.codec = None

    def _must_reopen(self, codec: VideoCodecContext, frame: av.VideoFrame) -> bool:
        if (codec.width, codec.height) != (frame.width, frame.height):
            return True
        share = self._bitrate / self._opened_bitrate
        if self._ffmpeg_name == "libx264" and MIN_LIVE_BITRATE_RATIO <= share <= 1:
            codec.bit_rate = self._bitrate  # x264 is told before the next frame (libx264.c, reconfig_encoder)
            return False
        change = share - 1
        if abs(change) <= REOPEN_CHANGE:
            return False
        return change < 0 or time.monotonic() - self._opened_at > REOPEN_AFTER_S

    def _open(self, frame: av.VideoFrame) -> VideoCodecContext:
        codec = av.CodecContext.create(self._ffmpeg_name, "w")
        assert isinstance(codec, VideoCodecContext)
        codec.width, codec.height = frame.width, frame.height
        codec.pix_fmt = "yuv420p"
        codec.bit_rate = self._bitrate
        codec.time_base = TIME_BASE
        codec.framerate = Fraction(30)
        codec.gop_size = KEY_FRAME_EVERY
        codec.thread_count = self._limits.threads
        codec.options = dict(self._options(self._limits, self._bitrate))
        self._opened_at, self._opened_bitrate = time.monotonic(), self._bitrate
        return codec


def _vp8_options(limits: EncoderLimits, bitrate: int) -> Mapping[str, str]:
    """VP8 at its fastest: 0.05 dB below the speed of a call (-6) on webcam video, at two thirds of its time.

    No denoiser: what is encoded was decoded from video before. For the same reason blocks that differ by little from
    what is shown already are left as they are (``static-thresh``): a fifth of the time, and at 0.3 to 2 Mbit/s the same
    PSNR and SSIM as with a quarter of the threshold, as the bits go where something moves. A third of the time goes
    into writing bits, so those that only a fast line would take are left out (``qmin``): a quarter of it at 4 Mbit/s.
    """
    return {
        "deadline": "realtime",
        "cpu-used": "-16",
        "lag-in-frames": "0",
        "noise-sensitivity": "0",
        "static-thresh": "400",
        "qmin": str(limits.vp8_min_quantizer),
        "qmax": "56",
        "minrate": str(bitrate),
        "maxrate": str(bitrate),
        "bufsize": str(bitrate),
        "max-intra-rate": str(MOST_OF_KEY_FRAME),
        "undershoot-pct": "100",
        "overshoot-pct": "15",
        "error-resilient": "0",
    }


def _h264_options(limits: EncoderLimits, bitrate: int) -> Mapping[str, str]:
    """H.264 with a fast preset; without one x264's "medium" would take ten times as long.

    Without adaptive quantisation and without parts of blocks smaller than 16x16: a quarter less time, and on webcam
    video at 0.3 to 2 Mbit/s 0.6 to 1.7 dB more PSNR and the same SSIM.
    """
    return {
        "preset": limits.h264_preset,
        "tune": "zerolatency",
        "profile": "baseline",
        "aq-mode": "none",
        "partitions": "none",
        "qmin": str(limits.h264_min_quantizer),
        "maxrate": str(bitrate),
        "bufsize": str(bitrate // 2),
    }


_ENCODERS: Final = {"VP8": ("libvpx", _vp8_options), "H264": ("libx264", _h264_options)}


@dataclass(frozen=True, slots=True)
class EncoderFactory:
    """Makes encoders, and runs them in an executor of their own."""

    limits: EncoderLimits
    executor: Executor
    faults: FaultCounts = field(default_factory=FaultCounts)

    def encoder(self, codec_name: str) -> VideoEncoder:
        """Return a new encoder. Raises ``Unprocessable`` for a codec that there is none for."""
        if codec_name.upper() not in _ENCODERS:
            raise Unprocessable(f"Pictures cannot be sent as video/{codec_name}.")
        return VideoEncoder(codec_name, self.limits)

    async def encode(self, encoder: VideoEncoder, rgb: RgbImage, pts: int, *, key_frame: bool) -> EncodedFrame:
        """Encode in a thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.executor, lambda: encoder.encode(rgb, pts, key_frame=key_frame))
