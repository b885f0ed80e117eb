"""A value that changes only when a new one has lasted, so that events do not flicker."""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

LEAST_FRAMES: Final = 4
"""Frames in a row that a new value must be in, where they are few a second."""

T = TypeVar("T")


class Debounced(Generic[T]):
    """The value that lasted: another one must be there, without a break, for as long as it needs."""

    def __init__(self, value: T, hold_s: Callable[[T], float]) -> None:
        """``hold_s``: how long a value must last to replace the one before."""
        self.value = value
        self.since_s = 0.0
        "When the value began, that is, when the first of the frames was that had it."
        self._hold_s = hold_s
        self._pending = value
        self._pending_since_s = 0.0
        self._frames = 0

    def interrupt(self) -> None:
        """Take that nothing is known of the present frame: what has begun to last begins anew."""
        self._pending = self.value

    def update(self, candidate: T, now_s: float) -> bool:
        """Take what the frame at ``now_s`` shows; return whether the value has changed."""
        if candidate != self._pending:
            self._pending, self._pending_since_s, self._frames = candidate, now_s, 0
        self._frames += 1
        if candidate == self.value or self._frames < LEAST_FRAMES:
            return False
        if now_s - self._pending_since_s < self._hold_s(candidate):
            return False
        self.value, self.since_s = candidate, self._pending_since_s
        return True
