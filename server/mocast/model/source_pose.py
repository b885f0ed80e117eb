"""What one source of a mixer says at one moment: some of a rig's values, in avatar space, never mirrored."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import EXPRESSION_COUNT, SHAPE_COUNT
from mocast.model.humanoid import BONE_COUNT, HumanoidBone
from mocast.model.mixed_parts import CHANNEL_COUNT, EXPRESSIONS_AT, GAZE, HEAD_POSE, HIPS, SHAPES_AT
from mocast.model.quaternions import Quaternion, Vector
from mocast.model.rig import HeadPose, Rotations

Given = NDArray[np.bool_]
"""(122,) bool: which channels have a value."""

_NO_TURN = (0.0, 0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class SourcePose:
    """A source's values. Where ``given`` is false, a value is 0 or the identity and means nothing."""

    given: Given
    rotations: Rotations
    "(55, 4) float32: as ``Rig.rotations``."
    shapes: NDArray[np.float32]
    "(52,) float32, 0..1."
    expressions: NDArray[np.float32]
    "(12,) float32, 0..1."
    gaze_deg: NDArray[np.float32]
    "(2,) float32: as ``Rig.gaze_deg``."
    hips: NDArray[np.float32]
    "(3,) float32: as ``Rig.hips``."
    head: HeadPose | None
    "Relative to the source's own camera."

    @property
    def turns_head(self) -> bool:
        """Whether ``head`` says where neck and head turn: where a source knows no chest that they would be relative
        to."""
        return self.head is not None and not self.given[HumanoidBone.HEAD]


def source_pose(
    *,
    rotations: Mapping[int, Quaternion] | None = None,
    shapes: Mapping[int, float] | None = None,
    expressions: Mapping[int, float] | None = None,
    gaze_deg: tuple[float, float] | None = None,
    hips: Vector | None = None,
    head: HeadPose | None = None,
) -> SourcePose:
    """Return a pose of these values, which are finite and in their ranges; by ``HumanoidBone``, ``Shape``,
    ``Expression``."""
    given = np.zeros(CHANNEL_COUNT, bool)
    turned = np.tile(np.array(_NO_TURN, np.float32), (BONE_COUNT, 1))
    if rotations:
        bones = list(rotations)
        turned[bones] = list(rotations.values())
        given[bones] = True
    given[GAZE], given[HIPS], given[HEAD_POSE] = gaze_deg is not None, hips is not None, head is not None
    return SourcePose(
        given=given,
        rotations=turned,
        shapes=_weights(shapes or {}, SHAPE_COUNT, given[SHAPES_AT:EXPRESSIONS_AT]),
        expressions=_weights(expressions or {}, EXPRESSION_COUNT, given[EXPRESSIONS_AT:GAZE]),
        gaze_deg=np.array(gaze_deg or (0.0, 0.0), np.float32),
        hips=np.array(hips or (0.0, 0.0, 0.0), np.float32),
        head=head,
    )


def _weights(values: Mapping[int, float], count: int, given: Given) -> NDArray[np.float32]:
    """Return values by index as an array, and mark them in ``given``, in place."""
    weights = np.zeros(count, np.float32)
    if values:
        indices = list(values)
        weights[indices] = list(values.values())
        given[indices] = True
    return weights


NOTHING = source_pose()
"""What a source says that has lost its subject."""
