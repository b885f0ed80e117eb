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
