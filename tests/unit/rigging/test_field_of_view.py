"""Cameras of other fields of view, told and not told."""

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.rigging.skeletons import SIZE_WH, Skeleton, posed, tracked

from mocast.model.camera_rays import FIELD_OF_VIEW_DEG, picture_scale
from mocast.model.humanoid import HumanoidBone as B
from mocast.model.options import RigOptions
from mocast.model.quaternions import angle_between
from mocast.model.tracked import Hand, Tracked
from mocast.rigging.body import kinematics
from mocast.rigging.field_of_view import at_assumed_view
from mocast.rigging.solver import Solver

REACHING = posed(left_upper_arm=(0, -60, 30), left_lower_arm=(0, -40, 0), right_upper_arm=(0, 80, 10))
ARMS = [B.LEFT_UPPER_ARM, B.LEFT_LOWER_ARM, B.LEFT_HAND, B.RIGHT_UPPER_ARM, B.RIGHT_LOWER_ARM, B.RIGHT_HAND]


def seen_by(field_of_view_deg: float, skeleton: Skeleton, *, pts: int = 0) -> Tracked:
    """Return what a tracker finds in the picture of such a camera at the same place."""
    return at_assumed_view(tracked(skeleton, pts=pts), 1 / picture_scale(field_of_view_deg))


def arm_errors_deg(camera_deg: float, told_deg: float) -> np.ndarray:
    solver = Solver(RigOptions(body="full", field_of_view=told_deg))
    for number in range(45):
        rig = solver.rig(seen_by(camera_deg, REACHING, pts=3000 * number))
    turned = kinematics.to_global(rig.rotations.astype(float))
    return np.degrees(angle_between(turned[ARMS], REACHING.turned[ARMS]))


@pytest.mark.parametrize("camera_deg", [40.0, 60.0, 78.0])
def test_arms_are_right_where_the_field_of_view_is_told(camera_deg: float) -> None:
    assert arm_errors_deg(camera_deg, camera_deg).max() < 0.5


@pytest.mark.parametrize("camera_deg", [40.0, 78.0])
def test_where_it_is_not_told_they_are_worse(camera_deg: float) -> None:
    assert arm_errors_deg(camera_deg, FIELD_OF_VIEW_DEG).max() > 2


def test_what_a_wide_camera_shows_at_its_edge_is_in_the_picture() -> None:
    seen = tracked(posed())
    assert seen.pose is not None
    at_the_edge = seen.pose.image.copy()
    at_the_edge[:, 0] = 0.5 + (at_the_edge[:, 0] - 0.5) * 0.48 / np.abs(at_the_edge[:, 0] - 0.5).max()
    solver = Solver(RigOptions(body="full", field_of_view=100.0))
    rig = solver.rig(replace(seen, left_hand=None, right_hand=None, pose=replace(seen.pose, image=at_the_edge)))
    assert rig.found.body
    for number in range(1, 45):
        rig = solver.rig(
            replace(
                seen, pts=3000 * number, left_hand=None, right_hand=None, pose=replace(seen.pose, image=at_the_edge)
            )
        )
    joints = kinematics.positions(rig.rotations.astype(float), np.zeros(3))
    assert joints[B.LEFT_HAND, 1] > joints[B.LEFT_UPPER_ARM, 1] - 0.1, "the arms are seen, and do not hang"


def test_of_the_assumed_camera_nothing_is_changed() -> None:
    seen = tracked(posed())
    assert at_assumed_view(seen, picture_scale(FIELD_OF_VIEW_DEG)) is seen


def test_a_frame_without_anything_stays_empty() -> None:
    nobody = Tracked(0, 0, 0, SIZE_WH)
    assert at_assumed_view(nobody, 1.3).is_empty
    hand = Hand(np.full((21, 3), 0.5, np.float32), np.zeros((21, 3), np.float32), 1.0)
    moved = at_assumed_view(replace(nobody, left_hand=hand), 1.3).left_hand
    assert moved is not None
    np.testing.assert_allclose(moved.image[:, :2], 0.5)
    assert moved.image.dtype == np.float32
