"""Regions of points whose square is known from how they were made."""

import cmath
import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from mocast.tracking.openvino.regions.detection import Detection
from mocast.tracking.openvino.regions.region import (
    Points,
    Region,
    letterbox,
    of_body,
    of_face_alone_by_detection,
    of_face_by_detection,
    of_face_by_landmarks,
    of_face_by_pose,
    of_hand_by_landmarks,
    of_hand_by_pose,
    of_hand_by_recrop,
    of_palm,
)

ANGLES = pytest.mark.parametrize("angle", [0.0, 0.4, -1.3, 2.9, math.pi / 2, -math.pi / 2])
CENTRE = complex(300, 200)


def turned(points: list[complex], angle: float, centre: complex = CENTRE) -> Points:
    """Return points given from the centre, turned around it: (n, 3) pixels, with some depth."""
    places = [centre + point * cmath.rect(1, angle) for point in points]
    return np.array([(place.real, place.imag, 5) for place in places], np.float32)


def assert_region(found: Region | None, centre: complex, size: float, angle: float) -> None:
    assert found is not None
    assert (found.x, found.y, found.size) == pytest.approx((centre.real, centre.imag, size), rel=1e-5, abs=1e-3)
    assert math.remainder(found.angle - angle, 2 * math.pi) == pytest.approx(0, abs=1e-5)


def down(angle: float, length: float, centre: complex = CENTRE) -> complex:
    """Return the place that far below the centre, for one who is turned by the angle."""
    return centre + complex(0, length) * cmath.rect(1, angle)


@ANGLES
def test_a_body_is_upright_where_its_rim_is_above_its_middle(angle: float) -> None:
    middle, rim = turned([0, -80j], angle)
    assert_region(of_body(middle, rim), CENTRE, 200, angle)
    assert_region(of_body(middle[:2], rim[:2]), CENTRE, 200, angle)


@ANGLES
def test_a_hand_of_a_pose_reaches_from_its_wrist_beyond_its_fingers(angle: float) -> None:
    # The middle finger is at a third of the way from the index to the little finger: the centre.
    wrist, pinky, index = turned([60j, 20, -10], angle)
    assert_region(of_hand_by_pose(wrist, pinky, index), down(angle, -0.1 * 120), 2.7 * 120, angle)


@ANGLES
def test_recrops_points_are_the_middle_of_a_hand_and_its_lower_end(angle: float) -> None:
    points = turned([0, 50j], angle)
    assert_region(of_hand_by_recrop(points), down(angle, -10), 100, angle)
    assert_region(of_hand_by_recrop(points[:, :2]), down(angle, -10), 100, angle)


def hand(angle: float, centre: complex = CENTRE) -> Points:
    """Return a hand whose palm is 60 wide and 100 high, with its middle in the centre, and fingers beyond it."""
    points = [0j] * 21
    points[0], points[1], points[2], points[3] = 50j, 30 + 40j, 30 + 20j, 30 + 0j
    points[5], points[9], points[13], points[17] = 20 - 30j, -30j, -20 - 30j, -30 - 20j
    points[6], points[10], points[14], points[18] = 20 - 45j, -50j, -20 - 45j, -30 - 40j
    for tip in (4, 7, 8, 11, 12, 15, 16, 19, 20):
        points[tip] = -150j
    return turned(points, angle, centre)


@ANGLES
def test_a_hand_is_followed_by_its_palm(angle: float) -> None:
    assert_region(of_hand_by_landmarks(hand(angle)), down(angle, -0.1 * 100), 200, angle)


def test_the_box_of_a_hand_left_of_the_picture_reaches_to_the_border_as_in_mediapipe() -> None:
    # Its upright box is taken to end at 0, so its middle is further right, and around that the box begins anew.
    centre = complex(-200, 200)
    region = of_hand_by_landmarks(hand(0.0, centre))
    assert region is not None
    middle = (-230 + 0) / 2
    left, right = -230 - middle, 0  # the palm is all left of the middle
    assert_region(region, complex(middle + (left + right) / 2, 190), 2 * (right - left), 0)


def face(angle: float, centre: complex = CENTRE) -> Points:
    """Return 478 landmarks in a circle of 60 pixels, the outer corners of the eyes on a line through the centre."""
    random = np.random.default_rng(6)
    points = [cmath.rect(r, a) for r, a in zip(random.uniform(0, 59, 478), random.uniform(0, 7, 478), strict=True)]
    points[33], points[263] = -30, 30
    points = [point * cmath.rect(1, angle) for point in points]
    points[10], points[152], points[234], points[454] = -60j, 60j, -60, 60
    return turned(points, 0, centre)


@ANGLES
def test_a_face_is_followed_by_its_upright_box_and_turned_by_its_eyes(angle: float) -> None:
    assert_region(of_face_by_landmarks(face(angle)), CENTRE, 180, angle)


def test_the_box_of_a_face_above_the_picture_reaches_to_the_border_as_in_mediapipe() -> None:
    assert_region(of_face_by_landmarks(face(0, complex(300, -100))), complex(300, -80), 1.5 * 160, 0)


@ANGLES
def test_a_face_of_a_pose_is_around_its_head(angle: float) -> None:
    points = [0j] * 11
    points[5], points[2] = -10 * cmath.rect(1, angle), 10 * cmath.rect(1, angle)
    points[7], points[8], points[9], points[10] = 40, -40, 30j, -30j
    assert_region(of_face_by_pose(turned(points, 0)), CENTRE, 240, angle)


@ANGLES
def test_a_detected_face_of_a_body_is_around_its_points(angle: float) -> None:
    eyes = [-20 * cmath.rect(1, angle), 20 * cmath.rect(1, angle)]
    points = turned([*eyes, 0, 30j, 40 + 0j, -40 - 30j], 0)[:, :2]
    assert_region(of_face_by_detection(points), down(angle, -0.1 * 60), 160, angle)
    assert_region(of_face_by_detection(points - np.float32(900)), down(angle, -6, CENTRE - 900 - 900j), 160, angle)


PICTURE = letterbox((640, 480))


def seen(angle: float, *points: complex) -> Detection:
    """Return a detection in the letterbox of a picture of 640 x 480: a box of 80 x 60 around the centre, and points."""
    corners = turned([-40 - 30j, 40 + 30j], 0)[:, :2]
    black_above = np.array((0, 80), np.float32)
    inside = [(places + black_above) / 640 for places in (corners, turned(list(points), angle)[:, :2])]
    return Detection(0.9, *inside)


@ANGLES
def test_a_palm_is_the_lower_half_of_a_hand(angle: float) -> None:
    assert_region(of_palm(PICTURE, seen(angle, 20j, 5, -10j)), down(angle, -0.5 * 60), 2.6 * 80, angle)


@ANGLES
def test_a_face_alone_is_around_its_box(angle: float) -> None:
    found = of_face_alone_by_detection(PICTURE, seen(angle, -9, 9, 3j))
    assert_region(found, CENTRE, 1.5 * 80, angle)


def test_a_letterbox_holds_the_whole_picture() -> None:
    assert PICTURE == (320, 240, 640, 0)
    assert letterbox((1080, 1920)) == (540, 960, 1920, 0)


@ANGLES
def test_points_of_a_region_are_projected_into_the_picture(angle: float) -> None:
    region = Region(300, 200, 80, angle)
    inside = np.array([[0.5, 0.5, 0], [0, 0, 1], [1, 0, -2], [0.5, 1, 0.5]], np.float32)
    expected = turned([0, -40 - 40j, 40 - 40j, 40j], angle)
    expected[:, 2] = (0, 80, -160, 40)
    np.testing.assert_allclose(region.project(inside), expected, atol=1e-3)
    np.testing.assert_allclose(region.project(inside[:, :2]), expected[:, :2], atol=1e-3)
    np.testing.assert_allclose(region.project(inside * 224, side=224), expected, atol=1e-3)
    expected[:, 2] *= 2.5
    np.testing.assert_allclose(region.project(inside, depth=2.5), expected, atol=1e-3)


@ANGLES
def test_metres_turn_with_the_region(angle: float) -> None:
    points = np.array([[1, 0, 3], [0, 1, -3]], np.float32)
    cos, sin = math.cos(angle), math.sin(angle)
    np.testing.assert_allclose(Region(9, 9, 9, angle).rotate_world(points), [[cos, sin, 3], [-sin, cos, -3]], atol=1e-6)


@ANGLES
def test_points_of_the_picture_are_measured_along_the_regions_axes(angle: float) -> None:
    region = Region(CENTRE.real, CENTRE.imag, 80, angle)
    points = turned([0, 30, 20j, -5 - 6j], angle)
    expected = [[0, 0], [30, 0], [0, 20], [-5, -6]]
    np.testing.assert_allclose(region.to_local(points), expected, atol=1e-3)
    np.testing.assert_allclose(region.to_local(points[:, :2]), expected, atol=1e-3)


@pytest.mark.parametrize("kind", ["project", "rotate_world"])
def test_projected_points_are_float32_of_their_own(kind: str) -> None:
    points = np.ones((4, 5), np.float32)[:, :3]
    region = Region(1, 2, 3, 0)
    found = region.project(points) if kind == "project" else region.rotate_world(points)
    assert found.dtype == np.float32
    assert not np.shares_memory(found, points)
    assert (points == 1).all()


BY_POINTS: dict[str, tuple[int, Callable[[NDArray[np.float32]], Region | None]]] = {
    "body": (2, lambda points: of_body(*points)),
    "hand by pose": (3, lambda points: of_hand_by_pose(*points)),
    "hand by recrop": (2, of_hand_by_recrop),
    "hand by landmarks": (21, of_hand_by_landmarks),
    "face by pose": (11, of_face_by_pose),
    "face by detection": (6, of_face_by_detection),
    "face by landmarks": (478, of_face_by_landmarks),
    "palm": (9, lambda points: of_palm(PICTURE, Detection(1, points[:2, :2], points[2:, :2]))),
    "face alone": (8, lambda points: of_face_alone_by_detection(PICTURE, Detection(1, points[:2, :2], points[2:, :2]))),
}
KINDS = pytest.mark.parametrize("kind", BY_POINTS)


@KINDS
def test_points_that_are_one_make_no_region(kind: str) -> None:
    count, region_of = BY_POINTS[kind]
    assert region_of(np.full((count, 3), 100, np.float32)) is None


@KINDS
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_points_that_are_nowhere_make_no_region(kind: str, number: float) -> None:
    count, region_of = BY_POINTS[kind]
    points = np.random.default_rng(3).uniform(10, 90, (count, 3)).astype(np.float32)
    assert region_of(points) is not None
    for index in (0, 1):
        for axis in (0, 1):
            spoilt = points.copy()
            spoilt[index, axis] = number
            assert region_of(spoilt) is None


@KINDS
@pytest.mark.parametrize("factor", [1e5, 1e10, 1e30])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning", "ignore:overflow:RuntimeWarning")
def test_points_that_are_too_far_off_make_no_region(kind: str, factor: float) -> None:
    count, region_of = BY_POINTS[kind]
    points = np.random.default_rng(3).uniform(10, 90, (count, 3)).astype(np.float32)
    assert region_of(points * np.float32(factor)) is None


def test_a_region_is_usable_where_there_is_something_to_look_at() -> None:
    assert Region(-1e6, 1e6, 1e6, -3).is_usable
    assert Region(0, 0, 1e-3, 0).is_usable
    assert not any(Region(*numbers).is_usable for numbers in [(2e6, 0, 1, 0), (0, -2e6, 1, 0), (0, 0, 2e6, 0)])
    for place in range(4):
        for number in (math.nan, math.inf, -math.inf):
            numbers = [1.0, 1.0, 1.0, 1.0]
            numbers[place] = number
            assert not Region(*numbers).is_usable
