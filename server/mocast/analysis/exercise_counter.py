"""Counts one exercise: its repetitions with their form, or the seconds for which it is held."""

from collections.abc import Sequence
from typing import Final

from mocast.analysis.body_points import BodyPoints
from mocast.analysis.exercise import Exercise, Hint, Measure, Need, Phase, Sides
from mocast.analysis.repetition_cycle import Cycle, RepetitionCycle
from mocast.model.analysis import BodySide, ExercisePhase, ExerciseState, Repetition

GRACE_S: Final = 0.5
"""For how long a need may not be met before that counts."""
MOSTLY: Final = 0.5
"""The share of the time at the end of a movement for which the needs of the end have to be met."""
MERGED_FROM: Final = 0.5
"""Sides whose repetitions overlap by this share of the first one's time have made one repetition."""

_SIDES: Final[tuple[BodySide, BodySide]] = ("left", "right")


class RepetitionCounter:
    """Counts the repetitions of an exercise that has a measure."""

    def __init__(self, exercise: Exercise, measure: Measure, start: float, end: float) -> None:
        self._exercise = exercise
        self._measure = measure
        self._start, self._span = start, end - start
        sides = (0, 1) if measure.sides == "each" else (None,)
        self._sides = [_SideCounter(exercise, side) for side in sides]
        self._merged: list[Cycle | None] = [None] * len(sides)
        "Cycles of the other side that the present one of this side belongs to."
        self._count = self._partial = 0
        self._last: Repetition | None = None

    @property
    def state(self) -> ExerciseState:
        """What is counted so far."""
        cycle = self._sides[0].cycle
        for side in self._sides[1:]:
            cycle = max(cycle, side.cycle, key=lambda one: (one.is_under_way, one.progress))
        return ExerciseState(
            self._exercise.exercise, cycle.phase, cycle.progress, self._count, self._partial, last=self._last
        )

    def update(self, body: BodyPoints | None, now_s: float) -> Repetition | None:
        """Take in the next frame, ``None`` where nobody is seen; return the repetition that ended in it."""
        counted = None
        progress = self._progress(body)
        for number, side in enumerate(self._sides):
            cycle = side.update(body, progress[number], now_s)
            merged = self._merged[number]
            if cycle is not None and not (merged and (merged.is_whole or not cycle.is_whole)):
                counted = self._counted(number, cycle) or counted
            if cycle is not None or not side.cycle.is_under_way:
                self._merged[number] = None
        return counted

    def _progress(self, body: BodyPoints | None) -> Sequence[float | None]:
        """Return how far each counter's side is; sides that are not seen are left out where they are taken together."""
        if body is None:
            return [None] * len(self._sides)
        measured = body.measure(self._measure.kind, self._measure.points)
        progress = [None if value is None else (value - self._start) / self._span for value in measured]
        if self._measure.sides == "each":
            return progress
        known = [value for value in progress if value is not None]
        if not known:
            return [None]
        match self._measure.sides:
            case "both":
                return [min(known)]
            case "either":
                return [max(known)]
            case _:
                return [sum(known) / len(known)]

    def _counted(self, number: int, cycle: Cycle) -> Repetition | None:
        """Count a cycle, with the one that the other side makes at the same time; return it where it is whole."""
        side: BodySide = "both" if len(self._sides) == 1 else _SIDES[number]
        if len(self._sides) > 1:
            middle_s = cycle.ended_s - MERGED_FROM * (cycle.ended_s - cycle.began_s)
            if self._sides[1 - number].cycle.began_before(middle_s):
                self._merged[1 - number] = cycle
                side = "both"
        if not cycle.is_whole:
            self._partial += 1
            return None
        self._count += 1
        hint = self._sides[number].hint(cycle)
        self._last = Repetition(
            exercise=self._exercise.exercise,
            count=self._count,
            side=side,
            depth=cycle.depth,
            reached=self._start + cycle.depth * self._span,
            out_s=cycle.out_s,
            hold_s=cycle.hold_s,
            back_s=cycle.back_s,
            hint=hint.hint if hint else "",
            advice=hint.say if hint else "",
        )
        return self._last


class _SideCounter:
    """The cycle of one side, or of both together (``None``), with the needs and hints that belong to it."""

    def __init__(self, exercise: Exercise, side: int | None) -> None:
        self.cycle = RepetitionCycle(exercise.hysteresis, exercise.shortest_s, exercise.longest_s)
        self._side = side
        self._always = [need for need in exercise.needs if need.when == "always"]
        self._at_end = [need for need in exercise.needs if need.when == "end"]
        self._hints = exercise.hints
        self._unmet_since_s: float | None = None
        self._met: list[_Mean] = []
        "For how much of the time at the end each of its needs was met."
        self._means: list[_Mean] = []
        "What the hints measure there."
        self._forget()

    def update(self, body: BodyPoints | None, progress: float | None, now_s: float) -> Cycle | None:
        """Take in the next frame; return the cycle that ended in it: a partial one where an end's need was not met."""
        if body is not None and not self._may_go_on(body, now_s):
            self.cycle.reset()
            return None
        cycle = self.cycle.update(progress, now_s)
        if self.cycle.phase == "end" and body is not None:
            self._note_end(body)
        elif self.cycle.phase == "out":
            self._forget()
        if cycle is not None and any(met.value is None or met.value < MOSTLY for met in self._met):
            return cycle.as_partial()
        return cycle

    def hint(self, cycle: Cycle) -> Hint | None:
        """Return the first hint that applies to the cycle that has just ended."""
        seconds: dict[Phase, float] = {"out": cycle.out_s, "hold": cycle.hold_s, "back": cycle.back_s}
        for hint, mean in zip(self._hints, self._means, strict=True):
            value = seconds[hint.seconds] if hint.seconds else mean.value
            if value is not None and hint.applies(value):
                return hint
        return None

    def _may_go_on(self, body: BodyPoints, now_s: float) -> bool:
        for need in self._always:
            if not is_met(need, body, self._side):
                break
        else:
            self._unmet_since_s = None
            return True
        if self._unmet_since_s is None:
            self._unmet_since_s = now_s
        return self.cycle.phase != "waiting" and now_s - self._unmet_since_s <= GRACE_S

    def _note_end(self, body: BodyPoints) -> None:
        for need, met in zip(self._at_end, self._met, strict=True):
            met.add(is_met(need, body, self._side))
        for hint, mean in zip(self._hints, self._means, strict=True):
            value = measured(hint.measure, body, self._side) if hint.measure else None
            if value is not None:
                mean.add(value)

    def _forget(self) -> None:
        self._met = [_Mean() for _ in self._at_end]
        self._means = [_Mean() for _ in self._hints]


class _Mean:
    """A mean of values that come one by one."""

    def __init__(self) -> None:
        self._sum = 0.0
        self._count = 0

    @property
    def value(self) -> float | None:
        return self._sum / self._count if self._count else None

    def add(self, value: float) -> None:
        self._sum += value
        self._count += 1


class HoldTimer:
    """Counts the seconds of an exercise that is held."""

    def __init__(self, exercise: Exercise) -> None:
        self._exercise = exercise
        self._began_s: float | None = None
        self._met_s = 0.0
        self._seconds = 0.0
        self._count = 0
        self._last: Repetition | None = None

    @property
    def state(self) -> ExerciseState:
        """For how long it is held now, or was the last time, and how often it was held for long enough."""
        phase: ExercisePhase = "waiting" if self._began_s is None else "held"
        return ExerciseState(self._exercise.exercise, phase, 0.0, self._count, 0, self._seconds, self._last)

    def update(self, body: BodyPoints | None, now_s: float) -> Repetition | None:
        """Take in the next frame; return the hold that ended in it, if it was long enough."""
        if body is not None and all(is_met(need, body, None) for need in self._exercise.needs):
            if self._began_s is None:
                self._began_s = now_s
            self._met_s = now_s
            self._seconds = now_s - self._began_s
            return None
        if self._began_s is None or now_s - self._met_s <= GRACE_S:
            return None
        self._began_s = None
        if self._seconds < self._exercise.shortest_s:
            return None
        self._count += 1
        self._last = Repetition(self._exercise.exercise, self._count, hold_s=self._seconds)
        return self._last


ExerciseCounter = RepetitionCounter | HoldTimer


def counter_of(exercise: Exercise) -> ExerciseCounter:
    """Return what counts an exercise."""
    if exercise.measure is None or exercise.start is None or exercise.end is None:
        return HoldTimer(exercise)
    return RepetitionCounter(exercise, exercise.measure, exercise.start, exercise.end)


def is_met(need: Need, body: BodyPoints, side: int | None) -> bool:
    """Return whether a need is met; one that cannot be measured is not.

    ``side``: 0 or 1, whose own points count where that side is counted by itself.
    """
    measure = need.measure
    values = body.measure(measure.kind, measure.points)
    if measure.sides in ("both", "either"):
        met = [need.is_met(value) for value in values if value is not None]
        return bool(met) and (all(met) if measure.sides == "both" else any(met))
    value = _combined(values, measure.sides, side)
    return value is not None and need.is_met(value)


def measured(measure: Measure, body: BodyPoints, side: int | None) -> float | None:
    """Return a measure's one value: its own side's, the sides' difference (0 where one is not seen) or their mean."""
    return _combined(body.measure(measure.kind, measure.points), measure.sides, side)


def _combined(values: Sequence[float | None], sides: Sides, side: int | None) -> float | None:
    if len(values) == 1:
        return values[0]
    left, right = values
    if sides == "difference":
        return 0.0 if left is None or right is None else abs(left - right)
    if side is not None:
        return values[side]
    if left is None or right is None:
        return left if right is None else right
    return 0.5 * (left + right)
