from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mocast.tracking.timestamps import STEP_US, TrackingTimestamps


def times(*pts: int) -> list[int]:
    clock = TrackingTimestamps()
    return [clock.time_us(value) for value in pts]


@given(st.lists(st.integers(-(2**40), 2**40), min_size=2))
def test_time_only_ever_increases(pts: list[int]) -> None:
    result = times(*pts)
    assert all(later > earlier for earlier, later in pairwise(result))


def test_intervals_are_those_of_the_stream() -> None:
    assert times(900_000, 903_000, 909_000, 1_800_000) == [0, 33_333, 100_000, 10_000_000]


def test_a_pts_that_stands_still_counts_as_one_frame() -> None:
    assert times(0, 9_000, 9_000, 18_000) == [0, 100_000, 100_000 + STEP_US, 200_000 + STEP_US]


def test_a_stream_that_starts_over_goes_on_at_its_own_pace() -> None:
    assert times(90_000_000, 90_003_000, 0, 9_000) == [0, 33_333, 33_333 + STEP_US, 133_333 + STEP_US]
