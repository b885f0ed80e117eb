"""Falls: a warning of a sudden descent of the hips after which somebody stays down. No medical or safety device.

The middle of the hips in the picture, divided by the scale there, is a height in metres (up to where the floor is). The
scale is the spread of shoulders and hips in the picture divided by their spread in world space's x and y, which a lean
changes alike; it is smoothed, so that its noise does not move the hips. A fall is a drop of ``DROP_M`` below the level
of one to two seconds ago, faster than ``SPEED_M_S`` for a moment, that lasts for ``DOWN_S``, and after which the trunk
is down, too: it leans more than ``LEAN_DEG``, or the hips are nearly as low as the ankles, where those are seen. The
speed is between those of falls and of sitting down fast (Bourke, O'Donovan, ÓLaighin, "The identification of vertical
velocity profiles using an inertial sensor to investigate pre-impact detection of falls", 2008: -1.3 m/s at the trunk).
Landing from a jump ends at the level where it began, a squat ends with the trunk up and hips above the ankles.

A camera that moves, or somebody who leaves the picture below, tells nothing.
"""

import math
from collections import deque
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np

from mocast.model.topology import ANKLES, HIPS, SHOULDERS
from mocast.model.tracked import Pose
from mocast.model.visible_landmarks import MIN_VISIBILITY_ON_ENTRY

DROP_M: Final = 0.45
SPEED_M_S: Final = 1.3
DOWN_S: Final = 0.4
LEAN_DEG: Final = 45.0
HIPS_ABOVE_ANKLES_M: Final = 0.25
LEVEL_FROM_S: Final = 2.0
LEVEL_TO_S: Final = 1.0
"""The level before is the median height between these times ago."""
SPEED_OVER_S: Final = 0.2
"""How long the speed is measured over."""
FAST_FOR_S: Final = 1.5
"""A fast descent counts for so long."""
REARM_S: Final = 5.0
"""After a warning the next one comes no sooner."""
SCALE_S: Final = 1.0
"""Time constant of the scale's low pass."""
LEAST_SPREAD_PX: Final = 1.0
LEAST_SPREAD_M: Final = 0.01
"""Trunks that are smaller tell no scale."""
_KEPT: Final = 256
_POINTS: Final = np.array([*SHOULDERS, *HIPS, *ANKLES])


@dataclass(frozen=True, slots=True)
class _Hips:
    """Where the hips are in one frame."""

    below_px: float
    "Of the middle of the hips, from the picture's top."
    px_per_m: float
    is_down: bool
    "Whether the trunk lies, or the hips are on the floor."


class Falls:
    """Warns of one person's falls."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque(maxlen=_KEPT)
        "Times, and where the hips were, in pixels below the picture's top."
        self._px_per_m = 0.0
        self._fast_s = -math.inf
        self._down_since_s: float | None = None
        self._warned_s = -math.inf

    def update(self, pose: Pose | None, size_wh: tuple[int, int], now_s: float, step_s: float) -> bool:
        """Take the pose of the next frame; return whether somebody has fallen, as it seems."""
        hips = None if pose is None else _hips(pose, size_wh)
        if hips is None:
            self._seen.clear()
            self._px_per_m, self._down_since_s = 0.0, None
            return False
        weight = 1.0 - math.exp(-step_s / SCALE_S) if self._px_per_m else 1.0
        self._px_per_m += weight * (hips.px_per_m - self._px_per_m)
        self._seen.append((now_s, hips.below_px))
        while self._seen[0][0] < now_s - LEVEL_FROM_S - FAST_FOR_S:
            self._seen.popleft()
        if self._speed_m_s(now_s) >= SPEED_M_S:
            self._fast_s = now_s
        return self._has_fallen(hips, now_s)

    def _speed_m_s(self, now_s: float) -> float:
        """Return how fast the hips descend, over the last ``SPEED_OVER_S``."""
        now_px = self._seen[-1][1]
        for time_s, below_px in reversed(self._seen):
            if now_s - time_s >= SPEED_OVER_S:
                return (now_px - below_px) / (self._px_per_m * (now_s - time_s))
        return 0.0

    def _has_fallen(self, hips: _Hips, now_s: float) -> bool:
        if now_s - self._fast_s > FAST_FOR_S or now_s - self._warned_s < REARM_S or not hips.is_down:
            self._down_since_s = None
            return False
        since_s = now_s if self._down_since_s is None else self._down_since_s
        level = [below for time, below in self._seen if LEVEL_TO_S <= since_s - time <= LEVEL_FROM_S]
        if not level or (hips.below_px - median(level)) / self._px_per_m < DROP_M:
            self._down_since_s = None
            return False
        self._down_since_s = since_s
        if now_s - since_s < DOWN_S:
            return False
        self._warned_s = now_s
        return True


def _hips(pose: Pose, size_wh: tuple[int, int]) -> _Hips | None:
    """Return where the hips are; ``None`` where shoulders or hips are not seen."""
    visibility = pose.visibility.take(_POINTS).tolist()
    if min(visibility[:4]) < MIN_VISIBILITY_ON_ENTRY:
        return None
    width, height = size_wh
    image, world = pose.image.take(_POINTS, 0).tolist(), pose.world.take(_POINTS, 0).tolist()
    spread_px = _spread([(x * width, y * height) for x, y, _ in image[:4]])
    spread_m = _spread([(x, y) for x, y, _ in world[:4]])
    if not (LEAST_SPREAD_PX < spread_px < math.inf and LEAST_SPREAD_M < spread_m < math.inf):
        return None
    lean = [world[0][axis] + world[1][axis] - world[2][axis] - world[3][axis] for axis in range(3)]
    is_down = math.atan2(math.hypot(lean[0], lean[2]), -lean[1]) > math.radians(LEAN_DEG)
    if not is_down and min(visibility[4:]) >= MIN_VISIBILITY_ON_ENTRY:
        hips_above_ankles_m = 0.5 * (world[4][1] + world[5][1] - world[2][1] - world[3][1])
        is_down = hips_above_ankles_m < HIPS_ABOVE_ANKLES_M
    return _Hips(0.5 * (image[2][1] + image[3][1]) * height, spread_px / spread_m, is_down)


def _spread(points: list[tuple[float, float]]) -> float:
    """Return the root of the sum of the points' squared distances from their middle; NaN where one is not finite."""
    x, y = sum([px for px, _ in points]) / len(points), sum([py for _, py in points]) / len(points)
    return math.hypot(*[px - x for px, _ in points], *[py - y for _, py in points])
