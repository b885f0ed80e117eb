import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocast.tracking.openvino.schedule.quality_profile import RedetectionPolicy
from mocast.tracking.openvino.schedule.redetection import RedetectionSchedule

MAX_DRIFT = 0.9


def checks(drifts: list[float], max_skipped: int) -> list[bool]:
    recheck = RedetectionSchedule(RedetectionPolicy(MAX_DRIFT, max_skipped))
    return [recheck.is_due(drift) for drift in drifts]


def test_a_calm_part_is_checked_after_so_many_frames() -> None:
    assert checks([0.5] * 9, 3) == [False, False, False, True, False, False, False, True, False]


def test_frames_that_come_twice_as_fast_count_half() -> None:
    schedule = RedetectionSchedule(RedetectionPolicy(MAX_DRIFT, 3))
    assert [number for number in range(21) if schedule.is_due(0.5, 0.5)] == [6, 13, 20]
    always = RedetectionSchedule(RedetectionPolicy(MAX_DRIFT, 0))
    assert all(always.is_due(0.0, 0.5) for _ in range(4))


def test_strain_is_checked_at_once_and_calm_is_counted_anew() -> None:
    drifts = [0.5, 0.5, 0.95, 0.5, 0.5, 0.5, 0.5, 2.0, 3.0]
    assert checks(drifts, 3) == [False, False, True, False, False, False, True, True, True]


def test_the_limit_itself_is_calm() -> None:
    assert checks([MAX_DRIFT, math.nextafter(MAX_DRIFT, 1)], 3) == [False, True]


@pytest.mark.parametrize("drift", [math.inf, math.nan])
def test_what_is_not_known_is_checked(drift: float) -> None:
    assert checks([drift] * 3, 3) == [True] * 3


def test_nothing_is_left_out_where_nothing_may_be() -> None:
    assert checks([0.0] * 4, 0) == [True] * 4


@given(st.lists(st.floats(0, 2), max_size=60), st.integers(0, 7))
def test_checks_are_left_out_only_while_it_is_calm_and_never_for_long(drifts: list[float], max_skipped: int) -> None:
    in_a_row = 0
    for drift, is_due in zip(drifts, checks(drifts, max_skipped), strict=True):
        in_a_row = 0 if is_due else in_a_row + 1
        assert in_a_row <= max_skipped
        assert is_due or drift <= MAX_DRIFT
