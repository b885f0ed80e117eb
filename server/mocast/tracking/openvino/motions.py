"""How a body, a hand and a face move between two looks, and how they go on.

How much of a motion is believed: of a body's, which is smoothed afterwards, 0.75, as this has the smallest errors and
the smoothest motion of 0, 0.25, 0.5, 0.75 and 1; of a hand's and a face's, as much as would have been right the last
time, or 0.5 and 0.75 where there was none. See docs/tracking.md.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.topology import PoseLandmark
from mocast.tracking.openvino.hand_landmarks import FoundHand
from mocast.tracking.openvino.region import Points

_SEEN: Final = 0.3
"""The visibility from which a joint of the body counts."""
VERY_SURE: Final = 0.95
"""A hand that the network is less sure of may be none: it is not taken for the same where the picture is the same."""
_SURE: Final = 0.8
"""A hand that the network is less sure of does not move slowly, whatever its landmarks do."""
_MESH: Final = 468
"""A face's landmarks after these are the irises', which move by themselves."""

_P = PoseLandmark
_JOINTS: Final = [_P.LEFT_SHOULDER, _P.RIGHT_SHOULDER, _P.LEFT_ELBOW, _P.RIGHT_ELBOW, _P.LEFT_WRIST, _P.RIGHT_WRIST]
_SHOULDERS: Final = [_P.LEFT_SHOULDER, _P.RIGHT_SHOULDER]
_HIPS: Final = [_P.LEFT_HIP, _P.RIGHT_HIP]


@dataclass(frozen=True, slots=True, eq=False)
class SeenBody:
    """A body as the network sees it, before it is smoothed."""

    points: Points
    "(35, 3) float32, pixels: the pose's 33, the middle of the hips, and the rim of the circle around the body."
    world: Points
    "(33, 3) float32, metres."
    visibility: NDArray[np.float32]
    "(33,) float32, 0..1."


class BodyMotion:
    """How a body moves."""

    def is_sure(self, seen: SeenBody) -> bool:
        """See ``sparing.Motion``."""
        return True

    def speed(self, old: SeenBody, new: SeenBody) -> float:
        """Return how far the fastest joint of the arms moved that is seen, in torso lengths."""
        flat = new.points[:, :2]
        torso = math.dist(flat[_SHOULDERS].mean(0), flat[_HIPS].mean(0))
        way = np.linalg.norm(flat[_JOINTS] - old.points[_JOINTS, :2], axis=1)
        way[new.visibility[_JOINTS] < _SEEN] = 0
        return float(way.max()) / max(torso, 1e-6)

    def move_on(self, _older: SeenBody | None, old: SeenBody, new: SeenBody, part: float) -> SeenBody:
        """Return the body, each landmark moved on in its straight line.

        It is smoothed afterwards like one that was seen: so its motion has no step where the next look corrects it.
        """
        step = 0.75 * part
        return SeenBody(_on(old.points, new.points, step), _on(old.world, new.world, step), new.visibility)


class HandMotion:
    """How a hand moves."""

    def is_sure(self, seen: FoundHand) -> bool:
        """See ``sparing.Motion``."""
        return seen.score > VERY_SURE

    def speed(self, old: FoundHand, new: FoundHand) -> float:
        """Return how far 95 % of the landmarks moved at most, in sizes of the hand."""
        if min(old.score, new.score) < _SURE:
            return math.inf
        size = float(np.ptp(new.points[:, :2], axis=0).max())
        way = np.linalg.norm(new.points[:, :2] - old.points[:, :2], axis=1)
        return float(np.percentile(way, 95)) / max(size, 1e-6)

    def move_on(self, older: FoundHand | None, old: FoundHand, new: FoundHand, part: float) -> FoundHand:
        """Return the hand, each landmark moved on in its straight line."""
        step = part * (0.5 if older is None else _steadiness(older.points, old.points, new.points))
        return new._replace(points=_on(old.points, new.points, step), world=_on(old.world, new.world, step))


class FaceMotion:
    """How a face moves."""

    def is_sure(self, seen: Points) -> bool:
        """See ``sparing.Motion``."""
        return True

    def speed(self, old: Points, new: Points) -> float:
        """Return how far 95 % of the landmarks moved at most, in widths of the face."""
        way = np.abs(new[:, :2] - old[:, :2]).max(1)
        return float(np.percentile(way, 95)) / max(float(np.ptp(new[:, 0])), 1e-6)

    def move_on(self, older: Points | None, old: Points, new: Points, part: float) -> Points:
        """Return the face moved on as a whole, shifted, turned and scaled, its features kept.

        Points of the plane are complex numbers here, and z → a·z + b is a similarity; the ``a`` with the least squares
        of errors is that of Umeyama (1991).
        """
        step = part * (0.75 if older is None else _steadiness(older, old, new))
        was, became = (points[:_MESH, 0] + 1j * points[:_MESH, 1] for points in (old, new))
        middle, to = was.mean(), became.mean()
        was, became = was - middle, became - to
        turn = 1 + step * (np.vdot(was, became) / max(np.vdot(was, was).real, 1e-9) - 1)
        placed = turn * (new[:, 0] + 1j * new[:, 1] - to) + to + step * (to - middle)
        moved = new.copy()
        moved[:, 0], moved[:, 1] = placed.real, placed.imag
        return moved


def _on(old: Points, new: Points, step: float) -> Points:
    return new + np.float32(step) * (new - old)


def _steadiness(older: Points, old: Points, new: Points) -> float:
    """Return how much of a motion the next one kept, 0..1: what would have been right to believe of it."""
    before, after = (old - older)[:, :2].ravel(), (new - old)[:, :2].ravel()
    return float(np.clip(np.dot(before, after) / max(float(np.dot(before, before)), 1e-9), 0, 1))
