"""Which of our landmarks stand for the 133 points of a whole body."""

import numpy as np
import pytest
from bench.wholebody import FACE, OUTER_EYE_CORNERS, PLACES, SIGMAS, face_mm, points_px, score, world_mm
from tests.faces import SIZE_WH as FACE_SIZE_WH
from tests.faces import Grimace, seen, turned

from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Face, Hand, Pose, Tracked
from mocast.rigging.face import face_model

MIRROR_68 = [
    *range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, 35, 34, 33, 32, 31,
    45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,
    54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65,
]  # fmt: skip
"""iBUG's points of a mirrored face."""


def numbered(count: int) -> np.ndarray:
    """Landmark i at (i, 2 i, 3 i) thousandths."""
    return (np.arange(count)[:, None] * np.array([1, 2, 3]) / 1000).astype(np.float32)


def whole() -> Tracked:
    pose = Pose(numbered(33), numbered(33), np.linspace(0, 1, 33, dtype=np.float32))
    hand = Hand(numbered(21), numbered(21), 1.0)
    return Tracked(0, 0, 0, (1000, 500), pose=pose, face=Face(numbered(478)), left_hand=hand, right_hand=hand)


def test_every_point_has_a_place_and_a_sigma():
    assert np.concatenate([np.arange(133)[place] for place in PLACES.values()]).tolist() == list(range(133))
    assert SIGMAS.shape == (133,)
    assert SIGMAS[91:112].tolist() == SIGMAS[112:].tolist()


def test_the_face_is_its_own_mirror_image():
    mirrored = face_model.mirror_of()[FACE][MIRROR_68]
    assert np.sort(mirrored, axis=1).tolist() == np.sort(FACE, axis=1).tolist()


def test_points_are_in_pixels_of_the_picture():
    points = points_px(whole())
    assert points.shape == (133, 2)
    assert points[0] == pytest.approx((0, 0))
    assert points[9] == pytest.approx((P.LEFT_WRIST, P.LEFT_WRIST))  # 2 i thousandths of 500
    assert points[16] == pytest.approx((P.RIGHT_ANKLE, P.RIGHT_ANKLE))
    assert points[17:20, 0] == pytest.approx((P.LEFT_FOOT_INDEX, P.LEFT_FOOT_INDEX, P.LEFT_HEEL))
    assert points[23 + 8, 0] == pytest.approx(152)  # the chin
    assert points[23 + 27, 0] == pytest.approx((168 + 6) / 2)
    assert points[91:112, 0] == pytest.approx(np.arange(21), abs=1e-4)


def test_parts_that_were_not_found_are_no_numbers():
    nothing = Tracked(0, 0, 0, (10, 10))
    assert np.isnan(points_px(nothing)).all()
    assert np.isnan(world_mm(nothing)).all()
    assert score(nothing) == 0


def test_hands_and_face_are_moved_to_the_body():
    tracked = whole()
    points = world_mm(tracked)
    assert points[9] == pytest.approx(np.array([1, 2, 3]) * P.LEFT_WRIST, abs=1e-3)
    assert points[91] == pytest.approx(points[9], abs=1e-3)
    assert points[112] == pytest.approx(points[10], abs=1e-3)
    assert points[92] - points[91] == pytest.approx((1, 2, 3), abs=1e-3)


@pytest.mark.parametrize("yaw_deg", [0, 25])
def test_a_face_is_as_large_as_the_average_one(yaw_deg: float):
    face = seen(Grimace(), turned(yaw_deg=yaw_deg))
    corners = face_mm(face, FACE_SIZE_WH)[[place - 23 for place in OUTER_EYE_CORNERS]]
    wanted = 1000 * face_model.points()[[33, 263]]
    across = np.linalg.norm((corners[1] - corners[0])[:2])
    assert across == pytest.approx(np.linalg.norm(wanted[1] - wanted[0]) * np.cos(np.radians(yaw_deg)), rel=0.05)


def test_a_body_is_as_sure_as_its_points_are_visible():
    body = [0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28]
    assert score(whole()) == pytest.approx(np.mean(body) / 32)
