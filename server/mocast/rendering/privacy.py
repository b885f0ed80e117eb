"""Privacy: pixelates or blurs the regions of faces and heads, for some time also after tracking has lost them.

It covers the heads of tracked people and every other face that a detector finds. It errs on the side of covering: a
region is larger than the face, the head of a pose is covered whatever its visibility, and a face that is lost stays
covered for a while. A face that no detector finds is not covered.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from mocast.model.frame import RgbImage
from mocast.model.pts import PTS_PER_S
from mocast.model.topology import EARS, EYES, MOUTH_CORNERS, SHOULDERS, PoseLandmark
from mocast.model.tracked import NO_FACES, Face, FaceBoxes, Landmarks, Pose, Tracked

Outline = NDArray[np.float32]
"""(n, 2) float32: a convex polygon; x, y in pixels, also outside of the picture."""

COVER_HOLD_TICKS = PTS_PER_S
"""How long a lost region stays covered: a second of the stream (90 kHz)."""

GROWTH_PER_S = 0.4
"""A lost region grows on each side by this share of its size per second, as the head may move meanwhile."""

BLOCKS = {"pixelate": 8, "blur": 6}
"""Pixels across to which a region is reduced. With fewer than about 16 across a face, nobody is recognised; a blur
needs fewer than pixelation, as smooth transitions are easier to recognise."""

BOX_RADIUS = 0.9
"""Of the circle that covers a face, in sides of its box."""

MAX_REGIONS = 64
"""Regions that are covered at a time, those of the last second among them; the latest are kept."""

MAX_COVERED_PICTURES = 1.0
"""Landmarks are clamped to this many picture sizes outside of the picture."""

FOREHEAD, CHIN = 10, 152
"""Landmarks of the face mesh; the forehead's is below the hair line."""

_ANGLES = np.linspace(0, 2 * np.pi, 24, endpoint=False)
_CIRCLE = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A region as it was when it was last seen."""

    outline: Outline
    pts: int
    size_wh: tuple[int, int]


class PrivacyGuard:
    """The regions to cover in the frames of one stream. It remembers those of the last second."""

    def __init__(self) -> None:
        self._seen: list[_Seen] = []

    def regions(self, tracked: Tracked, size_wh: tuple[int, int], faces: FaceBoxes = NO_FACES) -> list[Outline]:
        """Return the outlines to cover in a picture of ``size_wh`` pixels; called once a frame, in order.

        ``faces``: those of all people; none in a frame that was not searched.
        """
        people = tracked.people
        found = [face_region(person.face, size_wh) for person in people if person.face is not None]
        found += [head_region(person.pose, size_wh) for person in people if person.pose is not None]
        found += [box_region(face, size_wh) for face in faces]
        seen: list[_Seen] = []
        for outline in found:  # the most exact first: the others of the same head are larger
            if outline is not None and not _is_covered(outline, seen):
                seen.append(_Seen(outline, tracked.pts, size_wh))
        lost = [held for one in self._seen if (held := _held(one, tracked.pts, size_wh)) is not None]
        seen += [one for one in lost if not _is_covered(one.outline, seen)]
        self._seen = sorted(seen, key=lambda one: -one.pts)[:MAX_REGIONS]
        return [_grown(one, tracked.pts) for one in self._seen]


def face_region(face: Face, size_wh: tuple[int, int]) -> Outline | None:
    """Return the outline of a face with forehead, hair line and a margin; ``None`` where landmarks are not numbers."""
    xy = _pixels(face.image, size_wh)
    seen = np.isfinite(xy).all(axis=1)
    if seen.sum() < 3:
        return None
    hull = _hull(xy[seen])
    up = xy[FOREHEAD] - xy[CHIN] if seen[FOREHEAD] and seen[CHIN] else np.zeros(2)
    return _dilated(np.concatenate([hull, hull + 0.25 * up]), 0.15 * _extent(hull))


def box_region(face: NDArray[np.float32], size_wh: tuple[int, int]) -> Outline:
    """Return a circle around a face, of which only the box is known: (4,) float32, one of ``FaceBoxes``.

    The box is as wide as the face and reaches from the brows to the chin, however the head is turned.
    """
    corners = _pixels(face.reshape(2, 2), size_wh)
    circle: Outline = (corners.mean(axis=0) + BOX_RADIUS * _extent(corners) * _CIRCLE).astype(np.float32)
    return circle


def head_region(pose: Pose, size_wh: tuple[int, int]) -> Outline | None:
    """Return the outline of the whole head of a pose, from any side; ``None`` where its landmarks are not numbers.

    The radius is 15 cm (a head is 23 cm high) by the longest of several distances, since each of them vanishes from
    some side: ear to ear, nose to ear, eyes to mouth, shoulder to shoulder.
    """
    xy = _pixels(pose.image, size_wh)
    head = xy[: MOUTH_CORNERS[1] + 1]
    head = head[np.isfinite(head).all(axis=1)]
    if not len(head):
        return None
    ears, eyes, mouth = (_mean(xy, *pair) for pair in (EARS, EYES, MOUTH_CORNERS))
    measures = [
        1.1 * _distance(*xy[list(EARS)]),
        1.3 * _distance(xy[PoseLandmark.NOSE], ears),
        2.2 * _distance(eyes, mouth),
        0.42 * _distance(*xy[list(SHOULDERS)]),
        0.75 * _extent(head),
    ]
    radius = min(float(np.nanmax(measures)), float(max(size_wh)))
    centre = ears if np.isfinite(ears).all() else head.mean(axis=0)
    return _hull(np.concatenate([centre + radius * _CIRCLE, _dilated(head, 0.6 * radius)]))


def cover(rgb: RgbImage, outline: Outline, how: Literal["blur", "pixelate"]) -> None:
    """Pixelate or blur the inside of the outline, in place. Only its bounding box is processed."""
    height, width = rgb.shape[:2]
    left, top = np.floor(outline.min(axis=0)).astype(int) - 1
    right, bottom = np.ceil(outline.max(axis=0)).astype(int) + 2
    block = max(right - left, bottom - top) / BLOCKS[how]
    left, top, right, bottom = max(0, left), max(0, top), min(width, right), min(height, bottom)
    if left >= right or top >= bottom:
        return
    area: NDArray[Any] = rgb[top:bottom, left:right]
    size = (right - left, bottom - top)
    coarse = cv2.resize(area, (_blocks(size[0], block), _blocks(size[1], block)), interpolation=cv2.INTER_AREA)
    hidden = cv2.resize(coarse, size, interpolation=cv2.INTER_NEAREST if how == "pixelate" else cv2.INTER_CUBIC)
    mask = np.zeros(size[::-1], np.uint8)
    polygon: NDArray[Any] = np.rint(outline - (left, top)).astype(np.int32)
    cv2.fillConvexPoly(mask, polygon, (255,))
    cv2.copyTo(hidden, mask, area)


def _blocks(length: int, block: float) -> int:
    return min(length, max(1, round(length / block)))


def _held(last: _Seen, pts: int, size_wh: tuple[int, int]) -> _Seen | None:
    """Return a lost region in a picture of this size; ``None`` after ``COVER_HOLD_TICKS``."""
    if pts - last.pts > COVER_HOLD_TICKS:
        return None
    ratio = np.array(size_wh, np.float32) / np.array(last.size_wh, np.float32)
    # Where timestamps went back, the stream was restarted: the second starts anew.
    return replace(last, outline=last.outline * ratio, size_wh=size_wh, pts=min(last.pts, pts))


def _is_covered(outline: Outline, by: list[_Seen]) -> bool:
    """Whether the middle of a region is within one that is seen now: the same head."""
    return any(_covers(one.outline, _middle(outline)) for one in by)


def _grown(seen: _Seen, pts: int) -> Outline:
    lost_s = (pts - seen.pts) / PTS_PER_S
    return _dilated(seen.outline, GROWTH_PER_S * lost_s * _extent(seen.outline)) if lost_s > 0 else seen.outline


def _pixels(image: Landmarks, size_wh: tuple[int, int]) -> NDArray[np.float32]:
    """Return (n, 2) pixels; NaN where a landmark is not finite."""
    xy = image[:, :2]
    near = np.clip(
        np.where(np.isfinite(xy).all(axis=1)[:, None], xy, np.nan), -MAX_COVERED_PICTURES, 1 + MAX_COVERED_PICTURES
    )
    return near * np.array(size_wh, np.float32) - np.float32(0.5)


def _hull(points: NDArray[Any]) -> Outline:
    return cv2.convexHull(points.astype(np.float32))[:, 0].astype(np.float32)


def _dilated(points: NDArray[Any], margin: float) -> Outline:
    return _hull((points[:, None] + margin * _CIRCLE).reshape(-1, 2))


def _extent(points: NDArray[Any]) -> float:
    """Return the longer side of the bounding box."""
    return float(np.ptp(points, axis=0).max())


def _middle(points: NDArray[Any]) -> NDArray[np.float32]:
    middle: NDArray[np.float32] = ((points.min(axis=0) + points.max(axis=0)) / 2).astype(np.float32)
    return middle


def _mean(xy: NDArray[np.float32], *landmarks: int) -> NDArray[np.float32]:
    mean: NDArray[np.float32] = xy[list(landmarks)].mean(axis=0)
    return mean


def _distance(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    return float(np.hypot(*(a - b)))


def _covers(outline: Outline, point: NDArray[np.float32]) -> bool:
    return cv2.pointPolygonTest(outline, (float(point[0]), float(point[1])), measureDist=False) >= 0
