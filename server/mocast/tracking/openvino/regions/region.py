"""Regions of interest: turned squares of the picture that networks see, and how they follow from landmarks.

Pixels are continuous: (0, 0) is the picture's top left corner, x goes right and y down. Angles are in radians,
clockwise on screen: x' = cos·x - sin·y, y' = sin·x + cos·y. The formulas and the scales and shifts in the ``of_...``
functions are those of MediaPipe's calculators and graphs, named at each; see also Grishchenko & Bazarevsky, "MediaPipe
Holistic", Google AI blog 2020.

The ``of_...`` functions take (n, 2) or (n, 3) float32 points in pixels, of which they read x and y. They return
``None`` where the points make no usable region: all are in one place, one is not finite, or one is beyond
``MAX_PIXELS``.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from mocast.model.topology import HandLandmark, PoseLandmark
from mocast.tracking.openvino.regions.detection import Detection
from mocast.tracking.openvino.regions.finite import is_finite

Points = NDArray[np.float32]

MAX_PIXELS: Final = 1e6
"""Largest position and size of a region: OpenCV counts in 1/1024 pixels in 32 bits."""

_UP: Final = math.pi / 2
_PALM: Final = [landmark.value for landmark in HandLandmark if not landmark.name.endswith(("_TIP", "_DIP"))]
"""The hand's landmarks without the fingers' ends. Source: ``hand_landmarks_to_rect_calculator.cc``."""
_UPRIGHT: Final = [
    HandLandmark.WRIST.value,
    HandLandmark.INDEX_MCP.value,
    HandLandmark.MIDDLE_MCP.value,
    HandLandmark.RING_MCP.value,
]
"""Those that say how a hand is turned. Source: the same."""
_EYE_CORNERS: Final = (33, 263)
"""The outer corners of the subject's right and left eye. Source: ``face_landmarks_to_roi.pbtxt``."""


class Region(NamedTuple):
    """A square of the picture (ROI), which may be turned and reach outside it."""

    x: float
    "Of its centre, pixels."
    y: float
    "Of its centre, pixels."
    size: float
    "Its side, pixels; above 0."
    angle: float
    "Radians, -π..π."

    @property
    def is_usable(self) -> bool:
        """Whether a crop can be made: all numbers are finite, and none is beyond ``MAX_PIXELS``."""
        is_near = abs(self.x) <= MAX_PIXELS and abs(self.y) <= MAX_PIXELS
        return is_near and 0 < self.size <= MAX_PIXELS and math.isfinite(self.angle)

    def project(self, points: Points, depth: float = 1.0, side: float = 1.0) -> Points:
        """Return points of the region, (n, 2) or (n, 3), in pixels of the picture: float32, as many columns.

        The region's own coordinates go from 0 to ``side``. z is on the scale of x, times ``depth``. Source:
        ``landmark_projection_calculator.cc``.
        """
        scale = self.size / side
        cos, sin = math.cos(self.angle) * scale, math.sin(self.angle) * scale
        half = side / 2
        x, y = self.x - (cos - sin) * half, self.y - (sin + cos) * half
        if points.shape[1] == 2:
            return _mapped(points, ((cos, -sin, x), (sin, cos, y)))
        return _mapped(points, ((cos, -sin, 0, x), (sin, cos, 0, y), (0, 0, scale * depth, 0)))

    def to_local(self, points: Points) -> Points:
        """Return points of the picture, (n, 2) or (n, 3), relative to the centre and along the region's own axes.

        (n, 2) float32, pixels; right of the centre and below it, in the turned region, is positive.
        """
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        x, y = -cos * self.x - sin * self.y, sin * self.x - cos * self.y
        return _mapped(points[:, :2], ((cos, sin, x), (-sin, cos, y)))

    def rotate_world(self, metres: Points) -> Points:
        """Return (n, 3) world points, as a network puts them out for the upright crop, turned by the region's angle.

        Source: ``world_landmark_projection_calculator.cc``.
        """
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return _mapped(metres, ((cos, -sin, 0), (sin, cos, 0), (0, 0, 1)))

    def moved_with(self, before: "Region", now: "Region") -> "Region":
        """Return the region moved, turned and scaled as ``before`` was to become ``now``."""
        scale, angle = now.size / before.size, now.angle - before.angle
        cos, sin = math.cos(angle) * scale, math.sin(angle) * scale
        x, y = self.x - before.x, self.y - before.y
        turned = math.remainder(self.angle + angle, 2 * math.pi)
        return Region(now.x + cos * x - sin * y, now.y + sin * x + cos * y, self.size * scale, turned)


def letterbox(size_wh: tuple[int, int]) -> Region:
    """Return the smallest upright region that holds a whole picture of that size; it reaches outside at two sides."""
    width, height = size_wh
    return Region(width / 2, height / 2, float(max(width, height)), 0.0)


def of_body(middle: Points, rim: Points) -> Region | None:
    """Return the region of a body, from the middle of its hips and a point on the circle around it, each (2,) or (3,).

    Source: ``pose_detection_to_roi.pbtxt`` and ``pose_landmarks_to_roi.pbtxt``; the two points are those of Bazarevsky
    et al., "BlazePose", 2020 (arXiv:2006.10204).
    """
    start, end = middle[:2].tolist(), rim[:2].tolist()
    size = 2 * math.dist(start, end)
    return _square(_Box(start[0], start[1], size, size), _turned(start, end, _UP), 1.25)


def of_hand_by_pose(wrist: Points, pinky: Points, index: Points) -> Region | None:
    """Return the region of a hand from the pose's landmarks of it, each (2,) or (3,).

    Source: ``hand_detections_from_pose_to_rects_calculator.cc``, ``hand_landmarks_from_pose_to_recrop_roi.pbtxt``.
    """
    (x, y), (pinky_x, pinky_y), (index_x, index_y) = wrist[:2].tolist(), pinky[:2].tolist(), index[:2].tolist()
    middle_x, middle_y = (2 * index_x + pinky_x) / 3, (2 * index_y + pinky_y) / 3
    size = 2 * math.hypot(middle_x - x, middle_y - y)
    angle = _turned((x, y), (middle_x, middle_y), _UP)
    return _square(_Box(middle_x, middle_y, size, size), angle, 2.7, -0.1)


def of_hand_by_recrop(points: Points) -> Region | None:
    """Return the region of a hand from the two points of the network ``hand_recrop``.

    Source: ``hand_recrop_by_roi_cpu.pbtxt``.
    """
    start, end = points[:2, :2].tolist()
    size = 2 * math.dist(start, end)
    return _square(_Box(start[0], start[1], size, size), _turned(start, end, -_UP), 1.0, -0.1)


def of_hand_by_landmarks(points: Points) -> Region | None:
    """Return the region in which to track a hand, from its 21 landmarks in the frame before.

    Source: ``hand_landmarks_to_rect_calculator.cc`` and ``hand_landmarks_to_roi.pbtxt``.
    """
    palm = points.take(_PALM, 0)
    wrist, index, middle, ring = points.take(_UPRIGHT, 0).tolist()
    knuckles = [(index[axis] + ring[axis]) / 4 + middle[axis] / 2 for axis in (0, 1)]
    angle = _turned(wrist, knuckles, _UP)
    around = _box(palm)
    box = _box(Region(around.x, around.y, 1, angle).to_local(palm))
    cos, sin = math.cos(angle), math.sin(angle)
    x, y = cos * box.x - sin * box.y + around.x, sin * box.x + cos * box.y + around.y
    return _square(_Box(x, y, box.width, box.height), angle, 2.0, -0.1)


def of_palm(picture: Region, palm: Detection) -> Region | None:
    """Return the region of a hand from its palm, detected in ``picture``, which is not turned.

    Source: ``palm_detection_detection_to_roi.pbtxt``.
    """
    wrist, _, middle_knuckle = picture.project(palm.points[:3]).tolist()
    return _square(_detected_box(picture, palm), _turned(wrist, middle_knuckle, _UP), 2.6, -0.5)


def of_face_by_pose(points: Points) -> Region | None:
    """Return the region around a head, from the landmarks of a pose.

    Source: ``face_landmarks_from_pose_to_recrop_roi.pbtxt``.
    """
    eye, other_eye = points[PoseLandmark.RIGHT_EYE].tolist(), points[PoseLandmark.LEFT_EYE].tolist()
    return _square(_box(points[: PoseLandmark.MOUTH_RIGHT + 1]), _turned(eye, other_eye), 3.0)


def of_face_by_detection(points: Points) -> Region | None:
    """Return the region of a tracked body's face, from the 6 points of a detected face: its eyes first.

    Source: ``face_detection_front_detections_to_roi.pbtxt``.
    """
    eye, other_eye = points[:2].tolist()
    return _square(_box(points, -math.inf), _turned(eye, other_eye), 2.0, -0.1)


def of_face_alone_by_detection(picture: Region, face: Detection) -> Region | None:
    """Return the region of a face that was detected in ``picture``, which is not turned.

    Source: ``face_detection_front_detection_to_roi.pbtxt``.
    """
    eye, other_eye = picture.project(face.points[:2]).tolist()
    return _square(_detected_box(picture, face), _turned(eye, other_eye), 1.5)


def of_face_by_landmarks(points: Points) -> Region | None:
    """Return the region in which to track a face, from its 478 landmarks in the frame before.

    Source: ``face_landmarks_to_roi.pbtxt`` and ``face_landmark_landmarks_to_roi.pbtxt``.
    """
    eye, other_eye = (points[corner].tolist() for corner in _EYE_CORNERS)
    return _square(_box(points), _turned(eye, other_eye), 1.5)


class _Box(NamedTuple):
    x: float
    y: float
    "Of its centre."
    width: float
    height: float


def _box(points: Points, least: float = 0.0) -> _Box:
    """Return the upright bounding box of points; its place is NaN where one of them is not finite.

    ``least``: MediaPipe's search for the greatest coordinate begins there. At 0, its default, the box of points that
    are all left of the picture reaches to the picture's border. Source: ``landmarks_to_detection_calculator.cc``.
    """
    left, top = cv2.reduce(points, 0, cv2.REDUCE_MIN)[0].tolist()[:2]
    right, bottom = cv2.reduce(points, 0, cv2.REDUCE_MAX)[0].tolist()[:2]
    right, bottom = max(right, least), max(bottom, least)
    if not is_finite(points):  # cv2.reduce may overlook NaN
        left = math.nan
    return _Box((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)


def _detected_box(picture: Region, found: Detection) -> _Box:
    return _box(picture.project(found.box), -math.inf)


def _mapped(points: Points, matrix: Sequence[Sequence[float]]) -> Points:
    """Return points mapped by a matrix of as many columns, or of one more for the translation.

    One call of OpenCV, where numpy takes several: with cold caches, after a network has run, each call costs more than
    the arithmetic.
    """
    return cast(Points, cv2.transform(points[:, None], np.array(matrix))[:, 0])


def _turned(start: Sequence[float], end: Sequence[float], target: float = 0.0) -> float:
    """Return the angle of a region in which the direction from one point to the other is ``target``.

    π/2 is up. Source: ``detections_to_rects_calculator.cc``.
    """
    angle = target - math.atan2(start[1] - end[1], end[0] - start[0])
    return math.remainder(angle, 2 * math.pi)


def _square(box: _Box, angle: float, scale: float, shift: float = 0.0) -> Region | None:
    """Return a turned box moved down by ``shift`` of its height, made a square on its long side, and scaled.

    Source: ``rect_transformation_calculator.cc``.
    """
    down = box.height * shift
    x, y = box.x - down * math.sin(angle), box.y + down * math.cos(angle)
    region = Region(x, y, max(box.width, box.height) * scale, angle)
    return region if region.is_usable else None
