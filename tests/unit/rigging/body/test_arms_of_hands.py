"""Hands that are tracked without a body: their arms and wrists in the rig."""

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.rigging.skeletons import posed, tracked

from mocast.model.humanoid import HumanoidBone as B
from mocast.model.options import RigOptions
from mocast.model.quaternions import angle_between, rotate
from mocast.model.rig import Rig
from mocast.rigging.body import kinematics
from mocast.rigging.solver import Solver

UP = posed(
    left_upper_arm=(0, 0, -70),
    left_lower_arm=(0, -60, 90),
    left_hand=(40, 0, 0),
    right_upper_arm=(0, 0, 70),
    right_lower_arm=(0, 60, -90),
    right_hand=(40, 0, 0),
)
"""Both forearms raised."""


def rig_of_hands(*, left: bool = True, right: bool = True, frames: int = 60) -> Rig:
    solver = Solver(RigOptions())
    for number in range(frames):
        seen = tracked(UP, pts=3000 * number, in_crops=False)
        hands = {"left_hand": seen.left_hand if left else None, "right_hand": seen.right_hand if right else None}
        rig = solver.rig(replace(seen, pose=None, **hands))  # type: ignore[arg-type]
    return rig


def test_a_hand_without_a_body_is_turned_as_it_is_seen() -> None:
    turned = kinematics.to_global(rig_of_hands().rotations.astype(float))
    for hand in (B.LEFT_HAND, B.RIGHT_HAND):
        assert np.degrees(angle_between(turned[hand], UP.turned[hand])) < 3


def test_its_forearm_points_where_it_does() -> None:
    turned = kinematics.to_global(rig_of_hands().rotations.astype(float))
    for side, x in (("LEFT", 1.0), ("RIGHT", -1.0)):
        forearm, hand = (rotate(turned[B[f"{side}_{name}"]], np.array([x, 0, 0])) for name in ("LOWER_ARM", "HAND"))
        assert forearm @ hand > 0.8
        assert forearm[1] > 0.5


@pytest.mark.parametrize(("left", "right"), [(True, False), (False, True)])
def test_the_arm_of_a_hand_that_is_not_there_rests(left: bool, right: bool) -> None:
    rig = rig_of_hands(left=left, right=right)
    assert (rig.found.left_hand, rig.found.right_hand) == (left, right)
    assert not rig.found.body
    joints = kinematics.positions(rig.rotations.astype(float), rig.hips.astype(float))
    raised, resting = (B.LEFT_HAND, B.RIGHT_HAND) if left else (B.RIGHT_HAND, B.LEFT_HAND)
    assert joints[raised, 1] > joints[resting, 1] + 0.2


def test_the_trunk_stays_upright() -> None:
    turned = kinematics.to_global(rig_of_hands().rotations.astype(float))
    assert np.degrees(angle_between(turned[B.UPPER_CHEST], np.array([0.0, 0, 0, 1]))) < 1
