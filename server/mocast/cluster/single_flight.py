"""Calls that are shared: who asks for what somebody else has asked for already waits for the same answer."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Calls by key, of each key one at a time. On the event loop."""

    def __init__(self) -> None:
        self._flights: dict[Hashable, asyncio.Task[T]] = {}

    def __contains__(self, key: Hashable) -> bool:
        """Return whether a call of a key is on its way."""
        return key in self._flights

    async def run(self, key: Hashable, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return the answer of the call of a key that is on its way, else make it.

        It goes on where one who waits for it is cancelled, as others may, too. What it raises all of them raise.
        """
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = asyncio.create_task(call(), name="shared call")
            flight.add_done_callback(lambda _: self._flights.pop(key))
        return await asyncio.shield(flight)
