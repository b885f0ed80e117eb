"""Proportions of an avatar, measured on its skeleton and its skin, as ``measureProportions.ts`` does on the page."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.hand_targets import REST_MIDDLES, REST_SIZES, Anchor
from mocast.model.humanoid import BONE_COUNT, PARENTS, REST_POSITIONS, HumanoidBone
from mocast.model.quaternions import Vector
from mocast.rigging.retargeting.proportions import BODY_ANCHORS, TRUNK_BONES, Proportions, rows
from mocast.rigging.retargeting.vrm_file import Collider, Points, VrmFile

MIN_POINTS: Final = 24
"""Fewer vertices say nothing of a body's size: it is then taken from the bones alone."""
LOWER_FACE: Final = 0.4
"""Where the mouth is, from the chin to the eyes; the face is measured within a fifth of that height up and down."""
LIPS: Final = 0.3
"""The face's depth is measured within this share of its half width from the middle."""
TRUNK_QUANTILE: Final = 0.9
"""The trunk's sides, front and back are where this share of it ends, without what is worn on it."""

B = HumanoidBone
_Numbers = NDArray[np.float64]
_TAKEN_OVER: Final = {B.NECK: B.HEAD, B.LEFT_SHOULDER: B.LEFT_UPPER_ARM, B.RIGHT_SHOULDER: B.RIGHT_UPPER_ARM}
"""A bone that is missing turns where its child begins, for these; any other where its parent does."""
_REST: Final = REST_POSITIONS.astype(np.float64)
_REST_TRUNK_M: Final = float(_REST[B.LEFT_UPPER_ARM, 1] - _REST[B.LEFT_UPPER_LEG, 1])
_REST_SHOULDERS_M: Final = float(_REST[B.LEFT_UPPER_ARM, 0])


def proportions_of(vrm: VrmFile) -> Proportions:
    """Return an avatar's proportions."""
    joints = _all_joints(vrm.joints)
    offsets = joints.copy()
    for bone, parent in enumerate(PARENTS):
        if parent >= 0:
            offsets[bone] -= joints[parent]
    middles, sizes = _anchors(vrm, joints)
    hand_m = float(np.linalg.norm(offsets[B.LEFT_MIDDLE_PROXIMAL]))
    if hand_m < 1e-3:  # it has no fingers
        hand_m = 0.4 * float(np.linalg.norm(offsets[B.LEFT_HAND]))
    return Proportions(
        offsets=rows(offsets),
        middles=rows(middles - joints[list(BODY_ANCHORS)]),
        sizes=rows(sizes),
        hand_m=hand_m,
        # The head's surface is measured.
        capsules=[_capsule(collider, joints) for collider in vrm.colliders if collider.bone in TRUNK_BONES[:-1]],
    )


def _capsule(collider: Collider, joints: Points) -> tuple[int, Vector, Vector, float]:
    start, end = rows(np.stack([collider.start, collider.end]) - joints[collider.bone])
    return TRUNK_BONES.index(collider.bone), start, end, collider.radius


def _all_joints(known: dict[HumanoidBone, Points]) -> Points:
    """Return the (55, 3) joints; one that is missing is where the bone begins that takes over its rotation."""
    joints = np.zeros((BONE_COUNT, 3))
    for bone in HumanoidBone:
        child = _TAKEN_OVER.get(bone)
        if bone in known:
            joints[bone] = known[bone]
        elif child is not None and child in known:
            joints[bone] = known[child]
        else:
            joints[bone] = joints[max(PARENTS[bone], 0)]
    return joints


def _anchors(vrm: VrmFile, joints: Points) -> tuple[Points, Points]:
    """Return the (3, 3) middles and sizes of head, chest and hips."""
    trunk = (joints[B.LEFT_UPPER_ARM, 1] - joints[B.LEFT_UPPER_LEG, 1]) / _REST_TRUNK_M
    shoulders = joints[B.LEFT_UPPER_ARM, 0] / _REST_SHOULDERS_M
    middles, sizes = REST_MIDDLES.astype(np.float64), REST_SIZES.astype(np.float64)
    legs_y, depth = joints[B.LEFT_UPPER_LEG, 1], joints[B.UPPER_CHEST, 2]
    middles[1:, 1] = legs_y + trunk * (middles[1:, 1] - _REST[B.LEFT_UPPER_LEG, 1])
    middles[1:, 2] = depth
    sizes[1:] *= shoulders, trunk, shoulders
    middles[0], sizes[0] = _head(vrm.face, joints, shoulders)
    for anchor, bones in ((Anchor.CHEST, (B.SPINE, B.CHEST, B.UPPER_CHEST)), (Anchor.HIPS, (B.HIPS, B.SPINE))):
        skin = np.concatenate([vrm.skin.get(bone, np.empty((0, 3))) for bone in bones])
        band = skin[np.abs(skin[:, 1] - middles[anchor, 1]) < 0.6 * sizes[anchor, 1]]
        if len(band) >= MIN_POINTS:
            back, front = np.quantile(band[:, 2], (1 - TRUNK_QUANTILE, TRUNK_QUANTILE))
            middles[anchor, 2] = 0.5 * (back + front)
            sizes[anchor, 0], sizes[anchor, 2] = np.quantile(np.abs(band[:, 0]), TRUNK_QUANTILE), 0.5 * (front - back)
    return middles, sizes


def _head(face: Points, joints: Points, shoulders: float) -> tuple[_Numbers, _Numbers]:
    """Return the head's middle, at the height of the eyes above its joint, and its size: to sides, chin and front."""
    head = joints[B.HEAD]
    eyes_y = 0.5 * float(joints[B.LEFT_EYE, 1] + joints[B.RIGHT_EYE, 1])
    size = shoulders * REST_SIZES[Anchor.HEAD].astype(np.float64)
    if eyes_y <= head[1] + 1e-3:  # it has none
        eyes_y = float(head[1]) + shoulders * float(REST_MIDDLES[Anchor.HEAD, 1] - REST_POSITIONS[B.HEAD, 1])
        if len(face) >= MIN_POINTS:
            eyes_y = 0.5 * float(face[:, 1].max() + face[:, 1].min())
    front = face[face[:, 2] > head[2]]
    forward = front[front[:, 2] > head[2] + 0.5 * (front[:, 2].max(initial=head[2]) - head[2])]
    if len(forward) >= MIN_POINTS:
        chin_y = float(forward[:, 1].min())
        height = eyes_y - chin_y
        lower = front[np.abs(front[:, 1] - chin_y - LOWER_FACE * height) < 0.2 * height]
        if height > 1e-3 and len(lower) >= MIN_POINTS:
            width = float(np.abs(lower[:, 0]).max())
            lips = lower[np.abs(lower[:, 0]) < LIPS * width]
            size = np.array([width, height, float(lips[:, 2].max(initial=head[2] + 1e-3) - head[2])])
    return np.array([0.0, eyes_y, head[2]]), size
