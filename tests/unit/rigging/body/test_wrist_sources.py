"""Which hands are believed: one that was found twice is one hand."""

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.rigging.skeletons import posed, tracked

from mocast.model.humanoid import HumanoidBone as B
from mocast.model.options import RigOptions
from mocast.model.quaternions import angle_between
from mocast.model.topology import PoseLandmark as P
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
    assert plausible_hands(seen, None, None).are_usable.tolist() == believed


def test_two_hands_are_two() -> None:
    assert plausible_hands(tracked(PALMS_NEAR), None, None).are_usable.all()
    assert plausible_hands(replace(tracked(PALMS_NEAR), pose=None), None, None).are_usable.all()


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


FOLDED = posed(left_upper_arm=(0, -60, -60), left_lower_arm=(0, -60, 0), left_hand=(0, -130, 0))
"""A palm that cannot be this arm's: it is bent by 130°. The forearm is what is wrong of it."""


def found_hands(visibility: dict[P, float] | None, score: float, frames: int = 30) -> list[bool]:
    solver = Solver(RigOptions(body="full"))
    found = []
    for number in range(frames):
        seen = tracked(FOLDED, pts=number * 3000, visibility=visibility)
        assert seen.left_hand is not None
        rig = solver.rig(replace(seen, left_hand=replace(seen.left_hand, score=score)))
        found.append(rig.found.left_hand)
    return found


def test_a_forearm_that_is_not_seen_does_not_judge_the_palm() -> None:
    """The elbow is below the picture, the hand held to the camera: the pose guesses where the forearm is."""
    assert all(found_hands({P.LEFT_ELBOW: 0.05}, score=0.6)[5:])


def test_a_sure_hand_wins_over_the_forearm_after_a_while() -> None:
    found = found_hands(None, score=0.97)
    assert not any(found[:9])
    assert all(found[12:])
    assert not any(found_hands(None, score=0.6))


def flipping(number: int) -> bool:
    return number >= 40 and number % 10 < 5


def test_a_palm_does_not_flip_while_its_outline_stands_still() -> None:
    """The sign of a hand's depth flips for five frames of ten: longer than any doubt."""
    solver, turned = Solver(RigOptions("responsive", "full")), []
    for number in range(100):
        seen = tracked(posed(left_lower_arm=(0, -60, 0), left_hand=(50, 0, 0)), pts=number * 3000)
        assert seen.left_hand is not None
        over = seen.left_hand.world * np.float32([1, 1, -1 if flipping(number) else 1])
        rig = solver.rig(replace(seen, left_hand=replace(seen.left_hand, world=over)))
        assert rig.found.left_hand
        turned.append(rig.rotations[B.LEFT_HAND].astype(float))
    assert np.degrees(angle_between(np.stack(turned[40:]), turned[39])).max() < 2


def test_a_palm_that_stays_turned_over_is_believed_in_the_end() -> None:
    solver = Solver(RigOptions("responsive", "full"))
    for number in range(140):
        seen = tracked(posed(left_lower_arm=(0, -60, 0), left_hand=(50, 0, 0)), pts=number * 3000)
        assert seen.left_hand is not None
        over = seen.left_hand.world * np.float32([1, 1, -1 if number >= 40 else 1])
        rig = solver.rig(replace(seen, left_hand=replace(seen.left_hand, world=over)))
        if number == 39:
            before = rig.rotations[B.LEFT_HAND].astype(float)
    assert np.degrees(angle_between(rig.rotations[B.LEFT_HAND].astype(float), before)) > 30
