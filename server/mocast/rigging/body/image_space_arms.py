"""Arms in image space: elbows and wrists where the picture has them, as deep as the pose and the bones' lengths say.

Image and world landmarks are two outputs of the pose network that do not agree. In world space hands are too low and
too far forward: one that touches the face is 18 to 30 cm before it. Here elbows and wrists lie on their rays, and how
deep is solved by the lengths of the person's bones, which are learnt (``arm_solver``). Hands that are then close before
face, throat or trunk touch them; none is inside. The method is our own work; we know no publication.
"""

import math
from typing import Final

import numpy as np

from mocast.model.camera_rays import focal_length_px
from mocast.model.quaternions import Vectors
from mocast.model.topology import ELBOWS, HIPS, INDICES, PINKIES, SHOULDERS, THUMBS, WRISTS
from mocast.model.topology import HandLandmark as H
from mocast.model.tracked import Pose
from mocast.rigging.body.arm_solver import ArmOnRays, BoneLength
from mocast.rigging.body.body_placement import BodyPlacement
from mocast.rigging.body.body_surface import BodySurface
from mocast.rigging.body.wrist_sources import PlausibleHands
from mocast.rigging.easing import eased
from mocast.rigging.retargeting.proportions import rows
from mocast.rigging.vectors import add, sub

TOUCH_M: Final = 0.015
"""A hand's landmarks, which are inside it, before what it touches."""
HEAD_TOUCHES_M: Final = (0.2, 0.35)
"""A hand that is less than the first of these before head or throat touches it; from the second one on it does not. The
network has hands 18 to 30 cm before a face that they touch, and who holds them up does so beside the face."""
TRUNK_TOUCHES_M: Final = (0.06, 0.12)
"""The same before the trunk, where hands are held up."""
OTHER_TOUCHES_M: Final = (0.05, 0.1)
"""A hand also touches the trunk where its wrist's other depth, at which the forearm is as long, is this near to it."""
DOUBT_M: Final = (0.02, 0.04)
"""Where the pose has a wrist within the first of these from where the picture has it, in x and y, it knows its depth,
too; from the second one on it does not. (On clips of people signing it is 3 to 9 cm.)"""
DOUBT_EASE_S: Final = 0.5
"""Time constant of that distance."""
SHIFT_EASE_S: Final = 0.2
"""Time constant with which a touch begins and ends."""
MAX_INSIDE_M: Final = 0.15
"""A hand is moved out of the body by this at most: deeper inside it is the body's depth that is wrong."""
MIN_SHIFT_M: Final = 0.002
"""Smaller corrections are none."""
MIN_RELATIVE_DEPTH: Final = 0.4
"""Least distance of a part of the trunk from the camera, as a share of the trunk's: nearer world depths are wrong."""

_TRUNK: Final = np.array([*SHOULDERS, *HIPS])
_ARMS: Final = tuple(zip(SHOULDERS, ELBOWS, WRISTS, strict=True))
_FINGERS: Final = tuple(zip(INDICES, PINKIES, THUMBS, strict=True))
"""Both of the left arm and of the right one."""
_PLACED: Final = np.array([ELBOWS, WRISTS, INDICES, PINKIES, THUMBS]).T
"""(2, 5)."""
_TOUCHING: Final = np.array(
    [H.WRIST, H.THUMB_TIP, H.INDEX_MCP, H.INDEX_TIP, H.MIDDLE_MCP, H.MIDDLE_TIP, H.RING_TIP, H.LITTLE_MCP, H.LITTLE_TIP]
)


def metres_per_px(pose: Pose, size_wh: tuple[int, int]) -> float | None:
    """Return the size of a pixel at the shoulders; ``None`` where the trunk is no larger than a pixel.

    It is the trunk's size in metres over that in pixels. Where the hips are not seen, they are the pose network's guess
    below the shoulders.
    """
    # Plain numbers: for four points, numpy's calls would cost more than all this.
    width, height = size_wh
    at_px = [(x * width, y * height) for x, y in pose.image[_TRUNK, :2].tolist()]
    at_m = pose.world[_TRUNK].tolist()
    x_px, y_px = (0.5 * (one + other) for one, other in zip(at_px[0], at_px[1], strict=True))
    x_m, y_m, z_m = (0.5 * (one + other) for one, other in zip(at_m[0], at_m[1], strict=True))
    spreads_px = [abs(x - x_px) + abs(y - y_px) for x, y in at_px]
    spread_m, spread_px = sum(abs(x - x_m) + abs(y - y_m) for x, y, _ in at_m), sum(spreads_px)
    if not (1.0 < spread_px < math.inf and 0.0 < spread_m < math.inf):
        return None
    # Where the trunk is turned, its nearer side looks larger.
    per_m = spread_px / (spread_m * focal_length_px(size_wh))
    nearer_px = sum(
        spread * max(1.0 + (z - z_m) * per_m, MIN_RELATIVE_DEPTH)
        for spread, (_, _, z) in zip(spreads_px, at_m, strict=True)
    )
    return float(spread_m / nearer_px)


class ImageSpaceArms:
    """Places the arms of consecutive frames. Its state: the lengths of the person's bones, and what hands touch."""

    def __init__(self) -> None:
        self._upper, self._lower = BoneLength(), BoneLength()
        "Those of both sides are of one length."
        self._off_m: list[float | None] = [None, None]
        "How far the pose has the wrists from where the picture has them; ``None`` before a frame."
        self._shift_m = [0.0, 0.0]
        "How much further away than by the pose the wrists are placed, m."
        self._elbow_m = [0.0, 0.0]
        "The same of the elbows: of two depths that fit as well, that of the last frame is held."

    def place(self, pose: Pose, hands: PlausibleHands, body: BodyPlacement, step_s: float) -> Vectors:
        """Return the pose's (33, 3) world points with arms that agree with the picture, ``step_s`` after the last."""
        world, rays, (position,) = rows(pose.world), body.rays.tolist(), rows(body.position[None])
        placed, surface = pose.world.astype(np.float64), BodySurface(world)
        for side, (joints, fingers) in enumerate(zip(_ARMS, _FINGERS, strict=True)):
            shoulder, _, wrist = (world[joint] for joint in joints)
            arm = ArmOnRays([world[joint] for joint in joints], [rays[joint] for joint in joints], position)
            before_m = self._off_m[side]
            off_m = arm.off_m if before_m is None else before_m
            off_m += (arm.off_m - off_m) * (1 - math.exp(-step_s / DOUBT_EASE_S))
            self._off_m[side], doubt = off_m, 1 - _closeness(off_m, DOUBT_M)
            arm.learn((self._upper, self._lower), doubt, step_s)
            e, w = arm.by_pose(doubt)
            if hands.are_usable[side]:
                parts = rows(hands.world[side, _TOUCHING] - hands.world[side, H.WRIST])
            else:
                parts = [sub(world[finger], wrist) for finger in fingers]
            points = arm.points(e, w)
            touch_m = _touch(arm, e, w, surface.before(parts, points[1]), doubt)
            self._shift_m[side] += (touch_m - self._shift_m[side]) * (1 - math.exp(-step_s / SHIFT_EASE_S))
            shift_m = self._shift_m[side]
            if abs(shift_m) > MIN_SHIFT_M:
                by_pose = e
                e, w = arm.touching(e, w + shift_m, e + self._elbow_m[side])
                self._elbow_m[side] = e - by_pose
                points = arm.points(e, w)
            else:
                self._elbow_m[side] = 0.0
            start = sub(shoulder, arm.shoulder)
            at_elbow, at_wrist = (add(point, start) for point in points)
            moved = sub(at_wrist, wrist)
            placed[_PLACED[side]] = [at_elbow, at_wrist, *(add(world[finger], moved) for finger in fingers)]
        return placed


def _touch(arm: ArmOnRays, e: float, w: float, before: tuple[float, float], doubt: float) -> float:
    """Return by how much further away than at a depth of ``w`` a hand touches the body, metres; 0 if it does not.

    ``before``: how far it is before head and trunk then; infinite beside them. ``doubt``, 0..1: about that depth.
    """
    head_m, trunk_m = before[0] - TOUCH_M, before[1] - TOUCH_M
    shift_m = 0.0
    if 0 < trunk_m < math.inf:
        other_m = trunk_m - (arm.other_wrist(e, w) - w)
        shift_m = trunk_m * max(_closeness(trunk_m, TRUNK_TOUCHES_M), _closeness(other_m, OTHER_TOUCHES_M))
    if 0 < head_m < math.inf:
        shift_m = max(shift_m, head_m * _closeness(head_m, HEAD_TOUCHES_M))
    return doubt * max(min(shift_m, head_m, trunk_m), -MAX_INSIDE_M)


def _closeness(away_m: float, range_m: tuple[float, float]) -> float:
    """Return 1 up to the first of the range, 0 from the second on."""
    nearest_m, farthest_m = range_m
    return eased(abs(away_m), farthest_m, nearest_m)
