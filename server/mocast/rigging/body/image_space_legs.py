"""Legs in image space: depth from the pose's world landmarks, the rest from the picture; and knees that stand straight.

Image and world landmarks are two outputs of the pose network that do not agree (``image_space_arms``). For legs the
difference is a stance: world landmarks of somebody who stands straight bend the knees by some 15°, as a leg that is 1%
too short bends by 16°. How far a knee is bent is taken from how far the ankle is from the hip in the picture, against
the length of *this* leg, which is learnt; the direction in which it bends is the landmarks'.
"""

import math
from typing import Final

import numpy as np

from mocast.model.quaternions import TINY, Vectors, dot
from mocast.model.topology import ANKLES, HEELS, HIPS, KNEES, TOES
from mocast.rigging.body.body_placement import BodyPlacement
from mocast.rigging.body.pose_frames import Flags

DEPTH_NOISE: Final = 0.025
"""Of landmarks, as a share of the body's distance: about twice what is seen of people who stand still."""
LENGTHS_S: Final = 20.0
"""Time constant with which the lengths of thigh and shank are learnt; less at the start."""
ACROSS_M: Final = 0.05
"""A leg counts fully as long as its bones differ by less than this in depth, whose noise makes bones longer."""
STRAIGHT_SHARE: Final = 0.975
"""A leg whose ankle is at least this share of its length from the hip, a bend of 26°, may be straight: from the
shares of such frames is learnt what this person's straight leg measures."""
STRAIGHT_S: Final = 3.0
"""Time constant of that learning; it is faster at the start, and three times as fast upward as downward, as no leg
measures longer than it is."""
FOLLOW_DOWN, FOLLOW_UP = 0.03, 0.01
"""How far the share that is taken stays above the measured one, and below it, at most. A measured one trembles by 1.5%,
of which a straight leg would bend by 20°."""
FOLLOW_BENT, BENT_SHARE = 0.005, 0.93
"""How far it stays above the measured share of a leg of ``BENT_SHARE``, which trembles by 4° only."""
SHORTEN_S, LENGTHEN_S = 3.0, 0.15
"""Time constants with which it comes down to the measured share, and up: legs are straight more often than slightly
bent."""
SOFT_FROM_RAD: Final = math.radians(6.0)
"""A smaller bend counts as none."""
SOFT_TO_RAD: Final = math.radians(23.0)
"""A bend from here on is taken as it is."""

_LEGS: Final = np.array([*HIPS, *KNEES, *ANKLES, *HEELS, *TOES])
"""Left and right alternate, so the next joint of a leg is two further."""


def with_image_space_legs(points: Vectors, placement: BodyPlacement) -> Vectors:
    """Return the (33, 3) points of world space with the legs where the picture has them, in a new array.

    What is nearer looks larger, but depths of centimetres are noise, which would move a foot by as much: they count
    less there. Segments that are longer in the picture than in world space point less toward the camera than their
    depth says: it is scaled by the squared ratio of the lengths, as with arms.
    """
    moved = points.copy()
    legs = points[_LEGS]
    squared = legs[:, 2] ** 2
    sure = squared / (squared + (DEPTH_NOISE * placement.position[2]) ** 2)
    seen = placement.seen_at(_LEGS, legs[:, 2] * sure)
    seen[:, 2] = legs[:, 2]
    segments, turned = legs[2:6] - legs[:4], seen[2:6] - seen[:4]
    turned[:, 2:] *= np.minimum(1.0, dot(segments, segments) / np.maximum(dot(turned, turned), TINY))
    moved[_LEGS[2:4]] = legs[:2] + turned[:2]
    ankles = moved[_LEGS[2:4]] + turned[2:]
    moved[_LEGS[4:6]] = ankles
    # Heels and toes go with the ankles, as they are relative to them in the picture.
    ends = seen[6:].reshape(2, 2, 3) - seen[4:6]
    ends[..., 2] = legs[6:, 2].reshape(2, 2) - legs[4:6, 2]
    moved[_LEGS[6:]] = (ankles + ends).reshape(4, 3)
    return moved


class KneeBend:
    """Takes the bend of the knees from the distances of the ankles from the hips. It learns the person's legs."""

    def __init__(self) -> None:
        self.thigh_m = 0.0
        self.shank_m = 0.0
        "Both metres, in world space; 0 before legs were seen."
        self._weight_s = 0.0
        self._straight = [1.0, 1.0]
        "What a straight leg measures, as a share of its bones' lengths."
        self._straight_s = [0.0, 0.0]
        self._shares: list[float | None] = [None, None]
        "How far the ankle is taken to be from the hip, as a share of that."

    @property
    def leg_m(self) -> float:
        """The person's leg from hip to ankle, metres in world space; 0 before legs were seen."""
        return self.thigh_m + self.shank_m

    def apply(self, points: Vectors, are_legs: Flags, step_s: float) -> None:
        """Move the knees of (33, 3) ``points`` along the plane in which they bend; ``are_legs``, (2,): which count.

        The direction from hip to ankle stays as it is.
        """
        joints = points[_LEGS[:6]].reshape(3, 2, 3).tolist()
        legs = {side: _Leg(*(joint[side] for joint in joints)) for side in range(2) if are_legs[side]}
        self._shares = [share if side in legs else None for side, share in enumerate(self._shares)]
        self._learn_lengths(list(legs.values()), step_s)
        for side, leg in legs.items():
            share = self._share(side, leg.reach_m / max(self.leg_m, TINY), step_s)
            bend = bend_rad(share * self.leg_m, self.thigh_m, self.shank_m)
            points[KNEES[side]] = leg.knee(soft_bend(bend))

    def _learn_lengths(self, legs: "list[_Leg]", step_s: float) -> None:
        weights = [step_s / (1.0 + (leg.depth_m / ACROSS_M) ** 2) for leg in legs]
        self._weight_s = self._weight_s * math.exp(-step_s / LENGTHS_S) + sum(weights)
        thigh_m, shank_m = self.thigh_m, self.shank_m
        for weight, leg in zip(weights, legs, strict=True):
            self.thigh_m += weight / self._weight_s * (leg.thigh_m - thigh_m)
            self.shank_m += weight / self._weight_s * (leg.shank_m - shank_m)

    def _share(self, side: int, measured: float, step_s: float) -> float:
        """Return the distance from hip to ankle to take, as a share of that of the person's straight leg."""
        if measured > STRAIGHT_SHARE:
            off = measured - self._straight[side]
            self._straight_s[side] += step_s
            rate = (1.5 if off > 0 else 0.5) / min(self._straight_s[side], STRAIGHT_S)
            self._straight[side] += min(rate * step_s, 1.0) * off
        measured = min(measured / self._straight[side], 1.0)
        taken = self._shares[side]
        if taken is None:
            taken = measured
        off = measured - taken
        taken += (1.0 - math.exp(-step_s / (LENGTHEN_S if off > 0 else SHORTEN_S))) * off
        bent = min(max((1.0 - taken) / (1.0 - BENT_SHARE), 0.0), 1.0)
        above = FOLLOW_DOWN + bent * (FOLLOW_BENT - FOLLOW_DOWN)
        taken = min(max(taken, measured - FOLLOW_UP), measured + above)
        self._shares[side] = taken
        return taken


class _Leg:
    """Hip, knee and ankle of a leg, in plain numbers: for three points numpy's calls would cost more."""

    __slots__ = ("_along", "_hip", "_thigh", "depth_m", "reach_m", "shank_m", "thigh_m")

    def __init__(self, hip: list[float], knee: list[float], ankle: list[float]) -> None:
        (hx, hy, hz), (kx, ky, kz), (ax, ay, az) = hip, knee, ankle
        self._hip = hip
        self._thigh = kx - hx, ky - hy, kz - hz
        self._along = ax - hx, ay - hy, az - hz
        self.depth_m = max(abs(kz - hz), abs(az - kz))
        self.thigh_m = math.dist(hip, knee)
        self.shank_m = math.dist(knee, ankle)
        self.reach_m = math.dist(hip, ankle)

    def knee(self, bend: float) -> tuple[float, float, float]:
        """Return where the knee is if it is bent by so many radians, with the hip and the ankle where they are."""
        (hx, hy, hz), (tx, ty, tz), (ax, ay, az) = self._hip, self._thigh, self._along
        if self.reach_m < TINY:
            return hx + tx, hy + ty, hz + tz
        share = (tx * ax + ty * ay + tz * az) / self.reach_m**2
        ox, oy, oz = tx - share * ax, ty - share * ay, tz - share * az
        length = max(math.sqrt(ox * ox + oy * oy + oz * oz), TINY)
        # The triangle of thigh, shank and reach with the wanted angle between the bones, scaled to the reach.
        total = max(self.thigh_m + self.shank_m, TINY)
        thigh, shank = self.thigh_m / total, self.shank_m / total
        cosine, sine = math.cos(bend), math.sin(bend)
        side = max(thigh * thigh + shank * shank + 2 * thigh * shank * cosine, TINY)
        along = (thigh * thigh + thigh * shank * cosine) / side
        aside = thigh * shank * sine / side * self.reach_m / length
        return hx + along * ax + aside * ox, hy + along * ay + aside * oy, hz + along * az + aside * oz


def bend_rad(reach_m: float, thigh_m: float, shank_m: float) -> float:
    """Return by how much a knee is bent, 0 (straight) to π, of a leg whose ankle is so far from the hip."""
    if min(thigh_m, shank_m) < TINY:
        return 0.0
    cosine = (reach_m**2 - thigh_m**2 - shank_m**2) / (2 * thigh_m * shank_m)
    return math.acos(min(max(cosine, -1.0), 1.0))


def soft_bend(bend: float) -> float:
    """Return a knee's bend with the prior that it is straight: small ones, which noise makes, vanish smoothly."""
    share = min(max((bend - SOFT_FROM_RAD) / (SOFT_TO_RAD - SOFT_FROM_RAD), 0.0), 1.0)
    return bend * share * share * (3.0 - 2.0 * share)
