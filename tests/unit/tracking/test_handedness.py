import numpy as np
import pytest

from mocast.model.tracked import Hand
from mocast.tracking.handedness import assign_sides


def hand(x: float) -> Hand:
    """An open hand, a tenth of the picture wide, whose left edge is at ``x``."""
    points = np.random.default_rng(0).random((21, 3)).astype(np.float32) * 0.1
    return Hand(points + np.array([x, 0.5, 0], np.float32), np.zeros((21, 3), np.float32), 0.9)


def test_each_side_goes_to_the_hand_that_says_so() -> None:
    left, right = hand(0.6), hand(0.2)
    assert assign_sides([(right, 0.99), (left, 0.01)]) == {"left_hand": left, "right_hand": right}


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_left_hands_the_surer_stays_left(order: int) -> None:
    surer, other = hand(0.6), hand(0.2)
    assert assign_sides([(surer, 0.02), (other, 0.3)][::order]) == {"left_hand": surer, "right_hand": other}


def test_one_hand_found_twice_is_one_hand() -> None:
    surer, again = hand(0.6), hand(0.605)
    assert assign_sides([(again, 0.8), (surer, 0.97)]) == {"right_hand": surer}


def test_folded_hands_are_two() -> None:
    left, right = hand(0.5), hand(0.505)
    assert assign_sides([(left, 0.1), (right, 0.9)]) == {"left_hand": left, "right_hand": right}


def test_no_hands_are_no_hands() -> None:
    assert assign_sides([]) == {}
