"""What is counted of exercises alone, without the other measures of an ``Analyser``."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mocast.analysis.exercise_files import built_in_exercises
from mocast.analysis.observation import Observation
from mocast.analysis.repetitions import Repetitions
from mocast.model.analysis import Event, ExerciseState
from mocast.model.options import AnalysisOptions
from mocast.model.tracked import Tracked
from mocast.model.visible_landmarks import VisibleLandmarks
from tests.exercise_motions import PTS_PER_S


class Counted(NamedTuple):
    """What is known after a frame."""

    repetitions: tuple[ExerciseState, ...]
    events: list[Event]


def count(frames: Iterable[Tracked], exercises: Sequence[str]) -> list[Counted]:
    """Return what is known after each frame."""
    counter, visible, counted = Repetitions(built_in_exercises()), VisibleLandmarks(), []
    options = AnalysisOptions(exercises=tuple(exercises))
    for frame in frames:
        pose = frame.pose
        are_seen = visible.update(pose.visibility, pose.image) if pose else None
        seen = Observation(frame, None, options, frame.pts / PTS_PER_S, 1 / 30, are_seen)
        counted.append(Counted(counter.update(seen), seen.events))
    return counted
