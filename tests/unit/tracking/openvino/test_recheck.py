import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocast.tracking.openvino.recheck import Patience, Recheck

CALM = 0.9


def checks(strains: list[float], unchecked: int) -> list[bool]:
    recheck = Recheck(CALM, unchecked)
    return [recheck.is_due(strain) for strain in strains]


def looks(patience: Patience, frames: int) -> list[int]:
    """Return the frames in which something is looked for that is in none of them."""
    looked = []
    for frame in range(frames):
        if patience.is_due():
            looked.append(frame)
            patience.missed()
    return looked


def test_a_calm_part_is_checked_after_so_many_frames() -> None:
    assert checks([0.5] * 9, 3) == [False, False, False, True, False, False, False, True, False]


def test_strain_is_checked_at_once_and_calm_is_counted_anew() -> None:
    strains = [0.5, 0.5, 0.95, 0.5, 0.5, 0.5, 0.5, 2.0, 3.0]
    assert checks(strains, 3) == [False, False, True, False, False, False, True, True, True]


def test_the_limit_itself_is_calm() -> None:
    assert checks([CALM, math.nextafter(CALM, 1)], 3) == [False, True]


@pytest.mark.parametrize("strain", [math.inf, math.nan])
def test_what_is_not_known_is_checked(strain: float) -> None:
    assert checks([strain] * 3, 3) == [True] * 3


def test_nothing_is_left_out_where_nothing_may_be() -> None:
    assert checks([0.0] * 4, 0) == [True] * 4


@given(st.lists(st.floats(0, 2), max_size=60), st.integers(0, 7))
def test_checks_are_left_out_only_while_it_is_calm_and_never_for_long(strains: list[float], unchecked: int) -> None:
    in_a_row = 0
    for strain, is_due in zip(strains, checks(strains, unchecked), strict=True):
        in_a_row = 0 if is_due else in_a_row + 1
        assert in_a_row <= unchecked
        assert is_due or strain <= CALM


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
    assert looks(Patience(misses, rest), 15) == expected


def test_what_comes_back_is_looked_for_at_once_and_as_patiently_as_ever() -> None:
    patience = Patience(2, 8)
    assert looks(patience, 9) == [0, 1, 3, 6]  # in the middle of four
    patience.reset()
    assert looks(patience, 9) == [0, 1, 3, 6]


def test_what_is_in_doubt_is_left_alone_for_as_long_as_is_said() -> None:
    patience = Patience(1, 8)
    for frames in (2, 0, 3, 1):
        patience.wait(frames)
        assert [patience.is_due() for _ in range(frames + 1)] == [False] * frames + [True]


def test_doubt_is_no_miss() -> None:
    patience = Patience(2, 8)
    patience.missed()
    for _ in range(5):
        patience.wait(1)
        assert not patience.is_due()
    assert looks(patience, 4) == [0, 2], "one more miss, then the first wait"
    patience.wait(5)
    patience.reset()
    assert patience.is_due()


def test_what_is_found_is_looked_for_in_every_frame() -> None:
    patience = Patience(1, 8)
    assert [patience.is_due() for _ in range(5)] == [True] * 5


@given(st.integers(1, 5), st.integers(0, 40), st.integers(1, 400))
def test_no_wait_is_longer_than_the_longest(misses: int, rest: int, frames: int) -> None:
    looked = looks(Patience(misses, rest), frames)
    assert looked[:misses] == list(range(min(misses, frames)))
    waits = [after - before - 1 for before, after in pairwise(looked)]
    assert all(wait <= rest for wait in waits)
    assert waits == sorted(waits)
