"""Angular velocity and range of motion."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mocast.analysis.angle_motion import VELOCITY_WINDOW_S, AngularVelocity, RangeOfMotion
from mocast.analysis.symmetry import symmetry
from mocast.model.analysis import ANGLE_COUNT, ANGLE_INDEX, PAIR_NAMES


def all_at(degrees: float) -> NDArray[np.float64]:
    return np.full(ANGLE_COUNT, degrees, np.float64)


@pytest.mark.parametrize("fps", [15, 30, 60])
def test_the_velocity_is_that_of_a_tenth_of_a_second_before(fps: int) -> None:
    velocity = AngularVelocity()
    for number in range(2 * fps):
        now_s = number / fps
        told = velocity.update(all_at(40 * np.sin(2 * np.pi * 0.5 * now_s)), now_s)
        if now_s > VELOCITY_WINDOW_S:
            late_s = now_s - VELOCITY_WINDOW_S / 2
            assert told == pytest.approx(40 * np.pi * np.cos(np.pi * late_s), abs=4)


def test_noise_of_a_degree_leaves_six_degrees_a_second() -> None:
    velocity, rng = AngularVelocity(), np.random.default_rng(1)
    told = [velocity.update(rng.normal(size=ANGLE_COUNT), number / 30) for number in range(300)]
    assert np.std(told[10:]) == pytest.approx(6, abs=0.7)


def test_a_shoulder_that_goes_on_over_270_degrees_does_not_turn_back() -> None:
    velocity = AngularVelocity()
    for number in range(20):
        turned = 250 + 3 * number
        told = velocity.update(all_at(turned - 360 if turned >= 270 else turned), number / 30)
        if number > 1:
            assert told == pytest.approx(90, abs=0.01)


def test_there_is_no_velocity_across_a_gap_or_of_an_angle_that_was_unknown() -> None:
    velocity = AngularVelocity()
    for number in range(10):
        angles = all_at(number)
        angles[3] = np.nan if number == 8 else number
        told = velocity.update(angles, number / 30)
    assert np.isnan(told[3])
    assert told[4] == pytest.approx(30)
    assert np.isnan(velocity.update(all_at(0), 5.0)).all()


def test_the_range_is_from_the_lowest_to_the_highest_without_single_jumps() -> None:
    moved = RangeOfMotion()
    for degrees in (10, 12, 90, 14, np.nan, 16, 18, 20, -70, 22, 21, 20):
        moved.update(all_at(degrees))
    assert (moved.lowest[0], moved.highest[0]) == (12, 21)


def test_symmetry_compares_what_both_sides_did() -> None:
    degrees, lowest, highest = all_at(0), all_at(0), all_at(4)
    degrees[[ANGLE_INDEX["left_knee"], ANGLE_INDEX["right_knee"]]] = 80, 92
    highest[[ANGLE_INDEX["left_knee"], ANGLE_INDEX["right_knee"]]] = 110, 90
    found = symmetry(*np.float32([degrees, lowest, highest]))
    knee = PAIR_NAMES.index("knee")
    assert found.difference_deg[knee] == -12
    assert found.range_percent[knee] == pytest.approx(20)
    assert np.isnan(np.delete(found.range_percent, knee)).all(), "4° are no motion"
