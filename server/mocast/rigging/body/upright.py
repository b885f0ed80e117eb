"""The estimate of which way is up, learnt from frames in which the person is calm and nearly upright.

A camera that looks down, or up, makes who stands upright lean. A calibration in the T-pose measures it at once; without
one it is learnt: the trunk's mean direction while it rests. So somebody's habitual posture becomes the avatar's upright
one. It is the camera that is tilted, so up is a direction in camera space: who sits down, or steps aside, is seen along
another ray, and up stays where it was.

Directions are in camera space with avatar axes: x to the picture's right, y up, z back.
"""

import math
from typing import Final

import numpy as np

from mocast.model.quaternions import Quaternion, Vector, Vectors, inverse_one, multiply_one, rotate_one
from mocast.model.topology import ANKLES, HIPS, KNEES, SHOULDERS
from mocast.rigging.vectors import dot, lerp, sub, unit

MAX_LEAN_DEG: Final = 30.0
"""A trunk that leans by more is not upright: nothing is learnt from it."""
MAX_LEVEL_DEG: Final = 30.0
"""How far up is from where it began, at most."""
CALM_DEG: Final = 12.0
"""A trunk is calm while it is this near to its mean of the last second, as that of somebody who signs is."""
CALM_MEAN_S: Final = 1.0
"""The time constant of that mean."""
CALM_S: Final = 2.0
"""How long it must be calm before anything is learnt."""
FIRST_S: Final = 0.3
"""The estimate's time constant at first."""
LAST_S: Final = 60.0
"""Its time constant from this many calm seconds on; between the two the estimate is the mean of all calm frames."""
USUAL_LEAN_RAD: Final = math.radians(6.0)
"""Frames that lean by more than this from what was learnt weigh less, so that leans do not spoil the mean."""
UNSURE_RAD_S: Final = math.radians(30.0)
"""Divided by the seconds that were learnt from, this is added to that bound: little is known at first."""
STRAIGHT_SHARE: Final = 0.97
"""A leg whose ankle is at least this share of its length from the hip, a bend of 28°, is stood on."""
STANDS_WITHIN: Final = 0.12
"""Both ankles are level, and as deep, but for so much of the line to the shoulders; otherwise somebody walks."""
_JOINTS: Final = np.array([*SHOULDERS, *HIPS, *KNEES, *ANKLES])
_COSINE: Final = math.cos(math.radians(MAX_LEAN_DEG))
_UP: Final[Vector] = (0.0, 1.0, 0.0)


class UprightEstimate:
    """Learns which way is up, from frame to frame."""

    def __init__(self) -> None:
        self.up: Vector = _UP
        "Unit vector."
        self._first: Vector = _UP
        self._learnt_s = FIRST_S
        self._calm_s = 0.0
        self._mean: Vector = _UP

    @property
    def has_learnt(self) -> bool:
        """Whether it knows more than it was told to begin with."""
        return self._learnt_s > FIRST_S

    def begin(self, up: Vector) -> None:
        """Take a direction for up, as long as nothing was learnt."""
        if not self.has_learnt:
            self.up = self._first = up

    def learn(self, spine: Vector, step_s: float) -> None:
        """Take in a frame: the unit vector along the trunk."""
        self._mean = lerp(self._mean, spine, 1 - math.exp(-step_s / CALM_MEAN_S))
        cosine, upright = dot(unit(self._mean), spine), dot(self.up, spine)
        is_calm = cosine > math.cos(math.radians(CALM_DEG)) and upright > _COSINE
        self._calm_s = self._calm_s + step_s if is_calm else 0.0
        if self._calm_s <= CALM_S:
            return
        usual = USUAL_LEAN_RAD + UNSURE_RAD_S / self._learnt_s
        step_s /= (1.0 + (math.acos(min(upright, 1.0)) / usual) ** 2) ** 2
        up = unit(lerp(self.up, spine, min(step_s / self._learnt_s, 1.0)))
        self._learnt_s = min(self._learnt_s + step_s, LAST_S)
        if dot(up, self._first) > math.cos(math.radians(MAX_LEVEL_DEG)):
            self.up = up


def level(up: Vector, to_ray: Quaternion) -> Quaternion:
    """Return the rotation of ray space to the space in which up is y and the camera is straight ahead.

    It rolls about the ray and then pitches. ``to_ray``: see ``body_ray.to_ray``.
    """
    x, y, z = rotate_one(inverse_one(to_ray), up)
    roll, pitch = 0.5 * math.atan2(x, y), -0.5 * math.asin(min(max(z, -1.0), 1.0))
    return multiply_one((math.sin(pitch), 0.0, 0.0, math.cos(pitch)), (0.0, 0.0, math.sin(roll), math.cos(roll)))


def standing_line(points: Vectors) -> Vector | None:
    """Return the line from the middle of the ankles to that of the shoulders; ``None`` for who does not stand on both.

    ``points``: (33, 3) in avatar space. The line is three times as long as the spine, so noise tilts it a third as far.
    """
    left, right, left_hip, right_hip, left_knee, right_knee, left_ankle, right_ankle = points[_JOINTS].tolist()
    for hip, knee, ankle in ((left_hip, left_knee, left_ankle), (right_hip, right_knee, right_ankle)):
        if math.dist(hip, ankle) < STRAIGHT_SHARE * (math.dist(hip, knee) + math.dist(knee, ankle)):
            return None
    line = sub(lerp(left, right, 0.5), lerp(left_ankle, right_ankle, 0.5))
    within = STANDS_WITHIN * math.dist(line, (0.0, 0.0, 0.0))
    apart = sub(left_ankle, right_ankle)
    return line if max(abs(apart[1]), abs(apart[2])) < within else None
