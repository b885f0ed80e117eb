"""A server that stops before it was ever ready, or cannot start."""

import asyncio
import socket
from pathlib import Path

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from mocast import composition
from mocast.app import Server
from mocast.settings.settings import Settings
from tests.integration.http_server import FakePool


def stop_at_once(shutdown_timeout_s: float) -> list[str]:
    """Serve for a moment; return what was logged, event by event."""

    async def serve() -> None:
        async with Server(Settings(port=0, shutdown_timeout_s=shutdown_timeout_s)).running():
            pass

    with capture_logs() as logged:
        asyncio.run(serve())
    return [entry["event"] for entry in logged]


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> FakePool:
    pool = FakePool()
    monkeypatch.setattr(composition, "TrackerPool", lambda *_, **__: pool)
    return pool


def test_trackers_that_are_still_being_built_do_not_hold_up_the_stop(pool: FakePool) -> None:
    try:
        events = stop_at_once(0.2)
    finally:
        pool.may_warm.set()
    assert events[-2:] == ["trackers are still being built; stopping without them", "stopped"]
    assert not pool.closed, "their networks are in use"


def test_trackers_that_are_built_are_closed(pool: FakePool) -> None:
    pool.may_warm.set()
    assert stop_at_once(60)[-2:] == ["stopping", "stopped"]
    assert pool.closed


def test_a_start_that_fails_ends_what_had_begun_and_says_why_although_that_fails_too(
    pool: FakePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool.may_warm.set()
    cleanup = web.AppRunner.cleanup

    async def failing(runner: web.AppRunner) -> None:
        await cleanup(runner)
        raise RuntimeError("something does not close")

    async def start(**more: str) -> None:
        settings = Settings(port=0, jobs_folder=tmp_path, outputs="vmc://127.0.0.1:39539?room=a", **more)  # type: ignore[arg-type]
        async with Server(settings).running():
            pass

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=str(port)):
            asyncio.run(start(inputs=f"vmc://127.0.0.1:{port}?room=b"))
        with monkeypatch.context() as patch:
            patch.setattr(web.AppRunner, "cleanup", failing)
            with pytest.raises(OSError, match=str(port)):
                asyncio.run(start(inputs=f"vmc://127.0.0.1:{port}?room=b"))
    asyncio.run(start())  # the list of jobs is no other server's any more
