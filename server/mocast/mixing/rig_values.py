"""A rig's values in two arrays, rotations and numbers, each of a mixer's channels in one of them."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import EXPRESSION_COUNT, SHAPE_COUNT
from mocast.model.humanoid import BONE_COUNT, REST_POSITIONS, HumanoidBone
from mocast.model.mixed_parts import GAZE, HEAD_POSE, HIPS, SHAPES_AT
from mocast.model.quaternions import slerp
from mocast.model.rig import HeadPose, Rig
from mocast.model.source_pose import Given, SourcePose
from mocast.rigging.body.visibility import RELAXED

_NO_HEAD: Final = HeadPose(np.array([0, 0, 0.6], np.float32), np.array([0, 0, 0, 1], np.float32))
"""Straight before the camera, at arm's length."""

_EXPRESSIONS_AT: Final = SHAPE_COUNT
_GAZE_AT: Final = _EXPRESSIONS_AT + EXPRESSION_COUNT
_HIPS_AT: Final = _GAZE_AT + 2
_HEAD_AT: Final = _HIPS_AT + 3

_CHANNEL_OF_ROTATION: Final = np.array([*range(BONE_COUNT), HEAD_POSE])
_CHANNEL_OF_NUMBER: Final = np.array([*range(SHAPES_AT, GAZE), *[GAZE] * 2, *[HIPS] * 3, *[HEAD_POSE] * 3])


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Where the values of some channels are."""

    rotations: Given
    "(56,)."
    numbers: Given
    "(72,)."

    @classmethod
    def of(cls, channels: Given) -> Self:
        """Return the rows of channels, (122,)."""
        return cls(channels[_CHANNEL_OF_ROTATION], channels[_CHANNEL_OF_NUMBER])


@dataclass(frozen=True, slots=True, eq=False)
class RigValues:
    """All that a mixer interpolates of a rig."""

    rotations: NDArray[np.float32]
    "(56, 4): the bones', then the head's before the camera."
    numbers: NDArray[np.float32]
    "(72,): shapes, expressions, gaze in degrees, hips and the head's position in metres."

    @classmethod
    def of(cls, source: Rig | SourcePose) -> Self:
        """Return the values of a rig or a pose, in arrays of their own."""
        head = source.head or _NO_HEAD
        return cls(
            np.concatenate([source.rotations, head.rotation[None]]),
            np.concatenate([source.shapes, source.expressions, source.gaze_deg, source.hips, head.position]),
        )

    @property
    def bones(self) -> NDArray[np.float32]:
        """(55, 4) rotations."""
        return self.rotations[:BONE_COUNT]

    @property
    def shapes(self) -> NDArray[np.float32]:
        """(52,) weights."""
        return self.numbers[:_EXPRESSIONS_AT]

    @property
    def expressions(self) -> NDArray[np.float32]:
        """(12,) weights."""
        return self.numbers[_EXPRESSIONS_AT:_GAZE_AT]

    @property
    def gaze_deg(self) -> NDArray[np.float32]:
        """(2,) yaw and pitch."""
        return self.numbers[_GAZE_AT:_HIPS_AT]

    @property
    def hips(self) -> NDArray[np.float32]:
        """(3,) position in metres."""
        return self.numbers[_HIPS_AT:_HEAD_AT]

    @property
    def head(self) -> HeadPose:
        """The head before the camera."""
        return HeadPose(self.numbers[_HEAD_AT:], self.rotations[-1])

    def copy(self) -> "RigValues":
        """Return the same in arrays of their own."""
        return RigValues(self.rotations.copy(), self.numbers.copy())

    def put(self, rows: Rows, other: "RigValues") -> None:
        """Replace the values of some rows by another rig's."""
        self.rotations[rows.rotations] = other.rotations[rows.rotations]
        self.numbers[rows.numbers] = other.numbers[rows.numbers]

    def fade_from(self, before: "RigValues", done: NDArray[np.float64]) -> None:
        """Move every value back toward another rig's. ``done``, (122,): the share of each channel that stays, 0..1."""
        by_rotation, by_number = done[_CHANNEL_OF_ROTATION], done[_CHANNEL_OF_NUMBER]
        turning = by_rotation < 1.0
        self.rotations[turning] = slerp(before.rotations[turning], self.rotations[turning], by_rotation[turning])
        self.numbers[:] = before.numbers + by_number * (self.numbers - before.numbers)


def _at_rest() -> RigValues:
    rotations = np.concatenate([RELAXED.astype(np.float32), _NO_HEAD.rotation[None]])
    values = RigValues(rotations, np.zeros(len(_CHANNEL_OF_NUMBER), np.float32))
    values.hips[:], values.head.position[:] = REST_POSITIONS[HumanoidBone.HIPS], _NO_HEAD.position
    return values


AT_REST: Final = _at_rest()
"""Arms hang, the face is neutral."""
