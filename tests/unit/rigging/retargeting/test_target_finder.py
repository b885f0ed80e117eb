"""Where hands are relative to the body, by the kinematics of its rotations."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.golden import make
from tests.unit.rigging import skeletons

from mocast.model.hand_targets import NO_TARGETS, REST_HAND_M, REST_MIDDLES, REST_SIZES, Anchor, TouchPoint
from mocast.model.humanoid import BONE_COUNT, REST_POSITIONS, HumanoidBone
from mocast.model.mirror import mirrored
from mocast.model.quaternions import Quaternions, rotate
from mocast.rigging.body import kinematics
from mocast.rigging.retargeting import arm_kinematics
from mocast.rigging.retargeting.arm_kinematics import UpperBody
from mocast.rigging.retargeting.proportions import REST
from mocast.rigging.retargeting.target_finder import hand_targets
from mocast.rigging.vectors import add

HIPS = np.array([0.0, 0.9, 0.0])


def near_face() -> Quaternions:
    """Both hands before the lower face, fingertips up, some centimetres apart."""
    return skeletons.posed(
        left_upper_arm=(0, -60, -70),
        left_lower_arm=(0, -130, 0),
        right_upper_arm=(0, 60, 70),
        right_lower_arm=(0, 130, 0),
    ).local


def test_joints_are_those_of_the_whole_skeleton() -> None:
    rng = np.random.default_rng(1)
    local = skeletons.random_skeleton(rng).local
    joints = kinematics.positions(local, HIPS)
    trunk = arm_kinematics.trunk(local.tolist(), REST, (0.0, 0.9, 0.0))
    for joint, bone in zip(trunk, (HumanoidBone.HEAD, HumanoidBone.UPPER_CHEST, HumanoidBone.HIPS), strict=True):
        np.testing.assert_allclose(joint.position, joints[bone], atol=1e-6)
    for side, name in enumerate(("LEFT", "RIGHT")):
        arm = arm_kinematics.arm(local.tolist(), trunk.chest, side, REST)
        for joint, part in zip(arm, ("UPPER_ARM", "LOWER_ARM", "HAND"), strict=True):
            np.testing.assert_allclose(joint.position, joints[HumanoidBone[f"{name}_{part}"]], atol=1e-6)
        tips = arm_kinematics.fingertips(local.tolist(), arm.wrist, side, REST)
        for tip, finger in zip(tips, ("THUMB", "INDEX", "MIDDLE"), strict=True):
            assert np.linalg.norm(tip - joints[HumanoidBone[f"{name}_{finger}_DISTAL"]]) == pytest.approx(
                0.024, abs=0.008
            )


def test_hands_of_the_t_pose_are_far_from_everything() -> None:
    assert hand_targets(np.tile([0.0, 0, 0, 1], (BONE_COUNT, 1)), REST) is NO_TARGETS


ANCHORS = {
    Anchor.HEAD: HumanoidBone.HEAD,
    Anchor.CHEST: HumanoidBone.UPPER_CHEST,
    Anchor.HIPS: HumanoidBone.HIPS,
}


def point_of(offsets: NDArray[np.float32], anchor: Anchor, local: Quaternions) -> NDArray[np.float64]:
    """The point in avatar space that a hand's offset from an anchor says, written out anew."""
    bone = ANCHORS[anchor]
    from_joint = REST_MIDDLES[anchor] - REST_POSITIONS[bone] + offsets[anchor] * REST_SIZES[anchor]
    turned = rotate(kinematics.to_global(local)[bone], from_joint.astype(np.float64))
    place: NDArray[np.float64] = kinematics.positions(local, HIPS)[bone] + turned
    return place


def test_a_hand_that_its_depth_puts_into_the_face_comes_out_before_it() -> None:
    local = near_face()
    trunk, arms = arm_kinematics.upper_body(local.tolist(), REST)

    def heights_and_depths(back_m: float) -> NDArray[np.float32]:
        """Of both hands' touching points from the head's middle, in its sizes."""
        moved = [
            arm._replace(wrist=arm.wrist._replace(position=add(arm.wrist.position, (0.0, 0.0, -back_m))))
            for arm in arms
        ]
        return hand_targets(local, REST, UpperBody(trunk, (moved[0], moved[1]))).offsets[:, Anchor.HEAD, 1:]

    touching, *deeper, behind = map(heights_and_depths, (0.06, 0.07, 0.08, 0.09, 0.1, 0.35))
    for inside in deeper:
        np.testing.assert_allclose(inside, touching, atol=0.05)
    assert (behind[:, 1] < -0.7).all(), "a hand behind the head stays there"


def test_offsets_from_all_anchors_say_the_same_point() -> None:
    local = near_face()
    targets = hand_targets(local, REST)
    points = np.array([[point_of(offsets, anchor, local) for anchor in ANCHORS] for offsets in targets.offsets])
    np.testing.assert_allclose(points, points[:, :1].repeat(3, 1), atol=1e-5)
    between = targets.offsets[:, Anchor.OTHER_HAND]
    np.testing.assert_allclose(between[0] * REST_HAND_M, points[0, 0] - points[1, 0], atol=1e-5)
    np.testing.assert_array_equal(between[0], -between[1])


def test_the_nearest_point_of_a_hand_is_the_touching_one() -> None:
    targets = hand_targets(near_face(), REST)
    assert targets.touching.sum(1) == pytest.approx(1)
    assert targets.nearness[0, Anchor.HIPS] == 0
    assert targets.nearness[0, Anchor.HEAD] > 0.5
    assert targets.touching[0, TouchPoint.WRIST] < 0.1


def test_the_mirror_image_of_a_pose_has_the_mirror_image_of_its_targets() -> None:
    rng = np.random.default_rng(1)
    for local in (near_face(), *(skeletons.random_skeleton(rng).local for _ in range(10))):
        rig = replace(make.rig(0, rotations=local.astype(np.float32)), hand_targets=hand_targets(local, REST))
        image = mirrored(rig)
        expected = hand_targets(image.rotations.astype(np.float64), REST)
        for name in ("offsets", "nearness", "touching"):
            np.testing.assert_allclose(getattr(image.hand_targets, name), getattr(expected, name), atol=1e-3)
