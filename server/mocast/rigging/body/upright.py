"""The estimate of which way is up, learnt from frames in which the person is calm and nearly upright.

A camera that looks down, or up, makes who stands upright lean. A calibration in the T-pose measures it at once; without
one it is learnt: the trunk's mean direction while it rests. So somebody's habitual posture becomes the avatar's upright
one.
"""

import math
from typing import Final

import numpy as np

from mocast.model.quaternions import (
    IDENTITY_ONE,
    TINY,
    Matrices,
    Quaternion,
    Vector,
    angle_deg_one,
    matrix_one,
    multiply_one,
)

MAX_LEAN_DEG: Final = 30.0
"""A trunk that leans by more is not upright: nothing is learnt from it."""
MAX_LEVEL_DEG: Final = 30.0
"""Most that the camera's tilt is taken back."""
CALM_DEG: Final = 12.0
"""A trunk is calm while it stays so near to where it was in the last second, as that of somebody who signs does..."""
CALM_MEAN_S: Final = 1.0
"""...on the mean with this time constant."""
CALM_S: Final = 2.0
"""How long it must be calm before anything is learnt."""
FIRST_S: Final = 1.0
"""The time constant of what is learnt at first..."""
LAST_S: Final = 60.0
"""...and later: until then the estimate is the mean of all calm frames."""
_COSINE: Final = math.cos(math.radians(MAX_LEAN_DEG))


class UprightEstimate:
    """Learns a rotation that makes the person stand upright, from frame to frame."""

    def __init__(self) -> None:
        self.rotation: Quaternion = IDENTITY_ONE
        "Turns avatar space as the camera has it so that the person stands upright."
        self._learnt_s = FIRST_S
        self._calm_s = 0.0
        self._mean: Vector = (0.0, 1.0, 0.0)

    @property
    def matrix(self) -> Matrices | None:
        """(3, 3): ``rotation``; ``None`` where that is the identity."""
        return None if self.rotation[3] == 1.0 else np.array(matrix_one(self.rotation))

    def learn(self, spine: Vector, step_s: float) -> None:
        """Take in a frame: the unit vector along the trunk, in the space that ``rotation`` made."""
        ease = 1 - math.exp(-step_s / CALM_MEAN_S)
        x, y, z = (old + ease * (new - old) for old, new in zip(self._mean, spine, strict=True))
        self._mean = x, y, z
        length = max(math.sqrt(x * x + y * y + z * z), TINY)
        cosine = (x * spine[0] + y * spine[1] + z * spine[2]) / length
        is_calm = cosine > math.cos(math.radians(CALM_DEG)) and spine[1] > _COSINE
        self._calm_s = self._calm_s + step_s if is_calm else 0.0
        if self._calm_s > CALM_S:
            self._turn_upright(spine, min(step_s / self._learnt_s, 1.0))
            self._learnt_s = min(self._learnt_s + step_s, LAST_S)

    def _turn_upright(self, spine: Vector, share: float) -> None:
        x, _, z = spine
        sine = math.hypot(x, z)
        half = 0.5 * share * math.asin(min(sine, 1.0))
        along = math.sin(half) / max(sine, TINY)
        # About the cross product of the spine and up.
        turned = multiply_one((-z * along, 0.0, x * along, math.cos(half)), self.rotation)
        if angle_deg_one(turned) < MAX_LEVEL_DEG:
            self.rotation = turned
