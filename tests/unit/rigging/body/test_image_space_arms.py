"""Where arms are by the picture, against truth: a world space that holds hands too low and too far forward, as the
network's does."""

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
from mocast.rigging.body.body_surface import BodySurface
from mocast.rigging.body.image_space_arms import ImageSpaceArms, metres_per_px
from mocast.rigging.body.wrist_sources import plausible_hands
from mocast.rigging.retargeting.proportions import rows
from mocast.rigging.solver import Solver

ARMS = [P[f"{side}_{name}"] for side in ("LEFT", "RIGHT") for name in ("ELBOW", "WRIST", "INDEX", "PINKY", "THUMB")]
RIGHT_HAND = [P.RIGHT_WRIST, P.RIGHT_INDEX, P.RIGHT_PINKY, P.RIGHT_THUMB]
BESIDE_THE_FACE = posed(right_upper_arm=(0, 20, 55), right_lower_arm=(0, 120, -25))
AT_THE_CHIN = posed(right_upper_arm=(0, 73, 71), right_lower_arm=(0, 136, 0))
BEFORE_THE_CHEST = posed(right_upper_arm=(0, 30, 72), right_lower_arm=(0, 105, 0))
STEP_S = 1 / 30


def mistaken(seen: Tracked, *, forward_m: float = 0.0) -> Tracked:
    """The same person in a world whose arms reach too far forward and so not far enough up and aside."""
    assert seen.pose is not None
    world = seen.pose.world.copy()
    for side in ("LEFT", "RIGHT"):
        shoulder = world[P[f"{side}_SHOULDER"]]
        arm = [landmark for landmark in ARMS if landmark.name.startswith(side)]
        world[arm] = shoulder + (world[arm] - shoulder) * [0.75, 0.75, 1.1]
    world[RIGHT_HAND, 2] -= forward_m
    return replace(seen, pose=replace(seen.pose, world=world))


def placed(seen: Tracked, *, arms: ImageSpaceArms | None = None, seconds: float = 2.0) -> NDArray[np.float64]:
    """Return the points in world space of somebody who stands still."""
    assert seen.pose is not None
    body, arms = place_body(seen.pose, SIZE_WH, np.ones(len(P), bool)), arms or ImageSpaceArms()
    assert body is not None
    hands = plausible_hands(seen, body, None)
    for _ in range(round(seconds / STEP_S)):
        points = arms.place(seen.pose, hands, body, STEP_S)
    return points


def wrist_from_shoulder(rig_or_truth: NDArray[np.float64]) -> NDArray[np.float64]:
    joints = kinematics.positions(rig_or_truth, np.zeros(3))
    away: NDArray[np.float64] = joints[B.RIGHT_HAND] - joints[B.RIGHT_UPPER_ARM]
    return away


def pose_of(skeleton: Skeleton) -> Pose:
    pose = tracked(skeleton).pose
    assert pose is not None
    return pose


def test_a_hand_beside_the_face_is_as_high_as_in_the_picture() -> None:
    solver = Solver(RigOptions(body="full"))
    for number in range(45):
        rig = solver.rig(mistaken(tracked(BESIDE_THE_FACE, pts=number * 3000)))
    truth = wrist_from_shoulder(BESIDE_THE_FACE.local)
    assert np.abs(wrist_from_shoulder(rig.rotations.astype(float)) - truth)[:2].max() < 0.03


@pytest.mark.parametrize("turn_deg", [0.0, 40.0, -70.0])
def test_of_a_world_that_is_right_nothing_is_changed(turn_deg: float) -> None:
    seen = tracked(posed(hips=(0, turn_deg, 0), left_upper_arm=(0, -30, 40), right_lower_arm=(0, 90, 20)))
    assert seen.pose is not None
    np.testing.assert_allclose(placed(seen), seen.pose.world, atol=2e-3)


def test_only_the_arms_follow_the_picture() -> None:
    seen = mistaken(tracked(BESIDE_THE_FACE))
    assert seen.pose is not None
    changed = np.abs(placed(seen) - seen.pose.world).max(-1) > 0.01
    assert set(np.flatnonzero(changed)) <= set(ARMS)
    assert {P.RIGHT_ELBOW, P.RIGHT_WRIST, P.RIGHT_INDEX} <= set(np.flatnonzero(changed))


@pytest.mark.parametrize("hands", [True, False])
def test_a_hand_that_the_pose_has_before_the_chin_which_it_touches_touches_it(hands: bool) -> None:
    truth = tracked(AT_THE_CHIN, hands=hands)
    seen = mistaken(truth, forward_m=0.2)
    assert truth.pose is not None
    assert seen.pose is not None
    ahead_m = truth.pose.world[P.RIGHT_WRIST, 2] - seen.pose.world[P.RIGHT_WRIST, 2]
    assert ahead_m > 0.2
    points = placed(seen)
    fingers = points[RIGHT_HAND] if truth.right_hand is None else truth.right_hand.world - truth.right_hand.world[0]
    at = fingers if truth.right_hand is None else fingers + points[P.RIGHT_WRIST]
    assert -0.03 < min(BodySurface(rows(points)).before(rows(at))) < 0.05


def test_a_hand_that_touches_from_the_first_frame_on_does_so_soon() -> None:
    """Whether the pose knows depths is told by the first frame already."""
    seen = mistaken(tracked(AT_THE_CHIN), forward_m=0.15)
    soon_m, later_m = (
        BodySurface(rows(points)).before(rows(points[RIGHT_HAND]))[0]
        for points in (placed(seen, seconds=0.5), placed(seen))
    )
    assert soon_m - later_m < 0.02


def test_a_hand_held_up_before_the_chest_does_not_touch_it() -> None:
    seen = mistaken(tracked(BEFORE_THE_CHEST))
    assert seen.pose is not None
    before_m = BodySurface(rows(seen.pose.world)).before(rows(placed(seen)[RIGHT_HAND]))[1]
    assert 0.1 < before_m < 0.5


def test_a_hand_in_the_body_is_moved_out_of_it() -> None:
    seen = mistaken(tracked(AT_THE_CHIN), forward_m=-0.1)
    assert seen.pose is not None
    surface = BodySurface(rows(seen.pose.world))
    assert min(surface.before(rows(seen.pose.world[RIGHT_HAND]))) < -0.03
    assert min(surface.before(rows(placed(seen)[RIGHT_HAND]))) > -0.02


def test_a_touch_begins_without_a_jump() -> None:
    arms = ImageSpaceArms()
    placed(tracked(AT_THE_CHIN), arms=arms)
    touching = mistaken(tracked(AT_THE_CHIN), forward_m=0.2)
    depths = [placed(touching, arms=arms, seconds=STEP_S)[P.RIGHT_WRIST, 2] for _ in range(60)]
    assert np.abs(np.diff(depths)).max() < 0.03
    assert depths[-1] - depths[0] > 0.07


def test_a_trunk_of_a_point_has_no_size() -> None:
    pose = pose_of(posed())
    point = replace(pose, image=np.full_like(pose.image, 0.5))
    assert metres_per_px(point, SIZE_WH) is None
    assert place_body(point, SIZE_WH, np.ones(len(P), bool)) is None
