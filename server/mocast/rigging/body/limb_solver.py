"""Arms and legs: the direction of each segment, and its roll by the plane in which the limb bends.

Both sides are solved as left ones (the right one is reflected), in their parent's frame: arms in the chest's, legs in
the pelvis'. A straight limb has no plane: its roll stays as it was, and eases to that of the rest pose.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from mocast.model.quaternions import CONJUGATE, TINY, Matrices, Quaternions, Vector, Vectors, multiply
from mocast.model.quaternions import unit as units
from mocast.rigging.body.pose_frames import Flags, frames_along
from mocast.rigging.easing import eased
from mocast.rigging.vectors import add, cross, dot, length, lerp, scale, sub, unit

BENT_FROM_SINE: Final = 0.15
"""Below this sine of its bend, a limb's plane is noise."""
BENT_TO_SINE: Final = 0.35
"""From this sine on, a bend of 20°, the plane is trusted fully: 1 cm of noise then rolls an arm of 24 cm by 10°."""
ROLL_EASE_S: Final = 1.0
"""Time constant with which a straight limb's roll goes back to that of the rest pose."""
TRUST_FRAME_S: Final = 1 / 30
"""Frame time for which the trust, 0..1, is the blending weight of a new plane; for others the weight is adapted."""

RAISED_FROM_RAD: Final = math.radians(30.0)
"""An arm that is raised by more than this above the horizontal raises its clavicle. Where that begins is our choice."""
RAISED_SHARE: Final = 1 / 3
"""The clavicle's share of the angle above that, after the scapulohumeral rhythm: 2 parts upper arm to 1 part shoulder
blade (Inman, Saunders, Abbott, "Observations on the function of the shoulder joint", 1944)."""

TWIST_SHARE: Final = 0.5
"""The forearm bone's share of the twist between elbow and palm; the hand takes the rest, so that the mesh collapses at
neither joint ("candy wrapper")."""
TWIST_LIMIT_RAD: Final = math.radians(150.0)
"""Anatomically forearms twist by 90° either way from the T-pose; the excess allows for a wrong roll of the upper
arm."""
TWIST_EASE_S: Final = 0.3
"""Time constant of the forearm's twist, so that a palm seen badly does not shake the arm. It does not delay the palm:
the hand is relative to the forearm and compensates it."""

_REST: Final = [((1.0, 0.0, 0.0), (0.0, -1.0, 0.0))] * 2 + [((0.0, -1.0, 0.0), (1.0, 0.0, 0.0))] * 2
"""Directions and bend normals: left arm, right arm, left leg, right leg. An elbow bends forward in the T-pose, a knee
backward."""
_REST_FRAME: Final = np.array([(direction, normal, cross(direction, normal)) for direction, normal in _REST])
_ROLLS: Final = [(-0.7, -0.3)] * 2 + [(0.0, 0.5)] * 2
"""Cosines of the roll, from that of the rest pose, up to which it is impossible, and from which on it is possible: 134°
and 107° for arms, 90° and 60° for legs."""


class LimbSolver:
    """Solves the four limbs of consecutive frames. It remembers how each was rolled."""

    def __init__(self) -> None:
        self._limbs = [_Limb(*rest, rolls) for rest, rolls in zip(_REST, _ROLLS, strict=True)]

    def solve(self, segments: Vectors, step_s: float, are_legs: Sequence[bool] = (True, True)) -> Matrices:
        """Return the (2, 4, 3, 3) frames of the upper and of the lower segments in their parent's frame.

        ``segments``, (2, 4, 3): in the parent's frame, as left ones: left arm, right arm, left leg, right leg.
        ``are_legs``: whether the legs are seen; one that is not keeps its roll.
        """
        segments = units(segments)
        lines = zip(self._limbs, (True, True, *are_legs), *segments.tolist(), strict=True)
        normals = np.array(
            [
                limb.bend_normal(upper, lower, step_s) if is_seen else limb.normal
                for limb, is_seen, upper, lower in lines
            ]
        )
        made, _ = frames_along(segments.reshape(8, 3), np.concatenate([normals, normals]))
        turned: Matrices = made.reshape(2, 4, 3, 3) @ _REST_FRAME
        return turned


class _Limb:
    """The roll of one limb in consecutive frames. In plain numbers: numpy's calls would cost more than all this."""

    def __init__(self, direction: Vector, normal: Vector, rolls: tuple[float, float]) -> None:
        """Take the upper segment's direction and the bend's normal at rest."""
        self._rest = direction, normal
        self._rolls = rolls
        self._direction = direction
        self.normal = normal
        "Of the bend, as it was known last."

    def bend_normal(self, upper: Vector, lower: Vector, step_s: float) -> Vector:
        """Return the normal of the bend, as far as it can be trusted, of unit vectors along both segments."""
        rest, last = _turned(*self._rest, upper), _turned(self._direction, self.normal, upper)
        across = cross(upper, lower)
        sine = length(across) + TINY
        measured = scale(across, 1 / sine)
        # A knee that seems to bend forward, or an elbow backward, is a wrong depth, not a limb that turned round.
        doubt = 1.0 - eased(sine, BENT_FROM_SINE, BENT_TO_SINE) * eased(dot(measured, rest), *self._rolls)
        held = lerp(last, rest, doubt * (1 - math.exp(-step_s / ROLL_EASE_S)))
        mixed = lerp(measured, held, doubt ** (step_s / TRUST_FRAME_S))
        self._direction, self.normal = upper, unit(sub(mixed, scale(upper, dot(mixed, upper))))
        return self.normal


def _turned(before: Vector, normal: Vector, after: Vector) -> Vector:
    """Return a vector across ``before`` turned by the shortest rotation from there to ``after``, both unit vectors."""
    aside = dot(normal, after) / max(1.0 + dot(before, after), TINY)
    return sub(normal, scale(add(before, after), aside))


def raised_clavicle(height: float) -> float:
    """Return by how many radians a clavicle is raised.

    ``height``: of the unit vector along the upper arm, along the chest's y axis; the sine of the arm's elevation.
    """
    return RAISED_SHARE * max(math.asin(min(max(height, -1.0), 1.0)) - RAISED_FROM_RAD, 0.0)


class ForearmTwist:
    """Splits the twist between elbow and palm between forearm and hand.

    A swing-twist decomposition: the twist about x of a unit quaternion (x, y, z, w) is the angle 2·atan2(x, w). Source:
    Dobrowolski, "Swing-twist decomposition in Clifford algebra", 2015, https://arxiv.org/abs/1506.05481. The twist is
    remembered, as it is known modulo a turn only: of all its values the nearest to the last one counts.
    """

    def __init__(self) -> None:
        self._twists = [0.0, 0.0]

    def solve(self, forearms: Quaternions, palms: Quaternions, are_seen: Flags, step_s: float) -> Quaternions:
        """Return the (2, 4) twists of the forearm bones about their own axis, left and right.

        ``forearms`` without twist and ``palms``, (2, 4): in one frame, as left ones. ``are_seen``, (2,): where the palm
        is used; elsewhere the twist is held.
        """
        across = multiply(forearms * CONJUGATE, palms).tolist()
        ease = 1 - math.exp(-step_s / TWIST_EASE_S)
        for side, (x, _, _, w) in enumerate(across):
            if are_seen[side]:
                off = 2 * math.atan2(x, w) - self._twists[side]
                off -= 2 * math.pi * round(off / (2 * math.pi))
                twist = self._twists[side] + ease * off
                self._twists[side] = min(max(twist, -TWIST_LIMIT_RAD), TWIST_LIMIT_RAD)
        halves = [0.5 * TWIST_SHARE * twist for twist in self._twists]
        return np.array([(math.sin(half), 0.0, 0.0, math.cos(half)) for half in halves])
