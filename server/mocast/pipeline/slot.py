"""A one-item mailbox, latest wins, between two threads or a thread and an event loop: how late frames are dropped."""

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class LatestSlot(Generic[T]):
    """Holds the newest item. ``put`` never waits: it drops an item that was not taken yet, and returns whether it did.

    So delay does not grow when frames come faster than they can be tracked: the slot is a queue of length one. A thread
    waits with ``get`` or ``wait``; an event loop is told by ``on_filled`` and calls ``take``.
    """

    def __init__(
        self, on_filled: Callable[[], None] | None = None, join: Callable[[T, T], T | None] | None = None
    ) -> None:
        """``on_filled`` is called on the putting thread when an item comes into the empty slot: see ``in_loop``.

        ``join`` merges the waiting item with a newer one; where it returns ``None``, the newer one replaces it.
        """
        self.evictions = 0
        "Items that newer ones replaced."
        self._on_filled = on_filled
        self._join = join
        self._changing = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        "One for each thread that waits, held until it is woken. A condition would wake it while its lock is held."
        self._item: T | None = None
        self._closed = False

    def put(self, item: T) -> bool:
        """Put an item; return whether an older one was dropped for it (or this one, after ``close``)."""
        with self._changing:
            if self._closed:
                return True
            there = self._item
            joined = None if there is None or self._join is None else self._join(there, item)
            evicted = there is not None and joined is None
            self.evictions += evicted
            self._item = item if joined is None else joined
            woken = self._waiting.popleft() if self._waiting else None
        if woken is not None:
            woken.release()
        if there is None and self._on_filled is not None:
            self._on_filled()
        return evicted

    def get(self, timeout_s: float | None = None) -> T | None:
        """Wait for an item and take it; ``None`` once the slot is closed. Raises ``TimeoutError``."""
        until_s = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            woken = self._wait_or_none()
            if woken is None:
                item = self.take()
                if item is not None or self._closed:
                    return item
            elif until_s is None:
                woken.acquire()
            elif not woken.acquire(timeout=max(0.0, until_s - time.monotonic())):
                with self._changing:
                    if woken in self._waiting:
                        self._waiting.remove(woken)
                        raise TimeoutError

    def wait(self) -> bool:
        """Wait for an item and leave it there, for a newer one may come; ``False`` once the slot is closed."""
        while (woken := self._wait_or_none()) is not None:
            woken.acquire()
        return not self._closed

    def take(self) -> T | None:
        """Take the item, without waiting; ``None`` where there is none."""
        with self._changing:
            item, self._item = self._item, None
            return item

    def close(self) -> None:
        """Wake everyone who waits; what is inside is dropped."""
        with self._changing:
            self._closed = True
            self._item = None
            waiting, self._waiting = self._waiting, deque()
        for woken in waiting:
            woken.release()

    def _wait_or_none(self) -> "threading.Lock | None":
        """Return what is released when something has changed; ``None`` where there is an item, or none will come."""
        with self._changing:
            if self._item is not None or self._closed:
                return None
            woken = threading.Lock()
            woken.acquire()
            self._waiting.append(woken)
            return woken

    def __len__(self) -> int:
        return int(self._item is not None)


def in_loop(callback: Callable[[], object]) -> Callable[[], None]:
    """Return a function that schedules ``callback`` on the running loop, from any thread; a no-op once it is closed."""
    loop = asyncio.get_running_loop()

    def call() -> None:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(callback)

    return call
