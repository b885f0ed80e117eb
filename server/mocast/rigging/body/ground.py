"""The ground below a person: which feet stand on it, and where it is, by the feet in the picture."""

import math
from typing import Final

import numpy as np

from mocast.model.body_parts import BodyPart
from mocast.model.quaternions import Vector
from mocast.model.topology import ANKLES, HEELS, SHOULDERS, TOES
from mocast.model.tracked import Pose
from mocast.rigging.body.body_placement import BodyPlacement
from mocast.rigging.body.body_solver import MeasuredBody
from mocast.rigging.body.floor_plane import FloorPlane
from mocast.rigging.body.foot_contact import FootContact

HEEL_FROM_M, HEEL_TO_M = 0.04, 0.08
"""A heel that is so far above where it is seen of a flat foot is lifted: that foot stands on its toes."""
HEEL_S: Final = 5.0
"""Time constant with which the height at which a flat foot's heel is seen is learnt: landmarks bend feet down."""
UPRIGHT_COSINE: Final = 0.9
"""A body tells where up is only while its line from feet to shoulders is within 25° of the picture's vertical."""
SIDE_BY_SIDE_M: Final = 0.12
"""A body tells where up is only while the depths of its feet differ by less than this: else they may be before or
behind it."""
STILL_S: Final = 0.1
"""A foot that has not moved for this long is on the floor, unless it is higher than the other one by
``ABOVE_OTHER_M``."""
ABOVE_OTHER_M: Final = 0.04

_FOOT_POINTS: Final = np.array([HEELS[0], TOES[0], HEELS[1], TOES[1]])
_BODY: Final = np.array([*SHOULDERS, *ANKLES])
_FEET: Final = (BodyPart.LEFT_FOOT, BodyPart.RIGHT_FOOT)


class Ground:
    """The contact of consecutive frames' feet with the floor, and the floor that is learnt from them."""

    def __init__(self) -> None:
        self.floor = FloorPlane()
        self.contacts = (FootContact(), FootContact())
        self.lifted_heels = [0.0, 0.0]
        "0..1: how far each foot stands on its toes."
        self.lower_foot_m = 0.0
        "How high the lower foot is over the floor, metres at the avatar's size; 0 where none is seen."
        self._heels_m = [0.0, 0.0]

    def update(
        self, pose: Pose | None, body: MeasuredBody, is_half: bool, scale: float, step_s: float
    ) -> Vector | None:
        """Return where the next frame's hips are in room space, metres at the person's size; ``None`` without a body.

        ``scale``: the avatar's size over the person's.
        """
        self.lower_foot_m = 0.0
        placement = body.placement
        are_seen = [bool(body.are_seen[part]) and not is_half for part in _FEET]
        if pose is None or placement is None or not body.are_seen[BodyPart.TORSO]:
            are_seen, placement = [False, False], None
        if placement is not None:
            x, y, z = placement.position.dot(placement.to_ray).tolist()
            self.floor.hips = y, z
        if pose is not None and placement is not None and any(are_seen):
            self._learn_up(pose, placement, step_s)
            self._touch(placement, pose, are_seen, scale, step_s)
        for contact, is_seen in zip(self.contacts, are_seen, strict=True):
            if not is_seen:
                contact.lose(step_s)
        return None if placement is None else self.floor.to_room(x, y, z)

    def _learn_up(self, pose: Pose, placement: BodyPlacement, step_s: float) -> None:
        left, right, left_ankle, right_ankle = pose.world[_BODY].tolist()
        if abs(left_ankle[2] - right_ankle[2]) > SIDE_BY_SIDE_M:
            return
        up = [0.5 * (a + b - c - d) for a, b, c, d in zip(left, right, left_ankle, right_ankle, strict=True)]
        x, y, z = np.array(up).dot(placement.to_ray).tolist()
        if -y > UPRIGHT_COSINE * math.sqrt(x * x + y * y + z * z):
            self.floor.learn_up((x, y, z), step_s)

    def _touch(self, placement: BodyPlacement, pose: Pose, are_seen: list[bool], scale: float, step_s: float) -> None:
        """Decide which feet stand, by where heels and toes are seen; learn the floor from those that do."""
        away_m, seen_at = float(placement.position[2]), placement.seen[_FOOT_POINTS].tolist()
        # Depths are along the ray to the hips: to be as deep there, a point aside is further along its own direction.
        ray_x, ray_y, ray_z = placement.to_ray[2].tolist()
        depths = [
            (away_m + z) / max(ray_x * x + ray_y * y + ray_z, 0.1)
            for (x, y), z in zip(seen_at, pose.world[_FOOT_POINTS, 2].tolist(), strict=True)
        ]
        feet = [(x * depth, y * depth, depth) for (x, y), depth in zip(seen_at, depths, strict=True)]
        room, floor = [self.floor.to_room(*foot) for foot in feet], self.floor
        lows = [min(room[2 * side][1], room[2 * side + 1][1]) for side in range(2)]
        seen = [side for side in range(2) if are_seen[side]]
        lowest = min(lows[side] for side in seen)
        if floor.y_m is None:
            floor.y_m = lowest
        for side in seen:
            # Speed counts across the line of sight only: along it landmarks are noise.
            ends = [(x, y) for x, y in seen_at[2 * side : 2 * side + 2]]
            away = 0.5 * scale * (feet[2 * side][2] + feet[2 * side + 1][2])
            self.contacts[side].update(ends, away, (lows[side] - floor.y_m) * scale, step_s)
            self._see_heel(side, (room[2 * side][1] - floor.y_m) * scale, step_s)
        self.lower_foot_m = (lowest - floor.y_m) * scale
        for side in seen:
            if self.contacts[side].still_s > STILL_S and (lows[side] - lowest) * scale < ABOVE_OTHER_M:
                lower = 2 * side if room[2 * side][1] < room[2 * side + 1][1] else 2 * side + 1
                floor.learn_place(feet[lower][1], feet[lower][2], step_s)
                floor.learn_height(lows[side] - floor.y_m, step_s)

    def _see_heel(self, side: int, height_m: float, step_s: float) -> None:
        off = height_m - self._heels_m[side]
        self.lifted_heels[side] = min(max((off - HEEL_FROM_M) / (HEEL_TO_M - HEEL_FROM_M), 0.0), 1.0)
        if self.contacts[side].is_standing:
            self._heels_m[side] += min(step_s / HEEL_S, 1.0) * off
