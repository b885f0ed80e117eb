"""Puts the arms where the picture shows them: the pose network's world space holds hands too low and too far forward.

Its image and its world landmarks come from two outputs. The world's depths are plausible, but with them a hand beside
the face ends up before the chest: on recorded signing 7 and 12 cm below where the picture has it. So an arm takes its
depth from the world and the other two coordinates from the picture.
"""

import math
from typing import Final

import numpy as np

from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Pose
from mocast.rigging.head_pose import focal_length_px
from mocast.rigging.quaternions import TINY, Vectors, dot

LEAST_DEPTH: Final = 0.4
"""Of the trunk's distance from the camera: an arm does not reach nearer; world depths that say so are mistaken."""

_TRUNK: Final = np.array([P.LEFT_SHOULDER, P.RIGHT_SHOULDER, P.LEFT_HIP, P.RIGHT_HIP])
_MIDDLE: Final = np.array([[0.5, 0.5, 0.0, 0.0]])
"""Of the shoulders, which all is relative to."""
_STARTS: Final = np.array([P.LEFT_SHOULDER, P.RIGHT_SHOULDER, P.LEFT_ELBOW, P.RIGHT_ELBOW])
_ENDS: Final = np.array([P.LEFT_ELBOW, P.RIGHT_ELBOW, P.LEFT_WRIST, P.RIGHT_WRIST])
_SHOULDERS: Final = _STARTS[:2]
_FINGERS: Final = np.array(
    [[P[f"{side}_{name}"] for name in ("PINKY", "INDEX", "THUMB")] for side in ("LEFT", "RIGHT")]
)


def metres_per_px(pose: Pose, size_wh: tuple[int, int]) -> float | None:
    """Return the size of a pixel where the trunk is; ``None`` where the trunk is no larger than a pixel.

    The trunk is as much larger in metres than in pixels as all that is as far away. Where the hips are not seen, they
    are the pose network's guess below the shoulders that it does see.
    """
    at_px = pose.image[_TRUNK, :2] * np.array(size_wh, np.float64)
    at_px -= _MIDDLE @ at_px
    at_m = pose.world[_TRUNK] - _MIDDLE @ pose.world[_TRUNK]
    spread_m, spread_px = float(np.abs(at_m[:, :2]).sum()), float(np.abs(at_px).sum())
    if not (1.0 < spread_px < math.inf and 0.0 < spread_m < math.inf):
        return None
    # Of a trunk that is turned, one side is nearer and looks larger.
    nearer = at_m[:, 2:] * (spread_px / (spread_m * focal_length_px(size_wh)))
    return spread_m / float(np.abs(at_px * np.maximum(1.0 + nearer, LEAST_DEPTH)).sum())


def with_arms_of_picture(pose: Pose, size_wh: tuple[int, int]) -> Vectors:
    """Return the pose's (33, 3) world points, the arms' x and y by the picture.

    World space is relative to a ray from the camera to the body (the network sees a crop around it), so what is nearer
    looks larger about that ray. It is taken to the shoulders: a hand beside the face is then as high as it looks.

    The network knows how long arms are. What is longer in the picture than in its world points less to the camera, so
    its depth is less, too: by that, hands that touch come together.
    """
    world = pose.world.astype(np.float64)
    scale_m = metres_per_px(pose, size_wh)
    if scale_m is None:
        return world
    from_middle = (pose.image[:, :2] - pose.image[_SHOULDERS, :2].mean(0)) * (scale_m * np.array(size_wh))
    nearer = (world[:, 2] - world[_SHOULDERS, 2].mean()) / (scale_m * focal_length_px(size_wh))
    seen = from_middle * np.maximum(1.0 + nearer, LEAST_DEPTH)[:, None]
    segments = world[_ENDS] - world[_STARTS]
    turned = segments.copy()
    turned[:, :2] = seen[_ENDS] - seen[_STARTS]
    turned[:, 2:] *= np.minimum(1.0, dot(segments, segments) / np.maximum(dot(turned, turned), TINY))
    moved = turned - segments
    moved[2:] += moved[:2]
    world[_ENDS] += moved
    world[_FINGERS] += moved[2:, None]
    return world
