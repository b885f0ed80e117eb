import math

import numpy as np
import pytest
from tests.unit.rigging.skeletons import posed, tracked

from mocast.errors import Conflict, Unprocessable
from mocast.model.humanoid import HumanoidBone
from mocast.model.options import RigOptions
from mocast.model.quaternions import angle_between, from_vectors
from mocast.rigging.calibration.body_calibration import BodyCalibration, BodyCalibrator
from mocast.rigging.calibration.calibration import Calibration
from mocast.rigging.solver import Solver

LEANING = posed(hips=(15, 0, 0))
"""As a camera sees somebody upright that looks up at them."""


def measured(frames: int = 30) -> BodyCalibration | None:
    calibrator = BodyCalibrator()
    for number in range(frames):
        calibrator.add(tracked(LEANING, pts=number * 3000))
    return calibrator.result()


def test_a_tilted_camera_is_levelled() -> None:
    calibration = measured()
    assert calibration is not None
    assert np.degrees(angle_between(calibration.level, from_vectors(np.radians([-15.0, 0, 0])))) < 0.1
    solver = Solver(RigOptions(body="full"))
    solver.calibration = Calibration(body=calibration)
    for number in range(60):
        rig = solver.rig(tracked(LEANING, pts=number * 3000))
    for bone in (HumanoidBone.HIPS, HumanoidBone.UPPER_CHEST, HumanoidBone.LEFT_UPPER_LEG):
        assert abs(rig.rotations[bone, 3]) > math.cos(math.radians(1))


def test_too_few_frames_or_nobody_upright_is_no_calibration() -> None:
    assert measured(frames=5) is None
    calibrator = BodyCalibrator()
    for number in range(30):
        calibrator.add(tracked(posed(hips=(70, 0, 0)), pts=number * 3000))
    assert calibrator.result() is None


def test_json_goes_there_and_back() -> None:
    calibration = Calibration(body=measured())
    again = Calibration.from_json(calibration.to_json())
    assert again.body is not None
    assert calibration.body is not None
    np.testing.assert_allclose(again.body.level, calibration.body.level, atol=1e-6)
    assert again.body.sideways_m == pytest.approx(calibration.body.sideways_m, abs=1e-4)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"level": [0, 0, 0, 1]},
        {"level": [0, 0, 0, 0.5], "aside": 0},
        {"level": [0, 0, 0, 1], "aside": 7},
        {"level": [0, 0, 0, math.nan], "aside": 0},
        {"level": "up", "aside": 0},
        [0, 0, 0, 1],
    ],
)
def test_json_that_is_none_is_refused(body: object) -> None:
    with pytest.raises(Unprocessable):
        BodyCalibration.from_json(body)


def test_nobody_can_be_calibrated_while_no_face_is_seen() -> None:
    solver = Solver(RigOptions())
    solver.rig(tracked(posed()))
    with pytest.raises(Conflict, match="face"):
        solver.calibrate(on_done=lambda calibration: None)
