"""Presence: whether a person, and whether hands are seen, long enough to say that they came or went."""

from typing import Final

from mocast.analysis.debounce import Debounced

CAME_S: Final = 0.3
"""A person, or a hand, that is seen for less was not there: trackers find one in a curtain for a frame or two."""
PERSON_GONE_S: Final = 1.0
HANDS_GONE_S: Final = 0.7


class Presence:
    """Whether something is there."""

    def __init__(self, gone_s: float) -> None:
        self._there = Debounced(False, lambda there: CAME_S if there else gone_s)

    @property
    def is_there(self) -> bool:
        """Whether it is there."""
        return self._there.value

    def update(self, seen: bool, now_s: float) -> bool:
        """Take whether it is seen in the next frame; return whether it is lost with that one."""
        return self._there.update(seen, now_s) and not self.is_there
