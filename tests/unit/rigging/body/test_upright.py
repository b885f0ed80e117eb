import numpy as np
import pytest
from tests.unit.rigging.skeletons import posed, tracked

from mocast.model.quaternions import IDENTITY_ONE, Vector, Vectors, inverse_one, rotate_one
from mocast.rigging.body.body_ray import to_ray
from mocast.rigging.body.pose_frames import WORLD_TO_AVATAR
from mocast.rigging.body.upright import UprightEstimate, level, standing_line

FPS = 30


def leaning(degrees: float, aside: float = 0.0) -> Vector:
    x, z = np.sin(np.radians([aside, degrees]))
    return float(x), float(np.sqrt(1 - x * x - z * z)), float(z)


def watch(estimate: UprightEstimate, spine: Vector, seconds: float) -> float:
    """Show a trunk for some seconds; return by how many degrees it leans then."""
    for _ in range(round(seconds * FPS)):
        estimate.learn(spine, 1 / FPS)
    return float(np.degrees(np.arccos(rotate_one(level(estimate.up, IDENTITY_ONE), spine)[1])))


@pytest.mark.parametrize("spine", [leaning(12), leaning(-15), leaning(5, 10)])
def test_who_rests_becomes_upright(spine: Vector) -> None:
    estimate = UprightEstimate()
    before = np.degrees(np.arccos(spine[1]))
    assert watch(estimate, spine, 1.9) == pytest.approx(before)
    assert watch(estimate, spine, 8.0) < 1.0
    assert watch(estimate, spine, 50.0) < 0.2


def test_what_was_learnt_long_is_forgotten_slowly() -> None:
    estimate = UprightEstimate()
    watch(estimate, leaning(0), 120)
    assert watch(estimate, leaning(15), 12) > 14
    assert watch(estimate, leaning(15), 900) < 3


def test_a_mean_over_little_is_not_spoilt_by_a_short_lean() -> None:
    estimate = UprightEstimate()
    watch(estimate, leaning(-12), 10)
    watch(estimate, leaning(4), 3)
    assert watch(estimate, leaning(-12), 0) < 2


def test_nothing_is_learnt_from_a_trunk_that_moves_or_lies() -> None:
    estimate = UprightEstimate()
    for number in range(20 * FPS):
        estimate.learn(leaning(5 + 22 * np.sin(2 * np.pi * 0.7 * number / FPS)), 1 / FPS)
    watch(estimate, leaning(50), 20)
    assert estimate.up == (0, 1, 0)


def test_what_it_begins_with_holds_until_something_is_learnt() -> None:
    estimate = UprightEstimate()
    for up in (leaning(10), leaning(5)):
        estimate.begin(up)
        assert estimate.up == up
    watch(estimate, leaning(-12), 10)
    estimate.begin(leaning(5))
    assert watch(estimate, leaning(-12), 0) < 1


def test_up_stays_where_it_was_along_another_ray() -> None:
    up, ray = leaning(-12, 3), to_ray((0.3, -0.4, -1.0))
    np.testing.assert_allclose(rotate_one(level(up, ray), rotate_one(inverse_one(ray), up)), (0, 1, 0), atol=1e-9)
    ahead = rotate_one(level(up, ray), (0.0, 0.0, 1.0))
    assert ahead[0] == pytest.approx(0, abs=1e-9), "the camera stays straight ahead"


def points_of(**degrees: tuple[float, float, float]) -> Vectors:
    pose = tracked(posed(**degrees)).pose
    assert pose is not None
    return pose.world * WORLD_TO_AVATAR


def test_who_stands_on_both_legs_is_upright_from_the_feet_to_the_shoulders() -> None:
    line = standing_line(points_of(hips=(8, 0, 0), left_upper_leg=(-8, 0, 0), right_upper_leg=(-8, 0, 0)))
    assert line is not None
    assert np.degrees(np.arctan2(line[2], line[1])) == pytest.approx(3, abs=1.5), "the spine leans by 8°"


@pytest.mark.parametrize(
    "angles",
    [
        {"left_upper_leg": (-50, 0, 0), "left_lower_leg": (60, 0, 0)},
        {"left_upper_leg": (-25, 0, 0), "right_upper_leg": (10, 0, 0)},
    ],
    ids=["a bent knee", "a step"],
)
def test_who_does_not_stand_on_both_legs_has_no_such_line(angles: dict[str, tuple[float, float, float]]) -> None:
    assert standing_line(points_of(**angles)) is None
