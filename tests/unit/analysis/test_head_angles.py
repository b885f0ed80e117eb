"""Where a head faces, by its rotation."""

import pytest
from tests.motions import about

from mocast.analysis.head_angles import yaw_pitch_deg


def test_the_identity_looks_into_the_camera() -> None:
    assert yaw_pitch_deg([0, 0, 0, 1]) == (0.0, 0.0)


@pytest.mark.parametrize("degrees", [-60.0, -10.0, 25.0, 80.0])
def test_yaw_is_to_the_subject_s_left_and_pitch_up(degrees: float) -> None:
    assert yaw_pitch_deg(about((0, 1, 0), degrees).tolist()) == pytest.approx((degrees, 0.0), abs=1e-3)
    assert yaw_pitch_deg(about((1, 0, 0), -degrees).tolist()) == pytest.approx((0.0, degrees), abs=1e-3)


def test_a_tilt_toward_a_shoulder_is_neither() -> None:
    assert yaw_pitch_deg(about((0, 0, 1), 30).tolist()) == pytest.approx((0.0, 0.0), abs=1e-3)
