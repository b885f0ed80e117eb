"""Who is served when not everyone can be: in turns, within a share of the event loop's time."""

import asyncio
import heapq
import time
from collections.abc import Callable
from typing import Protocol

SHARE = 0.4
"""Of the loop's time for all viewers together. The rest is the publishers': a viewer loses frames before they do."""

BURST_S = 0.02
"""What may be saved up: more than half a frame at 30 fps, so that what fits into the share goes out at once."""

SLICE_S = 0.002
"""Then others on the loop have a turn: packets that come in wait about so long."""

LEARNING = 0.25
"""How much the last slice's cost counts among those before."""


class Served(Protocol):
    """What waits for its turn."""

    turn: int
    "When it was served last, as a number that ``FairQueue`` counts; 0 at first."

    def flush(self) -> None:
        """Do what there is to do, without blocking."""


class FairQueue:
    """Serves who asks, the one first whose last turn is the longest ago, as fast as the share of time allows.

    So with too little time for all, everyone is served equally often. The time of a slice is counted until the loop
    comes back from it: what is served sends in tasks of its own, so only that tells what it costs, and how many fit
    into the next slice. What else the loop did then counts, too, so that the busier it is the less the viewers get.
    """

    def __init__(
        self,
        share: float = SHARE,
        clock: Callable[[], float] = time.monotonic,
        call_later: Callable[[float, Callable[[], None]], object] | None = None,
        work_clock: Callable[[], float] = time.thread_time,
    ) -> None:
        """``work_clock``: the processor's time of the loop. A machine that is short of it does not look like work."""
        self._share = share
        self._clock = clock
        self._work_clock = work_clock
        self._call_later = call_later or asyncio.get_running_loop().call_later
        self._waiting: list[tuple[int, int, Served]] = []
        "A heap: the last turn, then the order in which they asked."
        self._asked: set[int] = set()
        self._count = 0
        self._credit_s = BURST_S
        self._credited_at = clock()
        self._slice_began_at: float | None = None
        self._served = 0
        "In the last slice."
        self._cost_s = SLICE_S
        "Of serving one; at first as if a slice had time for no more."
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
            self._call_later(in_s, self._work)

    def _work(self) -> None:
        self._is_called = False
        self._settle()
        if not self._waiting:
            return
        if self._credit_s <= 0:
            self._call(max(SLICE_S, -self._credit_s / self._share) if self._share else 1.0)
            return
        self._slice_began_at = self._work_clock()
        self._served = 0
        try:
            while self._waiting and self._served * self._cost_s < SLICE_S:
                _, _, who = heapq.heappop(self._waiting)
                self._served += 1
                self._asked.discard(id(who))
                self._count += 1
                who.turn = self._count
                who.flush()
        finally:
            self._call(0)  # also where one fails: the others must not wait for the next to ask

    def _settle(self) -> None:
        """Count the time that has passed, and what the last slice took of it."""
        now = self._clock()
        self._credit_s = min(BURST_S, self._credit_s + self._share * (now - self._credited_at))
        self._credited_at = now
        if self._slice_began_at is not None:
            took_s = self._work_clock() - self._slice_began_at
            self._credit_s -= took_s
            self._cost_s += LEARNING * (took_s / self._served - self._cost_s)
            self._slice_began_at = None
