"""Which hands are believed: one that was found twice is one hand."""

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.rigging.skeletons import posed, tracked

from mocast.model.choices import RigChoices
from mocast.model.humanoid import HumanoidBone as B
from mocast.model.tracked import Hand, Tracked
from mocast.rigging.palms import usable_hands
from mocast.rigging.quaternions import angle_between
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
    assert usable_hands(seen, None)[1].tolist() == believed


def test_two_hands_are_two() -> None:
    assert usable_hands(tracked(PALMS_NEAR), None)[1].all()
    assert usable_hands(replace(tracked(PALMS_NEAR), pose=None), None)[1].all()


def test_a_palm_does_not_turn_over_while_it_is_hidden_behind_the_other() -> None:
    solver = Solver(RigChoices(body="full"))
    turned = []
    for number in range(60):
        seen = tracked(PALMS_NEAR, pts=number * 3000)
        is_hidden = number >= 45
        turned.append(
            solver.rig(with_one_twice(seen, found="left_hand") if is_hidden else seen).rotations[B.RIGHT_HAND]
        )
    steps_deg = np.degrees(angle_between(np.stack(turned[45:]).astype(float), turned[44].astype(float)))
    assert steps_deg.max() < 2
