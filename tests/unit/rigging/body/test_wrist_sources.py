"""Which hands are believed: one that was found twice is one hand."""

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.rigging.skeletons import posed, tracked

from mocast.model.humanoid import HumanoidBone as B
from mocast.model.options import RigOptions
from mocast.model.quaternions import angle_between
from mocast.model.tracked import Hand, Tracked
from mocast.rigging.body.wrist_sources import plausible_hands
from mocast.rigging.solver import Solver

PALMS_NEAR = posed(
    left_upper_arm=(0, -35, -60),
    left_lower_arm=(0, -110, 0),
    left_hand=(60, 0, 0),
    right_upper_arm=(0, 35, 60),
    right_lower_arm=(0, 110, 0),
    right_hand=(60, 0, 0),
)


def with_one_twice(seen: Tracked, *, found: str, aside: float = 0.0) -> Tracked:
    """The same picture where the ``found`` hand was found as the other one, too, a little ``aside``."""
    hand = seen.left_hand if found == "left_hand" else seen.right_hand
    assert hand is not None
    again = Hand(hand.image + np.array([aside, 0, 0], np.float32), hand.world, hand.score)
    return replace(seen, left_hand=again if found == "right_hand" else hand, right_hand=again)


@pytest.mark.parametrize(("found", "believed"), [("left_hand", [True, False]), ("right_hand", [False, True])])
def test_a_hand_that_was_found_twice_is_that_of_the_nearer_wrist(found: str, believed: list[bool]) -> None:
    seen = with_one_twice(tracked(PALMS_NEAR), found=found, aside=0.002)
    assert plausible_hands(seen, None)[1].tolist() == believed


def test_two_hands_are_two() -> None:
    assert plausible_hands(tracked(PALMS_NEAR), None)[1].all()
    assert plausible_hands(replace(tracked(PALMS_NEAR), pose=None), None)[1].all()


def test_a_palm_does_not_turn_over_while_it_is_hidden_behind_the_other() -> None:
    solver = Solver(RigOptions(body="full"))
    turned = []
    for number in range(60):
        seen = tracked(PALMS_NEAR, pts=number * 3000)
        is_hidden = number >= 45
        turned.append(
            solver.rig(with_one_twice(seen, found="left_hand") if is_hidden else seen).rotations[B.RIGHT_HAND]
        )
    steps_deg = np.degrees(angle_between(np.stack(turned[45:]).astype(float), turned[44].astype(float)))
    assert steps_deg.max() < 2


def test_a_hand_that_comes_back_turned_over_is_believed_when_it_is_sure() -> None:
    """It vanished for two frames; its score says whether the first that is seen of it again is to be trusted."""
    over = posed(left_hand=(150, 0, 0))
    shown = {}
    for score in (0.6, 0.95):
        solver = Solver(RigOptions(body="full"))
        for number in range(40):
            solver.rig(tracked(posed(), pts=number * 3000))
        for number in range(40, 42):
            solver.rig(replace(tracked(posed(), pts=number * 3000), left_hand=None))
        back = tracked(over, pts=42 * 3000)
        assert back.left_hand is not None
        rig = solver.rig(replace(back, left_hand=replace(back.left_hand, score=score)))
        shown[score] = rig.found.left_hand
    assert shown == {0.6: False, 0.95: True}


def test_a_hand_that_stays_turned_over_is_believed_soon() -> None:
    solver = Solver(RigOptions(body="full"))
    for number in range(40):
        solver.rig(tracked(posed(), pts=number * 3000))
    found = []
    for number in range(40, 46):
        seen = tracked(posed(left_hand=(150, 0, 0)), pts=number * 3000)
        assert seen.left_hand is not None
        found.append(solver.rig(replace(seen, left_hand=replace(seen.left_hand, score=0.6))).found.left_hand)
    assert not found[0]
    assert found[-1]
