"""The watchdog over a worker: which silence counts, and which does not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.peers import HANG_S

from mocast.workers import watchdog as module
from mocast.workers.watchdog import MOST_MISSES, wait_unwell

WELL = b"HTTP/1.1 200 OK\r\n\r\n"
UNWELL = b"HTTP/1.1 503 Service Unavailable\r\n\r\n"


@asynccontextmanager
async def worker(path: Path, answer: Callable[[int], bytes]) -> AsyncIterator[list[bytes]]:
    """What listens at a path; ``answer``: to the call of a number, empty: none. Yields what it has answered."""
    answered: list[bytes] = []
    unanswered: list[asyncio.StreamWriter] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        answered.append(answer(len(answered)))
        writer.write(answered[-1])
        if answered[-1]:
            writer.close()
        else:
            unanswered.append(writer)

    async with await asyncio.start_unix_server(take, path):
        yield answered
        for writer in unanswered:  # which the server's end waits for
            writer.close()


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ASK_EVERY_S", 0.001)


async def test_a_worker_that_hangs_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_S", 0.01)
    async with asyncio.timeout(HANG_S), worker(tmp_path / "socket", lambda _: b""):
        assert "hung" in await wait_unwell(str(tmp_path / "socket"))


async def test_one_that_is_not_well_for_a_moment_is_left_alone(tmp_path: Path) -> None:
    lasting = 20
    async with (
        asyncio.timeout(HANG_S),
        worker(
            tmp_path / "socket", lambda number: WELL if number % MOST_MISSES == 0 and number < lasting else UNWELL
        ) as answered,
    ):
        assert "not well" in await wait_unwell(str(tmp_path / "socket"))
        assert len(answered) > lasting


async def test_one_that_does_not_listen_yet_is_waited_for(tmp_path: Path) -> None:
    waiting = asyncio.create_task(wait_unwell(str(tmp_path / "socket")))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    async with asyncio.timeout(HANG_S), worker(tmp_path / "socket", lambda _: UNWELL):
        assert await waiting
