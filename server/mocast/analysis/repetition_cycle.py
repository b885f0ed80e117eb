"""One measure's way from the start of a repetition to its end and back: a state machine with hysteresis."""

from collections import deque
from dataclasses import dataclass, replace
from typing import Final

from mocast.model.analysis import ExercisePhase

MEDIAN_OF: Final = 3
"""Frames whose median counts, so that one frame that is wrong does not."""
NEARLY: Final = 0.85
"""The share of a cycle's depth from which it is nearly that deep."""
LOST_S: Final = 1.0
"""A repetition is forgotten where the measure is unknown, or a need is not met, for longer."""
LINGERED_S: Final = 1.0
"""A repetition begins no longer than this before the start is left for good: some stay just beyond it."""
PARTIAL_FROM: Final = 0.3
"""A way that turned back earlier is no attempt at a repetition."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """A way to the end and back."""

    began_s: float
    ended_s: float
    depth: float
    "How far it went: 1 is the exercise's end. What is less deep turned back before."
    out_s: float
    "From the start until it was nearly as deep as it would be."
    hold_s: float
    "For how long it was nearly that deep."
    back_s: float
    "From then to the start."

    @property
    def is_whole(self) -> bool:
        """Whether it reached the exercise's end."""
        return self.depth >= 1

    def as_partial(self) -> "Cycle":
        """Return it as one that fell short of the end."""
        return replace(self, depth=min(self.depth, _JUST_SHORT))


_JUST_SHORT: Final = 0.99


class RepetitionCycle:
    """Follows progress: 0 at an exercise's start, 1 at its end; below and above are possible.

    waiting → start (progress ≤ 0) → out (above h) → end (≥ 1) → back (below 1 - h) → start (≤ 0): a whole cycle. From
    ``back`` it may go to ``end`` again; from ``out`` back to ``start``, which is a partial cycle. h: the hysteresis.
    """

    def __init__(self, hysteresis: float, shortest_s: float, longest_s: float) -> None:
        self._hysteresis = hysteresis
        self._shortest_s, self._longest_s = shortest_s, longest_s
        self.phase: ExercisePhase = "waiting"
        self.progress = 0.0
        self._recent: deque[float] = deque(maxlen=MEDIAN_OF)
        self._seen_s = float("-inf")
        self._began_s = 0.0
        self._course: list[tuple[float, float]] = []
        "Time and progress of the frames of a repetition that is under way: of ``longest_s`` at most."

    @property
    def is_under_way(self) -> bool:
        """Whether a repetition has begun."""
        return self.phase in ("out", "end", "back")

    def began_before(self, time_s: float) -> bool:
        """Return whether a repetition is under way that began before that time."""
        return self.is_under_way and self._began_s < time_s

    def update(self, progress: float | None, now_s: float) -> Cycle | None:
        """Take in the next frame's progress, ``None`` where it is unknown; return the cycle that ended in it."""
        if progress is None:
            if now_s - self._seen_s > LOST_S:
                self.reset()
            return None
        if now_s - self._seen_s > LOST_S:
            self.reset()
        self._seen_s = now_s
        self._recent.append(progress)
        self.progress = sorted(self._recent)[len(self._recent) // 2]
        return self._step(now_s)

    def reset(self) -> None:
        """Forget a repetition that is under way; the next one begins at the start."""
        self.phase, self.progress = "waiting", 0.0
        self._recent.clear()

    def _step(self, now_s: float) -> Cycle | None:
        progress, was = self.progress, self.phase
        if self.is_under_way:
            self._course.append((now_s, progress))
            if now_s - self._began_s > self._longest_s:
                self.phase = "waiting"
        if progress <= 0:
            self.phase, cycle = "start", self._returned(was, now_s)
            self._began_s, self._course = now_s, []
            return cycle
        if self.phase == "start" and progress > self._hysteresis:
            self.phase, self._course = "out", [(now_s, progress)]
            self._began_s = max(self._began_s, now_s - LINGERED_S)
        if self.phase == "out" and progress >= 1:
            self.phase = "end"
        elif self.phase == "end" and progress < 1 - self._hysteresis:
            self.phase = "back"
        elif self.phase == "back" and progress >= 1:
            self.phase = "end"
        return None

    def _returned(self, was: ExercisePhase, now_s: float) -> Cycle | None:
        """Return the cycle that ends at the start, if it was one."""
        depth = max((progress for _, progress in self._course), default=0.0)
        if was not in ("out", "end", "back") or depth < PARTIAL_FROM or now_s - self._began_s < self._shortest_s:
            return None
        nearly = [time_s for time_s, progress in self._course if progress >= NEARLY * depth]
        return Cycle(
            began_s=self._began_s,
            ended_s=now_s,
            depth=depth,
            out_s=nearly[0] - self._began_s,
            hold_s=nearly[-1] - nearly[0],
            back_s=now_s - nearly[-1],
        )
