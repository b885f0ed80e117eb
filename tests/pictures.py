"""Pictures for tests: the astronaut of scikit-image moved by a known motion, and real clips where there are any.

The astronaut comes with scikit-image's wheel (NASA, public domain). Every frame says by which affine map the picture
was moved, so a test knows where each landmark must be: where it is in the still picture, moved by that map.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mocast.model.frame import Frame, RgbImage

CLIPS = os.environ.get("TEST_CLIPS")
"""A folder with clips of people signing, ``signing_a.mp4`` and ``signing_b.mp4``. Tests must pass without it."""

MOTION_PERIOD = 90
"""Frames until the astronaut's motion repeats: 3 s at 30 fps."""


@dataclass(frozen=True, slots=True)
class MovedPicture:
    """A picture and the map that moved it there."""

    rgb: RgbImage
    "(height, width, 3) uint8."
    matrix: NDArray[np.float64]
    "(2, 3): pixels of the still picture → pixels of ``rgb``."

    def place(self, points_px: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return where (n, 2) pixel positions of the still picture lie in this one, (n, 2)."""
        return points_px @ self.matrix[:, :2].T + self.matrix[:, 2]

    def still(self, points_px: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return where (n, 2) pixel positions of this picture lie in the still one, (n, 2)."""
        return (points_px - self.matrix[:, 2]) @ np.linalg.inv(self.matrix[:, :2]).T


@cache
def astronaut() -> RgbImage:
    """Return the still picture: (512, 512, 3), a woman's face, shoulders and chest; no hand is in it."""
    from skimage import data

    picture: RgbImage = np.ascontiguousarray(data.astronaut())
    picture.flags.writeable = False
    return picture


def motion(number: int, size_wh: tuple[int, int] = (640, 480)) -> NDArray[np.float64]:
    """Return the affine map (2, 3) of one frame: the astronaut sways, nods by ±4° and comes closer by ±6 %."""
    phase = 2 * np.pi * number / MOTION_PERIOD
    width, height = size_wh
    scale = 0.9 * min(width, height) / 512 * (1 + 0.06 * np.sin(phase))
    matrix = cv2.getRotationMatrix2D((256, 256), 4 * np.sin(2 * phase), scale)
    matrix[:, 2] += (width / 2 - 256 + 0.05 * width * np.sin(phase), height / 2 - 256 + 0.02 * height * np.cos(phase))
    return matrix


def astronaut_frames(count: int, size_wh: tuple[int, int] = (640, 480), *, first: int = 0) -> Iterator[MovedPicture]:
    """Yield ``count`` pictures of the moving astronaut, from frame ``first`` of the motion on."""
    for number in range(first, first + count):
        matrix = motion(number, size_wh)
        rgb = cv2.warpAffine(astronaut(), matrix, size_wh, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
        yield MovedPicture(rgb, matrix)


def clip(name: str = "signing_a.mp4") -> Path | None:
    """Return the path of a clip, or ``None`` where the run was given none."""
    return Path(CLIPS) / name if CLIPS else None


def clip_frames(path: Path, count: int, size_wh: tuple[int, int] = (640, 480)) -> Iterator[RgbImage]:
    """Yield the first ``count`` frames of a clip, scaled to ``size_wh``."""
    import av

    with av.open(str(path)) as container:
        for number, picture in enumerate(container.decode(video=0)):
            if number == count:
                return
            rgb: RgbImage = picture.reformat(*size_wh, format="rgb24").to_ndarray()
            yield rgb


def real_frames(count: int, size_wh: tuple[int, int] = (640, 480), name: str = "signing_a.mp4") -> Iterator[RgbImage]:
    """Yield frames of the clip where there is one, else of the moving astronaut."""
    path = clip(name)
    if path is not None:
        yield from clip_frames(path, count, size_wh)
    else:
        yield from (moved.rgb for moved in astronaut_frames(count, size_wh))


def as_frame(rgb: RgbImage, number: int = 0, fps: float = 30) -> Frame:
    """Return the picture as frame ``number`` of a stream."""
    return Frame(number=number, pts=round(number * 90_000 / fps), decoded_at_ns=round(number * 1e9 / fps), rgb=rgb)
