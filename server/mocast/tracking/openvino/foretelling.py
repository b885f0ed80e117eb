"""Says where something is in a frame in which it is not looked at."""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

HORIZON_US: Final = 100_000
"""Nothing is foretold for longer than this after the last look."""


class Foretelling(Generic[T]):
    """Moves something on as it moved between the last two looks, for one frame after each look, where it moves slowly.

    What moves, and how fast, is for ``motions.py`` to say.
    """

    def __init__(self, calm: float, speed: Callable[[T, T], float], move: Callable[[T, T, float], T]) -> None:
        """``speed``: how far it moved from the first to the second, in its own size; ``calm``: most of that per second.

        ``move`` returns the second moved on by a part of what moved the first to it. A ``calm`` of 0 foretells nothing.
        """
        self._calm = calm
        self._speed = speed
        self._move = move
        self._before: tuple[int, T] | None = None
        "The last look but one: its time and what was seen."
        self._last: tuple[int, T] | None = None
        self._has_foretold = False
        "Since the last look."

    def foretell(self, time_us: int) -> T | None:
        """Return it at that time; ``None`` where it must be looked at."""
        if self._before is None or self._last is None or self._has_foretold:
            return None
        (then_us, old), (now_us, new) = self._before, self._last
        elapsed_us = now_us - then_us
        if time_us - now_us > HORIZON_US or elapsed_us > 2 * HORIZON_US:
            return None
        if not self._speed(old, new) * 1e6 / elapsed_us < self._calm:
            return None
        self._has_foretold = True
        return self._move(old, new, (time_us - now_us) / elapsed_us)

    def saw(self, seen: T, time_us: int) -> None:
        """Remember a look."""
        if self._calm:
            self._before, self._last, self._has_foretold = self._last, (time_us, seen), False

    def forget(self) -> None:
        """Start afresh: it is lost."""
        self._before = self._last = None
