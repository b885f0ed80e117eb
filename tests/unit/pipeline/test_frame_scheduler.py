"""Turns at tracking: first come, first served, and nobody waits who does not want to any more."""

import threading
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocast.pipeline.frame_scheduler import FrameScheduler

WAIT_S = 60


@given(
    rooms=st.integers(1, 6),
    places=st.integers(1, 4),
    ends=st.lists(st.integers(0, 5), max_size=60),
)
def test_between_two_turns_of_a_room_every_other_has_one_at_most(rooms: int, places: int, ends: list[int]) -> None:
    turns = FrameScheduler(places)
    busy = [turns.turn() for _ in range(rooms)]
    for turn in busy:
        turns.join(turn)
    since_last: dict[int, Counter[int]] = {room: Counter() for room in range(rooms)}
    for end in ends:
        working = [room for room in range(rooms) if busy[room].has_place]
        assert len(working) == min(rooms, places)
        ending = working[end % len(working)]
        turns.leave(busy[ending])
        since_last[ending] = Counter()
        turns.join(busy[ending])  # it always has another frame
        (begun,) = (room for room in range(rooms) if busy[room].has_place and (room not in working or room == ending))
        for waiting in set(range(rooms)) - set(working) | {ending}:
            since_last[waiting][begun] += waiting != begun
            assert max(since_last[waiting].values()) <= 1


def test_a_place_is_held_until_the_block_ends_however_that_comes() -> None:
    turns = FrameScheduler(1)
    first, second = turns.turn(), turns.turn()

    def work() -> None:
        with first:
            turns.join(second)
            assert (first.has_place, second.has_place, turns.waiting) == (True, False, 1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        work()
    assert (first.has_place, second.has_place, turns.waiting) == (False, True, 0)


def test_a_thread_that_waits_is_woken_when_it_is_its_turn() -> None:
    turns = FrameScheduler(1)
    first, second = turns.turn(), turns.turn()
    entered, may_end = threading.Event(), threading.Event()

    def work() -> None:
        with second:
            entered.set()
            may_end.wait(WAIT_S)

    turns.join(first)
    thread = threading.Thread(target=work)
    thread.start()
    while not turns.waiting:
        assert not entered.wait(0.001), "there was no place"
    turns.leave(first)
    assert entered.wait(WAIT_S)
    turns.join(first)
    assert not first.has_place
    may_end.set()
    thread.join(WAIT_S)
    assert first.has_place


def test_who_gives_up_waits_no_longer_and_takes_no_place() -> None:
    turns = FrameScheduler(1)
    first, second, third = turns.turn(), turns.turn(), turns.turn()
    for turn in (first, second, third):
        turns.join(turn)
    entering = threading.Thread(target=second.__enter__)
    second.give_up()
    entering.start()
    entering.join(WAIT_S)
    assert not entering.is_alive()
    turns.leave(second)
    assert (second.has_place, third.has_place, turns.waiting) == (False, False, 1), (
        "what it never had it cannot give back"
    )
    turns.leave(first)
    assert third.has_place
    turns.leave(third)
    turns.join(first)
    assert first.has_place, "the place is still there"


def test_who_gives_up_at_work_keeps_the_place_until_done() -> None:
    turns = FrameScheduler(1)
    first, second = turns.turn(), turns.turn()
    with first:
        turns.join(second)
        first.give_up()
        assert (first.has_place, second.has_place) == (True, False)
    assert second.has_place
