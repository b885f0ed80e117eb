"""A fair queue: which viewer is sent to next, within a share of the event loop's time."""

import asyncio
import heapq
import time
from collections.abc import Callable
from typing import Protocol

from mocast.pipeline.failure_log import FailureLog
from mocast.token_bucket import TokenBucket

SHARE = 0.4
"""Share of the event loop's time for all viewers together. The rest is the publishers': a viewer loses frames before
they do."""

BURST_S = 0.02
"""Unused time that may accumulate: more than half a frame at 30 fps, so that a frame's messages are sent at once where
the share allows it."""

SLICE_S = 0.002
"""Seconds of work before the queue yields to the event loop: incoming packets wait about this long."""

COST_GAIN = 0.25
"""Weight of the last slice in the moving average of the cost of serving one client."""


class QueuedClient(Protocol):
    """A client of the queue."""

    last_served: int
    "Sequence number of when it was last served, set by the queue; 0 at first."

    def flush(self) -> None:
        """Send what is waiting, without blocking."""


class FairQueue:
    """Serves the least recently served client first, within ``share`` of the event loop's time.

    With too little time for all, every client is served equally often. A slice's cost is measured until the loop comes
    back to this queue, as clients send in tasks of their own. Whatever else the loop did meanwhile counts, too: the
    busier the loop, the less viewers get.
    """

    def __init__(
        self,
        share: float = SHARE,
        clock: Callable[[], float] = time.monotonic,
        call_later: Callable[[float, Callable[[], None]], object] | None = None,
        work_clock: Callable[[], float] = time.thread_time,
    ) -> None:
        """``work_clock``: the loop's processor time, so that waiting for a processor does not count as work."""
        self._share = share
        self._budget = TokenBucket(share, BURST_S, clock)
        "Seconds of the loop's time."
        self._work_clock = work_clock
        self._call_later = call_later or asyncio.get_running_loop().call_later
        self._waiting: list[tuple[int, int, QueuedClient]] = []
        "A heap: the last serving, then the order of pushing."
        self._queued: set[int] = set()
        self._count = 0
        self._slice_began_at: float | None = None
        self._served = 0
        "In the last slice."
        self._cost_s = SLICE_S
        "Of serving one client; until measured, a whole slice."
        self._is_called = False
        self._failures = FailureLog(__name__, clock)

    def push(self, client: QueuedClient) -> None:
        """Queue a client; one that is queued already stays where it is."""
        if id(client) not in self._queued:
            self._queued.add(id(client))
            self._count += 1
            heapq.heappush(self._waiting, (client.last_served, self._count, client))
            self._call(0)

    def _call(self, in_s: float) -> None:
        if not self._is_called:
            self._is_called = True
            self._call_later(in_s, self._work)

    def _work(self) -> None:
        self._is_called = False
        budget_s = self._account()
        if not self._waiting:
            return
        if budget_s <= 0:
            self._call(max(SLICE_S, -budget_s / self._share) if self._share else 1.0)
            return
        self._slice_began_at = self._work_clock()
        self._served = 0
        while self._waiting and self._served * self._cost_s < SLICE_S and not self._is_over(self._slice_began_at):
            _, _, client = heapq.heappop(self._waiting)
            self._served += 1
            self._queued.discard(id(client))
            self._count += 1
            client.last_served = self._count
            self._flush(client)
        self._call(0)

    def _flush(self, client: QueuedClient) -> None:
        """Serve a client. Where that fails, the others are served all the same, and the log has a line a second."""
        try:
            client.flush()
        except Exception:
            self._failures.exception("a viewer could not be sent to")

    def _is_over(self, began_at_s: float) -> bool:
        """Whether a slice has used up its time, as clients that have much to send took longer than ``_cost_s``."""
        return self._work_clock() - began_at_s >= SLICE_S

    def _account(self) -> float:
        """Spend what the last slice took; return the seconds that are left."""
        left_s = self._budget.level
        if self._slice_began_at is None:
            return left_s
        took_s = self._work_clock() - self._slice_began_at
        self._slice_began_at = None
        self._budget.spend(took_s)
        self._cost_s += COST_GAIN * (took_s / self._served - self._cost_s)
        return left_s - took_s
