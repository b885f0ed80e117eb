"""A frame as the parts of a tracker share it."""

from functools import cached_property
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mocast.model.frame import RgbImage
from mocast.tracking.openvino.region import Region

CELLS: Final = 160
"""How many cells the longer side of ``Picture.cells`` has."""


def in_image_space(points: NDArray[np.float32], size_wh: tuple[int, int]) -> NDArray[np.float32]:
    """Return (n, 3) float32 landmarks in pixels as the model has them: parts of the picture, z on the scale of x."""
    width, height = size_wh
    return points / np.array((width, height, width), np.float32)


ALIKE: Final = 0.02
"""By how much of it the width to height of one picture may differ from another's, which is the same picture scaled."""


def are_alike(one_wh: tuple[int, int], other_wh: tuple[int, int]) -> bool:
    """Return whether pictures of two sizes may show the same, scaled, which senders do to save bits.

    Where one is too small to have all cells it is not.
    """
    one, other = one_wh[0] * other_wh[1], other_wh[0] * one_wh[1]
    return min(max(one_wh), max(other_wh)) >= CELLS and abs(one - other) <= ALIKE * one


class Picture:
    """A picture of a stream, with its place in it.

    All places, of regions and landmarks, are in pixels of a picture of ``size_wh``, whatever this one's own size is. So
    what is remembered stays right when the sender scales its pictures.
    """

    def __init__(self, rgb: RgbImage, time_us: int, number: int, size_wh: tuple[int, int] | None = None) -> None:
        """``time_us`` since the stream's start; ``number`` counts the pictures that the tracker was given.

        ``size_wh``: width and height of the pixels in which places are told; by default its own.
        """
        height, width = rgb.shape[:2]
        self.rgb = rgb
        self.time_us = time_us
        self.is_even = number % 2 == 0
        "Which of its turns it is, for work that is done in every second picture."
        self.size_wh = size_wh or (width, height)
        "Width and height of the pixels in which places are told."
        self._own_wh = width, height

    def own(self, region: Region) -> Region:
        """Return a region in the pixels of ``rgb``."""
        if self._own_wh == self.size_wh:
            return region
        across, down = (own / told for own, told in zip(self._own_wh, self.size_wh, strict=True))
        return Region(region.x * across, region.y * down, region.size * across, region.angle)

    @property
    def pixels_per_cell(self) -> float:
        """The side of a cell."""
        return max(1.0, max(self.size_wh) / CELLS)

    @cached_property
    def cells(self) -> NDArray[np.uint8]:
        """Return the green of the picture, averaged over square cells; (height, width) uint8, at most ``CELLS`` wide.

        Averages hide the camera's noise and show what moves.
        """
        width, height = (max(1, round(side / self.pixels_per_cell)) for side in self.size_wh)
        green = cv2.extractChannel(self.rgb, 1)
        return np.asarray(cv2.resize(green, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
