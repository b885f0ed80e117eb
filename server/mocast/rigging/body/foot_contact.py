"""Foot contact: whether a foot stands, by its speed and its height over the floor, with hysteresis."""

import math
from operator import mul
from typing import Final

ENTER_M_PER_S: Final = 0.08
ENTER_M: Final = 0.04
"""A foot that is slower and lower than this begins to stand."""
LEAVE_SHARE: Final = 1.5
"""A foot that stands leaves the floor where it is faster or higher than this many times these bounds, and further than
``LEAVE_M`` from where it stood."""
LEAVE_M: Final = 0.025
SLIDE_M: Final = 0.06
"""A foot that is further than this from where it stood has left it, however slowly."""
MIN_CONTACT_S: Final = 0.06
"""For so long, from the first to the last of three frames at 30 a second, it must be slow and low to stand."""
SPEED_S: Final = 0.11
"""The speed is the slope of a line through the positions of so long: four frames at 30 a second, at least three.
Landmarks tremble by millimetres a frame; a filter without an end would remember a landing for longer."""
LEAST_FRAMES: Final = 3
DEPTH_SPEED_M_PER_S: Final = 0.3
DEPTH_SPEED_PER_S: Final = 0.12
"""A speed along the line of sight counts by what exceeds both this and that share of the distance: less is noise.
A foot that swings toward the camera and upward may stand still in the picture."""
ANCHOR_S: Final = 0.5
"""Time constant with which the place where a standing foot is seen is averaged."""
BLEND_S: Final = 0.1
"""How long the height of a foot takes to become that of the floor, and back: three frames at 30 a second."""
FOLLOW_HZ_PER_M_PER_S: Final = 30.0
"""Rise, with the speed above that of a foot that stands, of the cut-off with which a foot's place is followed: a slow
foot hardly moves, one of 0.5 m/s is followed within 13 ms."""
FOLLOW_LIFTED_HZ: Final = 3.0
"""The least cut-off for a foot that is off the floor."""
LAND_M_PER_S: Final = 0.6
LAND_M: Final = 0.02
"""A foot that falls faster than this, as no step's does, and is lower than ``LAND_M``, has landed: it stands where it
is, before its speed says so."""
LAND_SHARE: Final = 0.5
"""A foot that goes aside or in depth faster than this share of its fall may be on its way, and has not landed."""

Direction = tuple[float, float]
"""Where something is seen: x/z and y/z from the camera."""


class FootContact:
    """The contact of one foot in consecutive frames."""

    def __init__(self) -> None:
        self.is_standing = False
        self.hold = 0.0
        "0..1: how far the foot's height is the floor's; it begins with the first frame in which it is slow and low."
        self.follow_hz = math.inf
        "The cut-off with which the foot's place on the floor is to be followed; 0 while it stands."
        self.still_s = 0.0
        "For how long it has not moved, at whatever height."
        self._slow_s = 0.0
        self._recent: list[tuple[float, ...]] = []
        "Time, x and y of heel and toes over the distance, the distance, and the height, of the last frames."
        self._anchor: list[Direction] = []
        "Where heel and toes are seen while it stands."

    def update(self, seen_at: list[Direction], away_m: float, height_m: float, step_s: float) -> None:
        """Take in where heel and toes are seen in the next frame, how far away, and how high over the floor.

        ``height_m``: of the lower one. A foot that rolls over its heel or its toes stands on them, so the slower point
        counts.
        """
        aside, across, along, falling = self._speed(seen_at, away_m, height_m, step_s)
        along = max(along - max(DEPTH_SPEED_M_PER_S, DEPTH_SPEED_PER_S * away_m), 0.0)
        speed = math.hypot(across, along)
        if self.is_standing:
            gone = away_m * min(math.dist(at, stood) for at, stood in zip(seen_at, self._anchor, strict=True))
            is_off = across > LEAVE_SHARE * ENTER_M_PER_S or height_m > LEAVE_SHARE * ENTER_M
            self.is_standing = is_slow = gone < (LEAVE_M if is_off else SLIDE_M)
        else:
            is_slow = speed < ENTER_M_PER_S
        if not self.is_standing and height_m < LAND_M:
            self.is_standing = falling > max(LAND_M_PER_S, math.hypot(aside, along) / LAND_SHARE)
            is_slow |= self.is_standing
            self._anchor = []
        self.still_s = self.still_s + step_s if is_slow else 0.0
        is_low = self.is_standing or height_m < ENTER_M
        self._slow_s = self._slow_s + step_s if is_slow and is_low else 0.0
        self.is_standing = self.is_standing or self._slow_s >= MIN_CONTACT_S
        self._remember(seen_at, step_s)
        self.follow_hz = FOLLOW_HZ_PER_M_PER_S * max(speed - ENTER_M_PER_S, 0.0)
        if not is_low:
            self.follow_hz = max(self.follow_hz, FOLLOW_LIFTED_HZ)
        if self.is_standing:
            self.follow_hz = 0.0
        self._blend(step_s)

    def lose(self, step_s: float) -> None:
        """Take in a frame in which the foot is not seen."""
        self._recent.clear()
        self.is_standing, self._slow_s, self.still_s = False, 0.0, 0.0
        self.follow_hz = FOLLOW_LIFTED_HZ if self.hold > 0.0 else math.inf
        self._blend(step_s)

    def _speed(
        self, seen_at: list[Direction], away_m: float, height_m: float, step_s: float
    ) -> tuple[float, float, float, float]:
        """Return speeds, m/s: of the slower point aside, across and along the line of sight, and toward the floor."""
        now_s = self._recent[-1][0] + step_s if self._recent else 0.0
        self._recent.append((now_s, *seen_at[0], *seen_at[1], away_m, height_m))
        while len(self._recent) > LEAST_FRAMES and now_s - self._recent[0][0] > SPEED_S:
            self._recent.pop(0)
        if len(self._recent) < LEAST_FRAMES:
            return math.inf, math.inf, math.inf, 0.0
        times, *columns = zip(*self._recent, strict=True)
        mean = sum(times) / len(times)
        weights = [time - mean for time in times]
        scale = 1.0 / sum(weight * weight for weight in weights)
        heel_x, heel_y, toes_x, toes_y, along, up = (scale * sum(map(mul, weights, column)) for column in columns)
        across = away_m * min(math.hypot(heel_x, heel_y), math.hypot(toes_x, toes_y))
        return away_m * min(abs(heel_x), abs(toes_x)), across, abs(along), -up

    def _remember(self, seen_at: list[Direction], step_s: float) -> None:
        if not self.is_standing or not self._anchor:
            self._anchor = seen_at
            return
        share = 1.0 - math.exp(-step_s / ANCHOR_S)
        both = zip(self._anchor, seen_at, strict=True)
        self._anchor = [(x + share * (now_x - x), y + share * (now_y - y)) for (x, y), (now_x, now_y) in both]

    def _blend(self, step_s: float) -> None:
        step = step_s / BLEND_S
        self.hold = min(max(self.hold + (step if self._slow_s > 0.0 else -step), 0.0), 1.0)
