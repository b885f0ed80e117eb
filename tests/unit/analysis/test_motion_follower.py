"""Following a reference motion live: progress, score, tempo and count on motions that are known."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.exercise_motions import Camera, Errors, ExerciseSet, Proportions, Way

from mocast.analysis.motion_follower import MotionFollower
from mocast.analysis.motion_similarity import BodyMotion
from mocast.analysis.pose_similarity import BONE_COUNT, Directions, bone_directions
from mocast.model.analysis import FollowedMotion

WAY = Way(1.0, out_s=0.8, hold_s=0.2, back_s=0.8, pause_s=0.2)
FPS = 30


def poses(exercise: str, *ways: Way, **fields: Any) -> list[Directions]:
    frames = ExerciseSet(exercise, ways or (WAY,), 1, **{"camera": Camera(fps=FPS), **fields}).frames()
    return [bone_directions(frame.pose) for frame in frames if frame.pose]


def reference(exercise: str = "jumping_jack", *ways: Way) -> BodyMotion:
    directions = poses(exercise, *ways)
    return BodyMotion.of([number / FPS for number in range(len(directions))], directions)


def followed(motion: BodyMotion, stream: Sequence[Directions], fps: float = FPS) -> list[FollowedMotion]:
    follower = MotionFollower(motion)
    found = [follower.follow(pose, 1 / fps)[0] for pose in stream]
    return [one for one in found if one is not None]


def test_who_does_the_motion_is_where_it_is_and_has_done_it_once() -> None:
    found = followed(reference(), poses("jumping_jack"))
    progress = np.array([one.progress for one in found])
    begin, end = np.flatnonzero(progress > 0.02)[0], int(np.argmax(progress))  # it rests before and after
    assert progress[end] > 0.95
    assert np.abs(progress[begin:end] - np.linspace(0, 1, end - begin)).max() < 0.1
    assert found[-1].count == 1
    assert found[-1].last == pytest.approx(100, abs=1)
    assert found[-1].tempo == pytest.approx(1, abs=0.15)


def test_each_repetition_of_the_motion_counts_by_another_body_in_another_view() -> None:
    body = Proportions.random(np.random.default_rng(1))
    found = followed(reference(), poses("jumping_jack", WAY, WAY, WAY, proportions=body, camera=Camera(-40, fps=FPS)))
    assert found[-1].count == 3
    assert found[-1].last is not None
    assert found[-1].last > 90


def test_a_slow_one_is_told_by_its_tempo_and_scores_as_well() -> None:
    slow = replace(WAY, out_s=1.5, hold_s=0.3, back_s=1.5)
    found = followed(reference(), poses("jumping_jack", slow))
    assert found[-1].count == 1
    assert found[-1].last is not None
    assert found[-1].last > 90
    assert found[-1].tempo is not None
    assert found[-1].tempo < 0.75


def test_who_stands_still_or_does_something_else_has_not_done_it() -> None:
    still = followed(reference(), poses("jumping_jack", replace(WAY, share=0.0), replace(WAY, share=0.0)))
    assert still[-1].count == 0
    assert max(one.progress for one in still) < 0.3
    assert followed(reference(), poses("squat", WAY, WAY))[-1].count == 0


def test_a_motion_that_was_broken_off_does_not_count_and_the_next_one_does() -> None:
    whole = poses("jumping_jack", WAY, WAY)
    arms_up = len(poses("jumping_jack", WAY)) // 2
    stream = [*whole[:arms_up], *[whole[0]] * (4 * FPS), *poses("jumping_jack", WAY)]
    found = followed(reference(), stream)
    assert found[arms_up + 4 * FPS - 1].count == 0
    assert found[arms_up + 4 * FPS - 1].progress < 0.2
    assert found[-1].count == 1


@pytest.mark.parametrize("degrees", [6, 8, 10, 12, 14, 16])
def test_a_motion_so_slow_that_most_is_like_its_first_and_its_last_pose_is_followed(degrees: int) -> None:
    first, drift = poses("jumping_jack")[0], []
    for angle in np.linspace(0, np.radians(degrees), 3 * FPS):
        cos, sin = np.cos(angle), np.sin(angle)
        drift.append((first @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])).astype(np.float32))
    motion = BodyMotion.of([number / FPS for number in range(len(drift))], drift)
    assert len(followed(motion, drift)) == len(drift)


def test_a_trackers_errors_cost_some_points() -> None:
    found = followed(reference(), poses("jumping_jack", WAY, errors=Errors()))
    assert found[-1].count == 1
    assert found[-1].last is not None
    assert 75 < found[-1].last < 100


@pytest.mark.parametrize("fps", [10, 15, 60])
def test_the_frame_rate_does_not_matter(fps: int) -> None:
    found = followed(reference(), poses("jumping_jack", camera=Camera(fps=fps)), fps)
    assert found[-1].count == 1
    assert found[-1].tempo == pytest.approx(1, abs=0.2)


def test_who_is_not_seen_is_not_compared_and_goes_on_where_it_was() -> None:
    stream = poses("jumping_jack")
    follower = MotionFollower(reference())
    for pose in stream[:30]:
        before, _ = follower.follow(pose, 1 / FPS)
    assert follower.follow(np.full((BONE_COUNT, 3), np.nan, np.float32), 1 / FPS) == (None, False)
    after, _ = follower.follow(stream[31], 1 / FPS)
    assert before is not None
    assert after is not None
    assert after.progress == pytest.approx(before.progress, abs=0.1)
