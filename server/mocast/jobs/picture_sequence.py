"""Pictures that follow each other, as if they were a video's frames."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np

from mocast.errors import ProcessingError, RequestError
from mocast.jobs.file_task import Numbers, VideoInfo
from mocast.jobs.video_file import FrameTimes, resized
from mocast.model.frame import RgbImage
from mocast.model.pts import PTS_PER_S
from mocast.pipeline.image_codec import decode_image
from mocast.webrtc.pixels import capped_size

TIME_BASE: Final = Fraction(1, PTS_PER_S)


class SequencePicture:
    """A picture that was decoded, and when it is shown."""

    def __init__(self, rgb: RgbImage, pts: int) -> None:
        self._rgb = rgb
        self.pts = pts

    def rgb(self, max_side: int) -> RgbImage:
        """Return the pixels in a new array; no side is longer than ``max_side``."""
        height, width = self._rgb.shape[:2]
        if max(width, height) <= max_side:
            return self._rgb.copy()
        return resized(self._rgb, capped_size(width, height, max_side))


def probe_sequence(paths: Sequence[Path], fps: float) -> tuple[VideoInfo, FrameTimes]:
    """Return what a sequence is as a video, in which every picture is a key frame.

    Raises ``ProcessingError`` where the first picture cannot be read.
    """
    rgb = _decoded(paths[0])
    info = VideoInfo(
        codec=paths[0].suffix.removeprefix(".").lower(),
        time_base=TIME_BASE,
        fps=Fraction(fps).limit_denominator(1001),
        size_wh=(rgb.shape[1], rgb.shape[0]),
        made_at=datetime.fromtimestamp(paths[0].stat().st_mtime, UTC),
    )
    pts = _times(len(paths), fps)
    return info, FrameTimes(pts, pts, pts)


def read_sequence(
    paths: Sequence[Path], fps: float, seek_to: int | None, on_unreadable: Callable[[], object]
) -> Iterator[SequencePicture]:
    """Yield the pictures from the one that is shown at ``seek_to`` on. One that cannot be read is reported."""
    pts = _times(len(paths), fps)
    first = 0 if seek_to is None else int(np.searchsorted(pts, seek_to))
    for path, time in zip(paths[first:], pts[first:].tolist(), strict=True):
        try:
            picture = _decoded(path)
        except ProcessingError:
            on_unreadable()
            continue
        yield SequencePicture(picture, time)


def _decoded(path: Path) -> RgbImage:
    try:
        return decode_image(path.read_bytes()).rgb
    except OSError as error:
        raise ProcessingError(
            f"{path.name} cannot be read: {(error.strerror or 'no reason given').lower()}."
        ) from error
    except RequestError as error:
        raise ProcessingError(f"{path.name} is no picture that can be read.") from error


def _times(count: int, fps: float) -> Numbers:
    times: Numbers = np.round(np.arange(count) / (fps * float(TIME_BASE))).astype(np.int64)
    return times
