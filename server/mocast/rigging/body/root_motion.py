"""Root motion: where the hips are, sideways, in depth, and how far the body is off the floor.

Where the person is in the room comes from the size of the body in the picture (``body_placement``), at the scale of the
person's legs: a person of 1.9 m and a child take the avatar as many steps across the floor as they take.
"""

import math
from typing import Final

import numpy as np

from mocast.model import topology
from mocast.model.tracked import Pose
from mocast.rigging.filters.vector_filter import OneEuroParams, VectorFilter

MAX_SIDEWAYS_M: Final = 2.0
"""The hips' largest distance from the picture's middle: more is an error of the scale."""
MAX_DEPTH_M: Final = 3.0
"""The hips' largest distance in depth from where the avatar stands at rest. Who goes on from there takes the place of
rest along."""
MAX_LIFT_M: Final = 1.0
"""How far a body is off the floor at most."""
LIFT_FROM_M, LIFT_TO_M = 0.03, 0.07
"""A lower foot is off the floor from here on; from there on by all of its height. Less is noise."""
HALF_BODY_LIMIT_M: Final = 0.2
"""How far half a body goes up and down."""
HALF_BODY_S: Final = 4.0
"""Time constant with which half a body comes back to its height: without feet nobody knows where the floor is."""

SOLE_BACK: Final = np.array([0.0, -0.09, -0.05])
"""The heel at rest, relative to the ankle, avatar space, metres; the ankle is 9 cm above the floor."""
SOLE_FRONT: Final = np.array([0.0, -0.09, 0.17])
"""The tip of the toes, where the pose's foot index is."""

SIDEWAYS_FILTER: Final = OneEuroParams(min_cutoff_hz=1.0, beta=3.0)
DEPTH_FILTER: Final = OneEuroParams(min_cutoff_hz=0.3, beta=2.5, speed_cutoff_hz=1.5)
"""Calmer: a body's size tells its depth ten times less well than its place in the picture tells the rest."""
HALF_BODY_DEPTH_FILTER: Final = OneEuroParams(min_cutoff_hz=0.15, beta=1.5, speed_cutoff_hz=1.0)
LIFT_FILTER: Final = OneEuroParams(min_cutoff_hz=3.0, beta=6.0, speed_cutoff_hz=8.0)
BOB_FILTER: Final = OneEuroParams(min_cutoff_hz=0.6, beta=3.0)


def sideways_m(pose: Pose, width_px: int, scale_m: float | None) -> float | None:
    """Return how far the hips are right of the picture's middle (to the subject's left), in metres.

    ``scale_m``: the pose's ``metres_per_px``. ``None`` without it, and where the hips' landmarks are not numbers.
    """
    left, right = topology.HIPS
    middle = 0.5 * float(pose.image[left, 0] + pose.image[right, 0])
    if scale_m is None or not math.isfinite(middle):
        return None
    return min(max((middle - 0.5) * width_px * scale_m, -MAX_SIDEWAYS_M), MAX_SIDEWAYS_M)


class _Axis:
    """One coordinate, filtered; it is held while nothing is measured."""

    def __init__(self, params: OneEuroParams) -> None:
        self._filter = VectorFilter(params)
        self._held = np.zeros(1)
        self.value = 0.0
        "As returned last."

    def __call__(self, measured: float | None, time_s: float, params: OneEuroParams | None = None) -> float:
        if params is not None:
            self._filter.params = params
        if measured is not None and math.isfinite(measured):
            self._held = np.array([measured])
        self.value = float(self._filter.smooth(self._held, time_s)[0])
        return self.value


class RootMotion:
    """The path of the hips over consecutive frames, in avatar space."""

    def __init__(self) -> None:
        self._x, self._z = _Axis(SIDEWAYS_FILTER), _Axis(DEPTH_FILTER)
        self._lift, self._bob = _Axis(LIFT_FILTER), _Axis(BOB_FILTER)
        self._origin_z: float | None = None
        self._origin_y: float | None = None
        self._was_half = True

    def sideways(self, x_m: float | None, time_s: float) -> float:
        """Return the hips' x. ``x_m``: as measured, or ``None``."""
        return self._x(None if x_m is None else min(max(x_m, -MAX_SIDEWAYS_M), MAX_SIDEWAYS_M), time_s)

    def depth(self, z_m: float | None, scale: float, is_half: bool, time_s: float) -> float:
        """Return the hips' z. ``z_m``: as measured, toward the camera from any place, or ``None``.

        Where a person is first seen, or first seen whole, is the place of rest. ``scale``: the avatar's size over the
        person's.
        """
        if is_half != self._was_half:
            self._was_half, self._origin_z = is_half, None
        if z_m is not None:
            if self._origin_z is None:
                self._origin_z = z_m - self._z.value / scale
            self._origin_z = min(max(self._origin_z, z_m - MAX_DEPTH_M), z_m + MAX_DEPTH_M)
            z_m = scale * (z_m - self._origin_z)
        return self._z(z_m, time_s, HALF_BODY_DEPTH_FILTER if is_half else DEPTH_FILTER)

    def lift(self, lower_foot_m: float | None, time_s: float) -> float:
        """Return how far the body is off the floor. ``lower_foot_m``: the measured height of the lower foot."""
        off = 0.0 if lower_foot_m is None else min(max(lower_foot_m, 0.0), MAX_LIFT_M)
        share = min(max((off - LIFT_FROM_M) / (LIFT_TO_M - LIFT_FROM_M), 0.0), 1.0)
        return max(self._lift(off * share * share * (3.0 - 2.0 * share), time_s), 0.0)

    def bob(self, y_m: float | None, step_s: float, time_s: float) -> float:
        """Return how far half a body is above or below its own height. ``y_m``: as measured, from any place."""
        off = None
        if y_m is not None:
            if self._origin_y is None:
                self._origin_y = y_m
            self._origin_y += (1.0 - math.exp(-step_s / HALF_BODY_S)) * (y_m - self._origin_y)
            off = min(max(y_m - self._origin_y, -HALF_BODY_LIMIT_M), HALF_BODY_LIMIT_M)
        else:
            self._origin_y = None
        return self._bob(0.0 if off is None else off, time_s)
