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

    def __init__(self, rgb: RgbImage, time_us: int, number: int, size_wh: tuple[int, int] | None = None) -> None:
        """``time_us``: since the stream's start; ``number``: of the frame, as the tracker counts them.

        ``size_wh``: that of the pixels in which regions and landmarks are; by default that of ``rgb``.
        """
        height, width = rgb.shape[:2]
        self.rgb = rgb
        self.time_us = time_us
        self.is_even = number % 2 == 0
        "For work that is done in every second frame."
        self.size_wh = size_wh or (width, height)
        "Width and height of the pixels in which regions and landmarks are."
        self._own_wh = width, height
        self._thumbnail_of: FrameView | None = None

    def with_parity(self, *, is_even: bool) -> "FrameView":
        """Return the frame for another tracker, for which it is even or not; the thumbnail is shared."""
        if is_even == self.is_even:
            return self
        view = copy(self)
        view.is_even = is_even
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
        green = cv2.extractChannel(self.rgb, 1)
        return np.asarray(cv2.resize(green, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
