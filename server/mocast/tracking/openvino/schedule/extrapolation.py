"""Motion models: how a body and a hand move between two observations, and how they go on.

A model moves landmarks on by a share of their last motion. Of a body's, which is smoothed afterwards, 0.75: of 0, 0.25,
0.5, 0.75 and 1 it had the smallest errors and the smoothest motion. Of a hand's, the share that would have been right
for the motion before, or 0.5 where there was none. Own work; docs/tracking-speed.md has the errors.
"""

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mocast.model.topology import PoseLandmark
from mocast.tracking.openvino.regions.hand_landmarks import FoundHand
from mocast.tracking.openvino.regions.region import Points

BODY_SHARE: Final = 0.75
FIRST_HAND_SHARE: Final = 0.5
MIN_JOINT_VISIBILITY: Final = 0.3
"""Least visibility of a joint that counts for the body's speed."""
MIN_SCORE_TO_REUSE: Final = 0.95
"""Least score of a hand that is reused while the picture is unchanged: below it there may be no hand at all."""
MIN_SCORE_TO_EXTRAPOLATE: Final = 0.8
"""Least score of a hand that is extrapolated: below it, it counts as fast."""

_P = PoseLandmark
_JOINTS: Final = np.array(
    [
        *(_P.LEFT_SHOULDER, _P.RIGHT_SHOULDER, _P.LEFT_ELBOW, _P.RIGHT_ELBOW, _P.LEFT_WRIST, _P.RIGHT_WRIST),
        *(_P.LEFT_KNEE, _P.RIGHT_KNEE, _P.LEFT_ANKLE, _P.RIGHT_ANKLE),
    ]
)
_TORSO: Final = np.array([_P.LEFT_SHOULDER, _P.RIGHT_SHOULDER, _P.LEFT_HIP, _P.RIGHT_HIP])


@dataclass(frozen=True, slots=True, eq=False)
class RawPose:
    """A pose as the network puts it out, before smoothing."""

    points: Points
    "(35, 3) float32, pixels: the pose's 33, the middle of the hips, and a point on the circle around the body."
    world: Points
    "(33, 3) float32, metres."
    visibility: NDArray[np.float32]
    "(33,) float32, 0..1."


class BodyMotion:
    """Motion of a body: each landmark goes on in its straight line, before smoothing.

    So the smoothed motion has no step where the next observation corrects it.
    """

    def is_confident(self, observed: RawPose) -> bool:
        """Return true: a body that was found is there."""
        return True

    def speed(self, old: RawPose, new: RawPose) -> float:
        """Return how far the fastest visible joint of arms and legs moved, in torso lengths."""
        left, right, left_hip, right_hip = new.points.take(_TORSO, 0)[:, :2]
        torso = cv2.norm(left + right, left_hip + right_hip) / 2
        way = _ways(old.points.take(_JOINTS, 0), new.points.take(_JOINTS, 0))
        way[new.visibility.take(_JOINTS) < MIN_JOINT_VISIBILITY] = 0
        return float(way.max()) / max(torso, 1e-6)

    def extrapolate(self, _older: RawPose | None, old: RawPose, new: RawPose, share: float) -> RawPose:
        """Return the body with each landmark moved on."""
        step = BODY_SHARE * share
        return RawPose(_linear(old.points, new.points, step), _linear(old.world, new.world, step), new.visibility)


class HandMotion:
    """Motion of a hand: each landmark goes on in its straight line."""

    def is_confident(self, observed: FoundHand) -> bool:
        """Return whether the hand's score is high enough."""
        return observed.score > MIN_SCORE_TO_REUSE

    def speed(self, old: FoundHand, new: FoundHand) -> float:
        """Return the 95th percentile of the landmarks' ways, in longer sides of the hand's bounding box."""
        if min(old.score, new.score) < MIN_SCORE_TO_EXTRAPOLATE:
            return math.inf
        size = float(np.ptp(new.points[:, :2], axis=0).max())
        return _p95(_ways(old.points, new.points)) / max(size, 1e-6)

    def extrapolate(self, older: FoundHand | None, old: FoundHand, new: FoundHand, share: float) -> FoundHand:
        """Return the hand with each landmark moved on."""
        step = share * (FIRST_HAND_SHARE if older is None else _kept_share(older.points, old.points, new.points))
        return new._replace(points=_linear(old.points, new.points, step), world=_linear(old.world, new.world, step))


def _ways(old: Points, new: Points) -> NDArray[np.float32]:
    """Return how far each landmark moved in the picture, (n,); ``np.linalg.norm`` takes twice as long."""
    x, y = (new - old).T[:2]
    ways: NDArray[np.float32] = np.sqrt(x * x + y * y)
    return ways


def _p95(values: NDArray[np.float32]) -> float:
    """Return the 95th percentile as ``np.percentile`` does, which takes twenty times as long; NaN if one is NaN."""
    place = 0.95 * (len(values) - 1)
    ordered = np.sort(values)
    low, high = ordered[int(place)], ordered[math.ceil(place)]
    return float(low + (place - int(place)) * (high - low)) if ordered[-1] == ordered[-1] else math.nan


def _linear(old: Points, new: Points, step: float) -> Points:
    return new + np.float32(step) * (new - old)


def _kept_share(older: Points, old: Points, new: Points) -> float:
    """Return the share, 0..1, of the first motion that best predicts the second one, by least squares."""
    before, after = (old - older)[:, :2].ravel(), (new - old)[:, :2].ravel()
    return float(np.clip(np.dot(before, after) / max(float(np.dot(before, before)), 1e-9), 0, 1))
