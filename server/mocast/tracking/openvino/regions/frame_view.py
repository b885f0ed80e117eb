"""A frame as the trackers of its parts share it: pixels, time, and a thumbnail."""

from copy import copy
from functools import cached_property
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mocast.model.frame import RgbImage
from mocast.tracking.openvino.regions.region import Region

THUMBNAIL_SIZE: Final = 160
"""Cells along the longer side of ``FrameView.thumbnail``."""
ROWS_OF_A_CELL: Final = 4
"""So many rows of pixels are averaged to a cell, evenly spaced over it: more take time, and noise is low enough."""


def in_image_space(points: NDArray[np.float32], size_wh: tuple[int, int]) -> NDArray[np.float32]:
    """Return (n, 3) float32 landmarks, from pixels to the image space of ``mocast.model``: z on the scale of x."""
    width, height = size_wh
    return points / np.array((width, height, width), np.float32)


MAX_ASPECT_DIFFERENCE: Final = 0.02
"""Share by which the aspect ratios of a picture and of its scaled copy may differ."""


def have_same_aspect(one_wh: tuple[int, int], other_wh: tuple[int, int]) -> bool:
    """Return whether a picture of one size may be the other one scaled, which senders do to save bits.

    False where one is smaller than a thumbnail.
    """
    one, other = one_wh[0] * other_wh[1], other_wh[0] * one_wh[1]
    return min(max(one_wh), max(other_wh)) >= THUMBNAIL_SIZE and abs(one - other) <= MAX_ASPECT_DIFFERENCE * one


class FrameView:
    """One frame of a stream.

    Regions and landmarks are in pixels of a picture of ``size_wh``, whatever the size of ``rgb`` is. So regions of
    earlier frames stay right when the sender scales its pictures.
    """

    def __init__(
        self, rgb: RgbImage, time_us: int, number: int, size_wh: tuple[int, int] | None = None, share: float = 1.0
    ) -> None:
        """``time_us``: since the stream's start; ``number``: of the frame, as the tracker counts them.

        ``size_wh``: that of the pixels in which regions and landmarks are; by default that of ``rgb``.
        ``share``: of a frame at 30 frames per second, that this one is; see ``FrameInterval``.
        """
        height, width = rgb.shape[:2]
        self.rgb = rgb
        self.time_us = time_us
        self.share = share
        "Of a frame at 30 frames per second: below 1 where frames come faster."
        self._number = number
        self.size_wh = size_wh or (width, height)
        "Width and height of the pixels in which regions and landmarks are."
        self.only_body = False
        "Whether nothing but the body need be tracked in it."
        self.is_late = False
        "Whether there is no time for all frames of the stream."
        self.outlooks: list[bool] = []
        """Of each part whose networks ran, where ``is_late``: whether it is slow enough to be extrapolated in the next
        frame."""
        self._own_wh = width, height
        self._thumbnail_of: FrameView | None = None
        self._green: NDArray[np.uint8] | None = None
        "The whole picture's green channel, where the thumbnail was made of that."

    def is_turn_of(self, part: int | None) -> bool:
        """Whether this is a frame in which a part, 0 or 1, is not extrapolated: one of two, at 60 frames/s one of
        four. ``None``: a part that takes no turns.

        None where there is no time for all frames: then a light frame follows on each that is not (``next_is_light``).
        """
        return not self.is_late and self._number % round(2 / self.share) == part

    @property
    def next_is_light(self) -> bool:
        """Whether most of the parts whose networks ran may be extrapolated in the next frame."""
        return 2 * sum(self.outlooks) > len(self.outlooks)

    def numbered(self, number: int) -> "FrameView":
        """Return the frame for another tracker, which counts its frames by itself; the thumbnail is shared."""
        view = copy(self)
        view._number = number
        view._thumbnail_of = self
        return view

    def in_rgb(self, region: Region) -> Region:
        """Return a region in the pixels of ``rgb``."""
        if self._own_wh == self.size_wh:
            return region
        across, down = (own / common for own, common in zip(self._own_wh, self.size_wh, strict=True))
        return Region(region.x * across, region.y * down, region.size * across, region.angle)

    @property
    def thumbnail_scale(self) -> float:
        """The side of a cell of the thumbnail, pixels."""
        return max(1.0, max(self.size_wh) / THUMBNAIL_SIZE)

    @cached_property
    def thumbnail(self) -> NDArray[np.uint8]:
        """The green channel, averaged over square cells: (height, width) uint8, at most ``THUMBNAIL_SIZE`` each.

        Averages hide the camera's noise and show motion.
        """
        if self._thumbnail_of is not None:
            return self._thumbnail_of.thumbnail
        width, height = (max(1, round(side / self.thumbnail_scale)) for side in self.size_wh)
        every = max(1, self._own_wh[1] // (height * ROWS_OF_A_CELL))
        if every == 1:
            self._green = _green(self.rgb)
            return _averaged(self._green, width, height)
        return _averaged(_green(self.rgb[every // 2 :: every]), width, height)

    def green(self, place: tuple[slice, slice]) -> NDArray[np.uint8]:
        """Return the green channel of some rows and columns of ``rgb``: (height, width) uint8."""
        if self._thumbnail_of is not None:
            return self._thumbnail_of.green(place)
        return _green(self.rgb[place]) if self._green is None else self._green[place]


def _green(rgb: RgbImage) -> NDArray[np.uint8]:
    return np.asarray(cv2.extractChannel(rgb, 1), np.uint8)


def _averaged(cells: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Return the averages over areas, (height, width). OpenCV halves five times as fast as it scales otherwise."""
    while True:
        rows, columns = cells.shape
        if rows % 2 or columns % 2 or rows < 2 * height or columns < 2 * width:
            break
        cells = np.asarray(cv2.resize(cells, (columns // 2, rows // 2), interpolation=cv2.INTER_AREA), np.uint8)
    if cells.shape == (height, width):
        return cells
    return np.asarray(cv2.resize(cells, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
