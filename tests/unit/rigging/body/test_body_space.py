from dataclasses import replace

import numpy as np
import pytest
from tests.faces import seen
from tests.unit.rigging.skeletons import posed, tracked

from mocast.model.quaternions import angle_between, from_vectors, rotate
from mocast.model.tracked import Tracked
from mocast.rigging.body.body_space import BodySpace
from mocast.rigging.calibration.body_calibration import BodyCalibration
from mocast.rigging.calibration.calibration import Calibration
from mocast.rigging.face.face_solver import FaceSolver, FaceState

FPS = 30


def looking_level(height_m: float) -> tuple[FaceState, Tracked]:
    """Return a face that looks along the camera's axis from so far above it, and the frame that it is in."""
    frame = replace(tracked(posed()), face=seen(position_m=(0, height_m, 1.0)))
    return FaceSolver().solve(frame.face, frame.size_wh, 0.0), frame


def pitch_deg(head: np.ndarray) -> float:
    forward = rotate(head, np.array([0.0, 0, 1]))
    return float(np.degrees(np.arctan2(forward[1], forward[2])))


def test_a_head_is_relative_to_the_ray_to_the_body_not_to_its_own() -> None:
    face, frame = looking_level(0.2)
    assert face.measured_head is not None
    assert pitch_deg(face.measured_head) == pytest.approx(11.3, abs=1.0)
    assert frame.pose is not None
    image = frame.pose.image.copy()
    image[:, 1] += 0.5 - image[[11, 12], 1].mean()  # the shoulders are on the camera's axis
    frame = replace(frame, pose=replace(frame.pose, image=image))
    space = BodySpace()
    space.see(frame, None, 0.0)
    head = space.head(face, None)
    assert head is not None
    assert pitch_deg(head) == pytest.approx(0.0, abs=1.0)


def test_head_and_body_are_levelled_alike() -> None:
    space, lean = BodySpace(), from_vectors(np.radians([12.0, 0, 0]))
    spine = rotate(lean, np.array([0.0, 1, 0]))
    face, frame = looking_level(0.0)
    space.see(frame, None, 0.0)
    before = space.head(face, None)
    for _ in range(20 * FPS):
        space.see(frame, None, 0.0)
        space.learn(space.level @ spine, 1 / FPS, None)
    after = space.head(face, None)
    assert before is not None
    assert after is not None
    assert (space.level @ spine)[1] > np.cos(np.radians(1))
    assert pitch_deg(after) - pitch_deg(before) == pytest.approx(12, abs=1)


def test_a_calibrated_body_is_levelled_as_it_was_measured() -> None:
    space = BodySpace()
    calibration = Calibration(face=None, body=BodyCalibration(level=from_vectors(np.radians([-9.0, 0, 0]))))
    face, frame = looking_level(0.0)
    for _ in range(10 * FPS):
        space.see(frame, calibration, 0.0)
        space.learn(np.array([0.0, 1.0, 0.2]), 1 / FPS, calibration)
    levelled = space.head(face, calibration)
    space.see(frame, None, 0.0)
    plain = space.head(face, None)
    np.testing.assert_allclose(space.level, np.eye(3), atol=1e-9)
    assert plain is not None
    assert levelled is not None
    assert np.degrees(angle_between(plain, levelled)) == pytest.approx(9, abs=0.1)


def test_a_whole_body_is_not_levelled_by_how_somebody_sits() -> None:
    space, bent = BodySpace(), from_vectors(np.radians([12.0, 0, 0]))
    sitting, standing = rotate(bent, np.array([0.0, 1, 0])), np.array([0.0, 1.0, 0.0])
    _, frame = looking_level(0.0)
    for spine, seconds, full_share in ((sitting, 30, 0.0), (standing, 10, 1.0)):
        for _ in range(seconds * FPS):
            space.see(frame, None, full_share)
            space.learn(space.level @ spine, 1 / FPS, None)
        assert (space.level @ spine)[1] > np.cos(np.radians(1))
    space.see(frame, None, 0.0)
    assert (space.level @ sitting)[1] > np.cos(np.radians(1))
