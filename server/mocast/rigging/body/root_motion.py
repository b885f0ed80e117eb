"""Root motion: where the hips are, sideways, in depth, and how far the body is off the floor.

Where the person is in the room comes from the size of the body in the picture (``body_placement``), at the scale of the
person's legs: a person of 1.9 m and a child take the avatar as many steps across the floor as they take.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from mocast.model import topology
from mocast.model.quaternions import Vector
from mocast.model.tracked import Pose
from mocast.rigging.filters.vector_filter import OneEuroParams, VectorFilter

MAX_SIDEWAYS_M: Final = 2.0
"""The hips' largest distance from the picture's middle: more is an error of the scale."""
MAX_DEPTH_M: Final = 4.0
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

STILL_HEIGHT_M: Final = 0.012
STILL_DEPTH_M: Final = 0.03
"""Half a body goes up, down and nearer by what exceeds this: who signs or speaks moves as much and goes nowhere."""
X, Z, LIFT, BOB = range(4)
"""What is filtered: the hips' place sideways and in depth, how far a whole body is off the floor, and how far half a
body is above its height."""
MIN_CUTOFF_HZ: Final = np.array([1.0, 0.3, 3.0, 0.6])
BETA: Final = np.array([3.0, 2.5, 6.0, 3.0])
SPEED_CUTOFF_HZ: Final = np.array([4.0, 1.5, 8.0, 4.0])
"""Depth is calmer: a body's size tells it ten times less well than its place in the picture tells the rest."""
WHOLE_FILTER: Final = OneEuroParams(MIN_CUTOFF_HZ, BETA, SPEED_CUTOFF_HZ)
HALF_FILTER: Final = OneEuroParams(
    MIN_CUTOFF_HZ * [1.0, 0.5, 1.0, 1.0], BETA * [1.0, 0.6, 1.0, 1.0], SPEED_CUTOFF_HZ * [1.0, 0.7, 1.0, 1.0]
)
"""Depth is calmer still where half a body is seen, whose shoulders alone tell it."""


def sideways_m(pose: Pose, width_px: int, scale_m: float | None) -> float | None:
    """Return how far the hips are right of the picture's middle (to the subject's left), in metres.

    ``scale_m``: the pose's ``metres_per_px``. ``None`` without it, and where the hips' landmarks are not numbers.
    """
    left, right = topology.HIPS
    middle = 0.5 * float(pose.image[left, 0] + pose.image[right, 0])
    if scale_m is None or not math.isfinite(middle):
        return None
    return min(max((middle - 0.5) * width_px * scale_m, -MAX_SIDEWAYS_M), MAX_SIDEWAYS_M)


@dataclass(frozen=True, slots=True)
class MeasuredRoot:
    """Where a body is, as measured in a frame."""

    x_m: float | None = None
    "The hips sideways, metres at the avatar's size."
    y_m: float | None = None
    "The hips of half a body, from any height, metres at the person's size."
    z_m: float | None = None
    "The hips toward the camera, from any place, metres at the person's size."
    lower_foot_m: float = 0.0
    "How high the lower foot is over the floor, metres at the avatar's size."


class RootMotion:
    """The path of the hips over consecutive frames, in avatar space."""

    def __init__(self) -> None:
        self._filter = VectorFilter(WHOLE_FILTER)
        self._held = [0.0, 0.0, 0.0, 0.0]
        "What is filtered; a coordinate that is not measured is held."
        self._shown = [0.0, 0.0, 0.0, 0.0]
        self._origin_z: float | None = None
        self._origin_y: float | None = None
        self._was_half = True

    def update(self, at: MeasuredRoot, scale: float, is_half: bool, step_s: float, time_s: float) -> Vector:
        """Return the hips' x, how far they are above where feet on the floor have them, and their z.

        Where a person is first seen, or first seen whole, is the place of rest. ``scale``: the avatar's size over the
        person's.
        """
        held = self._held
        if at.x_m is not None:
            held[X] = min(max(at.x_m, -MAX_SIDEWAYS_M), MAX_SIDEWAYS_M)
        if is_half != self._was_half:
            self._was_half, self._origin_z = is_half, None
        if at.z_m is not None:
            if self._origin_z is None:
                self._origin_z = at.z_m - self._shown[Z] / scale
            self._origin_z = min(max(self._origin_z, at.z_m - MAX_DEPTH_M), at.z_m + MAX_DEPTH_M)
            z_m = scale * (at.z_m - self._origin_z)
            held[Z] = _dragged(held[Z], z_m, STILL_DEPTH_M) if is_half else z_m
        held[LIFT] = 0.0 if is_half else _lift(at.lower_foot_m)
        held[BOB] = _dragged(held[BOB], self._off_its_height(at.y_m if is_half else None, step_s), STILL_HEIGHT_M)
        self._filter.params = HALF_FILTER if is_half else WHOLE_FILTER
        self._shown = self._filter.smooth(np.array(held), time_s).tolist()
        return self._shown[X], max(self._shown[LIFT], 0.0) + self._shown[BOB], self._shown[Z]

    def _off_its_height(self, y_m: float | None, step_s: float) -> float:
        if y_m is None:
            self._origin_y = None
            return 0.0
        if self._origin_y is None:
            self._origin_y = y_m
        self._origin_y += (1.0 - math.exp(-step_s / HALF_BODY_S)) * (y_m - self._origin_y)
        return min(max(y_m - self._origin_y, -HALF_BODY_LIMIT_M), HALF_BODY_LIMIT_M)


def _dragged(held: float, measured: float, most: float) -> float:
    """Return ``held``, moved so far that it is within ``most`` of ``measured``: what trembles by less stands still."""
    return min(max(held, measured - most), measured + most)


def _lift(lower_foot_m: float) -> float:
    off = min(max(lower_foot_m, 0.0), MAX_LIFT_M)
    share = min(max((off - LIFT_FROM_M) / (LIFT_TO_M - LIFT_FROM_M), 0.0), 1.0)
    return off * share * share * (3.0 - 2.0 * share)
