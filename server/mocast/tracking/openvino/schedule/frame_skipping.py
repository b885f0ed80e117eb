"""What a part looks like in a frame in which its networks are not run. Own work; see docs/tracking-speed.md.

Either the picture has not changed there, and the part is the same as in the last observation, or it is known how the
part has moved since: ``extrapolating_skipper.py`` and ``following_skipper.py``.
"""

from abc import ABC, abstractmethod
from typing import Final, Generic, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from mocast.tracking.openvino.regions.frame_view import FrameView
from mocast.tracking.openvino.regions.region import Region

T = TypeVar("T")

LATE_HORIZON_US: Final = 75_000
"""Microseconds. Where there is no time for all frames, a part is moved this far beyond the last observation: over one
frame that was dropped, of a camera with 30 frames per second. Else none would be skipped as soon as every second one is
dropped, and each would take 1.3 (``balanced``) to 1.6 times (``fast``) as long (measured): there would be fewer yet."""
MAX_DIFFERENCE: Final = 4.0
"""Largest difference, of 255, at which cells of the thumbnail count as unchanged. Measured: noise of 2.5 levels in each
pixel of 640x480 makes less."""
MAX_DIFFERENCE_SHARE: Final = 0.04
"""The same limit as a share of the region's contrast, for dark pictures."""
CHANGED: Final = 3.0
"""How many times that difference a cell that shows motion has at least."""
MAX_UNCHANGED: Final = 7
"""Frames in a row that count as unchanged without a new observation, so that slow changes are seen."""


class FrameSkipper(ABC, Generic[T]):
    """Skips the networks of one part where the picture is unchanged, or where it is known how the part moved."""

    def __init__(self, *, is_on: bool) -> None:
        """``is_on``: whether anything is skipped."""
        self._is_on = is_on
        self._part: T | None = None
        "The part in the last observation."
        self._cells: NDArray[np.uint8] | None = None
        "The region in the thumbnail of the last observation; ``None`` where no part of it is in the picture."
        self._area = 1.0
        "Of the region, in cells, of which some may be outside the picture."
        self._is_reusable = False
        "Whether the last observation may stand for later frames."
        self._place = (slice(0), slice(0))
        "Rows and columns of these cells in the thumbnail."
        self._max_difference: float | None = None
        "Up to which cells are unchanged; ``None`` until it is asked for."
        self._unchanged = 0.0
        "Frames in a row, or shares of them."

    @abstractmethod
    def _moved(self, frame: FrameView) -> T | None:
        """Return the part moved to this frame; ``None`` where that is not known well enough."""

    @abstractmethod
    def _remember(self, part: T, frame: FrameView, region: Region) -> None:
        """Remember what ``_moved`` needs of an observation."""

    @abstractmethod
    def _will_move(self, frame: FrameView) -> bool:
        """Return whether the part will probably be moved to the next frame, as there is no time for all frames."""

    def _is_confident(self, part: T) -> bool:
        """Return whether an observation may stand for later frames in which the picture is unchanged."""
        return True

    def skip(self, frame: FrameView, *, may_move: bool) -> T | None:
        """Return the part in this frame, or ``None`` where the networks must be run."""
        if self._part is None:
            return None
        if self._unchanged + frame.share < MAX_UNCHANGED + 1 and self._is_unchanged(frame):
            self._unchanged += frame.share
            return self._part
        return self._moved(frame) if may_move else None

    def observe(self, part: T, frame: FrameView, region: Region) -> None:
        """Remember what the networks found in a region of a frame."""
        if not self._is_on:
            return
        self._part = part
        self._unchanged = 0
        self._remember(part, frame, region)
        if frame.is_late:
            frame.outlooks.append(self._will_move(frame))
        self._is_reusable = self._is_confident(part)
        self._place = _thumbnail_slices(region, frame)
        self._area = (region.size / frame.thumbnail_scale) ** 2
        cells = frame.thumbnail[self._place]
        self._cells = cells if cells.size else None
        self._max_difference = None

    def reset(self) -> None:
        """Forget all observations, as the part is lost."""
        self._part = None

    def _is_unchanged(self, frame: FrameView) -> bool:
        if self._cells is None or not self._is_reusable:
            return False
        difference = cv2.norm(self._cells, frame.thumbnail[self._place], cv2.NORM_INF)
        return difference <= MAX_DIFFERENCE and difference <= self._noise(self._cells)

    def _changed_share(self, frame: FrameView) -> float:
        """Return in how much of the region the picture has changed since the last observation, 0..1.

        A part that is not in the picture has changed as a whole.
        """
        if self._cells is None:
            return 1.0
        differences = cv2.absdiff(self._cells, frame.thumbnail[self._place])
        return float(np.count_nonzero(differences > CHANGED * self._noise(self._cells))) / self._area

    def _noise(self, cells: NDArray[np.uint8]) -> float:
        """Return the difference up to which these cells, of the last observation, are unchanged."""
        if self._max_difference is None:
            darkest, brightest, *_ = cv2.minMaxLoc(cells)
            self._max_difference = min(MAX_DIFFERENCE, MAX_DIFFERENCE_SHARE * (brightest - darkest))
        return self._max_difference


def _thumbnail_slices(region: Region, frame: FrameView) -> tuple[slice, slice]:
    """Return the rows and columns of a frame's thumbnail that a region covers, taken as not turned."""
    side, half = frame.thumbnail_scale, region.size / 2
    rows, columns = (
        slice(max(0, int((middle - half) / side)), max(0, int((middle + half) / side) + 1))
        for middle in (region.y, region.x)
    )
    return rows, columns
