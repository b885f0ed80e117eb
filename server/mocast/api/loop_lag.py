"""The event loop's lag: the first metric to look at when everything is slow at once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog

log = structlog.get_logger(__name__)

EVERY_S = 0.5
WARN_S = 0.25


class LoopLag:
    """Measures how late a timer fires."""

    def __init__(self) -> None:
        self.seconds = 0.0
        "The worst of the last two measurements."
        self._last = 0.0

    @contextlib.asynccontextmanager
    async def measured(self) -> AsyncIterator[None]:
        """Measure while the context lasts."""
        task = asyncio.create_task(self._measure(), name="loop lag")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _measure(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + EVERY_S
            await asyncio.sleep(EVERY_S)
            late = max(0.0, loop.time() - due)
            self.seconds, self._last = max(late, self._last), late
            if late > WARN_S:
                log.warning("event loop is late", seconds=round(late, 3))
