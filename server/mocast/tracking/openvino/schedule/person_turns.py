"""Turns of people: who is tracked in a frame where its time is too short for everybody. Own work."""

from collections.abc import Sequence
from typing import Final

SHARE: Final = 0.9
"""Of the time from one frame of the camera to the next, how much tracking may take: the rest is for rigs and pictures,
without which the frame after it would wait."""
GAIN: Final = 0.1
"""Weight of the newest frame in the moving average of what a person takes."""
MAX_INTERVAL_US: Final = 200_000
"""A longer time between two frames is a pause of the camera's, not its rate."""


class PersonTurns:
    """Divides the time of a frame among the people of a stream: whoever has waited longest is tracked first.

    So with too little time for all, each is tracked equally often and the delay stays that of fewer people, as in
    ``pipeline/frame_scheduler.py`` among rooms.
    """

    def __init__(self) -> None:
        self._person_us = 0.0
        "What a person takes, on average."
        self._interval_us = 0.0
        "From one frame of the camera to the next, whether or not it came here."
        self._before: tuple[int, int] | None = None
        "Number and time of the frame before, µs."
        self._turn = 0
        "Turns so far."
        self._last_turn: dict[int, int] = {}
        "The last one of each person."

    def chosen(self, people: Sequence[int], number: int, time_us: int) -> list[int]:
        """Return who is tracked in the frame of that number and time, of the people who are there, by index."""
        self._measure_interval(number, time_us)
        count = len(people)
        budget_us = SHARE * self._interval_us
        if budget_us and self._person_us * count > budget_us:
            count = max(1, int(budget_us / self._person_us))
        first = sorted(people, key=lambda person: (self._last_turn.get(person, 0), person))[:count]
        for person in first:
            self._turn += 1
            self._last_turn[person] = self._turn
        return sorted(first)

    def took(self, people: int, spent_us: float) -> None:
        """Learn how long so many people took."""
        if people:
            each = spent_us / people
            self._person_us += (GAIN if self._person_us else 1.0) * (each - self._person_us)

    def _measure_interval(self, number: int, time_us: int) -> None:
        before, self._before = self._before, (number, time_us)
        if before is None or number <= before[0]:
            return
        interval_us = (time_us - before[1]) / (number - before[0])
        if 0 < interval_us <= MAX_INTERVAL_US:
            self._interval_us += (GAIN if self._interval_us else 1.0) * (interval_us - self._interval_us)
