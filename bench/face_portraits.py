"""Portraits whose faces do what they are told: a real picture of a face, warped by known amounts.

A picture's landmarks are moved as ``tests.faces`` moves those of the average face, and the picture with them, triangle
by triangle. What of a face has no pixels in the picture is drawn: the dark of an open mouth, and a tongue. Lids are not
moved: skin that is stretched over an eye does not look like a lid, and no tracker takes it for one (tried).
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from tests.faces import Grimace, shaped

from mocast.model.frame import RgbImage
from mocast.rigging.face import face_model
from mocast.rigging.face.head_pose import AVATAR_TO_CAMERA, place_head

SIZE_WH: Final = (640, 480)
FACE_PX: Final = 190
"""Width of the face: that of somebody 60 cm before a webcam."""
_INNER_LIPS: Final = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191)
_UPPER_INNER, _LOWER_INNER, _CHIN = 13, 14, 152
_INSIDE_RGB: Final = (52, 16, 18)
_TONGUE_RGB: Final = (205, 98, 104)


def zoomed(rgb: RgbImage, landmarks_px: NDArray[np.float64]) -> RgbImage:
    """Return the picture scaled and moved to ``SIZE_WH``, so that the face is ``FACE_PX`` wide in its middle."""
    low, high = landmarks_px[:, :2].min(axis=0), landmarks_px[:, :2].max(axis=0)
    scale = FACE_PX / (high[0] - low[0])
    shift = np.array(SIZE_WH) / 2 - scale * (low + high) / 2
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    found = cv2.warpAffine(rgb, matrix, SIZE_WH, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.uint8)


class Portrait:
    """A picture of a face, and its landmarks."""

    def __init__(self, rgb: RgbImage, landmarks_px: NDArray[np.float64]) -> None:
        self._rgb = rgb
        self._points = landmarks_px[:, :2].astype(np.float64)
        placement = place_head(self._points, SIZE_WH)
        if placement is None:
            raise ValueError("no head's pose fits the landmarks")
        self._placement = placement
        width, height = SIZE_WH
        across, down = np.linspace(0, width - 1, 7), np.linspace(0, height - 1, 7)
        rim = [(x, y) for x in across for y in (0, height - 1)] + [(x, y) for y in down[1:-1] for x in (0, width - 1)]
        self._rim = np.array(rim)
        self._triangles = _triangles(np.vstack([self._points, self._rim]))

    def doing(self, grimace: Grimace, *, tongue: bool = False) -> RgbImage:
        """Return the picture in which the face does that."""
        before = np.vstack([self._points, self._rim])
        after = np.vstack([self._moved(grimace), self._rim])
        out = self._rgb.copy()
        if grimace.jaw_deg:
            lips = np.round(16 * after[list(_INNER_LIPS)]).astype(np.int32)
            cv2.fillPoly(out, [lips], _INSIDE_RGB, lineType=cv2.LINE_AA, shift=4)
        moves = np.abs(after - before)[self._triangles].max(axis=(1, 2)) > 1e-6
        is_inside = np.isin(self._triangles, _INNER_LIPS).all(axis=1)
        for corners in self._triangles[moves & ~is_inside]:
            self._draw(out, before[corners], after[corners])
        if tongue:
            _draw_tongue(out, after)
        return out

    def _moved(self, grimace: Grimace) -> NDArray[np.float64]:
        """Return (478, 2) pixels: each landmark moved as the average face's is, at the head's place and angle."""
        moved = (shaped(grimace) - face_model.points()) * AVATAR_TO_CAMERA @ self._placement.rotation.T
        along: NDArray[np.float64] = moved[:, :2] * self._placement.focal_px / self._placement.position[2]
        return self._points + along

    def _draw(self, out: RgbImage, before: NDArray[np.float64], after: NDArray[np.float64]) -> None:
        (left, top), (right, bottom) = np.floor(after.min(axis=0)).astype(int), np.ceil(after.max(axis=0)).astype(int)
        left, top = max(left - 1, 0), max(top - 1, 0)
        size_wh = min(right + 2, SIZE_WH[0]) - left, min(bottom + 2, SIZE_WH[1]) - top
        matrix = cv2.getAffineTransform(before.astype(np.float32), (after - (left, top)).astype(np.float32))
        pixels = cv2.warpAffine(self._rgb, matrix, size_wh, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        mask = np.zeros(size_wh[::-1], np.uint8)
        cv2.fillConvexPoly(mask, np.round(16 * (after - (left, top))).astype(np.int32), 255, cv2.LINE_AA, shift=4)
        share = (cv2.dilate(mask, np.ones((2, 2), np.uint8)) / 255.0)[..., None]
        part = out[top : top + size_wh[1], left : left + size_wh[0]]
        part[:] = (part * (1 - share) + pixels * share).astype(np.uint8)


def _triangles(points: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the (n, 3) indices of the points' Delaunay triangles."""
    plane = cv2.Subdiv2D((-10, -10, SIZE_WH[0] + 20, SIZE_WH[1] + 20))
    for x, y in points.tolist():
        plane.insert((x, y))
    corners = plane.getTriangleList().reshape(-1, 1, 2)
    apart = np.abs(corners - points[None]).sum(axis=2)
    nearest = apart.argmin(axis=1).reshape(-1, 3)
    is_ours = (apart.min(axis=1).reshape(-1, 3) < 0.5).all(axis=1)
    return nearest[is_ours]


def _draw_tongue(out: RgbImage, points: NDArray[np.float64]) -> None:
    upper, lower = points[_UPPER_INNER], points[_LOWER_INNER]
    length = 0.8 * np.linalg.norm(points[_CHIN] - lower) + np.linalg.norm(lower - upper) / 2
    width = 0.3 * np.linalg.norm(points[_INNER_LIPS[0]] - points[_INNER_LIPS[10]])
    centre = (upper + lower) / 2 + (0, length / 2)
    painted = out.copy()
    axes = int(width), int(0.65 * length)
    cv2.ellipse(painted, (int(centre[0]), int(centre[1])), axes, 0, 0, 360, _TONGUE_RGB, -1, cv2.LINE_AA)
    below = int(upper[1])  # what is higher is behind the upper lip
    out[below:] = cv2.GaussianBlur(painted, (5, 5), 0)[below:]
