"""Decoding of the detectors' outputs: single-shot detection over anchors, and weighted non-maximum suppression.

For each anchor a detector puts out a score, a box, and a few keypoints relative to the anchor. Overlapping boxes are
averaged, weighted by their scores. Source: Bazarevsky et al., "BlazeFace", 2019 (arXiv:1907.05047; its "blending"), as
in MediaPipe's ``tensors_to_detections_calculator.cc`` and ``non_max_suppression_calculator.cc``.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mocast.tracking.openvino.regions.anchors import anchors

POSE_ANCHORS: Final = anchors(224, (8, 16, 32, 32, 32))
FACE_ANCHORS: Final = anchors(128, (8, 16, 16, 16))
FAR_FACE_ANCHORS: Final = anchors(192, (4,), per_cell=1)
"""Source: MediaPipe's ``face_detection_full_range.pbtxt``."""
PALM_ANCHORS: Final = anchors(192, (8, 16, 16, 16))

MIN_LOGIT: Final = 0.0
"""Least score: a probability of 0.5. Source: ``min_score_thresh`` in MediaPipe's graphs of all three detectors."""
NMS_IOU: Final = 0.3
"""Intersection over union above which two boxes show one object. Source: ``min_suppression_threshold`` there."""


class Detection(NamedTuple):
    """A detected object, in coordinates of the detector's input: 0..1, from its top left corner."""

    score: float
    "Probability, 0.5..1."
    box: NDArray[np.float32]
    "(2, 2) float32: the left and the top, then the right and the bottom."
    points: NDArray[np.float32]
    "(n, 2) float32: x and y of the keypoints; which they are depends on the detector."


def best(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], anchors: NDArray[np.float32], size: int
) -> Detection | None:
    """Return the detection of the highest score, or ``None`` where there is none.

    ``boxes`` (anchors, 4 + 2n) float32: x, y, width and height, then x and y of the points, in pixels of the input
    relative to the anchor; ``scores`` (anchors,) float32, logits; ``size`` the side of the input in pixels.
    """
    found = several(boxes, scores, anchors, size, most=1)
    return found[0] if found else None


def several(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], anchors: NDArray[np.float32], size: int, *, most: int
) -> list[Detection]:
    """Return up to ``most`` detections, the highest score first; the arguments are those of ``best``."""
    sure = np.flatnonzero(scores >= MIN_LOGIT)
    if not sure.size:
        return []
    # Rows of pairs: the centre and the size, then the points.
    pairs = boxes[sure].reshape(len(sure), -1, 2) / np.float32(size)
    half = pairs[:, 1] * np.float32(0.5)
    pairs += anchors[sure, None]
    low, high = pairs[:, 0] - half, pairs[:, 0] + half
    pairs[:, 0], pairs[:, 1] = low, high
    weights = 1 / (1 + np.exp(-scores[sure]))
    # A box of negative size, or whose size is NaN, does not count.
    area = np.where((half >= 0).all(1), 4 * half[:, 0] * half[:, 1], -1)
    rank = np.where(area >= 0, weights, -1)
    found: list[Detection] = []
    while len(found) < most:
        surest = int(rank.argmax())
        if rank[surest] < 0:
            break
        sides = np.minimum(high, high[surest]) - np.maximum(low, low[surest])
        np.maximum(sides, 0, out=sides)
        shared = sides[:, 0] * sides[:, 1]
        is_same = (rank >= 0) & (shared > np.float32(NMS_IOU) * (area + area[surest] - shared))
        is_same[surest] = True  # also where it is a line or a point, which does not overlap with itself
        weight = weights[is_same]
        mean = (weight @ pairs[is_same].reshape(len(weight), -1) / weight.sum()).reshape(-1, 2)
        found.append(Detection(float(weights[surest]), mean[:2], mean[2:]))
        rank[is_same] = -1
    return found
