"""Similarity of motions that are known: another body, another tempo, another view; and of other motions."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.exercise_motions import Camera, Errors, ExerciseSet, Proportions, Way

from mocast.analysis import motion_similarity
from mocast.analysis.motion_similarity import BodyMotion, MotionSimilarity, compare_motions
from mocast.analysis.pose_similarity import BONE_COUNT, LIMBS, bone_directions

WAY = Way(1.0, out_s=0.8, hold_s=0.2, back_s=0.8, pause_s=0.2)


def motion(exercise: str = "jumping_jack", *ways: Way, **fields: Any) -> BodyMotion:
    frames = list(ExerciseSet(exercise, ways or (WAY, WAY), 1, **{"camera": Camera(fps=20), **fields}).frames())
    return BodyMotion.of(
        [frame.pts / 90_000 for frame in frames], [bone_directions(frame.pose) for frame in frames if frame.pose]
    )


def compared(reference: BodyMotion, other: BodyMotion) -> MotionSimilarity:
    similarity = compare_motions(reference, other)
    assert similarity is not None
    return similarity


def test_a_motion_is_like_itself() -> None:
    similarity = compared(motion(), motion())
    assert similarity.score == pytest.approx(100)
    assert similarity.tempo == 1
    assert set(similarity.limbs) == set(LIMBS)


def test_another_body_in_another_view_is_as_good_as_the_same() -> None:
    other = motion(proportions=Proportions.random(np.random.default_rng(1)), camera=Camera(-40, fps=31))
    assert compared(motion(), other).score > 97


def test_another_tempo_is_told_and_does_not_matter() -> None:
    slow = replace(WAY, out_s=1.4, hold_s=0.1, back_s=1.0)
    similarity = compared(motion(), motion("jumping_jack", slow, slow))
    assert similarity.score > 95
    assert similarity.tempo == pytest.approx((2 * 2.0 + 1.2) / (2 * 2.7 + 1.2), abs=0.03)


def test_a_trackers_errors_cost_some_points_and_another_motion_many() -> None:
    poor = compared(motion(), motion(errors=Errors())).score
    assert poor > 85
    still = compared(motion(), motion("jumping_jack", replace(WAY, share=0.0))).score
    other = compared(motion(), motion("squat")).score
    assert max(still, other) < poor - 20


def test_arms_that_are_wrong_are_not_hidden_by_legs_that_are_right() -> None:
    reference = motion("curl")
    similarity = compared(reference, motion("curl", replace(WAY, side=1), replace(WAY, side=1)))
    assert similarity.limbs["left_leg"] > 99
    assert similarity.limbs["right_arm"] > 99
    assert similarity.limbs["left_arm"] < 80
    assert similarity.score < np.mean(list(similarity.limbs.values())) - 2


def test_a_motion_in_which_nobody_is_seen_is_not_comparable() -> None:
    nobody = BodyMotion.of([0, 1], [np.full((BONE_COUNT, 3), np.nan, np.float32)] * 2)
    assert compare_motions(motion(), nobody) is None


def test_one_pose_is_a_motion() -> None:
    one = BodyMotion(motion().times_s[:1], motion().directions[:1])
    assert compared(one, motion()).score < 90
    assert compared(one, one).score == 100


def test_times_that_stand_still_or_go_back_are_left_out() -> None:
    assert BodyMotion.of([0, 1, 1, 0.5, 2], [np.zeros((BONE_COUNT, 3), np.float32)] * 5).times_s.tolist() == [0, 1, 2]


def test_long_motions_cost_no_more_than_a_minute_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(motion_similarity, "MOST_FRAMES", 90)
    directions = np.tile(motion().directions[:20], (300, 1, 1))
    hour = BodyMotion(np.arange(len(directions)) * 0.6, directions)
    pairs: list[int] = []
    banded = motion_similarity.banded_costs

    def counted(count: int, other_count: int, *others: Any) -> Any:
        pairs.append(count * other_count)
        return banded(count, other_count, *others)

    monkeypatch.setattr(motion_similarity, "banded_costs", counted)
    assert compared(hour, hour).score == pytest.approx(100)
    assert pairs == [90 * 90]
