"""Detections against weighted suppression written out box by box."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from mocast.tracking.openvino.regions.detection import (
    FACE_ANCHORS,
    PALM_ANCHORS,
    POSE_ANCHORS,
    Detection,
    best,
    several,
)

SIZE = 100
ORIGIN = np.zeros((1, 2), np.float32)


def slow_several(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], anchors: NDArray[np.float32], size: int
) -> list[tuple[float, list[float]]]:
    """Return the score of each detection, and its numbers: left, top, right, bottom, then its points."""
    left_over = []
    for box, logit, (anchor_x, anchor_y) in zip(boxes.tolist(), scores.tolist(), anchors.tolist(), strict=True):
        score = 1 / (1 + math.exp(-max(-100, min(100, logit))))
        x, y, width, height = box[0] / size + anchor_x, box[1] / size + anchor_y, box[2] / size, box[3] / size
        if score < 0.5 or not (width >= 0 and height >= 0):
            continue
        numbers = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
        for place in range(4, len(box), 2):
            numbers += [box[place] / size + anchor_x, box[place + 1] / size + anchor_y]
        left_over.append((score, numbers))
    left_over.sort(key=lambda one: -one[0])
    found = []
    while left_over:
        score, surest = left_over[0]
        same = [one for one in left_over if overlap(one[1], surest) > 0.3]
        left_over = [one for one in left_over[1:] if one not in same]
        same = same or [(score, surest)]
        total = sum(weight for weight, _ in same)
        found.append((score, [sum(w * n[i] for w, n in same) / total for i in range(len(surest))]))
    return found


def overlap(one: list[float], other: list[float]) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return width * height / (sum(areas) - width * height)


def assert_same(ours: list[Detection], slow: list[tuple[float, list[float]]]) -> None:
    assert len(ours) == len(slow)
    for one, (score, numbers) in zip(ours, slow, strict=True):
        assert one.score == pytest.approx(score, abs=1e-6)
        np.testing.assert_allclose([*one.box.ravel(), *one.points.ravel()], numbers, atol=1e-5)


@pytest.mark.parametrize(
    ("anchors", "size", "numbers"), [(POSE_ANCHORS, 224, 12), (FACE_ANCHORS, 128, 16), (PALM_ANCHORS, 192, 18)]
)
def test_what_overlaps_is_one_thing(anchors: NDArray[np.float32], size: int, numbers: int) -> None:
    random = np.random.default_rng(size)
    counts = set()
    for _ in range(30):
        boxes = random.normal(0, size / 10, (len(anchors), numbers)).astype(np.float32)
        boxes[:, 2:4] = random.uniform(-5, size / 3, (len(anchors), 2))
        scores = random.normal(-20, 8, len(anchors)).astype(np.float32)
        slow = slow_several(boxes, scores, anchors, size)
        assert_same(several(boxes, scores, anchors, size, most=1000), slow)
        assert_same(several(boxes, scores, anchors, size, most=2), slow[:2])
        surest = best(boxes, scores, anchors, size)
        assert_same([] if surest is None else [surest], slow[:1])
        counts.add(len(slow))
    assert max(counts) > 3


def one_box(width: float, height: float, x: float = 50.0, point: float = 50.0) -> list[float]:
    return [x, 50, width, height, point, point]


def test_nothing_is_found_below_the_least_score() -> None:
    box = np.array([one_box(20, 20)], np.float32)
    assert best(box, np.array([-0.01], np.float32), ORIGIN, SIZE) is None
    found = best(box, np.array([0], np.float32), ORIGIN, SIZE)
    assert found is not None
    assert found.score == 0.5
    np.testing.assert_allclose(found.box, [[0.4, 0.4], [0.6, 0.6]], atol=1e-6)
    np.testing.assert_allclose(found.points, [[0.5, 0.5]])


@pytest.mark.parametrize(("width", "height"), [(-1, 20), (20, -1), (math.nan, 20), (20, math.nan)])
def test_a_box_that_is_none_does_not_hide_one_that_is(width: float, height: float) -> None:
    boxes = np.array([one_box(width, height), one_box(20, 20)], np.float32)
    scores = np.array([5, 1], np.float32)
    found = several(boxes, scores, np.repeat(ORIGIN, 2, 0), SIZE, most=2)
    assert [round(one.score, 3) for one in found] == [0.731]
    assert best(boxes[:1], scores[:1], ORIGIN, SIZE) is None


def test_a_score_that_is_not_a_number_is_none() -> None:
    assert best(np.array([one_box(20, 20)], np.float32), np.array([np.nan], np.float32), ORIGIN, SIZE) is None


def test_a_box_without_extent_is_found_by_itself() -> None:
    boxes = np.array([one_box(0, 0, point=11), one_box(20, 20, point=77)], np.float32)
    found = several(boxes, np.array([5, 1], np.float32), np.repeat(ORIGIN, 2, 0), SIZE, most=5)
    assert [one.points[0, 0] for one in found] == pytest.approx([0.11, 0.77])


def test_a_score_beyond_all_bounds_weighs_no_more_than_1() -> None:
    boxes = np.array([one_box(20, 20, point=10), one_box(20, 20, point=30)], np.float32)
    found = several(boxes, np.array([1e30, 100], np.float32), np.repeat(ORIGIN, 2, 0), SIZE, most=5)
    assert [(one.score, one.points[0, 0]) for one in found] == [(1.0, pytest.approx(0.2))]


def test_detections_do_not_share_memory_with_the_network() -> None:
    boxes, scores = np.array([one_box(20, 20)], np.float32), np.array([3], np.float32)
    before = boxes.copy()
    found = best(boxes, scores, ORIGIN, SIZE)
    assert found is not None
    np.testing.assert_array_equal(boxes, before)
    assert not np.shares_memory(found.box, boxes)
    assert not np.shares_memory(found.points, boxes)
