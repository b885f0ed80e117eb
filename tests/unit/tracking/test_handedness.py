from itertools import pairwise

import numpy as np
import pytest

from mocast.model.tracked import Hand
from mocast.tracking.handedness import HandSides, assign_sides

SIZE_WH = (640, 480)


def hand(x: float) -> Hand:
    """An open hand, a tenth of the picture wide, whose left edge is at ``x``."""
    points = np.random.default_rng(0).random((21, 3)).astype(np.float32) * 0.1
    return Hand(points + np.array([x, 0.5, 0], np.float32), np.zeros((21, 3), np.float32), 0.9)


def test_each_side_goes_to_the_hand_that_says_so() -> None:
    left, right = hand(0.6), hand(0.2)
    assert assign_sides([(right, 0.99), (left, 0.01)], SIZE_WH) == {"left_hand": left, "right_hand": right}


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_left_hands_the_surer_stays_left(order: int) -> None:
    surer, other = hand(0.6), hand(0.2)
    assert assign_sides([(surer, 0.02), (other, 0.3)][::order], SIZE_WH) == {"left_hand": surer, "right_hand": other}


def test_one_hand_found_twice_is_one_hand() -> None:
    surer, again = hand(0.6), hand(0.605)
    assert assign_sides([(again, 0.8), (surer, 0.97)], SIZE_WH) == {"right_hand": surer}


def test_folded_hands_are_two() -> None:
    left, right = hand(0.5), hand(0.505)
    assert assign_sides([(left, 0.1), (right, 0.9)], SIZE_WH) == {"left_hand": left, "right_hand": right}


def test_no_hands_are_no_hands() -> None:
    assert assign_sides([], SIZE_WH) == {}


def test_a_hand_keeps_its_side_in_a_frame_that_says_otherwise() -> None:
    sides, rights = HandSides(), [0.99, 0.98, 0.1, 0.2, 0.97, 0.4, 0.99]
    found = [sides.assign([(hand(0.3 + 0.01 * number), right)], SIZE_WH) for number, right in enumerate(rights)]
    assert all(list(parts) == ["right_hand"] for parts in found)


def test_a_hand_that_stays_the_other_one_changes_its_side() -> None:
    sides = HandSides()
    for _ in range(5):
        sides.assign([(hand(0.3), 0.95)], SIZE_WH)
    found = [list(sides.assign([(hand(0.3), 0.05)], SIZE_WH)) for _ in range(12)]
    assert found[0] == ["right_hand"]
    assert found[-1] == ["left_hand"]
    assert sum(one != other for one, other in pairwise(found)) == 1


def test_a_hand_elsewhere_is_another_hand() -> None:
    sides, new = HandSides(), hand(0.8)
    sides.assign([(hand(0.1), 0.99)], SIZE_WH)
    assert sides.assign([(new, 0.05)], SIZE_WH) == {"left_hand": new}


def test_two_hands_keep_their_sides_while_both_say_the_same() -> None:
    sides = HandSides()
    for _ in range(3):
        sides.assign([(hand(0.2), 0.95), (hand(0.7), 0.1)], SIZE_WH)
    left, right = hand(0.69), hand(0.21)
    for order in (1, -1):
        both = [(right, 0.6), (left, 0.9)][::order]
        assert sides.assign(both, SIZE_WH) == {"left_hand": left, "right_hand": right}


def test_of_the_frames_before_a_reset_nothing_is_known() -> None:
    sides, seen = HandSides(), hand(0.3)
    sides.assign([(seen, 0.99)], SIZE_WH)
    sides.reset()
    assert sides.assign([(seen, 0.3)], SIZE_WH) == {"left_hand": seen}
