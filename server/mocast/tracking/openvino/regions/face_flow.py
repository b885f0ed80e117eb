"""Motion of a face by its picture: how the mesh moved from one frame to another, by sparse optical flow.

A head is rigid. Some points of its mesh are found again in the picture, and the small turn, shift and growth in space
that explains best where they are moves all of it. An expression that changes meanwhile is points that moved otherwise.
Own work; docs/tracking-speed.md has the errors.

Source of the optical flow: Lucas & Kanade, "An Iterative Image Registration Technique", IJCAI 1981, over a pyramid:
Bouguet, "Pyramidal Implementation of the Lucas Kanade Feature Tracker", 2000, which OpenCV has.
"""

from typing import Final, NamedTuple, cast

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
PYRAMID_LEVELS: Final = 1
"""Pictures of half the size each, for points that move further than half the window. With a second one points are
elsewhere by 0.004 of these pixels (p95, measured)."""
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
_DAMPING: Final = 0.001
"""In squares of widths of the face: little beside those of all points, so that a flat face has a solution, too."""
_AGREE_PX: Final = 0.1
"""Pixels up to which points agree with a motion, however well others do."""
_FOLLOWED: Final = np.concatenate([RIGID, EXPRESSIVE])


class FaceMotion(NamedTuple):
    """How a face moved."""

    residual: float
    "How far its landmarks moved otherwise, in widths of the face: the 90th percentile of those that were followed."
    mesh: Points
    "(478, 3) float32, pixels: before it moved."
    matrix: NDArray[np.float64]
    "(3, 4): the motion of a rigid head in space, pixels; the last column is the translation."

    @property
    def points(self) -> Points:
        """The mesh moved as a rigid head: (478, 3) float32, pixels."""
        return cast(Points, cv2.transform(self.mesh[:, None], self.matrix)[:, 0])


class FacePicture:
    """The picture of a face in one frame, in which it is found again in later ones."""

    def __init__(self, points: Points, frame: FrameView, region: Region) -> None:
        """``points``: the mesh, (478, 3) float32 in pixels; ``region``: that in which it was found."""
        self._mesh = points
        self._rgb_wh = frame.rgb.shape[1::-1]
        place = frame.in_rgb(region)
        half, shrunk, ratio = place.size / 2, min(1.0, PATCH_SIDE / place.size), region.size / place.size
        left, right = max(0, int(place.x - half)), min(self._rgb_wh[0], int(place.x + half) + 1)
        top, bottom = max(0, int(place.y - half)), min(self._rgb_wh[1], int(place.y + half) + 1)
        width, height = right - left, bottom - top
        self._place = slice(top, bottom), slice(left, right)
        self._patch_wh = max(1, round(width * shrunk)), max(1, round(height * shrunk))
        self._grey = self._patch(frame) if min(width, height) > 0 else None
        self._scale = np.array((width * ratio, height * ratio)) / self._patch_wh
        "A pixel of the patch, in those of landmarks."
        corner, landmarks = np.array((left * ratio, top * ratio)), points.take(_FOLLOWED, 0)
        self._before = np.asarray((landmarks[:, None, :2] - corner) / self._scale, np.float32)
        "(n, 1, 2) float32, pixels of the patch: the landmarks that are followed, the rigid ones first."
        x, y, z = landmarks.T.tolist()
        self._width = max(max(x) - min(x), 1e-6)
        "Of the face, pixels."
        self._middle = [sum(each) / len(each) for each in (x, y, z)]
        "Of these landmarks, pixels: x, y and z."
        self._rows = np.ones((6, len(x)))
        "(6, n): of these landmarks 1, x, y and z from their middle, and how far each moved right and down, pixels."
        self._rows[1:4] = (landmarks - self._middle).T

    def motion(self, frame: FrameView) -> FaceMotion | None:
        """Return how the face moved until a later frame; ``None`` where it is not found again, or where the sender has
        begun to scale its pictures."""
        if self._grey is None or frame.rgb.shape[1::-1] != self._rgb_wh:
            return None
        before = self._before
        after, is_found, _ = cv2.calcOpticalFlowPyrLK(
            self._grey,
            self._patch(frame),
            before,
            np.empty_like(before),
            winSize=(WINDOW, WINDOW),
            maxLevel=PYRAMID_LEVELS,
            criteria=STEPS,
        )
        weights = is_found[: len(RIGID), 0].tolist()
        if sum(weights) < LEAST_FOUND:
            return None
        self._rows[4:] = ((after - before)[:, 0] * self._scale).T
        return self._rigid(weights)

    def _rigid(self, weights: list[float]) -> FaceMotion:
        """Return the small turn, shift and growth in space that explains best how landmarks moved in the picture.

        By least squares, twice: a landmark that is further off than others counts less the second time. ``weights``: of
        the rigid ones.
        """
        _, distances = self._least_squares(weights)
        usual = max(2 * sorted(distances[: len(RIGID)])[len(RIGID) // 2], _AGREE_PX)
        agreeing = [
            weight * min(1, usual / (distance + 1e-9)) ** 2
            for weight, distance in zip(weights, distances, strict=False)
        ]
        (right, down, growth, roll, yaw, pitch), distances = self._least_squares(agreeing)
        residual = sorted(distances)[int(RESIDUAL_SHARE * (len(distances) - 1))] / self._width
        x, y, z = self._middle
        matrix = (
            (1 + growth, -roll, yaw, right - growth * x + roll * y - yaw * z),
            (roll, 1 + growth, pitch, down - roll * x - growth * y - pitch * z),
            (-yaw, -pitch, 1 + growth, yaw * x + pitch * y - growth * z),
        )
        return FaceMotion(residual, self._mesh, np.array(matrix))

    def _least_squares(self, weights: list[float]) -> tuple[list[float], list[float]]:
        """Return the motion, and how far off it each landmark is, pixels. ``weights``: of the rigid ones.

        In the picture a landmark at (x, y, z) moves by shift + (growth + i roll) (x + iy) + (yaw + i pitch) z: for a
        turn by a small angle, by the cross product of both. The motion is these three complex numbers: right and down,
        growth and roll, yaw and pitch.
        """
        rigid = self._rows[:, : len(RIGID)]
        # The normal equations, whose matrix is Hermitian and positive definite by its damping, so that no pivot is 0.
        # Not by numpy's solver: its LAPACK may wake threads, and wait for them while another one has the core.
        ones, xs, ys, zs = ((rigid * weights) @ rigid.T).tolist()[:4]
        damping = _DAMPING * self._width**2
        rows: list[list[complex]] = [
            [ones[0] + _DAMPING, complex(ones[1], ones[2]), ones[3], complex(ones[4], ones[5])],
            [
                complex(ones[1], -ones[2]),
                xs[1] + ys[2] + damping,
                complex(xs[3], -ys[3]),
                complex(xs[4] + ys[5], xs[5] - ys[4]),
            ],
            [ones[3], complex(xs[3], ys[3]), zs[3] + damping, complex(zs[4], zs[5])],
        ]
        for step in range(3):
            pivot = [one / rows[step][step] for one in rows[step]]
            rows = [
                pivot if number == step else [one - row[step] * other for one, other in zip(row, pivot, strict=True)]
                for number, row in enumerate(rows)
            ]
        solved = [part for row in rows for part in (row[3].real, row[3].imag)]
        right, down, growth, roll, yaw, pitch = solved
        off = np.array(((right, growth, -roll, yaw, -1, 0), (down, roll, growth, pitch, 0, -1))) @ self._rows
        return solved, cv2.magnitude(off[0], off[1])[:, 0].tolist()

    def _patch(self, frame: FrameView) -> NDArray[np.uint8]:
        """Return the same place of a frame: its green channel, (height, width) uint8."""
        return np.asarray(cv2.resize(frame.green(self._place), self._patch_wh, interpolation=cv2.INTER_AREA), np.uint8)
