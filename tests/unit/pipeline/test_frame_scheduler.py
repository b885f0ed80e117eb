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
    slots=st.integers(1, 4),
    ends=st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=60),
    follow=st.booleans(),
)
def test_between_two_turns_of_a_room_every_other_has_one_at_most_or_two_of_which_one_follows(
    rooms: int, slots: int, ends: list[tuple[int, bool]], follow: bool
) -> None:
    scheduler = FrameScheduler(slots)
    busy = [scheduler.ticket() for _ in range(rooms)]
    for ticket in busy:
        scheduler.join(ticket)
    since_last: dict[int, Counter[int]] = {room: Counter() for room in range(rooms)}
    for end, follows in ends:
        working = [room for room in range(rooms) if busy[room].has_slot]
        assert len(working) == min(rooms, slots)
        ending = working[end % len(working)]
        if follow and follows:
            busy[ending].follow_soon()
        scheduler.leave(busy[ending])
        since_last[ending] = Counter()
        scheduler.join(busy[ending])  # it always has another frame
        (begun,) = (room for room in range(rooms) if busy[room].has_slot and (room not in working or room == ending))
        for waiting in set(range(rooms)) - set(working) | {ending}:
            since_last[waiting][begun] += waiting != begun
            assert max(since_last[waiting].values()) <= 1 + follow


def test_a_place_is_held_until_the_block_ends_however_that_comes() -> None:
    scheduler = FrameScheduler(1)
    first, second = scheduler.ticket(), scheduler.ticket()

    def work() -> None:
        with first:
            scheduler.join(second)
            assert (first.has_slot, second.has_slot, scheduler.waiting) == (True, False, 1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        work()
    assert (first.has_slot, second.has_slot, scheduler.waiting) == (False, True, 0)


def test_a_thread_that_waits_is_woken_when_it_is_its_turn() -> None:
    scheduler = FrameScheduler(1)
    first, second = scheduler.ticket(), scheduler.ticket()
    entered, may_end = threading.Event(), threading.Event()

    def work() -> None:
        with second:
            entered.set()
            may_end.wait(WAIT_S)

    scheduler.join(first)
    thread = threading.Thread(target=work)
    thread.start()
    while not scheduler.waiting:
        assert not entered.wait(0.001), "there was no place"
    scheduler.leave(first)
    assert entered.wait(WAIT_S)
    scheduler.join(first)
    assert not first.has_slot
    may_end.set()
    thread.join(WAIT_S)
    assert first.has_slot


def test_who_gives_up_waits_no_longer_and_takes_no_place() -> None:
    scheduler = FrameScheduler(1)
    first, second, third = scheduler.ticket(), scheduler.ticket(), scheduler.ticket()
    for ticket in (first, second, third):
        scheduler.join(ticket)
    entering = threading.Thread(target=second.__enter__)
    second.cancel()
    entering.start()
    entering.join(WAIT_S)
    assert not entering.is_alive()
    scheduler.leave(second)
    assert (second.has_slot, third.has_slot, scheduler.waiting) == (False, False, 1), (
        "what it never had it cannot give back"
    )
    scheduler.leave(first)
    assert third.has_slot
    scheduler.leave(third)
    scheduler.join(first)
    assert first.has_slot, "the place is still there"


def test_who_gives_up_at_work_keeps_the_place_until_done() -> None:
    scheduler = FrameScheduler(1)
    first, second = scheduler.ticket(), scheduler.ticket()
    with first:
        scheduler.join(second)
        first.cancel()
        assert (first.has_slot, second.has_slot) == (True, False)
    assert second.has_slot


def test_it_counts_for_how_long_slots_are_free_and_rooms_have_no_frame() -> None:
    now_s = 0.0
    scheduler = FrameScheduler(2, clock=lambda: now_s)
    first, second = scheduler.ticket(), scheduler.ticket()
    now_s = 1.0
    with first:
        now_s = 3.0
        with second:
            now_s = 6.0
            assert scheduler.free_s == 2 * 1 + 1 * 2 + 0 * 3
            assert (first.away_s, second.away_s) == (1.0, 3.0)
        now_s = 10.0
    now_s = 15.0
    assert scheduler.free_s == 4 + 1 * 4 + 2 * 5
    assert (first.away_s, second.away_s) == (1.0 + 5.0, 3.0 + 9.0)
    assert (first.turns, second.turns) == (1, 1)
