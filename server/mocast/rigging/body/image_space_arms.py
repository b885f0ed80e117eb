"""Puts the arms where the picture shows them: the pose network's world space holds hands too low and too far forward.

Its image and its world landmarks come from two outputs. The world's depths are plausible, but with them a hand beside
the face ends up before the chest: on recorded signing 7 and 12 cm below where the picture has it. So an arm takes its
depth from the world and the other two coordinates from the picture.
"""

import math
from typing import Final

import numpy as np

from mocast.model.quaternions import TINY, Vectors, dot
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Pose
from mocast.rigging.face.head_pose import focal_length_px

LEAST_DEPTH: Final = 0.4
"""Of the trunk's distance from the camera: an arm does not reach nearer; world depths that say so are mistaken."""

_TRUNK: Final = np.array([P.LEFT_SHOULDER, P.RIGHT_SHOULDER, P.LEFT_HIP, P.RIGHT_HIP])
_ARMS: Final = slice(P.LEFT_SHOULDER, P.RIGHT_WRIST + 1)
"""Shoulders, elbows, wrists; left and right take turns, so that a joint's next one is two further."""
_FINGERS: Final = slice(P.LEFT_PINKY, P.RIGHT_THUMB + 1)
"""What goes with the wrists: left and right take turns, too."""


def metres_per_px(pose: Pose, size_wh: tuple[int, int]) -> float | None:
    """Return the size of a pixel where the shoulders are; ``None`` where the trunk is no larger than a pixel.

    The trunk is as much larger in metres than in pixels as all that is as far away. Where the hips are not seen, they
    are the pose network's guess below the shoulders that it does see.
    """
    # For four points, numpy's calls would cost more than all this.
    width, height = size_wh
    at_px = [(x * width, y * height) for x, y in pose.image[_TRUNK, :2].tolist()]
    at_m = pose.world[_TRUNK].tolist()
    x_px, y_px = (0.5 * (one + other) for one, other in zip(at_px[0], at_px[1], strict=True))
    x_m, y_m, z_m = (0.5 * (one + other) for one, other in zip(at_m[0], at_m[1], strict=True))
    spreads_px = [abs(x - x_px) + abs(y - y_px) for x, y in at_px]
    spread_m, spread_px = sum(abs(x - x_m) + abs(y - y_m) for x, y, _ in at_m), sum(spreads_px)
    if not (1.0 < spread_px < math.inf and 0.0 < spread_m < math.inf):
        return None
    # Of a trunk that is turned, one side is nearer and looks larger.
    per_m = spread_px / (spread_m * focal_length_px(size_wh))
    nearer_px = sum(
        spread * max(1.0 + (z - z_m) * per_m, LEAST_DEPTH) for spread, (_, _, z) in zip(spreads_px, at_m, strict=True)
    )
    return float(spread_m / nearer_px)


def with_arms_of_picture(pose: Pose, size_wh: tuple[int, int], scale_m: float | None) -> Vectors:
    """Return the pose's (33, 3) world points, the arms' x and y by the picture. ``scale_m``: its ``metres_per_px``.

    World space is relative to a ray from the camera to the body (the network sees a crop around it), so what is nearer
    looks larger about that ray. It is taken to the shoulders: a hand beside the face is then as high as it looks.

    The network knows how long arms are. What is longer in the picture than in its world points less to the camera, so
    its depth is less, too: by that, hands that touch come together.
    """
    world = pose.world.astype(np.float64)
    if scale_m is None:
        return world
    joints, at = world[_ARMS], pose.image[_ARMS, :2]
    seen = (at - 0.5 * (at[0] + at[1])) * (scale_m * np.array(size_wh))
    nearer = joints[:, 2:] - 0.5 * (joints[0, 2] + joints[1, 2])
    seen *= np.maximum(1.0 + nearer / (scale_m * focal_length_px(size_wh)), LEAST_DEPTH)
    segments = joints[2:] - joints[:-2]
    turned = segments.copy()
    turned[:, :2] = seen[2:] - seen[:-2]
    turned[:, 2:] *= np.minimum(1.0, dot(segments, segments) / np.maximum(dot(turned, turned), TINY))
    moved = turned - segments
    moved[2:] += moved[:2]
    joints[2:] += moved
    world[_FINGERS].reshape(3, 2, 3)[:] += moved[2:]
    return world
