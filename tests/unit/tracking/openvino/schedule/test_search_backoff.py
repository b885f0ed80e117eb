from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocast.tracking.openvino.schedule.quality_profile import PROFILES, BackoffPolicy
from mocast.tracking.openvino.schedule.search_backoff import SearchBackoff


def looks(backoff: SearchBackoff, frames: int) -> list[int]:
    """Return the frames in which something is looked for that is in none of them."""
    looked = []
    for frame in range(frames):
        if backoff.is_due():
            looked.append(frame)
            backoff.missed()
    return looked


@pytest.mark.parametrize(
    ("misses", "rest", "expected"),
    [
        (1, 1, [0, 2, 4, 6, 8, 10, 12, 14]),
        (1, 3, [0, 2, 5, 9, 13]),
        (3, 1, [0, 1, 2, 4, 6, 8, 10, 12, 14]),
        (3, 8, [0, 1, 2, 4, 7, 12]),
        (2, 0, list(range(15))),
    ],
)
def test_the_waits_double_up_to_the_longest(misses: int, rest: int, expected: list[int]) -> None:
    assert looks(SearchBackoff(BackoffPolicy(misses, rest)), 15) == expected


def test_hands_of_balanced_are_looked_for_in_frames_of_exact() -> None:
    exact, balanced = (looks(SearchBackoff(PROFILES[name].hand_backoff), 40) for name in ("exact", "balanced"))
    assert balanced[:4] == [0, 1, 4, 8]
    assert set(balanced) < set(exact)


def test_what_comes_back_is_looked_for_at_once_and_as_patiently_as_ever() -> None:
    backoff = SearchBackoff(BackoffPolicy(2, 8))
    assert looks(backoff, 9) == [0, 1, 3, 6]  # in the middle of four
    backoff.reset()
    assert looks(backoff, 9) == [0, 1, 3, 6]


@pytest.mark.parametrize(("longest", "expected"), [(3, [0, 2, 6, 12, 20]), (0, list(range(22)))])
def test_waits_are_as_long_where_frames_come_twice_as_fast(longest: int, expected: list[int]) -> None:
    backoff, searched = SearchBackoff(BackoffPolicy(2, longest)), []
    for frame in range(22):
        if backoff.is_due(0.5):
            searched.append(frame)
            backoff.missed()
    assert searched == expected


def test_what_is_in_doubt_is_left_alone_for_as_long_as_is_said() -> None:
    backoff = SearchBackoff(BackoffPolicy(1, 8))
    for frames in (2, 0, 3, 1):
        backoff.pause(frames)
        assert [backoff.is_due() for _ in range(frames + 1)] == [False] * frames + [True]


def test_doubt_is_no_miss() -> None:
    backoff = SearchBackoff(BackoffPolicy(2, 8))
    backoff.missed()
    for _ in range(5):
        backoff.pause(1)
        assert not backoff.is_due()
    assert looks(backoff, 4) == [0, 2], "one more miss, then the first wait"
    backoff.pause(5)
    backoff.reset()
    assert backoff.is_due()


def test_what_is_found_is_looked_for_in_every_frame() -> None:
    backoff = SearchBackoff(BackoffPolicy(1, 8))
    assert [backoff.is_due() for _ in range(5)] == [True] * 5


@given(st.integers(1, 5), st.integers(0, 40), st.integers(1, 400))
def test_no_wait_is_longer_than_the_longest(misses: int, rest: int, frames: int) -> None:
    looked = looks(SearchBackoff(BackoffPolicy(misses, rest)), frames)
    assert looked[:misses] == list(range(min(misses, frames)))
    waits = [after - before - 1 for before, after in pairwise(looked)]
    assert all(wait <= rest for wait in waits)
    assert waits == sorted(waits)
