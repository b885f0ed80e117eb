"""A room's clock over its publishers: numbers and pts only grow."""

import threading
from types import SimpleNamespace

import pytest

from mocast.rooms import clock as clock_module
from mocast.rooms.clock import FRAME_TICKS, RoomClock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    clock = SimpleNamespace(now_ns=0)
    clock.monotonic_ns = lambda: clock.now_ns
    monkeypatch.setattr(clock_module, "time", clock)
    return clock


def test_a_room_begins_at_zero() -> None:
    segment = RoomClock().begin()
    assert segment.offset is None
    assert [segment.map(pts) for pts in (500, 3_500, 6_500)] == [(0, 0), (1, 3_000), (2, 6_000)]
    assert segment.offset == -500


def test_the_next_publisher_goes_on_by_the_time_between_them(clock: SimpleNamespace) -> None:
    room = RoomClock()
    first = room.begin()
    assert first.map(9_000) == (0, 0)
    clock.now_ns = 2_000_000_000
    second = room.begin()
    assert second.map(77) == (1, 180_000)
    assert second.map(3_077) == (2, 183_000)


def test_a_publisher_that_comes_in_the_same_instant_is_a_frame_later(clock: SimpleNamespace) -> None:
    room = RoomClock()
    room.begin().map(9_000)
    assert room.begin().map(50_000) == (1, FRAME_TICKS)


def test_frames_of_a_replaced_publisher_end_with_the_first_of_its_successor() -> None:
    room = RoomClock()
    old = room.begin()
    old.map(0)
    new = room.begin()
    assert old.map(3_000) == (1, 3_000), "a place alone does not replace anybody"
    placed = new.map(0)
    assert placed is not None
    assert old.map(6_000) is None
    assert new.map(3_000) == (3, placed[1] + 3_000)


def test_frames_that_go_back_a_little_keep_their_place(clock: SimpleNamespace) -> None:
    """As those do whose video has B-frames."""
    segment = RoomClock().begin()
    assert [segment.map(pts) for pts in (0, 9_000, 3_000, 6_000, 12_000)] == [
        (0, 0), (1, 9_000), (2, 3_000), (3, 6_000), (4, 12_000)
    ]  # fmt: skip


@pytest.mark.parametrize("restarted_at", [0, -5, 7_000_000_000, -(2**31)], ids=str)
def test_a_publisher_whose_clock_starts_anew_goes_on_by_the_time_that_has_passed(
    clock: SimpleNamespace, restarted_at: int
) -> None:
    segment = RoomClock().begin()
    assert segment.map(900_000) == (0, 0)
    clock.now_ns = 500_000_000
    assert segment.map(restarted_at) == (1, 45_000)
    assert segment.map(restarted_at + 3_000) == (2, 48_000)


def test_a_camera_that_paused_and_frames_that_waited_on_their_way_keep_their_times(clock: SimpleNamespace) -> None:
    segment = RoomClock().begin()
    segment.map(0)
    clock.now_ns = 600_000_000_000
    assert segment.map(600 * 90_000) == (1, 600 * 90_000)
    clock.now_ns = 630_000_000_000
    waited = [600 * 90_000 + 3_000 * frame for frame in range(1, 5)]
    assert [segment.map(pts) for pts in waited] == [*enumerate(waited, 2)]


def test_numbers_are_given_once_from_any_thread() -> None:
    segment = RoomClock().begin()
    numbers: list[int] = []

    def work() -> None:
        for _ in range(2_000):
            place = segment.map(0)
            assert place is not None
            numbers.append(place[0])

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(6_000))


def test_a_frame_that_was_long_under_way_is_not_before_what_was_told_meanwhile(clock: SimpleNamespace) -> None:
    room = RoomClock()
    segment = room.begin()
    clock.now_ns = 1_000_000_000
    assert segment.map(0) == (0, 0)
    clock.now_ns = 2_000_000_000
    assert room.tick() == (1, 90_000)
    clock.now_ns = 2_010_000_000
    # Taken 0.1 s before the tick, and after it.
    assert [segment.map(pts) for pts in (81_000, 84_000, 91_000)] == [(2, 90_001), (3, 90_002), (4, 91_000)]


def test_what_has_no_frame_counts_on_by_the_time_and_leaves_the_publisher_its_place(clock: SimpleNamespace) -> None:
    room = RoomClock()
    assert room.tick() == (0, 0)
    clock.now_ns = 1_000_000_000
    assert room.tick() == (1, 90_000)
    segment = room.begin()
    clock.now_ns = 2_000_000_000
    assert segment.map(5) == (2, 180_000)
    clock.now_ns = 3_000_000_000
    assert room.tick() == (3, 270_000)
    clock.now_ns = 3_100_000_000
    assert segment.map(5 + 99_000) == (4, 279_000)
