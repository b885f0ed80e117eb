"""Errors of whole-body points that were moved by known amounts."""

import numpy as np
import pytest
from bench.wholebody import COUNT, HANDS, PLACES
from bench.wholebody_errors import GROUPS, mpjpe_mm, pa_mpjpe_mm, procrustes, size_px

BOXES = {hand: np.array([5.0, 5.0, 30.0, 20.0]) for hand in HANDS}


def body() -> np.ndarray:
    """(133, 3) millimetres: no two points alike."""
    return np.random.default_rng(3).uniform(-500, 500, (COUNT, 3))


def quarter_turn() -> np.ndarray:
    return np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])


def measured(found: np.ndarray, truth: np.ndarray) -> dict[str, tuple[float, float]]:
    return {
        name: (np.mean(mpjpe_mm(found, truth, pelvis)), np.mean(mpjpe_mm(found, truth, own)))
        for name, (pelvis, own) in GROUPS.items()
    }


def test_where_a_person_stands_does_not_count():
    assert measured(body() + 300, body()) == {name: pytest.approx((0, 0), abs=1e-9) for name in GROUPS}


def test_a_hand_that_is_elsewhere_is_right_by_its_wrist():
    found = body()
    found[PLACES["left_hand"]] += (30, 0, 0)
    errors = measured(found, body())
    assert errors["hands"] == pytest.approx((15, 0), abs=1e-9)  # one of two
    assert errors["whole body"][0] == pytest.approx(30 * 21 / 133)
    assert errors["body and feet"][0] == pytest.approx(0, abs=1e-9)


def test_a_face_is_aligned_by_the_bodys_nose():
    found = body()
    found[0] += (0, 10, 0)
    found[PLACES["face"]] += (0, 10, 0)
    assert measured(found, body())["face"] == pytest.approx((10, 0), abs=1e-9)


def test_the_pelvis_is_the_middle_of_the_hips():
    found = body()
    found[11] += (0, 0, 40)
    # The pelvis goes 20 mm: one hip is off by 20, the other by 20, and so is all else.
    assert measured(found, body())["body and feet"][0] == pytest.approx(20)


def test_a_part_that_is_missing_makes_no_number():
    found = body()
    found[PLACES["right_hand"]] = np.nan
    left, right = mpjpe_mm(found, body(), GROUPS["hands"][0])
    assert left == pytest.approx(0, abs=1e-9)
    assert np.isnan(right)
    assert np.isnan(pa_mpjpe_mm(found, body(), GROUPS["whole body"][0])).all()


def test_procrustes_undoes_turn_scale_and_shift():
    truth = body()
    found = 0.8 * truth @ quarter_turn() + 50
    assert procrustes(found, truth) == pytest.approx(truth)
    assert pa_mpjpe_mm(found, truth, GROUPS["hands"][0]) == pytest.approx([0, 0], abs=1e-9)


def test_procrustes_does_not_mirror():
    truth = body()
    assert np.linalg.norm(procrustes(truth * (-1, 1, 1), truth) - truth, axis=1).mean() > 100


def test_procrustes_of_one_place_is_the_middle():
    truth = body()
    assert procrustes(np.zeros((COUNT, 3)), truth) == pytest.approx(np.tile(truth.mean(axis=0), (COUNT, 1)))


def test_sizes_are_torso_eyes_and_the_hands_box():
    points = np.ones((COUNT, 3))
    points[[5, 6], :2] = (10, 0), (30, 0)
    points[[11, 12], :2] = (15, 50), (25, 50)
    points[[59, 68], :2] = (0, 0), (3, 4)
    assert size_px(points, "body", BOXES) == pytest.approx(50)
    assert size_px(points, "feet", BOXES) == pytest.approx(50)
    assert size_px(points, "face", BOXES) == pytest.approx(5)
    assert size_px(points, "left_hand", BOXES) == pytest.approx(30)
    points[12, 2] = 0
    assert np.isnan(size_px(points, "body", BOXES))
