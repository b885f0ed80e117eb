"""The pictures that the benches send: a clip's, or the moving astronaut's where none is given."""

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from tests.pictures import MOTION_PERIOD, astronaut_frames, clip_frames

from mocast.model.frame import Frame, RgbImage

SIZE_WH = (640, 480)

TICKS = 3_000
"""Of the 90 kHz clock from one picture to the next: 30 per second."""

YuvPicture = NDArray[np.uint8]
"""(height * 3 / 2, width) uint8: the planes of 4:2:0 video, Y above U above V."""


def rgb_pictures(clip: Path | None, count: int) -> list[RgbImage]:
    """Return up to ``count`` pictures of ``SIZE_WH``."""
    if clip is not None:
        return list(clip_frames(clip, count, SIZE_WH))
    return [moved.rgb for moved in astronaut_frames(count, SIZE_WH)]


def stream(clip: Path | None, count: int | None, size_wh: tuple[int, int] = SIZE_WH) -> Iterator[Frame]:
    """Yield the first ``count`` pictures, by default the whole clip or twice the astronaut's motion, at 30 per second.

    A clip's are upright, and made smaller where they do not fit into ``size_wh``. Nobody may write to their pixels.
    Ends the program where the clip cannot be read.
    """
    if clip is not None:
        pictures = upright_pictures(clip, size_wh)
    else:
        pictures = (moved.rgb for moved in astronaut_frames(2 * MOTION_PERIOD if count is None else count, size_wh))
    pictures = islice(pictures, count)
    for number, rgb in enumerate(pictures):
        rgb.flags.writeable = False
        yield Frame(number, number * TICKS, time.monotonic_ns(), rgb)


def upright_pictures(clip: Path, within_wh: tuple[int, int]) -> Iterator[RgbImage]:
    """Yield a clip's pictures as a player shows them, made smaller where they do not fit."""
    try:
        with av.open(str(clip)) as container:
            if not container.streams.video:
                raise SystemExit(f"{clip} holds no video")
            for picture in container.decode(video=0):
                turns = round(picture.rotation / 90)  # counterclockwise
                shown_wh = np.array((picture.width, picture.height)[:: -1 if turns % 2 else 1])
                width, height = np.maximum(1, shown_wh * min(1, *within_wh / shown_wh)).round().astype(int).tolist()
                rgb = np.rot90(picture.to_ndarray(format="rgb24"), turns)
                yield np.asarray(cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    except (OSError, av.FFmpegError) as error:
        raise SystemExit(f"{clip} cannot be read: {error.strerror}") from error


def yuv_pictures(clip: Path | None, count: int) -> list[YuvPicture]:
    """Return the same pictures as 4:2:0 planes, ready for an encoder."""
    return [np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420), np.uint8) for rgb in rgb_pictures(clip, count)]


def jpeg_pictures(clip: Path | None, count: int) -> list[bytes]:
    """Return ``count`` of the pictures as JPEG files."""
    pictures = rgb_pictures(clip, count)
    chosen = (pictures[there_and_back(number, len(pictures))] for number in range(count))
    return [cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))[1].tobytes() for rgb in chosen]


def there_and_back(number: int, count: int) -> int:
    """Return which of ``count`` pictures comes at ``number``: forward, then backward, so that nobody ever jumps."""
    place = number % max(1, 2 * count - 2)
    return place if place < count else 2 * count - 2 - place
