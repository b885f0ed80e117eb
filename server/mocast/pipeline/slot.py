"""A one-item mailbox, latest wins, between two threads or a thread and an event loop: how late frames are dropped."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class LatestSlot(Generic[T]):
    """Holds the newest item. ``put`` never waits: an item that was not taken yet is dropped, and ``put`` returns so.

    So delay does not grow when frames come faster than they can be tracked: the slot is a queue of length one. A thread
    waits with ``get`` or ``wait``; an event loop is told by ``on_filled`` and calls ``take``.
    """

    def __init__(
        self, on_filled: Callable[[], None] | None = None, join: Callable[[T, T], T | None] | None = None
    ) -> None:
        """``on_filled`` is called on the putting thread when an item comes into the empty slot: see ``in_loop``.

        ``join``: returns what becomes of the item that waits and a newer one that belongs to it; ``None`` where that
        replaces it.
        """
        self.evictions = 0
        "Items that newer ones replaced."
        self._on_filled = on_filled
        self._join = join
        self._changed = threading.Condition()
        self._item: T | None = None
        self._closed = False

    def put(self, item: T) -> bool:
        """Put an item; return whether an older one was dropped for it (or this one, after ``close``)."""
        with self._changed:
            if self._closed:
                return True
            waiting = self._item
            joined = None if waiting is None or self._join is None else self._join(waiting, item)
            evicted = waiting is not None and joined is None
            self.evictions += evicted
            self._item = item if joined is None else joined
            self._changed.notify()
        if waiting is None and self._on_filled is not None:
            self._on_filled()
        return evicted

    def get(self, timeout_s: float | None = None) -> T | None:
        """Wait for an item and take it; ``None`` once the slot is closed. Raises ``TimeoutError``."""
        with self._changed:
            if not self._changed.wait_for(self._has_changed, timeout_s):
                raise TimeoutError
            return self.take()

    def wait(self) -> bool:
        """Wait for an item and leave it there, for a newer one may come; ``False`` once the slot is closed."""
        with self._changed:
            self._changed.wait_for(self._has_changed)
            return not self._closed

    def take(self) -> T | None:
        """Take the item, without waiting; ``None`` where there is none."""
        with self._changed:
            item, self._item = self._item, None
            return item

    def close(self) -> None:
        """Wake everyone who waits; what is inside is dropped."""
        with self._changed:
            self._closed = True
            self._item = None
            self._changed.notify_all()

    def __len__(self) -> int:
        return int(self._item is not None)

    def _has_changed(self) -> bool:
        return self._item is not None or self._closed


def in_loop(callback: Callable[[], object]) -> Callable[[], None]:
    """Return a function that schedules ``callback`` on the running loop, from any thread; a no-op once it is closed."""
    loop = asyncio.get_running_loop()

    def call() -> None:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(callback)

    return call
