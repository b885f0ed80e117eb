"""Repetitions: counts the exercises that the options name, and tells each repetition as an event."""

from collections.abc import Sequence
from dataclasses import asdict

from mocast.analysis.body_points import BodyPoints
from mocast.analysis.exercise_counter import ExerciseCounter, counter_of
from mocast.analysis.exercise_files import Exercises
from mocast.analysis.observation import Observation
from mocast.analysis.standing_heights import StandingHeights
from mocast.errors import Unprocessable
from mocast.model.analysis import ExerciseState, Repetition


class Repetitions:
    """The counters of one stream. One that is named no longer forgets its count."""

    def __init__(self, exercises: Exercises) -> None:
        self._exercises = exercises
        self._standing = StandingHeights()
        self._counters: dict[str, ExerciseCounter] = {}

    def update(self, seen: Observation) -> tuple[ExerciseState, ...]:
        """Return the state of each exercise after the next frame."""
        names = seen.options.exercises
        if tuple(self._counters) != names:
            self._counters = {
                name: self._counters.get(name) or counter_of(self._exercises[name])
                for name in names
                if name in self._exercises
            }
        if not self._counters:
            return ()
        pose, are_seen = seen.tracked.pose, seen.are_seen
        self._standing.now_s = seen.now_s
        body = None if pose is None or are_seen is None else BodyPoints(pose, are_seen, self._standing)
        states = []
        for counter in self._counters.values():
            repetition = counter.update(body, seen.now_s)
            if repetition is not None:
                seen.happened("rep", **_data(repetition))
            states.append(counter.state)
        return tuple(states)


def require_exercises(names: Sequence[str], exercises: Exercises, *, in_body: bool = False) -> None:
    """Raise ``Unprocessable``, which says what there is, where there is no exercise of a name.

    ``in_body``: whether the option ``exercises`` was in a request's body, not in its query.
    """
    for index, name in enumerate(names):
        if name not in exercises:
            detail = f'There is no exercise "{name[:40]}"; there are {", ".join(sorted(exercises))}.'
            place = {"pointer": f"#/exercises/{index}"} if in_body else {"parameter": "exercises"}
            raise Unprocessable(detail, [{"detail": detail, **place}])


def _data(repetition: Repetition) -> dict[str, str | float | int | bool]:
    """The repetition as an event's data, with what it has."""
    data = {name: value for name, value in asdict(repetition).items() if value is not None}
    return {name: round(value, 2) if isinstance(value, float) else value for name, value in data.items()}
