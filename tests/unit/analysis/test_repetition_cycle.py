"""The state machine of a repetition, on progress that is drawn by hand."""

from collections.abc import Iterable

import pytest

from mocast.analysis.repetition_cycle import LOST_S, Cycle, RepetitionCycle

STEP_S = 0.1


def cycles(progress: Iterable[float | None], *, hysteresis: float = 0.2, **limits: float) -> list[Cycle]:
    """The cycles that end in a course, a value each ``STEP_S``."""
    cycle = RepetitionCycle(hysteresis, limits.get("shortest_s", 0.3), limits.get("longest_s", 20))
    done = (cycle.update(value, number * STEP_S) for number, value in enumerate(progress))
    return [one for one in done if one is not None]


REST, END = [-0.2] * 5, [1.2] * 5
WHOLE = [*REST, 0.3, 0.6, 0.9, *END, 0.9, 0.6, 0.3, *REST]


def test_a_way_to_the_end_and_back_is_one_cycle_with_its_times() -> None:
    (cycle,) = cycles(WHOLE)
    assert cycle.is_whole
    assert cycle.depth == 1.2
    assert (cycle.out_s, cycle.hold_s, cycle.back_s) == pytest.approx((0.4, 0.4, 0.4), abs=0.01)
    assert cycle.ended_s - cycle.began_s == pytest.approx(cycle.out_s + cycle.hold_s + cycle.back_s)


def test_a_way_that_turns_back_before_the_end_is_a_partial_cycle() -> None:
    (cycle,) = cycles([*REST, 0.4, 0.7, 0.7, 0.7, 0.4, *REST])
    assert not cycle.is_whole
    assert cycle.depth == 0.7


def test_a_small_move_at_the_start_is_nothing() -> None:
    assert cycles([*REST, *[0.25] * 9, *REST]) == []


def test_trembling_at_either_threshold_counts_once() -> None:
    trembling = [*REST, 0.05, -0.05, 0.05, -0.05, 0.5, 0.95, 1.05, 0.95, 1.05, 0.95, 1.05, 0.5, 0.05, -0.05, *REST]
    assert len(cycles(trembling)) == 1


def test_going_half_way_up_and_down_again_is_the_same_repetition() -> None:
    (cycle,) = cycles([*REST, 0.5, *END, 0.6, 0.5, 0.6, *END, 0.5, *REST])
    assert cycle.hold_s > 1


def test_one_wrong_frame_is_left_out() -> None:
    assert cycles([*REST, 1.5, *REST]) == []
    assert len(cycles([*REST, 0.5, *END, -1.0, *END, 0.5, *REST])) == 1


def test_lingering_beside_the_start_is_no_part_of_a_repetition() -> None:
    (cycle,) = cycles([*REST, *[0.1] * 300, 0.5, *END, 0.5, *REST])
    assert cycle.out_s <= 1.2


def test_who_begins_at_the_end_has_to_come_to_the_start_first() -> None:
    assert cycles([*END, 0.5, *REST]) == []
    assert len(cycles([*END, 0.5, *WHOLE])) == 1


def test_a_repetition_that_is_lost_for_longer_than_a_second_is_forgotten() -> None:
    short, long = int(LOST_S / STEP_S) - 2, int(LOST_S / STEP_S) + 2
    assert len(cycles([*REST, 0.5, *END, *[None] * short, 0.5, *REST])) == 1
    assert cycles([*REST, 0.5, *END, *[None] * long, 0.5, *REST]) == []


def test_what_is_too_fast_or_too_slow_does_not_count() -> None:
    assert cycles(WHOLE, shortest_s=3) == []
    assert cycles(WHOLE, longest_s=0.5) == []
