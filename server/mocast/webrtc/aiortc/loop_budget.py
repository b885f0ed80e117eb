"""How long one client's datagrams may hold the event loop before others get it."""

import asyncio
from time import perf_counter
from typing import Any, Final

HELD_S: Final = 0.002
"""Checked between two steps of the work, so the loop is held a little longer: 5 ms are promised."""

PAUSE_S: Final = 0.004
"""After costly work: with it, a client has a third of the loop's time at most."""


class LoopBudget:
    """Counts the time since the loop was last given back."""

    __slots__ = ("began",)

    def __init__(self) -> None:
        self.began = 0.0
        "When the loop began to work for this client, by ``perf_counter``."

    @property
    def is_spent(self) -> bool:
        """Whether others should get the loop now."""
        return perf_counter() - self.began > HELD_S

    async def rest(self, seconds: float = 0.0) -> None:
        """Give the loop back: for one round of it, or for so long."""
        await asyncio.sleep(seconds)
        self.began = perf_counter()


def budget_of(dtls: Any) -> LoopBudget:
    """Return the budget of all that comes in on a DTLS transport of aiortc's."""
    budget: LoopBudget | None = getattr(dtls, "mocast_budget", None)
    if budget is None:
        budget = dtls.mocast_budget = LoopBudget()
    return budget
