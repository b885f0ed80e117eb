import math

import numpy as np
import pytest

from mocast.tracking.openvino.regions.drift import FACE_DRIFT_LIMITS, HAND_DRIFT_LIMITS, DriftLimits, drift
from mocast.tracking.openvino.regions.region import Region

LIMITS = pytest.mark.parametrize("limits", [HAND_DRIFT_LIMITS, FACE_DRIFT_LIMITS], ids=["hand", "face"])
ANGLES = pytest.mark.parametrize("angle", [0.0, 0.5, -2.0, math.pi])
FOUND = Region(320, 240, 100, 0)


def landmarks(*points: tuple[float, float], found: Region = FOUND) -> np.ndarray:
    """Return landmarks at points of a region, from its middle, as parts of its side."""
    direction = complex(math.cos(found.angle), math.sin(found.angle)) * found.size
    places = [complex(found.x, found.y) + direction * complex(x, y) for x, y in points]
    return np.array([(place.real, place.imag, 99) for place in places], np.float32)


MIDDLE = landmarks((0, 0))


@LIMITS
@ANGLES
def test_a_part_that_is_found_where_it_is_followed_is_not_strained(limits: DriftLimits, angle: float) -> None:
    found = FOUND._replace(angle=angle)
    assert drift(MIDDLE, found, found, limits) == pytest.approx(0, abs=1e-6)


@LIMITS
@ANGLES
@pytest.mark.parametrize("part", [-1.5, -1.0, -0.3, 0.3, 1.0, 1.5])
def test_each_test_is_measured_by_its_limit(limits: DriftLimits, angle: float, part: float) -> None:
    found = FOUND._replace(angle=angle)
    far = part * limits.shift * found.size
    cos, sin = math.cos(angle), math.sin(angle)
    followed = {
        "turned": found._replace(angle=math.remainder(angle + part * limits.angle, 2 * math.pi)),
        "beside": found._replace(x=found.x + far * cos, y=found.y + far * sin),
        "below": found._replace(x=found.x - far * sin, y=found.y + far * cos),
        "of another size": found._replace(size=found.size * (1 + part * limits.scale)),
    }
    strains = {name: drift(MIDDLE, region, found, limits) for name, region in followed.items()}
    assert strains == pytest.approx(dict.fromkeys(followed, abs(part)), rel=1e-6)


@LIMITS
@ANGLES
@pytest.mark.parametrize("part", [0.3, 0.99, 1.01, 3.0])
def test_the_landmark_that_is_furthest_out_counts(limits: DriftLimits, angle: float, part: float) -> None:
    found = FOUND._replace(angle=angle)
    out = part * (1 + limits.margin) / 2
    for furthest in ((out, 0), (-out, 0.01), (0, out), (-0.01, -out), (out, -out)):
        points = landmarks((0, 0), furthest, (0.05, -0.05), found=found)
        assert drift(points, found, found, limits) == pytest.approx(part, rel=1e-5)


@LIMITS
def test_a_corner_of_the_found_region_is_no_further_than_its_side(limits: DriftLimits) -> None:
    followed = FOUND._replace(x=FOUND.x + limits.shift * 99, y=FOUND.y - limits.shift * 99)
    assert drift(MIDDLE, followed, FOUND, limits) == pytest.approx(0.99)


def test_at_its_limit_a_region_is_followed_and_a_landmark_is_not() -> None:
    limits = DriftLimits(angle=0.5, shift=0.25, scale=0.5, margin=-0.5)
    for followed in (
        FOUND._replace(angle=-0.5),
        FOUND._replace(x=FOUND.x + 25),
        FOUND._replace(y=FOUND.y - 25),
        FOUND._replace(size=150),
    ):
        assert drift(MIDDLE, followed, FOUND, limits) == 1
    assert 1 < drift(landmarks((0.25, 0)), FOUND, FOUND, limits) < 1 + 1e-9
    assert drift(landmarks((0.2499, 0)), FOUND, FOUND, limits) < 1


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_a_landmark_that_is_nowhere_is_outside(number: float, axis: int) -> None:
    points = landmarks((0, 0), (0.1, 0.1))
    points[1, axis] = number
    assert drift(points, FOUND, FOUND, HAND_DRIFT_LIMITS) == math.inf


def test_depth_does_not_count() -> None:
    points = landmarks((0, 0))
    points[0, 2] = math.nan
    assert drift(points, FOUND, FOUND, HAND_DRIFT_LIMITS) < 1
    assert drift(points[:, :2], FOUND, FOUND, HAND_DRIFT_LIMITS) < 1


def test_limits_are_mediapipes() -> None:
    assert pytest.approx((math.radians(40), 0.2, 0.4, -0.1)) == HAND_DRIFT_LIMITS
    assert pytest.approx((math.radians(15), 0.1, 0.3, -0.2)) == FACE_DRIFT_LIMITS
