"""Refinement against one written out cell by cell."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from mocast.tracking.openvino.regions.heatmap import refine

SIDE = 64


def slow_refine(landmarks: NDArray[np.float32], heatmap: NDArray[np.float32]) -> list[list[float]]:
    side = len(heatmap)
    refined = []
    for channel, numbers in enumerate(landmarks.tolist()):
        refined.append(numbers)
        if not all(map(math.isfinite, numbers[:2])):
            continue
        column, row = int(numbers[0] * side), int(numbers[1] * side)
        if not (0 <= column < side and 0 <= row < side):
            continue
        total = x = y = surest = 0.0
        for near_row in range(max(0, row - 4), min(side, row + 5)):
            for near_column in range(max(0, column - 4), min(side, column + 5)):
                confidence = 1 / (1 + math.exp(-float(heatmap[near_row, near_column, channel])))
                total += confidence
                x += confidence * near_column
                y += confidence * near_row
                surest = max(surest, confidence)
        if surest >= 0.5:
            numbers[:2] = x / total / side, y / total / side
    return refined


@pytest.mark.parametrize("count", [35, 39, 1])
def test_landmarks_go_to_the_mean_of_the_cells_around_them(count: int) -> None:
    random = np.random.default_rng(count)
    moved = kept = 0
    for _ in range(20):
        heatmap = random.normal(-6, 2, (SIDE, SIDE, 39)).astype(np.float32)
        landmarks = random.uniform(-0.1, 1.1, (count, 3)).astype(np.float32)
        expected = slow_refine(landmarks, heatmap)
        before = landmarks.copy()
        refine(landmarks, heatmap)
        np.testing.assert_allclose(landmarks, expected, atol=1e-6)
        is_moved = (landmarks != before).any(1)
        moved, kept = moved + is_moved.sum(), kept + (~is_moved).sum()
    assert min(moved, kept) > 0


@pytest.mark.parametrize("corner", [(0.0, 0.0), (0.999, 0.0), (0.0, 0.999), (0.999, 0.999)])
def test_at_a_corner_only_the_cells_that_exist_count(corner: tuple[float, float]) -> None:
    heatmap = np.zeros((SIDE, SIDE, 1), np.float32)  # all cells alike: the mean of the window's
    landmarks = np.array([[*corner, 7]], np.float32)
    refine(landmarks, heatmap)
    expected = [2 / SIDE if place == 0 else 61 / SIDE for place in corner]
    np.testing.assert_allclose(landmarks, [[*expected, 7]], atol=1e-6)


def test_a_landmark_just_outside_at_the_top_or_left_counts_as_in_the_first_cell() -> None:
    heatmap = np.full((SIDE, SIDE, 3), -9, np.float32)
    heatmap[2, 1] = 9
    landmarks = np.array([[-0.9 / SIDE, 0, 0], [0, -1.1 / SIDE, 0], [0, 1.001, 0]], np.float32)
    before = landmarks.copy()
    refine(landmarks, heatmap)
    np.testing.assert_allclose(landmarks[0, :2], (1 / SIDE, 2 / SIDE), atol=1e-3)
    np.testing.assert_array_equal(landmarks[1:], before[1:])


def test_a_landmark_that_no_cell_is_sure_of_stays() -> None:
    heatmap = np.full((SIDE, SIDE, 2), -1e-3, np.float32)
    heatmap[30, 30, 1] = 1e-3
    landmarks = np.full((2, 3), 0.5, np.float32)
    refine(landmarks, heatmap)
    assert landmarks[0].tolist() == [0.5, 0.5, 0.5]
    assert landmarks[1, 0] < 0.5


@pytest.mark.parametrize("place", [math.nan, math.inf, -math.inf, 1e30])
@pytest.mark.filterwarnings("error")
def test_a_landmark_without_a_place_stays_as_it_is(place: float) -> None:
    landmarks = np.array([[place, 0.5, 0], [0.5, place, 0], [0.5, 0.5, 0]], np.float32)
    heatmap = np.full((SIDE, SIDE, 3), -9, np.float32)
    heatmap[31, 33] = 9
    refine(landmarks, heatmap)
    np.testing.assert_array_equal(landmarks[:2], np.array([[place, 0.5, 0], [0.5, place, 0]], np.float32))
    np.testing.assert_allclose(landmarks[2, :2], (33 / SIDE, 31 / SIDE), atol=1e-3)


@pytest.mark.parametrize("logit", [1e30, -1e30, math.nan, math.inf, -math.inf])
@pytest.mark.filterwarnings("error")
def test_whatever_the_heatmap_holds_landmarks_stay_finite(logit: float) -> None:
    landmarks = np.full((3, 3), 0.5, np.float32)
    heatmap = np.full((SIDE, SIDE, 3), logit, np.float32)
    heatmap[30:, :, 1] = -3
    heatmap[30:, :, 2] = 3
    refine(landmarks, heatmap)
    assert np.isfinite(landmarks).all()


def test_a_heatmap_of_another_size_works_too() -> None:
    heatmap = np.random.default_rng(4).normal(0, 2, (16, 16, 2)).astype(np.float32)
    landmarks = np.array([[0.3, 0.8], [0.05, 0.5]], np.float32)
    expected = slow_refine(landmarks, heatmap)
    refine(landmarks, heatmap)
    np.testing.assert_allclose(landmarks, expected, atol=1e-6)
