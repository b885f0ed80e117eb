"""One hand found twice, and two hands that are near each other, in pixels."""

import numpy as np
import pytest

from mocast.model.same_hand import is_same_hand

HAND_PX = np.random.default_rng(0).random((21, 3)) * 100


@pytest.mark.parametrize("size", [1.0, 0.2, 5.0])
def test_a_hand_that_was_found_twice_is_one_at_any_size(size: float) -> None:
    again = HAND_PX + np.random.default_rng(1).normal(scale=5, size=(21, 3))
    assert is_same_hand(size * HAND_PX, size * again)


def test_wrists_at_one_place_are_of_one_hand_however_the_fingers_are() -> None:
    other = HAND_PX[0] + 0.9 * (HAND_PX - HAND_PX[0]) * [-1, 1, 1]
    assert is_same_hand(HAND_PX, other)


@pytest.mark.parametrize("aside", [(60, 0, 0), (0, 60, 0), (40, 40, 0)])
def test_hands_beside_each_other_are_two(aside: tuple[float, float, float]) -> None:
    assert not is_same_hand(HAND_PX, HAND_PX + np.array(aside))


def test_a_wide_picture_does_not_bring_hands_together() -> None:
    """In image space they are 0.03 and 0.06 apart, in shares of the width and of the height; in pixels alike."""
    along_x, along_y = HAND_PX + np.array([40, 0, 0]), HAND_PX + np.array([0, 40, 0])
    assert is_same_hand(HAND_PX, along_x) == is_same_hand(HAND_PX, along_y)
