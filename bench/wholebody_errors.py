"""Errors of whole-body points against labelled ones: in pixels as a share of a part's size, in space in millimetres.

How each part's size is taken is the field's way for that part: bodies and feet by the torso, as MediaPipe's authors do;
faces by the outer corners of the eyes (300-W) and hands by their box, as MMPose does for COCO-WholeBody's parts.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.wholebody import COUNT, HANDS, HIPS, NOSE, OUTER_EYE_CORNERS, PLACES, SHOULDERS, WRISTS, Part

NEAR: Final = 0.2
"""A point is right where it is at most so far away, of the part's size (PCK@0.2)."""
SMALLEST_PX: Final = 1.0
"""A part's size is at least this."""

WHOLE: Final = slice(0, COUNT)
BODY_AND_FEET: Final = slice(0, 23)

Group = tuple[tuple[slice, NDArray[np.intp]], ...]
"""Points that are measured together, and those whose middle they are moved to; several where each is moved apart."""

_PELVIS: Final = np.array(HIPS)

GROUPS: Final[Mapping[str, tuple[Group, Group]]] = {
    "whole body": (((WHOLE, _PELVIS),), ((WHOLE, _PELVIS),)),
    "body and feet": (((BODY_AND_FEET, _PELVIS),), ((BODY_AND_FEET, _PELVIS),)),
    "face": (((PLACES["face"], _PELVIS),), ((PLACES["face"], np.array([NOSE])),)),
    "hands": (
        tuple((PLACES[hand], _PELVIS) for hand in HANDS),
        tuple((PLACES[hand], np.array([WRISTS[hand]])) for hand in HANDS),
    ),
}
"""What H3WB's benchmark measures: with the middle of the hips where it should be, and with the part's own root there
(nose, wrists)."""


def size_px(points: NDArray[np.float64], part: Part, hand_boxes: Mapping[Part, NDArray[np.float64]]) -> float:
    """Return the size of a labelled person's part in pixels; NaN where the points that it needs are not labelled.

    ``points``: (133, 3), x, y and whether it is labelled. ``hand_boxes``: left, top, width, height, by hand.
    """
    if part in HANDS:
        return max(float(hand_boxes[part][2:].max()), SMALLEST_PX)
    ends = ([*SHOULDERS], [*HIPS]) if part != "face" else tuple([corner] for corner in OUTER_EYE_CORNERS)
    if not (points[[*ends[0], *ends[1]], 2] > 0).all():
        return float("nan")
    across = points[ends[0], :2].mean(axis=0) - points[ends[1], :2].mean(axis=0)
    return max(float(np.linalg.norm(across)), SMALLEST_PX)


def mpjpe_mm(found: NDArray[np.float64], truth: NDArray[np.float64], group: Group) -> list[float]:
    """Return the mean distance of points (133, 3) whose root was moved to the true one; NaN where some are missing."""
    apart = found - truth
    return [float(np.linalg.norm((apart - apart[root].mean(axis=0))[points], axis=1).mean()) for points, root in group]


def pa_mpjpe_mm(found: NDArray[np.float64], truth: NDArray[np.float64], group: Group) -> list[float]:
    """Return the same after the best rotation, scale and shift of each (Procrustes analysis)."""
    return [
        float(np.linalg.norm(procrustes(found[points], truth[points]) - truth[points], axis=1).mean())
        for points, _ in group
    ]


def procrustes(found: NDArray[np.float64], truth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the points (n, 3) turned, scaled and moved as near to the true ones as can be; NaN where some are missing.

    Source: S. Umeyama, "Least-squares estimation of transformation parameters between two point patterns", 1991.
    """
    if not np.isfinite(found).all():
        return np.full_like(found, np.nan)
    ours, theirs = found - found.mean(axis=0), truth - truth.mean(axis=0)
    left, strengths, right = np.linalg.svd(ours.T @ theirs)
    signs = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    scale = (strengths * signs).sum() / max(float((ours**2).sum()), np.finfo(float).tiny)
    moved: NDArray[np.float64] = scale * ours @ (left * signs) @ right + truth.mean(axis=0)
    return moved
