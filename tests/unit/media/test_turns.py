"""Turns on a clock that is moved by hand: how much is served, in which order, and how fairly."""

import asyncio
from collections import Counter

from tests.fakes import SettableClock

from mocast.media.turns import BURST_S, SLICE_S, Turns


class Costly:
    """Takes some time to serve."""

    def __init__(self, name: str, clock: SettableClock, log: list[str], takes_s: float) -> None:
        self.name, self.clock, self.log, self.takes_s = name, clock, log, takes_s
        self.turn = 0

    def flush(self) -> None:
        self.log.append(self.name)
        self.clock.now += self.takes_s


def crowd(clock: SettableClock, log: list[str], takes_s: float, count: int = 10) -> list[Costly]:
    return [Costly(str(number), clock, log, takes_s) for number in range(count)]


async def test_all_are_served_where_time_allows() -> None:
    clock, log = SettableClock(), []
    turns = Turns(0.5, clock.monotonic)
    for viewer in crowd(clock, log, 0.0):
        turns.ask(viewer)
    await asyncio.sleep(0.01)
    assert log == [str(number) for number in range(10)]


async def test_who_asks_twice_keeps_the_place_and_is_served_once() -> None:
    clock, log = SettableClock(), []
    turns = Turns(0.5, clock.monotonic)
    first, second = crowd(clock, log, 0.0, 2)
    for viewer in (first, second, first, first):
        turns.ask(viewer)
    await asyncio.sleep(0.01)
    assert log == ["0", "1"]
    turns.ask(first)
    await asyncio.sleep(0.01)
    assert log == ["0", "1", "0"]


def test_over_a_long_time_the_share_is_kept_and_everyone_is_served_equally_often() -> None:
    async def run() -> None:
        clock, log = SettableClock(), []
        turns = Turns(0.25, clock.monotonic)
        viewers = crowd(clock, log, takes_s := 0.003, 10)
        frames, busy_s, started = 600, 0.0, clock.now
        for _ in range(frames):  # every viewer asks each frame: 30 ms of work for 33 ms of time
            for viewer in viewers:
                turns.ask(viewer)
            frame_ends = clock.now + 1 / 30
            while clock.now < frame_ends:
                before = clock.now
                turns._serve()
                busy_s += clock.now - before
                clock.now = max(before + 0.002, clock.now)
        elapsed_s = clock.now - started
        assert 0.9 * 0.25 * elapsed_s < busy_s < 0.25 * elapsed_s + BURST_S + takes_s
        served = Counter(log)
        assert max(served.values()) - min(served.values()) <= 1

    asyncio.run(run())


async def test_others_on_the_loop_are_not_kept_waiting_for_longer_than_a_slice() -> None:
    clock, log = SettableClock(), []
    turns = Turns(1.0, clock.monotonic)
    for viewer in crowd(clock, log, SLICE_S * 0.6):
        turns.ask(viewer)
    turns._serve()
    assert log == ["0", "1"]
