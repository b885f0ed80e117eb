"""A frame as the parts of a tracker share it."""

from functools import cached_property
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mocast.model.frame import RgbImage

CELLS: Final = 160
"""How many cells the longer side of ``Picture.cells`` has."""


def in_image_space(points: NDArray[np.float32], size_wh: tuple[int, int]) -> NDArray[np.float32]:
    """Return (n, 3) float32 landmarks in pixels as the model has them: parts of the picture, z on the scale of x."""
    width, height = size_wh
    return points / np.array((width, height, width), np.float32)


class Picture:
    """A picture of a stream, with its place in it."""

    def __init__(self, rgb: RgbImage, time_us: int, number: int) -> None:
        """``time_us`` since the stream's start; ``number`` counts the pictures that the tracker was given."""
        self.rgb = rgb
        self.time_us = time_us
        self.is_even = number % 2 == 0
        "Which of its turns it is, for work that is done in every second picture."

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height in pixels."""
        height, width = self.rgb.shape[:2]
        return width, height

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
