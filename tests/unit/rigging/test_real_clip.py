"""The rig on a recorded person who signs, arms and hands near the face; only where the clip is."""

from functools import cache

import numpy as np
import pytest
from tests.pictures import as_frame, clip, clip_frames
from tests.reference_engine import REFERENCE

from mocast.errors import Conflict
from mocast.model.humanoid import HumanoidBone as B
from mocast.model.options import RigOptions
from mocast.model.quaternions import angle_between
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Tracked
from mocast.rigging.body.body_placement import place_body
from mocast.rigging.body.kinematics import positions, to_global
from mocast.rigging.calibration.calibration import Calibration
from mocast.rigging.solver import Solver
from mocast.tracking.engines import EngineOptions, load_engine

CLIP = clip("signing_a.mp4")
FRAMES = 150
STILL_PX = 2.0
"""Of a picture of 640: whose wrists, elbows and shoulders move less from a frame to the next stands still."""
WATCHED = [P.LEFT_SHOULDER, P.RIGHT_SHOULDER, P.LEFT_ELBOW, P.RIGHT_ELBOW, P.LEFT_WRIST, P.RIGHT_WRIST]
ARMS = [B.LEFT_UPPER_ARM, B.RIGHT_UPPER_ARM]

pytestmark = pytest.mark.skipif(CLIP is None, reason="no clip on this machine")


@cache
def frames() -> list[Tracked]:
    assert CLIP is not None
    tracker = load_engine(REFERENCE, EngineOptions(threads=1)).build("holistic", "balanced", still=False)
    try:
        return [tracker.track(as_frame(rgb, number)) for number, rgb in enumerate(clip_frames(CLIP, FRAMES))]
    finally:
        tracker.close()


def steps_deg() -> np.ndarray:
    """Return by how many degrees each bone turns from frame to frame, (FRAMES - 1, 55): upper arms in avatar space."""
    solver = Solver(RigOptions())
    rotations = np.stack([solver.rig(frame).rotations for frame in frames()]).astype(float)
    for local in rotations:
        local[ARMS] = to_global(local)[ARMS]
    return np.degrees(angle_between(rotations[1:], rotations[:-1]))


def test_somebody_who_stands_still_does_not_tremble() -> None:
    seen = [frame.pose.image[WATCHED, :2] * frame.size_wh for frame in frames() if frame.pose is not None]
    assert len(seen) == FRAMES
    is_still = np.abs(np.diff(np.stack(seen), axis=0)).max((1, 2)) < STILL_PX
    assert is_still.sum() >= 20
    trembling = np.median(steps_deg()[is_still], axis=0)
    for bone, most in ((B.UPPER_CHEST, 0.1), (B.HEAD, 0.3), (B.LEFT_UPPER_ARM, 0.6), (B.RIGHT_UPPER_ARM, 0.6)):
        assert trembling[bone] <= most, bone.name
    assert trembling[[B.LEFT_LOWER_ARM, B.RIGHT_LOWER_ARM]].max() <= 1.0


def test_hands_that_come_and_go_near_the_face_do_not_jump() -> None:
    assert any(frame.left_hand is None for frame in frames())
    assert any(frame.left_hand is not None for frame in frames())
    steps = steps_deg()
    for bone in (B.LEFT_HAND, B.RIGHT_HAND, B.LEFT_LOWER_ARM, B.RIGHT_LOWER_ARM):
        assert np.percentile(steps[:, bone], 95) < 35, bone.name
        assert np.percentile(steps[:, bone], 75) < 10, bone.name


def test_somebody_seated_is_half_a_body() -> None:
    solver = Solver(RigOptions())
    for frame in frames():
        rig = solver.rig(frame)
        assert rig.found.half_body
        assert rig.found.body


def test_a_person_is_calibrated() -> None:
    solver, done = Solver(RigOptions()), list[Calibration]()
    for number, frame in enumerate(frames()):
        if number == 5:
            solver.calibrate(seconds=2.0, on_done=done.append)
            with pytest.raises(Conflict, match="already"):
                solver.calibrate(on_done=done.append)
        if number < 5 + 60:
            assert not done
        solver.rig(frame)
    assert len(done) == 1
    assert solver.calibration is done[0]
    assert done[0].face is not None
    assert done[0].body is None


def test_a_calibration_that_is_given_up_is_forgotten() -> None:
    solver, done = Solver(RigOptions()), list[Calibration]()
    for number, frame in enumerate(frames()):
        if number == 5:
            solver.calibrate(on_done=done.append)
        if number == 20:
            solver.stop_calibrating()
        solver.rig(frame)
    assert not done
    assert solver.calibration is None


def test_wrists_are_where_the_picture_has_them() -> None:
    """Metres from the shoulder that the picture and the rig have them apart, of arms that are raised to the chest."""
    solver, off_m = Solver(RigOptions()), []
    for frame in frames():
        joints = positions(solver.rig(frame).rotations.astype(float), np.zeros(3))
        assert frame.pose is not None
        body = place_body(frame.pose, frame.size_wh, np.ones(len(P), bool), 0.0)
        assert body is not None
        for side in ("LEFT", "RIGHT"):
            shoulder, wrist = P[f"{side}_SHOULDER"], P[f"{side}_WRIST"]
            away = joints[B[f"{side}_HAND"]] - joints[B[f"{side}_UPPER_ARM"]]
            if away[1] < -0.2:
                continue
            depth_m = body.position[2] + frame.pose.world[shoulder, 2]
            seen = body.rays[wrist] * (depth_m - away[2]) - body.rays[shoulder] * depth_m
            off_m.append(np.linalg.norm(away[:2] * [1, -1] - seen))
    assert len(off_m) > 50
    assert np.median(off_m) < 0.05
