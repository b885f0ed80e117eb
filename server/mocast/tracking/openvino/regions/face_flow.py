"""Motion of a face by its picture: how the mesh moved from one frame to another, by sparse optical flow.

A head is rigid. Some points of its mesh are found again in the picture, and the small turn, shift and growth in space
that explains best where they are moves all of it. An expression that changes meanwhile is points that moved otherwise.
Own work; docs/tracking-speed.md has the errors.

Source of the optical flow: Lucas & Kanade, "An Iterative Image Registration Technique", IJCAI 1981, over a pyramid:
Bouguet, "Pyramidal Implementation of the Lucas Kanade Feature Tracker", 2000, which OpenCV has.
"""

from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mocast.tracking.openvino.regions.frame_view import FrameView
from mocast.tracking.openvino.regions.region import Points, Region

PATCH_SIDE: Final = 64
"""Width and height of the picture in which a face's region is followed, pixels: 40 of them are the face. More gains
nothing (measured: of 30 and of 60 the errors are the same)."""
WINDOW: Final = 11
"""Pixels around a point that are found again, of which 7 and 15 make no difference."""
PYRAMID_LEVELS: Final = 2
"""Pictures of half the size each, for points that move further than the window is wide."""
STEPS: Final = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 10, 0.03)
"""Most steps, and the length of one, in pixels, that is small enough to end with."""
RIGID: Final = np.array([10, 9, 168, 5, 1, 98, 327, 33, 133, 362, 263, 234, 454, 205, 425, 54, 284])
"""Landmarks of forehead, nose, corners of the eyes, cheeks and temples, which move with the head."""
EXPRESSIVE: Final = np.array([61, 291, 0, 17, 13, 14, 159, 145, 386, 374, 105, 334])
"""Landmarks of mouth, eyelids and brows, which an expression moves."""
LEAST_FOUND: Final = 10
"""Of the rigid ones."""
RESIDUAL_SHARE: Final = 0.9
"""Share of the landmarks that move otherwise than the head by no more than what counts as its residual."""
_DAMPING: Final = 0.001 * np.eye(6)
"""In squares of widths of the face: little beside those of all points, so that a flat face has a solution, too."""
_AGREE_PX: Final = 0.1
"""Pixels up to which points agree with a motion, however well others do."""
_FOLLOWED: Final = np.concatenate([RIGID, EXPRESSIVE])
_IS_RIGID: Final = np.repeat([1.0, 0.0], [len(RIGID), len(EXPRESSIVE)])
_RATES: Final = np.zeros((6, 2, 4))
"""The Jacobian: how fast a point at (1, x, y, z) moves right and down, where the head is shifted right and down, grows,
rolls, turns to a side and nods. Of a turn by a small angle it moves by the cross product of both."""
_RATES[[0, 1], [0, 1], 0] = 1
_RATES[2, [0, 1], [1, 2]] = 1
_RATES[3, [0, 1], [2, 1]] = -1, 1
_RATES[[4, 5], [0, 1], 3] = 1, -1


class FaceMotion(NamedTuple):
    """How a face moved."""

    points: Points
    "(478, 3) float32, pixels: the mesh moved as a rigid head."
    residual: float
    "How far its landmarks moved otherwise, in widths of the face: the 90th percentile of those that were followed."


class FacePicture:
    """The picture of a face in one frame, in which it is found again in later ones."""

    def __init__(self, points: Points, frame: FrameView, region: Region) -> None:
        """``points``: the mesh, (478, 3) float32 in pixels; ``region``: that in which it was found."""
        self._points = points
        self._rgb_wh = frame.rgb.shape[1::-1]
        place = frame.in_rgb(region)
        half, shrunk, ratio = place.size / 2, min(1.0, PATCH_SIDE / place.size), region.size / place.size
        left, right = max(0, int(place.x - half)), min(self._rgb_wh[0], int(place.x + half) + 1)
        top, bottom = max(0, int(place.y - half)), min(self._rgb_wh[1], int(place.y + half) + 1)
        width, height = right - left, bottom - top
        self._place = slice(top, bottom), slice(left, right)
        self._patch_wh = max(1, round(width * shrunk)), max(1, round(height * shrunk))
        self._grey = self._patch(frame) if min(width, height) > 0 else None
        self._corner = np.array((left * ratio, top * ratio), np.float32)
        "Of the patch, pixels."
        self._scale = np.array((width * ratio, height * ratio), np.float32) / self._patch_wh
        "A pixel of the patch, in those of landmarks."

    def motion(self, frame: FrameView) -> FaceMotion | None:
        """Return how the face moved until a later frame; ``None`` where it is not found again, or where the sender has
        begun to scale its pictures."""
        if self._grey is None or frame.rgb.shape[1::-1] != self._rgb_wh:
            return None
        points = self._points.take(_FOLLOWED, 0)
        before = np.asarray((points[:, :2] - self._corner) / self._scale, np.float32)[:, None]
        after, is_found, _ = cv2.calcOpticalFlowPyrLK(
            self._grey,
            self._patch(frame),
            before,
            np.empty_like(before),
            winSize=(WINDOW, WINDOW),
            maxLevel=PYRAMID_LEVELS,
            criteria=STEPS,
        )
        weights = _IS_RIGID * is_found[:, 0]
        if weights.sum() < LEAST_FOUND:
            return None
        displacements = ((after - before)[:, 0] * self._scale).T
        return self._rigid(points, displacements, weights)

    def _rigid(self, points: Points, displacements: NDArray[np.float32], weights: NDArray[np.float64]) -> FaceMotion:
        """Return the small turn, shift and growth in space that explains best how points moved in the picture.

        By least squares, twice: a point that is further off than others counts less the second time. ``points``: (n, 3)
        pixels; ``displacements``: (2, n), pixels; ``weights``: (n,).
        """
        x = points[:, 0]
        middle, width = points.mean(0), max(float(x.max() - x.min()), 1e-6)
        places = np.ones((4, len(points)))
        places[1:] = ((points - middle) / np.float32(width)).T
        rates = (_RATES.reshape(12, 4) @ places).reshape(6, -1)
        wanted = displacements.ravel().astype(np.float64)
        solved, distance = _least_squares(rates, wanted, weights)
        usual = max(2 * float(np.sort(distance[: len(RIGID)])[len(RIGID) // 2]), _AGREE_PX)
        solved, distance = _least_squares(rates, wanted, weights * np.minimum(1, usual / (distance + 1e-9)) ** 2)
        residual = float(np.sort(distance)[int(RESIDUAL_SHARE * (len(distance) - 1))]) / width
        right, down, growth, roll, yaw, pitch = solved.tolist()
        per_width = np.array([(growth, -roll, yaw), (roll, growth, -pitch), (-yaw, pitch, growth)]) / width
        shift = np.array((right, down, 0)) - per_width @ middle
        moved = cv2.transform(self._points[:, None], np.column_stack([np.eye(3) + per_width, shift]))
        return FaceMotion(np.asarray(moved[:, 0], np.float32), residual)

    def _patch(self, frame: FrameView) -> NDArray[np.uint8]:
        """Return the same place of a frame: its green channel, (height, width) uint8."""
        green = cv2.extractChannel(frame.rgb[self._place], 1)
        return np.asarray(cv2.resize(green, self._patch_wh, interpolation=cv2.INTER_AREA), np.uint8)


def _least_squares(
    rates: NDArray[np.float64], wanted: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the motion, (6,), in the order of ``_RATES``, and how far off it each point is, (n,).

    ``rates``: (6, 2 * n), the Jacobian of all points; ``wanted``: (2 * n,), their displacements; ``weights``: (n,).
    """
    weighed = rates * np.concatenate([weights, weights])
    # Not by numpy: its LAPACK may wake threads for it, and wait for them while another one has the core.
    _, solved = cv2.solve(weighed @ rates.T + _DAMPING, weighed @ wanted, flags=cv2.DECOMP_CHOLESKY)
    x, y = (wanted - solved[:, 0] @ rates).reshape(2, -1)
    return solved[:, 0], np.sqrt(x * x + y * y)
