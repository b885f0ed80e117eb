import numpy as np
import pytest

from mocast.rigging.face.lid_range import MOST_BLINK_S, SHUT, SHUT_RANGE, LidRange


def blinked(lids: LidRange, left: float, right: float, *, seconds: float = 0.2) -> LidRange:
    """Show a blink, then open eyes."""
    for _ in range(round(seconds / 0.05)):
        lids.learn(np.array([left, right]), 0.05)
    lids.learn(np.ones(2), 0.05)
    return lids


def test_blinks_teach_how_far_each_eye_shuts() -> None:
    lids = LidRange()
    for _ in range(6):
        blinked(lids, 0.25, 0.4)
    assert lids.shut == pytest.approx([0.25, 0.4], abs=0.02)


def test_a_shallow_blink_teaches_less_than_a_deep_one() -> None:
    assert SHUT - blinked(LidRange(), 0.36, 0.36).shut[0] > 3 * (blinked(LidRange(), 0.54, 0.54).shut[0] - SHUT) > 0


def test_eyes_that_are_down_for_long_were_no_blink() -> None:
    lids = blinked(LidRange(), 0.3, 0.3, seconds=MOST_BLINK_S + 0.3)
    np.testing.assert_array_equal(lids.shut, SHUT)


def test_a_wink_teaches_nothing_of_the_other_eye() -> None:
    lids = blinked(LidRange(), 0.3, 0.9)
    assert lids.shut[0] < SHUT
    assert lids.shut[1] == SHUT


def test_what_is_learnt_stays_plausible() -> None:
    lids = LidRange()
    for _ in range(50):
        blinked(lids, -3.0, 0.64)
    assert lids.shut == pytest.approx(SHUT_RANGE, abs=0.01)
