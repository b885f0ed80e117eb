import numpy as np
import pytest
from tests.unit.rigging.skeletons import SIZE_WH, posed, tracked

from mocast.model.quaternions import rotate_one
from mocast.model.topology import HIPS, SHOULDERS
from mocast.model.tracked import Pose
from mocast.rigging.body.body_ray import body_ray, to_ray


def pose_at(shoulders_y: float, hips_y: float, x: float = 0.5) -> Pose:
    pose = tracked(posed()).pose
    assert pose is not None
    image = pose.image.copy()
    image[list(SHOULDERS), :2] = [x, shoulders_y]
    image[list(HIPS), :2] = [x, hips_y]
    return Pose(image, pose.world, pose.visibility)


def test_half_a_body_is_at_the_shoulders_and_a_whole_one_at_the_hips() -> None:
    pose = pose_at(0.5, 0.9)
    half, full = body_ray(pose, SIZE_WH, 0.0), body_ray(pose, SIZE_WH, 1.0)
    assert half == pytest.approx((0, 0, -1))
    assert full is not None
    # 0.4 of 480 px, at a focal length of 554 px.
    assert full[1] == pytest.approx(-0.4 * 480 / 554.3, abs=1e-3)


def test_the_axis_is_turned_into_the_ray() -> None:
    direction = np.array([0.3, -0.4, -1.0])
    turned = rotate_one(to_ray((0.3, -0.4, -1.0)), (0.0, 0.0, -1.0))
    np.testing.assert_allclose(turned, direction / np.linalg.norm(direction), atol=1e-9)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e9])
def test_what_is_in_no_picture_has_no_ray(bad: float) -> None:
    assert body_ray(pose_at(bad, 0.9), SIZE_WH, 0.0) is None
    assert body_ray(pose_at(0.5, 0.9, x=bad), SIZE_WH, 0.0) is None
