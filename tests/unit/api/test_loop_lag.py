"""The event loop's lag is seen, and the measuring ends."""

import asyncio
import time

import pytest

from mocast.api import loop_lag
from mocast.api.loop_lag import LoopLag


async def test_a_loop_that_is_held_up_shows_it_and_the_task_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_lag, "EVERY_S", 0.01)
    warned = []
    monkeypatch.setattr(loop_lag.log, "warning", lambda *_, **stats: warned.append(stats["seconds"]))
    before = asyncio.all_tasks()
    lag = LoopLag()
    async with lag.measured():
        await asyncio.sleep(0.02)
        time.sleep(0.4)  # noqa: ASYNC251 (this is what is to be seen)
        for _ in range(3):
            await asyncio.sleep(0)
        assert lag.seconds > 0.3
        assert warned[-1] > 0.3
    assert asyncio.all_tasks() == before
