import asyncio

import pytest
from tests.fakes import SettableClock

from mocast.jobs.upload_pace import BURST_S, UploadPace


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SettableClock:
    """Moves on while somebody sleeps."""
    clock = SettableClock()

    async def sleep(seconds: float) -> None:
        clock.now += seconds

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return clock


async def seconds(pace: UploadPace, clock: SettableClock, pieces: int) -> float:
    began = clock.now
    for _ in range(pieces):
        await pace.wait(1000)
    return clock.now - began


async def test_uploads_come_at_their_rate_while_somebody_is_live(clock: SettableClock) -> None:
    live = [True]
    pace = UploadPace(100_000, lambda: live[0], clock.monotonic)
    assert await seconds(pace, clock, 30) == pytest.approx(0.3 - BURST_S)
    live[0] = False
    assert await seconds(pace, clock, 1000) == 0


async def test_without_a_rate_they_come_as_they_like(clock: SettableClock) -> None:
    assert await seconds(UploadPace(0, lambda: True, clock.monotonic), clock, 1000) == 0
