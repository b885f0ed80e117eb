"""What is measured of a body, on bodies whose angles are known, and on landmarks that are not."""

from dataclasses import replace

import numpy as np
import pytest
from tests.exercise_motions import PTS_PER_S, Camera, ExerciseSet, Way

from mocast.analysis.body_points import BodyPoints
from mocast.analysis.standing_heights import StandingHeights
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Pose
from mocast.model.visible_landmarks import are_visible

KNEE = "angle", ("hip", "knee", "ankle")


def squatting(camera: Camera) -> Pose:
    """The deepest frame of a squat to 82 degrees."""
    held = ExerciseSet("squat", (Way(1.0, hold_s=5, pause_s=0),), 1, camera=camera)
    pose = list(held.frames())[round(4 * camera.fps)].pose
    assert pose is not None
    return pose


def points(pose: Pose) -> BodyPoints:
    return BodyPoints(pose, are_visible(pose.visibility, pose.image))


@pytest.mark.parametrize("camera", [Camera(), Camera(45), Camera(-30, 8, 4)])
def test_angles_do_not_depend_on_where_the_camera_is(camera: Camera) -> None:
    body = points(squatting(camera))
    assert body.measure(*KNEE) == pytest.approx((82, 82), abs=2.0)  # thighs and shins tend outward a little


def test_leans_distances_and_heights_are_of_the_upright_body() -> None:
    body = points(squatting(Camera()))
    assert body.measure("lean", ("hips", "shoulders")) == pytest.approx((0.4 * 98,), abs=1e-3)
    assert body.measure("distance", ("left_hip", "right_hip")) == pytest.approx((0.2 / 0.5,), abs=1e-4)
    (above,) = body.measure("height", ("shoulders", "hips"))
    assert above == pytest.approx(np.cos(np.radians(0.4 * 98)), abs=1e-4)


def test_drops_are_shares_of_the_height_at_which_the_body_last_stood() -> None:
    standing, drops = StandingHeights(), []
    for frame in ExerciseSet(
        "squat", (Way(1.0, out_s=2.0, hold_s=140.0, pause_s=0.0),), 1, camera=Camera(20, fps=10)
    ).frames():
        assert frame.pose is not None
        standing.now_s = frame.pts / PTS_PER_S
        body = BodyPoints(frame.pose, are_visible(frame.pose.visibility, frame.pose.image), standing)
        drops.append(body.measure("drop", ("hips", "ankles"))[0])
    assert drops[10] == pytest.approx(0.0, abs=1e-3)
    assert drops[10 * 50] == pytest.approx(0.39, abs=0.01)
    assert drops[10 * 135] == pytest.approx(0.0, abs=1e-3), "after two minutes that is all that is known of it"
    assert points(squatting(Camera())).measure("drop", ("hips", "shoulders")) == (None,), "these are above the hips"


def test_a_drop_of_one_side_is_the_same_whether_both_sides_are_measured_too() -> None:
    pose = squatting(Camera())
    jumping = replace(pose, world=pose.world * np.float32(1.5))  # for two frames, which are no height yet
    drops = set()
    for others in ((), (("hip", "ankle"),)):
        standing = StandingHeights()
        for frame in (*[pose] * 5, *[jumping] * 2, pose):
            body = BodyPoints(frame, are_visible(frame.visibility, frame.image), standing)
            (drop,) = [body.measure("drop", points)[0] for points in (*others, ("left_hip", "left_ankle"))][-1:]
        drops.add(drop)
    assert drops == {0.0}


def test_a_point_that_is_not_seen_is_not_measured_but_the_middle_of_a_pair_is_with_one() -> None:
    pose = squatting(Camera())
    pose.visibility[[P.LEFT_ANKLE, P.LEFT_HIP]] = 0.2
    body = points(pose)
    left, right = body.measure(*KNEE)
    assert left is None
    assert right == pytest.approx(82, abs=2)
    assert body.measure("lean", ("hips", "shoulders")) != (None,)


def test_a_landmark_outside_of_the_picture_is_a_guess_that_does_not_count() -> None:
    pose = squatting(Camera())
    pose.image[P.RIGHT_KNEE, 1] = 1.1
    assert points(pose).measure(*KNEE)[1] is None


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, 1e38])
def test_impossible_landmarks_measure_nothing(value: float) -> None:
    pose = squatting(Camera())
    body = points(replace(pose, world=np.full_like(pose.world, value)))
    assert body.measure(*KNEE) == (None, None)
    assert body.measure("distance", ("left_hip", "right_hip")) == (None,)
