"""Says what something looks like in a frame in which it is not looked at."""

from collections import deque
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from mocast.tracking.openvino.picture import Picture
from mocast.tracking.openvino.region import Region

T = TypeVar("T")

HORIZON_US: Final = 60_000
"""Nothing is foretold for longer than this after the last look, nor for twice as long as passed between the last two:
frames that come in bursts tell noise, not motion."""
UNCHANGED: Final = 4.0
"""Of 255: cells that differ by no more show the same. Noise of 2.5 levels in each pixel of 640x480 makes less."""
UNCHANGED_SHARE: Final = 0.04
"""The same as a part of the contrast there: in the dark less is a change."""
MOST_UNCHANGED: Final = 7
"""Frames in a row that are taken for the same without another look: what changes very slowly is seen then."""


class Motion(Protocol[T]):
    """How something moves; see ``motions.py``."""

    def is_sure(self, seen: T, /) -> bool:
        """Whether it may be taken for the same in a frame that shows the same."""

    def speed(self, old: T, new: T, /) -> float:
        """Return how far it moved from the first to the second, in its own size."""

    def move_on(self, older: T | None, old: T, new: T, part: float, /) -> T:
        """Return ``new``, moved on by a part of what moved ``old`` to it; ``older`` is what was seen before them."""


class _Look(NamedTuple, Generic[T]):
    time_us: int
    seen: T


class Sparing(Generic[T]):
    """Spares looks at something: where the picture has not changed there, and every second one while it moves slowly.

    In the first case it is the same as before; in the second it moves on as it moved between the last two looks.
    """

    def __init__(self, motion: Motion[T], calm: float, *, is_off: bool) -> None:
        """``calm``: the speed, in its own size per second, below which it is foretold; 0: it is not."""
        self._motion = motion
        self._calm = calm
        self._is_off = is_off
        self._looks: deque[_Look[T]] = deque(maxlen=3)
        "The last ones, the newest last."
        self._cells: NDArray[np.uint8] | None = None
        "What the picture showed there at the last look."
        self._place = (slice(0), slice(0))
        self._same = 0.0
        "By how much cells may differ from those and show the same."
        self._unchanged = 0
        "Frames in a row that showed the same."
        self._has_foretold = False
        "Since the last look."

    def spare(self, picture: Picture, *, may_foretell: bool) -> T | None:
        """Return what is there in this picture; ``None`` where it must be looked at."""
        if not self._looks:
            return None
        if self._is_unchanged(picture):
            self._unchanged += 1
            return self._looks[-1].seen
        return self._foretold(picture.time_us) if may_foretell else None

    def saw(self, seen: T, picture: Picture, region: Region) -> None:
        """Remember a look at a region of a picture."""
        if self._is_off:
            return
        self._looks.append(_Look(picture.time_us, seen))
        self._has_foretold = False
        self._unchanged = 0
        self._cells = None
        if self._motion.is_sure(seen):
            self._place = _cells_of(region, picture)
            cells = picture.cells[self._place]
            if cells.size:
                darkest, brightest, *_ = cv2.minMaxLoc(cells)
                self._cells, self._same = cells, min(UNCHANGED, UNCHANGED_SHARE * (brightest - darkest))

    def forget(self) -> None:
        """Start afresh: it is lost."""
        self._looks.clear()

    def _is_unchanged(self, picture: Picture) -> bool:
        if self._cells is None or self._unchanged >= MOST_UNCHANGED:
            return False
        return cv2.norm(self._cells, picture.cells[self._place], cv2.NORM_INF) <= self._same

    def _foretold(self, time_us: int) -> T | None:
        if len(self._looks) < 2 or self._has_foretold:
            return None
        *older, (then_us, old), (now_us, new) = self._looks
        elapsed_us, ahead_us = now_us - then_us, time_us - now_us
        if ahead_us > HORIZON_US or elapsed_us > 2 * HORIZON_US or ahead_us >= 2 * elapsed_us:
            return None
        if not self._motion.speed(old, new) * 1e6 / elapsed_us < self._calm:
            return None
        self._has_foretold = True
        return self._motion.move_on(older[0].seen if older else None, old, new, ahead_us / elapsed_us)


def _cells_of(region: Region, picture: Picture) -> tuple[slice, slice]:
    """Return the rows and columns of a picture's cells that a region covers, taken as not turned."""
    side, half = picture.pixels_per_cell, region.size / 2
    rows, columns = (
        slice(max(0, int((middle - half) / side)), max(0, int((middle + half) / side) + 1))
        for middle in (region.y, region.x)
    )
    return rows, columns
