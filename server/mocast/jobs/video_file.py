"""A video file as PyAV reads it: what it holds, found without decoding, and its pictures from any key frame on."""

import contextlib
import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from av import FFmpegError, VideoFrame
from av.container import InputContainer
from av.stream import Discard, Disposition
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream

from mocast.errors import ProcessingError
from mocast.jobs.file_task import Colours, Numbers, VideoInfo
from mocast.model.frame import RgbImage
from mocast.webrtc.pixels import to_rgb

ANY_SIDE: Final = 1 << 16
"""For ``to_rgb``: the picture in its own size."""

MOST_PIXELS: Final = 8192 * 4608
"""Of a picture: 8K. Decoders hold some of them."""

FORMATS: Final = (
    "mov,matroska,avi,mpegts,mpeg,mpegvideo,h264,hevc,vvc,obu,ivf,m4v,flv,asf,ogg,mxf,nut,gif,apng,mjpeg,yuv4mpegpipe,"
    "dv,rm,swf,wtv,vc1,nsv,roq,smk,bink,xmv,live_flv"
)
"""FFmpeg's readers of videos. Playlists (HLS, DASH, concat) are none: they name other files, which would be opened."""
OPTIONS: Final = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
"""FFmpeg opens the file that it was given, and nothing that is named in it."""

MOST_REORDERED: Final = 16
"""Frames that a decoder holds back until those before them are there (ITU-T H.264, A.3.1)."""

RATE: Final = Fraction(30)
"""Frames per second, where a file says nothing of it."""
EPOCH_YEAR: Final = 1970
"""Cameras without a clock say 1904 or 1970."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameTimes:
    """When each frame of a video is shown, in steps of the video's time base."""

    pts: Numbers
    "(n,) display times of all frames, in order."
    key_pts: Numbers
    "(k,) display times of those at which decoding can begin, in order."
    key_dts: Numbers
    "(k,) when these are decoded: what seeking goes by."


def probe(path: Path) -> tuple[VideoInfo, FrameTimes | None]:
    """Return what a video holds; its packets are read and one picture is decoded.

    The times are ``None`` where the file does not say them: it must be read in one piece. Raises ``ProcessingError``
    where it holds no video that can be decoded.
    """
    with _opened(path) as container:
        stream = _video_stream(container)
        first = _first_picture(container, stream)
        time_base = stream.time_base or 1 / RATE
        context = stream.codec_context
        info = VideoInfo(
            codec=context.name,
            time_base=time_base,
            fps=stream.average_rate or stream.guessed_rate or RATE,
            size_wh=_upright_wh(first),
            rotation=first.rotation % 360,
            start=int(Fraction(container.start_time or 0, 1_000_000) / time_base),
            audio=tuple(one.codec_context.name for one in container.streams.audio if one.codec_context is not None),
            colours=_colours(first),
            pixel_aspect=_upright_aspect(context.sample_aspect_ratio, first.rotation),
            made_at=_made_at(container, path),
        )
    with _opened(path) as container:
        return info, _times(container, _video_stream(container))


class Picture:
    """A decoded picture of a video. Its pixels are converted when they are asked for."""

    def __init__(self, frame: VideoFrame) -> None:
        self._frame = frame

    @property
    def pts(self) -> int | None:
        """Its display time in the video's time base."""
        return self._frame.pts

    def rgb(self, max_side: int) -> RgbImage:
        """Return the pixels, upright, in a new array; no side is longer than ``max_side``."""
        return upright(to_rgb(self._frame, max_side), self._frame.rotation)


def upright(rgb: RgbImage, rotation: int) -> RgbImage:
    """Return a stored picture as players show it; ``rotation`` is in degrees, counterclockwise, a multiple of 90."""
    turns = round(rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(rgb, turns)) if turns else rgb


def read_pictures(path: Path, seek_to: int | None, on_unreadable: Callable[[], object]) -> Iterator[Picture]:
    """Yield a video's pictures in order, from ``seek_to`` on (a key frame's decoding time) or a little earlier.

    A packet that cannot be decoded is reported and skipped. Raises ``ProcessingError`` where the file cannot be read.
    """
    with _opened(path) as container:
        stream = _video_stream(container)
        stream.codec_context.thread_type = "NONE"
        if seek_to is not None:
            container.seek(seek_to, stream=stream)
        for packet in container.demux(stream):
            try:
                pictures = packet.decode()
            except FFmpegError as error:
                if error.errno in (errno.ENOMEM, errno.EIO):
                    raise
                on_unreadable()
                continue
            yield from map(Picture, pictures)


@contextmanager
def _opened(path: Path) -> Iterator[InputContainer]:
    """Open a file; errors of FFmpeg's, there and in the block, are raised as ``ProcessingError``."""
    try:
        with av.open(str(path), "r", options=OPTIONS) as container:
            assert isinstance(container, InputContainer)
            yield container
    except FFmpegError as error:
        raise ProcessingError(_sentence(error)) from error
    except OSError as error:
        raise ProcessingError(f"It cannot be read: {(error.strerror or 'no reason given').lower()}.") from error


def _sentence(error: FFmpegError) -> str:
    if isinstance(
        error, (av.error.InvalidDataError, av.error.DecoderNotFoundError, av.error.EOFError, av.error.ArgumentError)
    ):
        return "It is no video that can be read, or a broken one."
    return f"It cannot be read: {(error.strerror or type(error).__name__).lower()}."


def _video_stream(container: InputContainer) -> VideoStream:
    """Return the first video that is not a cover picture. Raises ``ProcessingError`` where there is none to decode."""
    videos = [one for one in container.streams.video if not one.disposition & Disposition.attached_pic]
    if not videos:
        raise ProcessingError("There is no video in it.")
    stream = videos[0]
    if stream.codec_context is None:
        raise ProcessingError("There is no decoder for its video.")
    if stream.codec_context.width * stream.codec_context.height > MOST_PIXELS:
        raise ProcessingError(f"Its pictures have more than {MOST_PIXELS // 1_000_000} million pixels.")
    for other in container.streams:
        if other is not stream:
            other.discard = Discard.all
    return stream


def _first_picture(container: InputContainer, stream: VideoStream) -> VideoFrame:
    for packet in container.demux(stream):
        try:
            for picture in packet.decode():
                return picture
        except FFmpegError:
            continue
    raise ProcessingError("None of its pictures can be decoded.")


def _times(container: InputContainer, stream: VideoStream) -> FrameTimes | None:
    """Return when each frame is shown; ``None`` where the file does not say it, or says what cannot be."""
    pts: list[int] = []
    keys: list[tuple[int, int]] = []
    for packet in container.demux(stream):
        if not packet.size or packet.is_discard:
            continue
        if packet.pts is None:
            return None
        pts.append(packet.pts)
        if packet.is_keyframe:
            keys.append((packet.pts, packet.pts if packet.dts is None else min(packet.dts, packet.pts)))
    times, shown_as = np.unique(np.array(pts, np.int64), return_inverse=True)
    if len(times) != len(pts) or not keys or np.abs(shown_as - np.arange(len(pts))).max() > MOST_REORDERED:
        return None
    key_pts, key_dts = np.array(sorted(keys), np.int64).T
    return FrameTimes(times, np.ascontiguousarray(key_pts), np.ascontiguousarray(key_dts))


def _made_at(container: InputContainer, path: Path) -> datetime:
    """Return when a video was made, as it says, or else when its file was written."""
    with contextlib.suppress(ValueError, KeyError):
        said = datetime.fromisoformat(container.metadata["creation_time"])
        if said.year > EPOCH_YEAR:
            return said if said.tzinfo else said.replace(tzinfo=UTC)
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _upright_wh(picture: VideoFrame) -> tuple[int, int]:
    is_turned = round(picture.rotation / 90) % 2
    return (picture.height, picture.width) if is_turned else (picture.width, picture.height)


def _upright_aspect(aspect: Fraction | None, rotation: int) -> Fraction | None:
    if not aspect or aspect == 1:
        return None
    return 1 / aspect if round(rotation / 90) % 2 else aspect


def _colours(picture: VideoFrame) -> Colours | None:
    """Return how a picture's numbers are meant, where ``to_rgb`` and its reverse leave them as they are."""
    if picture.format.name != "yuv420p" or picture.color_range == ColorRange.JPEG:
        return None
    return Colours(int(picture.color_primaries), int(picture.color_trc), int(picture.colorspace))


def resized(rgb: RgbImage, size_wh: tuple[int, int]) -> RgbImage:
    """Return a picture in another size, or itself where it has that."""
    if rgb.shape[1::-1] == size_wh:
        return rgb
    return np.asarray(cv2.resize(rgb, size_wh, interpolation=cv2.INTER_AREA), np.uint8)
