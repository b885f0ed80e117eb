"""The analyser on whole frames: it answers each, whatever is in it."""

import numpy as np
from numpy.typing import NDArray
from tests.golden import make
from tests.motions import rig

from mocast.analysis.analyser import Analyser
from mocast.model.options import AnalysisOptions
from mocast.model.topology import HAND_COUNT, POSE_COUNT
from mocast.model.tracked import Hand, Pose, Tracked
from mocast.wire import analysis_binary, analysis_json


def test_an_analysis_is_of_its_frame() -> None:
    tracked = make.frame(7, person=3)
    analysis = Analyser(AnalysisOptions()).analyse(tracked, None)
    assert (analysis.frame, analysis.pts, analysis.person) == (7, tracked.pts, 3)
    assert analysis.angles is None
    assert analysis.events == ()


ODD = np.array([0, 1, -1, 0.5, np.nan, np.inf, -np.inf, 1e30, -1e30, 1e-30], np.float32)


def odd_landmarks(count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """All of one odd value, each of some other one, or a body's size with one that is NaN."""
    kind = rng.integers(3)
    if kind == 0:
        return np.full((count, 3), rng.choice(ODD), np.float32)
    if kind == 1:
        return rng.choice(ODD, (count, 3))
    some = rng.normal(0, 0.3, (count, 3)).astype(np.float32)
    some[rng.integers(count)] = np.nan
    return some


def odd_frame(number: int, rng: np.random.Generator) -> Tracked:
    def hand() -> Hand | None:
        return Hand(odd_landmarks(HAND_COUNT, rng), odd_landmarks(HAND_COUNT, rng), 1.0) if rng.random() < 0.7 else None

    visibility = odd_landmarks(POSE_COUNT, rng)[:, 0]
    pose = Pose(odd_landmarks(POSE_COUNT, rng), odd_landmarks(POSE_COUNT, rng), visibility)
    return make.frame(number, pose=pose if rng.random() < 0.7 else None, left_hand=hand(), right_hand=hand())


def test_no_landmarks_are_too_odd_to_be_analysed_and_sent() -> None:
    rng = np.random.default_rng(6)
    analyser = Analyser(AnalysisOptions(hand_features=True, exercises=("squat",)))
    for number in range(150):
        analysis = analyser.analyse(odd_frame(number, rng), rig(number) if rng.random() < 0.5 else None)
        analysis_json.encode(analysis)
        assert analysis_binary.decode(analysis_binary.encode(analysis)) is not None
