"""A decoded picture with its place in the stream."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_PIXELS = 4096 * 2304
"""Pixels of the largest picture that is decoded by default. Each costs 5.6 bytes, and a few kilobytes of video can ask
for 268 million."""

RgbImage = NDArray[np.uint8]
"""A picture: (height, width, 3) uint8, channels R, G, B, C-contiguous."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A decoded picture with its place in the stream."""

    number: int
    "Counts the frames that the session received, from 0; frames that were dropped leave gaps."
    pts: int
    "RTP timestamp on the 90 kHz video clock, unwrapped."
    decoded_at_ns: int
    "When it was decoded, on the monotonic clock."
    rgb: RgbImage
    "The pixels."
    only_body: bool = False
    """Whether nothing but the body need be tracked in it, as in those of a file from which only the body's region is
    remembered. An engine may track all the same."""
    under_load: bool = False
    "Whether its camera is asked for fewer frames than it has, as there is no time for more."

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height in pixels."""
        height, width = self.rgb.shape[:2]
        return width, height
