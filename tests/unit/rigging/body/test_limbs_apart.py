"""Limbs that would pass through each other: pushed apart, on the side where they were, and nothing else moves."""

import math

import numpy as np
import pytest
from tests.unit.rigging.skeletons import posed

from mocast.model.humanoid import HumanoidBone as B
from mocast.model.quaternions import IDENTITY_ONE, Quaternion, Vector, multiply_one
from mocast.rigging.body.leg_ik import Leg
from mocast.rigging.body.limbs_apart import (
    FOREARM_RADIUS_M,
    SHANK_RADIUS_M,
    ArmsApart,
    LegsApart,
    Overlap,
    nearest_points,
    swing,
)
from mocast.rigging.retargeting import arm_kinematics
from mocast.rigging.retargeting.body_collider import Capsule
from mocast.rigging.retargeting.proportions import REST
from mocast.rigging.vectors import length, sub

STEP_S = 1 / 30
LONG = 30
"""Frames after which a push is whole."""


def about(axis: int, degrees: float) -> Quaternion:
    half = math.radians(degrees) / 2
    turn = [0.0, 0.0, 0.0, math.cos(half)]
    turn[axis] = math.sin(half)
    return turn[0], turn[1], turn[2], turn[3]


def crossing_legs(ahead_deg: float = 0.0) -> list[Leg]:
    """Thighs straight down, shanks 25° inward, so that they cross; the left leg is ``ahead_deg`` further forward."""
    ahead, left, right = about(0, -ahead_deg), about(2, -25.0), about(2, 25.0)
    return [
        Leg(0, IDENTITY_ONE, ahead, multiply_one(ahead, left), IDENTITY_ONE),
        Leg(1, IDENTITY_ONE, IDENTITY_ONE, right, IDENTITY_ONE),
    ]


def shanks_apart_m(legs: list[Leg]) -> float:
    one, other = nearest_points(*(Capsule(leg.knee, leg.ankle, SHANK_RADIUS_M) for leg in legs))
    return length(sub(one, other))


@pytest.mark.parametrize(
    ("second", "apart_m"),
    [
        (((0.5, -1.0, 0.3), (0.5, 1.0, 0.3)), 0.3),  # they cross
        (((2.0, 0.0, 0.0), (3.0, 0.0, 0.0)), 1.0),  # one behind the other
        (((0.0, 0.2, 0.0), (1.0, 0.2, 0.0)), 0.2),  # side by side
        (((-1.0, 1.0, 0.0), (-1.0, 2.0, 0.0)), math.sqrt(2)),  # ends
    ],
)
def test_nearest_points_of_two_bones(second: tuple[Vector, Vector], apart_m: float) -> None:
    first = Capsule((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), 0.1)
    assert length(sub(*nearest_points(first, Capsule(*second, 0.1)))) == pytest.approx(apart_m)
    assert length(sub(*nearest_points(Capsule(*second, 0.1), first))) == pytest.approx(apart_m)


def test_crossed_shanks_touch_and_do_not_pass() -> None:
    solver = LegsApart()
    for _ in range(LONG):
        legs = crossing_legs(ahead_deg=1.0)
        assert shanks_apart_m(legs) < SHANK_RADIUS_M
        solver.apply(legs, [0.0, 0.0], STEP_S)
    assert shanks_apart_m(legs) == pytest.approx(2 * SHANK_RADIUS_M, abs=0.01)
    assert legs[0].ankle[2] > legs[1].ankle[2]


def test_push_begins_without_a_jump() -> None:
    solver, legs = LegsApart(), crossing_legs(ahead_deg=1.0)
    before = legs[0].ankle
    solver.apply(legs, [0.0, 0.0], STEP_S)
    assert 0.0 < math.dist(legs[0].ankle, before) < 0.04


def test_crossed_shanks_stay_on_their_side_while_depths_tremble() -> None:
    solver, rng = LegsApart(), np.random.default_rng(1)
    for _ in range(LONG):
        legs = crossing_legs(ahead_deg=1.0)
        solver.apply(legs, [0.0, 0.0], STEP_S)
    for _ in range(4 * LONG):
        legs = crossing_legs(ahead_deg=float(rng.normal(0.5, 1.0)))
        solver.apply(legs, [0.0, 0.0], STEP_S)
        left, right = nearest_points(*(Capsule(leg.knee, leg.ankle, SHANK_RADIUS_M) for leg in legs))
        assert left[2] > right[2]


def test_shanks_that_stay_on_the_other_side_are_there() -> None:
    solver = LegsApart()
    for ahead_deg in [2.0] * LONG + [-2.0] * 3 * LONG:
        legs = crossing_legs(ahead_deg)
        solver.apply(legs, [0.0, 0.0], STEP_S)
    assert legs[0].ankle[2] < legs[1].ankle[2]


def test_foot_that_stands_stays() -> None:
    solver, still = LegsApart(), crossing_legs(ahead_deg=1.0)
    for _ in range(LONG):
        legs = crossing_legs(ahead_deg=1.0)
        solver.apply(legs, [1.0, 0.0], STEP_S)
    assert legs[0].ankle == still[0].ankle
    assert shanks_apart_m(legs) == pytest.approx(2 * SHANK_RADIUS_M, abs=0.015)


def test_legs_beside_each_other_do_not_move() -> None:
    leg = [Leg(side, IDENTITY_ONE, IDENTITY_ONE, IDENTITY_ONE, IDENTITY_ONE) for side in (0, 1)]
    before = [one.ankle for one in leg]
    LegsApart().apply(leg, [0.0, 0.0], STEP_S)
    assert [one.ankle for one in leg] == before


def test_overlap_pushes_bones_whose_axes_meet() -> None:
    overlap = Overlap()
    one, other = (
        Capsule((-1.0, 0.0, 0.0), (1.0, 0.0, 0.0), 0.1),
        Capsule((0.0, -1.0, 0.0), (0.0, 1.0, 0.0), 0.1),
    )
    for _ in range(LONG):
        push = overlap.update(one, other, STEP_S)
    assert length(push) == pytest.approx(0.12, abs=0.001)  # no more than the most


def crossed_forearms(right_inward_deg: float) -> np.ndarray:
    """Both forearms across the chest, in one plane but for what the right arm is further inward, before the left."""
    return posed(
        left_upper_arm=(0, -70.0, -50.0),
        right_upper_arm=(0, 70.0 + right_inward_deg, 50.0),
        left_lower_arm=(0, -75.0, 0),
        right_lower_arm=(0, 75.0, 0),
    ).local


def forearms(rotations: np.ndarray) -> list[Capsule]:
    turns = rotations.tolist()
    arms = arm_kinematics.upper_body(turns, REST).arms
    return [Capsule(arm.elbow.position, arm.wrist.position, FOREARM_RADIUS_M) for arm in arms]


def test_crossed_forearms_touch_and_nothing_but_the_upper_arms_turns() -> None:
    solver, rotations = ArmsApart(), crossed_forearms(5.0)
    assert length(sub(*nearest_points(*forearms(rotations)))) < 2 * FOREARM_RADIUS_M
    for _ in range(LONG):
        shown, upper = solver.apply(rotations, REST, STEP_S)
    assert length(sub(*nearest_points(*forearms(shown)))) == pytest.approx(2 * FOREARM_RADIUS_M, abs=0.005)
    moved = np.flatnonzero(np.abs(shown - rotations).max(1) > 1e-9)
    assert set(moved.tolist()) <= {B.LEFT_UPPER_ARM, B.RIGHT_UPPER_ARM}
    assert upper == arm_kinematics.upper_body(shown.tolist(), REST)


def test_forearm_at_the_chest_is_not_pushed_into_it() -> None:
    solver, rotations = ArmsApart(), crossed_forearms(5.0)
    before = [bone.end for bone in forearms(rotations)]
    for _ in range(LONG):
        shown, _ = solver.apply(rotations, REST, STEP_S)
    after = [bone.end for bone in forearms(shown)]
    assert min(now[2] - then[2] for now, then in zip(after, before, strict=True)) > -0.01


def test_arms_that_are_apart_are_as_they_were() -> None:
    rotations = posed().local
    assert ArmsApart().apply(rotations, REST, STEP_S)[0] is rotations


def test_a_limb_is_not_turned_far_by_what_touches_it_near_its_pivot() -> None:
    """Cross-legged, an ankle lies at the other leg's hip."""
    for lever_m in (0.001, 0.01, 0.02, 0.05, 0.1):
        turn = swing((0.0, 0.0, 0.0), (0.0, -lever_m, 0.0), (0.045, 0.0, 0.0))
        assert turn is not None
        assert 2 * math.degrees(math.acos(min(turn[3], 1.0))) < 20
