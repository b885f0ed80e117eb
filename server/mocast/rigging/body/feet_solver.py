"""The feet solver: feet that stay where they stand, then the hips above them, then the legs between.

It comes after the filters, in avatar space and at the size of the rest skeleton, so that nothing smears what it holds.
Which feet stand, and where the hips are, comes from the picture and the person's own size.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from mocast.model.humanoid import HumanoidBone
from mocast.model.names import SIDES
from mocast.model.options import RootMode
from mocast.model.quaternions import Quaternion, Quaternions, Vector, inverse_one, multiply_one, rotate_one
from mocast.model.tracked import Tracked
from mocast.rigging.body.body_solver import MeasuredBody
from mocast.rigging.body.ground import Ground
from mocast.rigging.body.image_space_arms import metres_per_px
from mocast.rigging.body.leg_ik import Leg, arc
from mocast.rigging.body.limbs_apart import LegsApart
from mocast.rigging.body.root_motion import SOLE_BACK, SOLE_FRONT, MeasuredRoot, RootMotion, sideways_m
from mocast.rigging.vectors import add, sub

B = HumanoidBone

BALL: Final[Vector] = (0.0, float(SOLE_FRONT[1]), 0.11)
"""The ball of the foot at rest, relative to the ankle: what is held of a foot that stands, as the heel rises first."""
HEEL: Final[Vector] = (0.0, float(SOLE_BACK[1]), float(SOLE_BACK[2]))
TIP: Final[Vector] = (0.0, float(SOLE_FRONT[1]), float(SOLE_FRONT[2]))
KNEE_RADIUS_M: Final = 0.05
HIP_RADIUS_M: Final = 0.09
"""How far knees and hip joints stay above the floor: they are below skin and clothes."""
FLAT_WITHIN_RAD: Final = math.radians(30.0)
STEEP_FROM_RAD: Final = math.radians(45.0)
"""The sole of a foot that stands is flat if it seems to be within so much of it; from there on it is as it seems."""
TURNS_FREELY_RAD: Final = math.radians(10.0)
"""A foot that stands turns only with what exceeds this: the direction of 20 cm of foot trembles by as much."""
TURNS_S: Final = 3.0
"""Time constant with which it comes to where it seems to point."""
MAX_ASIDE_M, MAX_AHEAD_M = 0.12, 0.25
"""A foot that stands but seems to be further than this from there is dragged along, sideways and in depth."""
MAX_LEVELLING_RAD: Final = math.radians(8.0)
"""How far the pelvis is rolled at most, so that both legs of somebody who stands on both reach the floor."""
HIP_WIDTH_M: Final = Leg.HIPS[0][0] - Leg.HIPS[1][0]
MIN_LEG_M: Final = 0.2
"""A leg that is shorter than this in world space has not been seen well."""

_UP: Final[Vector] = (0.0, 1.0, 0.0)
_FORWARD: Final[Vector] = (0.0, 0.0, 1.0)
_ROWS: Final = np.array(
    [B.HIPS, *(HumanoidBone[f"{side}_{bone}"] for side in SIDES for bone in ("UPPER_LEG", "LOWER_LEG", "FOOT"))]
)


@dataclass(frozen=True, slots=True, eq=False)
class Stance:
    """Where a body stands, in one frame."""

    hips: Vector
    "Metres, avatar space."
    rotations: Quaternions
    "(55, 4): local."
    planted: tuple[bool, bool]
    "Whether the left and the right foot stand."


class FeetSolver:
    """Solves where one person stands in consecutive frames."""

    def __init__(self) -> None:
        self._ground = Ground()
        self.floor = self._ground.floor
        self._root = RootMotion()
        self._apart = LegsApart()
        self._places = [(0.0, 0.0), (0.0, 0.0)]
        "Where each foot's ball is over the floor, x and z."
        self._headings = [0.0, 0.0]
        "Where the feet that stand point, radians about the floor's normal."

    def solve(
        self,
        rotations: Quaternions,
        tracked: Tracked,
        body: MeasuredBody,
        *,
        is_half: bool,
        middle_m: float,
        root: RootMode,
        step_s: float,
        time_s: float,
    ) -> Stance:
        """Return where the body stands in the next frame.

        ``rotations``, (55, 4): local, filtered. ``middle_m``: how far right of the picture's middle the avatar's x = 0
        is.
        """
        scale = 1.0 if is_half or body.leg_m < MIN_LEG_M else (Leg.THIGH_M + Leg.SHANK_M) / body.leg_m
        at = self._ground.update(tracked.pose, body, is_half, scale, step_s)
        measured = MeasuredRoot()
        if at is not None and tracked.pose is not None:
            x_m: float | None = scale * at[0]
            if is_half:
                x_m = sideways_m(tracked.pose, tracked.size_wh[0], metres_per_px(tracked.pose, tracked.size_wh))
            stands = any(contact.is_standing for contact in self._ground.contacts)
            lower_foot_m = 0.0 if stands else self._ground.lower_foot_m
            measured = MeasuredRoot(None if x_m is None else x_m - middle_m, at[1], at[2], lower_foot_m)
        way = self._root.update(measured, scale, is_half, step_s, time_s)
        stance = self._stand(rotations, way, step_s)
        if root == "full":
            return stance
        # Hips that stay where the person goes draw the feet along: none of them stays where it is.
        return replace(stance, hips=_limited(stance.hips, root), planted=(False, False))

    def _stand(self, rotations: Quaternions, root: Vector, step_s: float) -> Stance:
        """Return the stance of hips at the x and z of ``root`` and by its y higher than the floor allows."""
        pelvis, *rest = (_quaternion(row) for row in rotations[_ROWS].tolist())
        legs = [_leg(side, pelvis, rest[3 * side : 3 * side + 3]) for side in range(2)]
        holds = [contact.hold for contact in self._ground.contacts]
        for side, leg in enumerate(legs):
            _flatten(leg, holds[side] * (1.0 - self._ground.lifted_heels[side]))
            self._point(side, leg, holds[side], step_s)
        self._apart.apply(legs, holds, step_s)
        feet = [_Foot(leg) for leg in legs]
        turned = self._level(pelvis, legs, feet, holds)
        hips = add((0.0, self._height(legs, feet, holds), 0.0), root)
        for side, leg in enumerate(legs):
            self._follow(side, leg, feet[side], hips, step_s)
        hips = self._within_reach(hips, legs, feet, holds)
        for side, leg in enumerate(legs):
            leg.reach(self._ankle(side, leg, feet[side], hips))
        out = rotations.copy()
        _write(out, pelvis, turned, legs)
        return Stance(hips, out, (self._ground.contacts[0].is_standing, self._ground.contacts[1].is_standing))

    def _point(self, side: int, leg: Leg, hold: float, step_s: float) -> None:
        """Turn a foot that stands to where it pointed, as far as it does not seem to turn by more than noise."""
        x, _, z = rotate_one(leg.foot, _FORWARD)
        heading = math.atan2(x, z)
        if hold == 0.0:
            self._headings[side] = heading
        else:
            off = math.remainder(self._headings[side] - heading, 2 * math.pi)
            off = min(max(off, -TURNS_FREELY_RAD), TURNS_FREELY_RAD) * math.exp(-step_s / TURNS_S)
            self._headings[side] = heading + off
            half = 0.5 * hold * off
            leg.foot = multiply_one((0.0, math.sin(half), 0.0, math.cos(half)), leg.foot)

    def _level(self, pelvis: Quaternion, legs: list[Leg], feet: "list[_Foot]", holds: list[float]) -> Quaternion:
        """Roll the pelvis as far as both feet of somebody who stands on both would not reach the floor otherwise.

        Return its rotation.
        """
        share = holds[0] * holds[1]
        if share == 0.0:
            return pelvis
        uneven = legs[1].ankle[1] + feet[1].lowest - legs[0].ankle[1] - feet[0].lowest
        shorter = legs[1 if uneven > 0.0 else 0]
        missing = max(abs(uneven) - (Leg.REACH_M - math.dist(shorter.hip, shorter.ankle)), 0.0)
        roll = share * math.copysign(min(missing / HIP_WIDTH_M, MAX_LEVELLING_RAD), uneven)
        turned = multiply_one((0.0, 0.0, math.sin(0.5 * roll), math.cos(0.5 * roll)), pelvis)
        for side, leg in enumerate(legs):
            leg.move(rotate_one(turned, Leg.HIPS[side]))
        return turned

    def _height(self, legs: list[Leg], feet: "list[_Foot]", holds: list[float]) -> float:
        """Return the height of the hips at which the feet that stand are on the floor and nothing is below it."""
        soles = [-(leg.ankle[1] + foot.lowest) for leg, foot in zip(legs, feet, strict=True)]
        above = max(soles)
        held = max(holds)
        if held > 0.0:
            on_feet = sum(hold * sole for hold, sole in zip(holds, soles, strict=True)) / sum(holds)
            above += held * (on_feet - above)
        knees = max(KNEE_RADIUS_M - leg.knee[1] for leg in legs)
        return max(above, knees, *(HIP_RADIUS_M - leg.hip[1] for leg in legs))

    def _follow(self, side: int, leg: Leg, foot: "_Foot", hips: Vector, step_s: float) -> None:
        """Move the place of a foot's ball to where it seems to be: not while it stands, and slowly while it is slow."""
        contact, (x, z) = self._ground.contacts[side], self._places[side]
        now_x, now_z = hips[0] + leg.ankle[0] + foot.ball[0], hips[2] + leg.ankle[2] + foot.ball[2]
        share = 1.0 - math.exp(-2 * math.pi * contact.follow_hz * step_s)
        x, z = x + share * (now_x - x), z + share * (now_z - z)
        self._places[side] = _near(x, now_x, MAX_ASIDE_M), _near(z, now_z, MAX_AHEAD_M)

    def _within_reach(self, hips: Vector, legs: list[Leg], feet: "list[_Foot]", holds: list[float]) -> Vector:
        """Return the hips, lowered where a leg would be too short for where its foot is held."""
        x, y, z = hips
        for side, leg in enumerate(legs):
            if holds[side] > 0.0:
                ankle = add(self._ankle(side, leg, feet[side], (x, y, z)), (x, y, z))
                off_x, off_z = ankle[0] - x - leg.hip[0], ankle[2] - z - leg.hip[2]
                down = math.sqrt(max(Leg.REACH_M**2 - off_x**2 - off_z**2, 0.0))
                y -= holds[side] * max(y + leg.hip[1] - ankle[1] - down, 0.0)
        return x, y, z

    def _ankle(self, side: int, leg: Leg, foot: "_Foot", hips: Vector) -> Vector:
        """Return where a leg's ankle should be, relative to the hips."""
        ball, (x, z) = foot.ball, self._places[side]
        y = hips[1] + leg.ankle[1]
        ankle = x - ball[0], y - self._ground.contacts[side].hold * (y + ball[1]), z - ball[2]
        below = min(ankle[1] + foot.lowest, 0.0)
        return sub((ankle[0], ankle[1] - below, ankle[2]), hips)


class _Foot:
    """The points of a foot as it is turned, relative to the ankle."""

    __slots__ = ("ball", "lowest")

    def __init__(self, leg: Leg) -> None:
        self.ball = rotate_one(leg.foot, BALL)
        self.lowest = min(rotate_one(leg.foot, HEEL)[1], rotate_one(leg.foot, TIP)[1])
        "The height of the lower end of the sole."


def _limited(hips: Vector, root: RootMode) -> Vector:
    return hips[0] if root == "sideways" else 0.0, hips[1], 0.0


def _leg(side: int, pelvis: Quaternion, local: list[Quaternion]) -> Leg:
    thigh = multiply_one(pelvis, local[0])
    shank = multiply_one(thigh, local[1])
    return Leg(side, pelvis, thigh, shank, multiply_one(shank, local[2]))


def _near(value: float, other: float, most: float) -> float:
    return min(max(value, other - most), other + most)


def _quaternion(row: list[float]) -> Quaternion:
    x, y, z, w = row
    return x, y, z, w


def _flatten(leg: Leg, share: float) -> None:
    """Turn the sole so far to the floor's plane; the foot's direction stays."""
    if share <= 0.0:
        return
    normal = rotate_one(leg.foot, _UP)
    off = math.acos(min(max(normal[1], -1.0), 1.0))
    share *= min(max((STEEP_FROM_RAD - off) / (STEEP_FROM_RAD - FLAT_WITHIN_RAD), 0.0), 1.0)
    if share > 0.0:
        leg.foot = multiply_one(arc(normal, _UP, share), leg.foot)


def _write(rotations: Quaternions, pelvis: Quaternion, turned: Quaternion, legs: list[Leg]) -> None:
    """Write the local rotations of pelvis and legs; what is above the pelvis stays as it is in avatar space."""
    if turned is not pelvis:
        back = multiply_one(inverse_one(turned), pelvis)
        rotations[B.SPINE] = multiply_one(back, _quaternion(rotations[B.SPINE].tolist()))
        rotations[B.HIPS] = turned
    up = inverse_one(turned)
    rows = []
    for leg in legs:
        thigh, shank = inverse_one(leg.thigh), inverse_one(leg.shank)
        rows += [multiply_one(up, leg.thigh), multiply_one(thigh, leg.shank), multiply_one(shank, leg.foot)]
    rotations[_ROWS[1:]] = rows
