"""The annotated video's encoder: each segment is encoded by itself, and all of them make one stream."""

from fractions import Fraction
from typing import Any, Final

import av
from av import Packet
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext

from mocast.jobs.file_task import VideoInfo
from mocast.jobs.video_file import resized
from mocast.model.frame import RgbImage
from mocast.webrtc.pixels import to_video_frame

CODEC: Final = "libx264"
OPTIONS: Final = {
    "preset": "ultrafast",
    "qp": "20",
    "threads": "1",
    "x264-params": "no-deblock=0:deblock=0,0",
}
"""``qp``: the quality is the same whatever is shown, so a segment's first picture looks as the one before: 44.0 to
46.7 dB in three clips. ``crf`` 20 has 43.5 to 48.0 for 3% more bytes in all, and looks each picture over before, at
half its size: at 640x480 1.4 ms a picture in place of 1.1, at 1920x1080 10 MB more. One thread and no look-ahead, as
there is an encoder for each segment, and ten pictures of 1920x1080 ahead are 60 MB. Of what ``ultrafast`` lacks, the
deblocking filter is worth its time: 0.2 ms a picture at 640x480, and without it there are 2% more bytes; CABAC, too,
has 9% fewer, but takes 0.5 ms more, and players take twice as long for it."""
KEY_FRAME_EVERY: Final = 250
"""Pictures between two key frames at most: x264's own default, which players seek well in."""

LIMITED_RANGE: Final = 1
BT601: Final = 6
"""Of ITU-T H.273, as FFmpeg numbers them: what ``to_video_frame`` makes."""


def configure(codec: VideoCodecContext, video: VideoInfo) -> None:
    """Set up an encoder, or a stream that is to hold what such encoders make; both have the same parameters then."""
    codec.width, codec.height = even_wh(video.size_wh)
    codec.pix_fmt = "yuv420p"
    codec.time_base = 1 / video.fps
    codec.framerate = video.fps
    codec.gop_size = KEY_FRAME_EVERY
    codec.max_b_frames = 0  # so that pictures are decoded in the order in which they are shown, across segments, too
    codec.flags |= Flags.global_header
    codec.color_range = LIMITED_RANGE
    if video.colours is not None:
        codec.color_primaries, codec.color_trc = video.colours.primaries, video.colours.transfer
        codec.colorspace = video.colours.matrix
    else:
        codec.colorspace = BT601
    if video.pixel_aspect is not None:
        codec.sample_aspect_ratio = video.pixel_aspect
    codec.options = dict(OPTIONS)


def even_wh(size_wh: tuple[int, int]) -> tuple[int, int]:
    """Return a size that 4:2:0 video can have: the next smaller one, but at least 2."""
    width, height = (max(2, side // 2 * 2) for side in size_wh)
    return width, height


class SegmentEncoder:
    """Encodes the pictures of one segment, the first one as a key frame. One packet comes of each, in order."""

    def __init__(self, video: VideoInfo) -> None:
        codec = av.CodecContext.create(CODEC, "w")
        assert isinstance(codec, VideoCodecContext)
        configure(codec, video)
        self._codec = codec
        self._size_wh = even_wh(video.size_wh)
        self._time_base = Fraction(1 / video.fps)
        self._count = 0

    def encode(self, rgb: RgbImage) -> "list[Packet[Any]]":
        """Add the next picture; return the packets that are ready."""
        frame = to_video_frame(resized(rgb, self._size_wh))
        frame.pts, frame.time_base = self._count, self._time_base
        self._count += 1
        return self._codec.encode(frame)

    def flush(self) -> "list[Packet[Any]]":
        """Return the last packets; nothing can be added after."""
        return self._codec.encode(None) if self._count else []
