"""Similarity to a reference that a client sent, in the analyses of a stream."""

from dataclasses import replace

import orjson
import pytest
from tests.exercise_motions import Camera, ExerciseSet, Way

from mocast.analysis.analyser import Analyser
from mocast.model.options import AnalysisOptions
from mocast.model.reference import ReferencePose
from mocast.model.tracked import Tracked
from mocast.validation import read_json
from mocast.wire import landmarks_json


def reference_of(frame: Tracked, **options: bool) -> ReferencePose:
    """The pose of a frame, as a client gives it back from the landmarks' JSON."""
    pose = orjson.loads(landmarks_json.encode(frame, mirrored=False))["pose"]
    return read_json(ReferencePose, {"world": pose["world"], "visibility": pose["visibility"], **options})


def test_frames_are_compared_with_the_reference_while_there_is_one() -> None:
    frames = list(ExerciseSet("squat", (Way(1.0, hold_s=1),), 1, camera=Camera(30, fps=15)).frames())
    deepest = max(range(len(frames)), key=lambda number: -abs(number - 15 * 2.7))
    analyser = Analyser(AnalysisOptions())
    assert analyser.analyse(frames[0], None).similarity is None
    analyser.reference = reference_of(frames[deepest])
    scores = [found.score for frame in frames if (found := analyser.analyse(frame, None).similarity)]
    assert len(scores) == len(frames)
    assert scores[deepest] == pytest.approx(100, abs=0.5)
    assert scores[0] < 70
    analyser.reference = None
    assert analyser.analyse(frames[0], None).similarity is None


def test_a_mirrored_reference_is_met_with_the_other_side() -> None:
    left, right = (list(ExerciseSet("curl", (Way(1.0, hold_s=1, side=side),), 1).frames())[80] for side in (0, 1))
    analyser = Analyser(AnalysisOptions())
    analyser.reference = reference_of(left, mirrored=True)
    similarity = analyser.analyse(right, None).similarity
    assert similarity is not None
    assert similarity.limbs["right_arm"] > 99


def test_who_is_not_seen_is_not_compared() -> None:
    frame = next(ExerciseSet("squat", (Way(1.0),), 1).frames())
    analyser = Analyser(AnalysisOptions())
    analyser.reference = reference_of(frame)
    assert analyser.analyse(replace(frame, pose=None), None).similarity is None
