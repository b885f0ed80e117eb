"""The mirror image of a rig, for outputs and displays; everywhere else rigs are unmirrored."""

from dataclasses import replace
from typing import Final

import numpy as np

from mocast.model.blendshapes import EXPRESSION_MIRROR_OF, SHAPE_MIRROR_OF
from mocast.model.hand_targets import HandTargets
from mocast.model.humanoid import MIRROR_OF
from mocast.model.quaternions import MIRROR_ROTATION, MIRROR_VECTOR
from mocast.model.rig import HeadPose, Rig

_BONES: Final = np.array(MIRROR_OF)
_SHAPES: Final = np.array(SHAPE_MIRROR_OF)
_EXPRESSIONS: Final = np.array(EXPRESSION_MIRROR_OF)
_FLIP_X: Final = MIRROR_VECTOR.astype(np.float32)
_FLIP_ROTATION: Final = MIRROR_ROTATION.astype(np.float32)
_FLIP_YAW: Final = np.array([-1, 1], np.float32)


def mirrored(rig: Rig) -> Rig:
    """Return the rig reflected at x = 0 of avatar space, left and right swapped."""
    found, head, targets = rig.found, rig.head, rig.hand_targets
    return replace(
        rig,
        hips=rig.hips * _FLIP_X,
        rotations=rig.rotations[_BONES] * _FLIP_ROTATION,
        shapes=rig.shapes[_SHAPES],
        expressions=rig.expressions[_EXPRESSIONS],
        gaze_deg=rig.gaze_deg * _FLIP_YAW,
        found=replace(found, left_hand=found.right_hand, right_hand=found.left_hand),
        head=HeadPose(head.position * _FLIP_X, head.rotation * _FLIP_ROTATION) if head else None,
        planted=rig.planted[::-1],
        hand_targets=HandTargets(targets.offsets[::-1] * _FLIP_X, targets.nearness[::-1], targets.touching[::-1]),
    )
