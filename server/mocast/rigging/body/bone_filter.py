"""The filter of a rig's bones: One Euro filters, calmer or quicker by bone; trunk and upper arms in avatar space.

Fingers move little or much: what is slower than ``rest_speed`` is noise of a hand that is a few pixels wide.
"""

from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from mocast.model.humanoid import BONE_COUNT, HumanoidBone
from mocast.model.options import Smoothing
from mocast.model.quaternions import Quaternions
from mocast.rigging.body.bone_chains import shared_chains, whole_chains
from mocast.rigging.filters.rotation_filter import MAX_JOINT_RAD_PER_S, ROTATION_FILTER, RotationFilter
from mocast.rigging.filters.vector_filter import OneEuroParams

TRUNK_FILTER: Final[dict[Smoothing, dict[HumanoidBone, OneEuroParams]]] = {
    "responsive": {
        HumanoidBone.HIPS: OneEuroParams(min_cutoff_hz=0.8, beta=6.0, speed_cutoff_hz=2.5),
        HumanoidBone.UPPER_CHEST: OneEuroParams(min_cutoff_hz=1.0, beta=7.0, speed_cutoff_hz=3.0),
        HumanoidBone.HEAD: OneEuroParams(min_cutoff_hz=2.0, beta=8.0, speed_cutoff_hz=4.0),
    },
    "balanced": {
        HumanoidBone.HIPS: OneEuroParams(min_cutoff_hz=0.4, beta=5.0, speed_cutoff_hz=1.2),
        HumanoidBone.UPPER_CHEST: OneEuroParams(min_cutoff_hz=0.35, beta=6.5, speed_cutoff_hz=1.4),
        HumanoidBone.HEAD: OneEuroParams(min_cutoff_hz=1.2, beta=7.0, speed_cutoff_hz=3.0),
    },
    "smooth": {
        HumanoidBone.HIPS: OneEuroParams(min_cutoff_hz=0.3, beta=3.0, speed_cutoff_hz=1.2),
        HumanoidBone.UPPER_CHEST: OneEuroParams(min_cutoff_hz=0.3, beta=3.5, speed_cutoff_hz=1.7),
        HumanoidBone.HEAD: OneEuroParams(min_cutoff_hz=0.4, beta=3.5, speed_cutoff_hz=2.0),
    },
}
"""Of pelvis, chest and head in avatar space, Hz and Hz per rad/s. They move less than limbs, so the cut-off rises
sooner. The face tells the head best; two hips that are 20 cm apart tell the pelvis worst. What they delay is in
docs/avatar-accuracy.md."""

FINGER_FILTER: Final[dict[Smoothing, OneEuroParams]] = {
    "responsive": OneEuroParams(min_cutoff_hz=1.0, beta=8.0, speed_cutoff_hz=2.5, rest_speed=0.5),
    "balanced": OneEuroParams(min_cutoff_hz=0.3, beta=10.0, speed_cutoff_hz=1.5, rest_speed=0.55),
    "smooth": OneEuroParams(min_cutoff_hz=0.2, beta=6.0, speed_cutoff_hz=1.2, rest_speed=0.5),
}
"""A calm speed that the cut-off then rises steeply with: noise, which goes to and fro, is averaged away, motion is not.
A finger of ±10° at 1 Hz is 41, 61 and 88 ms late, at 94, 92 and 80% of it."""
MAX_HAND_RAD_PER_S: Final = 16.0
"""Limit of a hand's angular velocity: 30° from a picture to the next, of 30 a second. A palm that is seen turned over
turns over in a tenth of a second or two, and does not jump."""

_FINGERS: Final = slice(HumanoidBone.LEFT_THUMB_METACARPAL, BONE_COUNT)


def _most_rad_per_s() -> NDArray[np.float64]:
    most = np.full((BONE_COUNT, 1), MAX_JOINT_RAD_PER_S)
    most[[HumanoidBone.LEFT_HAND, HumanoidBone.RIGHT_HAND]] = MAX_HAND_RAD_PER_S
    return most


def _by_bone(preset: Smoothing) -> OneEuroParams:
    limbs = ROTATION_FILTER[preset]
    table = np.tile(_row(limbs), (BONE_COUNT, 1))
    table[_FINGERS] = _row(FINGER_FILTER[preset])
    for bone, trunk in TRUNK_FILTER[preset].items():
        table[bone] = _row(trunk)
    return OneEuroParams(table[:, :1], table[:, 1:2], table[:, 2:3], table[:, 3:])


def _row(params: OneEuroParams) -> NDArray[np.float64]:
    return np.array([params.min_cutoff_hz, params.beta, params.speed_cutoff_hz, params.rest_speed])


_BONE_FILTER: Final[dict[Smoothing, OneEuroParams]] = {preset: _by_bone(preset) for preset in get_args(Smoothing)}
"""Of (55, 1) arrays."""


class BoneFilter:
    """Smooths the (55, 4) local rotations of consecutive frames."""

    def __init__(self, start: Quaternions) -> None:
        self._filter = RotationFilter(whole_chains(start), _most_rad_per_s())

    def smooth(self, measured: Quaternions, step_s: float, preset: Smoothing) -> Quaternions:
        """Return the smoothed (55, 4) local rotations, ``step_s`` seconds, above 0, after the last ones."""
        return shared_chains(self._filter.smooth(whole_chains(measured), step_s, _BONE_FILTER[preset]))
