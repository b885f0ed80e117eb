"""The parent of several processes, where the system has nothing left for one of them."""

import asyncio
import signal
from typing import Any

import pytest
from tests.peers import HANG_S

from mocast import retry_delays
from mocast.cluster.worker_place import WorkerPlace
from mocast.workers import parent as parent_module


class Process:
    """A process that runs until it is signalled."""

    def __init__(self, *, is_gone: bool = False) -> None:
        self.stdin = self
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._is_gone = is_gone

    def write(self, _: bytes) -> None:
        pass

    def send_signal(self, number: int) -> None:
        if self._is_gone:
            raise ProcessLookupError
        if not self.ended.done():
            self.ended.set_result(-number)

    async def wait(self) -> int:
        return await self.ended


def places(count: int) -> list[WorkerPlace]:
    return [WorkerPlace(index, count, "secret", "/nowhere", ()) for index in range(count)]


async def test_a_worker_that_cannot_be_started_ends_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Process] = []
    all_run = asyncio.Event()
    failures = [OSError(12, "Cannot allocate memory"), OSError(24, "Too many open files")]

    async def create(*_: Any, **__: Any) -> Process:
        if started and failures:
            raise failures.pop()
        started.append(Process())
        if len(started) == 2:
            all_run.set()
        return started[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", create)
    monkeypatch.setattr(retry_delays, "FIRST_DELAY_S", 0)
    parent = parent_module._Parent([], parent_module.WorkerDirectory())
    running = asyncio.create_task(parent.run(places(2)))
    async with asyncio.timeout(HANG_S):
        await all_run.wait()
        assert not started[0].ended.done()
        parent._pass_on(signal.SIGTERM)
        assert await running == 0


async def test_a_signal_reaches_all_others_where_one_has_just_ended() -> None:
    parent = parent_module._Parent([], parent_module.WorkerDirectory())
    gone, other = Process(is_gone=True), Process()
    parent._running = {0: gone, 1: other}  # type: ignore[dict-item]
    parent._pass_on(signal.SIGTERM)
    assert await other.wait() == -signal.SIGTERM
