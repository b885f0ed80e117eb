"""The event loop's lag is seen, and the measuring ends."""

import asyncio
import time

import pytest
from tests.polling import until

from mocast.api import loop_lag
from mocast.api.loop_lag import BUCKETS_S, LoopLag


async def test_a_loop_that_is_held_up_shows_it_and_the_task_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_lag, "EVERY_S", 0.01)
    warned = []
    monkeypatch.setattr(loop_lag.log, "warning", lambda *_, **stats: warned.append(stats["seconds"]))
    before = asyncio.all_tasks()
    lag = LoopLag()
    async with lag.measured():
        await until(lambda: any(lag.histogram.counts))
        time.sleep(0.4)  # noqa: ASYNC251 (this is what is to be seen)
        for _ in range(3):
            await asyncio.sleep(0)
        assert lag.worst_s > 0.3
        assert warned[-1] > 0.3
        assert sum(lag.histogram.counts[BUCKETS_S.index(0.25) + 1 :]) >= 1
        assert sum(lag.histogram.counts) > 1
    assert asyncio.all_tasks() == before


async def test_the_worst_of_a_window_is_seen_for_another_one_and_then_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loop_lag, "EVERY_S", 0.001)
    monkeypatch.setattr(loop_lag, "WINDOW_S", 0.2)
    lag = LoopLag()
    async with lag.measured():
        await asyncio.sleep(0.01)
        time.sleep(0.4)  # noqa: ASYNC251 (this is what is to be seen)
        async with asyncio.timeout(60):
            while lag.worst_s < 0.3:  # noqa: ASYNC110 (no event tells)
                await asyncio.sleep(0)
        await until(lambda: lag.worst_s <= 0.3)
