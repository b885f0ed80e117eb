"""Who is served when not everyone can be: in turns, within a share of the event loop's time."""

import asyncio
import heapq
import time
from collections.abc import Callable
from typing import Protocol

SHARE = 0.4
"""Of the loop's time for all viewers together. The rest is the publishers': a viewer loses frames before they do."""

BURST_S = 0.02
"""What may be saved up: about half a frame, so that whatever fits into the share goes out at once."""

SLICE_S = 0.002
"""Then others on the loop have a turn: a publisher's packets come every few milliseconds."""


class Served(Protocol):
    """What waits for its turn."""

    turn: int
    "When it was served last, as a number that ``Turns`` counts; 0 at first."

    def flush(self) -> None:
        """Do what there is to do, without blocking."""


class Turns:
    """Serves who asks, the one first whose last turn is the longest ago, as fast as the share of time allows.

    So with too little time for all, everyone is served equally often.
    """

    def __init__(self, share: float = SHARE, clock: Callable[[], float] = time.monotonic) -> None:
        self._share = share
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._waiting: list[tuple[int, int, Served]] = []
        "A heap: the last turn, then the order in which they asked."
        self._asked: set[int] = set()
        self._count = 0
        self._budget_s = BURST_S
        self._counted_at = clock()
        self._is_called = False

    def ask(self, who: Served) -> None:
        """Have ``who`` served when it is their turn."""
        if id(who) not in self._asked:
            self._asked.add(id(who))
            self._count += 1
            heapq.heappush(self._waiting, (who.turn, self._count, who))
            self._call(0)

    def _call(self, in_s: float) -> None:
        if not self._is_called:
            self._is_called = True
            self._loop.call_later(in_s, self._serve)

    def _serve(self) -> None:
        self._is_called = False
        started = now = self._clock()
        self._budget_s = min(BURST_S, self._budget_s + self._share * (started - self._counted_at))
        while self._waiting and self._budget_s > now - started and now - started < SLICE_S:
            _, _, who = heapq.heappop(self._waiting)
            self._asked.discard(id(who))
            self._count += 1
            who.turn = self._count
            who.flush()
            now = self._clock()
        self._budget_s -= now - started
        self._counted_at = started
        if self._waiting:
            self._call(0 if self._budget_s > 0 else -self._budget_s / self._share + SLICE_S)
