"""The least of what was measured lately."""

from typing import Final

HISTORY_S: Final = 10.0
"""For so long, at least, a minimum holds, and for twice as long at most: routes change."""


class RecentMinimum:
    """The least value of the last ``HISTORY_S``, or a little more; infinite before the first one."""

    __slots__ = ("_before", "_current", "_since")

    def __init__(self) -> None:
        self._current = self._before = float("inf")
        "The least of the present ``HISTORY_S``, and of those before."
        self._since = float("-inf")

    def add(self, value: float, now: float) -> float:
        """Take a value, measured at ``now``, in seconds; return the minimum."""
        if now - self._since > HISTORY_S:
            self._since, self._before, self._current = now, self._current, value
        self._current = min(self._current, value)
        return min(self._current, self._before)

    def reset(self, value: float) -> None:
        """Know of this value alone."""
        self._current = self._before = value
