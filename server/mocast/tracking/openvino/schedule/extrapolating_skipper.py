"""A part that is extrapolated: it moves slowly, and goes on as it moved between its last two observations. Own work."""

import math
from collections import deque
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from mocast.tracking.openvino.regions.frame_view import FrameView
from mocast.tracking.openvino.regions.region import Region
from mocast.tracking.openvino.schedule.frame_interval import FULL_STEP_US
from mocast.tracking.openvino.schedule.frame_skipping import LATE_HORIZON_US, FrameSkipper

T = TypeVar("T")

HORIZON_US: Final = 60_000
"""Microseconds. Nothing is extrapolated further than this beyond the last observation, nor further than twice the time
between the last two: frames that come in bursts show noise, not motion. A part that is extrapolated further, as far as
``LATE_HORIZON_US``, must be slower in proportion, so that it moves no further."""
LATE_ELAPSED_US: Final = 300_000
"""Microseconds. From observations that are further apart nothing is extrapolated where there is no time for all frames,
as a stream has two frames in a row then while others wait (``FrameScheduler``); else twice ``HORIZON_US``."""
NEAR_US: Final = FULL_STEP_US
"""Microseconds. A part that is extrapolated less far than this may be faster, so that it moves on as far, or by a power
of the time: ``near_power`` of ``ExtrapolatingSkipper``."""
HORIZON_OF_MORE_US: Final = 52_000
"""Microseconds. The horizon where a part is extrapolated once more since the last observation, as three frames in a row
are at 60 frames per second."""


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


class ExtrapolatingSkipper(FrameSkipper[T]):
    """Skips the networks of a part in every second frame while it moves slowly, or in three of four where frames come
    twice as fast."""

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
        missed is its acceleration.
        """
        super().__init__(is_on=is_on)
        self._motion = motion
        self._max_speed = max_speed
        self._max_change = max_change
        self._max_late_speed = max(max_speed, max_late_speed)
        self._near_power = near_power
        self._observations: deque[_Observation[T]] = deque(maxlen=3)
        "The newest last."
        self._has_extrapolated = False
        "Since the last observation."

    def reset(self) -> None:
        """Forget all observations, as the part is lost."""
        super().reset()
        self._observations.clear()

    def _is_confident(self, part: T) -> bool:
        return self._motion.is_confident(part)

    def _remember(self, part: T, frame: FrameView, region: Region) -> None:
        self._observations.append(_Observation(frame.time_us, part))
        self._has_extrapolated = False

    def _will_move(self, frame: FrameView) -> bool:
        return self._speed(frame) * LATE_HORIZON_US / HORIZON_US < self._max_late_speed

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

    def _moved(self, frame: FrameView) -> T | None:
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

    def _has_changed(self, frame: FrameView, times: float) -> bool:
        """Return whether the picture has changed in more of the region than so many ``max_change``."""
        return self._max_change < math.inf and self._changed_share(frame) > times * self._max_change
