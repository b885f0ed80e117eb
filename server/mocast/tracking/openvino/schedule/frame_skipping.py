"""What a part looks like in a frame in which its networks are not run. Own work; see docs/tracking-speed.md.

Either the picture has not changed there, and the part is the same as in the last observation, or the part moves slowly
and is extrapolated from the last two observations.
"""

import math
from collections import deque
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from mocast.tracking.openvino.regions.frame_view import FrameView
from mocast.tracking.openvino.regions.region import Region
from mocast.tracking.openvino.schedule.frame_interval import FULL_STEP_US

T = TypeVar("T")

HORIZON_US: Final = 60_000
"""Microseconds. Nothing is extrapolated further than this beyond the last observation, nor further than twice the time
between the last two: frames that come in bursts show noise, not motion."""
LATE_HORIZON_US: Final = 75_000
"""The same where there is no time for all frames: over one that was dropped, of a camera with 30 frames per second.
Else none would be skipped as soon as every second one is dropped, and each would take 1.3 (``balanced``) to 1.6 times
(``fast``) as long (measured): there would be fewer yet. A part that is extrapolated further must be slower in
proportion, so that it moves no further."""
LATE_ELAPSED_US: Final = 300_000
"""Microseconds. From observations that are further apart nothing is extrapolated where there is no time for all frames,
as a stream has two frames in a row then while others wait (``FrameScheduler``); else twice ``HORIZON_US``."""
MAX_DIFFERENCE: Final = 4.0
"""Largest difference, of 255, at which cells of the thumbnail count as unchanged. Measured: noise of 2.5 levels in each
pixel of 640x480 makes less."""
MAX_DIFFERENCE_SHARE: Final = 0.04
"""The same limit as a share of the region's contrast, for dark pictures."""
CHANGED: Final = 3.0
"""How many times that difference a cell that shows motion has at least."""
NEAR_US: Final = FULL_STEP_US
"""Microseconds. A part that is extrapolated less far than this may be faster, so that it moves on as far, or by a power
of the time: ``near_power`` of ``FrameSkipper``."""
HORIZON_OF_MORE_US: Final = 52_000
"""Microseconds. The horizon where a part is extrapolated once more since the last observation, as three frames in a row
are at 60 frames per second."""
MAX_UNCHANGED: Final = 7
"""Frames in a row that count as unchanged without a new observation, so that slow changes are seen."""


class MotionModel(Protocol[T]):
    """How one kind of part moves; see ``extrapolation.py``."""

    def is_confident(self, observed: T, /) -> bool:
        """Whether the observation may stand for later frames in which the picture is unchanged."""

    def speed(self, old: T, new: T, /) -> float:
        """Return how far the part moved from the first observation to the second, in units of its own size."""

    def extrapolate(self, older: T | None, old: T, new: T, share: float, /) -> T:
        """Return ``new`` moved on by a share of the motion from ``old`` to it; ``older`` was observed before both."""


class _Observation(NamedTuple, Generic[T]):
    time_us: int
    part: T


class FrameSkipper(Generic[T]):
    """Skips the networks of one part where the picture is unchanged, and in every second frame while it moves slowly,
    or in three of four where frames come twice as fast."""

    def __init__(
        self,
        motion: MotionModel[T],
        max_speed: float,
        *,
        is_on: bool,
        max_change: float = math.inf,
        near_power: int = 1,
        max_late_speed: float = 0.0,
    ) -> None:
        """``max_speed``: in own sizes per second, below which a part is extrapolated; 0: never. ``max_late_speed``: the
        same where there is no time for all frames, if that is more.

        ``max_change``: share of the region in which the picture may have changed since the last observation. It tells
        what a speed cannot: a motion that begins, or ends, in this very frame.

        ``near_power``: 1: a part may be twice as fast where it is extrapolated half as far; 2: four times, as what is
        missed is its acceleration. That saves at 60 frames per second, and costs a third more error of a face.
        """
        self._motion = motion
        self._max_speed = max_speed
        self._max_change = max_change
        self._max_late_speed = max(max_speed, max_late_speed)
        self._is_on = is_on
        self._near_power = near_power
        self._observations: deque[_Observation[T]] = deque(maxlen=3)
        "The newest last."
        self._cells: NDArray[np.uint8] | None = None
        "The region in the thumbnail of the last observation; ``None`` where no part of it is in the picture."
        self._area = 1.0
        "Of the region, in cells, of which some may be outside the picture."
        self._is_reusable = False
        "Whether the last observation may stand for later frames."
        self._place = (slice(0), slice(0))
        "Rows and columns of these cells in the thumbnail."
        self._max_difference = 0.0
        "Up to which cells are unchanged."
        self._unchanged = 0.0
        "Frames in a row, or shares of them."
        self._has_extrapolated = False
        "Since the last observation."

    def skip(self, frame: FrameView, *, may_extrapolate: bool) -> T | None:
        """Return the part in this frame, or ``None`` where the networks must be run."""
        if not self._observations:
            return None
        if self._unchanged + frame.share < MAX_UNCHANGED + 1 and self._is_unchanged(frame):
            self._unchanged += frame.share
            return self._observations[-1].part
        return self._extrapolated(frame) if may_extrapolate else None

    def observe(self, part: T, frame: FrameView, region: Region) -> None:
        """Remember what the networks found in a region of a frame."""
        if not self._is_on:
            return
        self._observations.append(_Observation(frame.time_us, part))
        self._has_extrapolated = False
        self._unchanged = 0
        if frame.is_late:
            frame.outlooks.append(self._speed(frame) * LATE_HORIZON_US / HORIZON_US < self._max_late_speed)
        self._is_reusable = self._motion.is_confident(part)
        self._place = _thumbnail_slices(region, frame)
        self._area = (region.size / frame.thumbnail_scale) ** 2
        cells = frame.thumbnail[self._place]
        self._cells = cells if cells.size else None
        if cells.size:
            darkest, brightest, *_ = cv2.minMaxLoc(cells)
            self._max_difference = min(MAX_DIFFERENCE, MAX_DIFFERENCE_SHARE * (brightest - darkest))

    def reset(self) -> None:
        """Forget all observations, as the part is lost."""
        self._observations.clear()

    def _is_unchanged(self, frame: FrameView) -> bool:
        if self._cells is None or not self._is_reusable:
            return False
        return cv2.norm(self._cells, frame.thumbnail[self._place], cv2.NORM_INF) <= self._max_difference

    def _has_changed(self, frame: FrameView, times: float) -> bool:
        """Return whether the picture has changed since the last observation in more of the region than so many
        ``max_change``.

        A part that is not in the picture counts as changed.
        """
        if self._max_change == math.inf:
            return False
        if self._cells is None:
            return True
        differences = cv2.absdiff(self._cells, frame.thumbnail[self._place])
        return bool(
            np.count_nonzero(differences > CHANGED * self._max_difference) > times * self._max_change * self._area
        )

    def _speed(self, frame: FrameView) -> float:
        """Return how far the part moved in a second by its last two observations, in own sizes; infinite where there
        are no two, or where they are too far apart to tell."""
        if len(self._observations) < 2:
            return math.inf
        (old_us, old), (new_us, new) = self._observations[-2], self._observations[-1]
        elapsed_us = new_us - old_us
        if not 0 < elapsed_us <= (LATE_ELAPSED_US if frame.is_late else 2 * HORIZON_US):
            return math.inf
        return self._motion.speed(old, new) * 1e6 / elapsed_us

    def _extrapolated(self, frame: FrameView) -> T | None:
        if len(self._observations) < 2:
            return None
        *older, (old_us, old), (new_us, new) = self._observations
        elapsed_us, ahead_us = new_us - old_us, frame.time_us - new_us
        horizon_us = LATE_HORIZON_US if frame.is_late else HORIZON_US
        if self._has_extrapolated:
            horizon_us = HORIZON_OF_MORE_US
        if not 0 < ahead_us <= horizon_us or ahead_us >= 2 * elapsed_us:
            return None
        nearness = max(1.0, NEAR_US / ahead_us)
        faster = nearness**self._near_power
        max_speed = self._max_late_speed if frame.is_late else self._max_speed
        is_slow = self._speed(frame) < max_speed * faster * min(1.0, HORIZON_US / ahead_us)
        # What may be faster moves further, too, by its speed in the time ahead.
        if not is_slow or self._has_changed(frame, faster / nearness):
            return None
        self._has_extrapolated = True
        return self._motion.extrapolate(older[0].part if older else None, old, new, ahead_us / elapsed_us)


def _thumbnail_slices(region: Region, frame: FrameView) -> tuple[slice, slice]:
    """Return the rows and columns of a frame's thumbnail that a region covers, taken as not turned."""
    side, half = frame.thumbnail_scale, region.size / 2
    rows, columns = (
        slice(max(0, int((middle - half) / side)), max(0, int((middle + half) / side) + 1))
        for middle in (region.y, region.x)
    )
    return rows, columns
