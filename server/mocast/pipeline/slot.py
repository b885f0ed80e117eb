"""A place for one item between two threads, where a newer item evicts an older one."""

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class LatestSlot(Generic[T]):
    """Holds the newest item. Putting never waits: what was not taken yet is dropped, and the caller is told.

    This is how delay stays flat when frames come faster than they can be tracked: a queue of one cannot grow.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._item: T | None = None
        self._closed = False

    def put(self, item: T) -> bool:
        """Leave an item; return whether one that nobody took was dropped for it (or it came after ``close``)."""
        with self._changed:
            if self._closed:
                return True
            evicted = self._item is not None
            self._item = item
            self._changed.notify()
            return evicted

    def get(self, timeout_s: float | None = None) -> T | None:
        """Wait for an item and take it; ``None`` once the slot is closed. Raises ``TimeoutError``."""
        with self._changed:
            if not self._changed.wait_for(self._is_worth_a_look, timeout_s):
                raise TimeoutError
            return self.take()

    def wait(self) -> bool:
        """Wait for an item and leave it there, for a newer one may come; ``False`` once the slot is closed."""
        with self._changed:
            self._changed.wait_for(self._is_worth_a_look)
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

    def _is_worth_a_look(self) -> bool:
        return self._item is not None or self._closed
