"""The event loop's lag: the first metric to look at when everything is slow at once."""

import asyncio
from contextlib import AbstractAsyncContextManager

import structlog

from mocast.api.background import in_background
from mocast.pipeline.stats import Histogram

log = structlog.get_logger(__name__)

EVERY_S = 0.1
WARN_S = 0.25

WINDOW_S = 15.0
"""The usual interval of scrapes: the worst measurement between two of them is in ``LoopLag.worst_s``."""

BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)


class LoopLag:
    """Measures how late a timer fires, ten times a second."""

    def __init__(self) -> None:
        self.histogram = Histogram(BUCKETS_S)
        "Of all measurements."
        self._worst_s = 0.0
        self._worst_before_s = 0.0
        self._window_ends_at_s = 0.0

    @property
    def worst_s(self) -> float:
        """The worst measurement of the last 15 to 30 seconds."""
        return max(self._worst_s, self._worst_before_s)

    def measured(self) -> AbstractAsyncContextManager[None]:
        """Measure while the context lasts."""
        return in_background(self._measure(), "loop lag")

    async def _measure(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + EVERY_S
            await asyncio.sleep(EVERY_S)
            late = max(0.0, loop.time() - due)
            self._record(late, loop.time())
            if late > WARN_S:
                log.warning("event loop is late", seconds=round(late, 3))

    def _record(self, late_s: float, now_s: float) -> None:
        self.histogram.observe(late_s)
        if now_s >= self._window_ends_at_s:
            self._worst_s, self._worst_before_s = 0.0, self._worst_s
            self._window_ends_at_s = now_s + WINDOW_S
        self._worst_s = max(self._worst_s, late_s)
