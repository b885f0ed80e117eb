"""Where arms are by the picture, against truth: a world space that holds hands too low, as the network's does."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.rigging.skeletons import SIZE_WH, Skeleton, posed, tracked

from mocast.model.humanoid import HumanoidBone as B
from mocast.model.options import RigOptions
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Pose, Tracked
from mocast.rigging.body import kinematics
from mocast.rigging.body.body_placement import place_body
from mocast.rigging.body.image_space_arms import metres_per_px, with_image_space_arms
from mocast.rigging.solver import Solver

ARMS = [P[f"{side}_{name}"] for side in ("LEFT", "RIGHT") for name in ("ELBOW", "WRIST", "INDEX", "PINKY", "THUMB")]
BESIDE_THE_FACE = posed(right_upper_arm=(0, 20, 55), right_lower_arm=(0, 120, -25))


def mistaken(seen: Tracked) -> Tracked:
    """The same person in a world whose arms reach too far forward and so not far enough up and aside."""
    assert seen.pose is not None
    world = seen.pose.world.copy()
    for side in ("LEFT", "RIGHT"):
        shoulder = world[P[f"{side}_SHOULDER"]]
        arm = [landmark for landmark in ARMS if landmark.name.startswith(side)]
        world[arm] = shoulder + (world[arm] - shoulder) * [0.75, 0.75, 1.1]
    return replace(seen, pose=replace(seen.pose, world=world))


def wrist_from_shoulder(rig_or_truth: NDArray[np.float64]) -> NDArray[np.float64]:
    joints = kinematics.positions(rig_or_truth, np.zeros(3))
    away: NDArray[np.float64] = joints[B.RIGHT_HAND] - joints[B.RIGHT_UPPER_ARM]
    return away


def pose_of(skeleton: Skeleton) -> Pose:
    pose = tracked(skeleton).pose
    assert pose is not None
    return pose


def placed(pose: Pose) -> NDArray[np.float64]:
    placement = place_body(pose, SIZE_WH, np.ones(len(P), bool))
    assert placement is not None
    return with_image_space_arms(pose.world.astype(float), placement)


def test_a_hand_beside_the_face_is_as_high_as_in_the_picture() -> None:
    solver = Solver(RigOptions(body="full"))
    for number in range(45):
        rig = solver.rig(mistaken(tracked(BESIDE_THE_FACE, pts=number * 3000)))
    truth = wrist_from_shoulder(BESIDE_THE_FACE.local)
    assert np.abs(wrist_from_shoulder(rig.rotations.astype(float)) - truth)[:2].max() < 0.025


@pytest.mark.parametrize("turn_deg", [0.0, 40.0, -70.0])
def test_of_a_world_that_is_right_nothing_is_changed(turn_deg: float) -> None:
    pose = pose_of(posed(hips=(0, turn_deg, 0), left_upper_arm=(0, -30, 40), right_lower_arm=(0, 90, 20)))
    np.testing.assert_allclose(placed(pose), pose.world, atol=6e-3)


def test_only_the_arms_follow_the_picture() -> None:
    pose = mistaken(tracked(BESIDE_THE_FACE)).pose
    assert pose is not None
    changed = np.abs(placed(pose) - pose.world).max(-1) > 0.01
    assert set(np.flatnonzero(changed)) <= set(ARMS)
    assert {P.RIGHT_ELBOW, P.RIGHT_WRIST, P.RIGHT_INDEX} <= set(np.flatnonzero(changed))


def test_a_trunk_of_a_point_has_no_size() -> None:
    pose = pose_of(posed())
    point = replace(pose, image=np.full_like(pose.image, 0.5))
    assert metres_per_px(point, SIZE_WH) is None
    assert place_body(point, SIZE_WH, np.ones(len(P), bool)) is None
