"""A short queue between threads and an event loop, for what must not be lost silently."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class BoundedQueue(Generic[T]):
    """The newest items, in order. ``put`` never waits: where the queue is full, the oldest item gives way and is
    counted.

    ``LatestSlot`` is for frames, of which only the newest matters; this is for events, of which each does.
    """

    def __init__(self, most: int, on_filled: Callable[[], None] = lambda: None) -> None:
        """``on_filled`` is called on the putting thread with every item: see ``mocast.pipeline.slot.in_loop``."""
        self._items: deque[T] = deque(maxlen=most)
        self._on_filled = on_filled
        self._lock = threading.Lock()
        self._dropped = 0

    def put(self, item: T) -> bool:
        """Put an item; return whether an older one was dropped for it."""
        with self._lock:
            is_full = len(self._items) == self._items.maxlen
            self._dropped += is_full
            self._items.append(item)
        self._on_filled()
        return is_full

    def take(self) -> T | None:
        """Take the oldest item, without waiting; ``None`` where there is none."""
        with self._lock:
            return self._items.popleft() if self._items else None

    def take_dropped(self) -> int:
        """Return how many items were dropped since this was last asked."""
        with self._lock:
            dropped, self._dropped = self._dropped, 0
            return dropped

    def __len__(self) -> int:
        return len(self._items)
