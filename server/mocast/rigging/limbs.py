"""Arms and legs: the direction of each segment, rolled about it by the plane in which the limb is bent.

Both sides are solved as left ones (the right one is seen in a mirror), in their parent's frame: the arms in the
chest's, the legs in the pelvis'. A straight limb has no plane: its roll stays as it was, and eases to the rest's.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.rigging.bases import Flags, frames
from mocast.rigging.quaternions import (
    CONJUGATE,
    TINY,
    Matrices,
    Quaternions,
    Vectors,
    cross,
    dot,
    multiply,
    unit,
)

Numbers = NDArray[np.float64]

BENT_FROM_SINE: Final = 0.15
"""Below this sine of its bend a limb's plane is noise."""
BENT_TO_SINE: Final = 0.35
"""Above it the plane is trusted fully. Both from recorded poses: at 20° a centimetre of noise rolls an arm by 10°."""
ROLL_EASE_S: Final = 1.0
"""Time constant with which a straight limb's roll goes back to that of the rest pose."""
TRUST_FRAME_S: Final = 1 / 30
"""A half-trusted plane is taken over by half in this time, whatever the frame rate."""

RAISED_FROM_RAD: Final = math.radians(30.0)
"""An arm raised beyond this above the horizontal takes its clavicle with it."""
RAISED_SHARE: Final = 1 / 3
"""The clavicle's share of the rest. Source: the scapulohumeral rhythm, 2 parts arm to 1 part shoulder."""

TWIST_SHARE: Final = 0.5
"""The forearm bone's share of its twist; the hand takes the rest, so that neither joint is wrung out in the mesh."""
TWIST_LIMIT_RAD: Final = math.radians(150.0)
"""Forearms turn by 90° either way from the T-pose's; the rest is room for a mistaken roll of the upper arm."""

TWIST_EASE_S: Final = 0.1
"""Time constant of that share, for when the palm's source changes. It delays no palm: the hand makes up for it."""

# Rows: left arm, right arm, left leg, right leg. An elbow bends forward in the T-pose, a knee backward.
_REST_DIRECTION: Final = np.array([[1.0, 0, 0], [1, 0, 0], [0, -1, 0], [0, -1, 0]])
_REST_NORMAL: Final = np.array([[0.0, -1, 0], [0, -1, 0], [1, 0, 0], [1, 0, 0]])
_REST_FRAME: Final = np.stack([_REST_DIRECTION, _REST_NORMAL, np.cross(_REST_DIRECTION, _REST_NORMAL)], 1)
_KNEES: Final = slice(2, 4)


class Limbs:
    """Solves the four limbs of consecutive frames; remembers how each was rolled."""

    def __init__(self) -> None:
        self._direction = _REST_DIRECTION
        self._normal = _REST_NORMAL

    def solve(self, upper: Vectors, lower: Vectors, step_s: float) -> tuple[Matrices, Matrices]:
        """Return the (4, 3, 3) frames of the upper and the lower segments in their parent's frame.

        ``upper`` and ``lower`` are the segments, (4, 3), in the parent's frame and seen as left ones, in the order
        left arm, right arm, left leg, right leg.
        """
        upper, lower = unit(upper), unit(lower)
        normal = self._bend_normal(upper, lower, step_s)
        self._direction, self._normal = upper, normal
        made, _ = frames(np.concatenate([upper, lower]), np.concatenate([normal, normal]))
        turned = made.reshape(2, 4, 3, 3) @ _REST_FRAME
        return turned[0], turned[1]

    def _bend_normal(self, upper: Vectors, lower: Vectors, step_s: float) -> Vectors:
        rest = _carried(_REST_NORMAL, _REST_DIRECTION, upper)
        last = _carried(self._normal, self._direction, upper)
        measured = cross(upper, lower)
        sine = np.sqrt(dot(measured, measured)) + TINY
        measured /= sine
        trust = smooth_step((sine - BENT_FROM_SINE) / (BENT_TO_SINE - BENT_FROM_SINE))
        # A knee that seems to bend forward is a mistaken depth, not a leg turned round.
        trust[_KNEES] *= smooth_step(2.0 * dot(measured[_KNEES], rest[_KNEES]))
        eased = last + (1 - trust) * (1 - math.exp(-step_s / ROLL_EASE_S)) * (rest - last)
        kept = (1 - trust) ** (step_s / TRUST_FRAME_S)
        mixed = measured + kept * (eased - measured)
        return unit(mixed - dot(mixed, upper) * upper)


def clavicles(height: Numbers) -> Numbers:
    """Return by how many radians clavicles are raised, for the height of unit vectors along the arms over the chest."""
    return RAISED_SHARE * np.maximum(np.arcsin(np.clip(height, -1.0, 1.0)) - RAISED_FROM_RAD, 0.0)


class Forearms:
    """Splits the twist between elbow and palm; remembers it, as half a turn either way looks the same."""

    def __init__(self) -> None:
        self._twists = [0.0, 0.0]

    def solve(self, forearms: Quaternions, palms: Quaternions, are_seen: Flags, step_s: float) -> Quaternions:
        """Return the (2, 4) twists, about its own axis, that the forearm bones take.

        ``forearms`` without twist and ``palms``, (2, 4), are in one frame and seen as left ones. The hand is then the
        palm in the twisted forearm's frame.
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


def smooth_step(x: Numbers) -> Numbers:
    """Return 0 below 0, 1 above 1 and a smooth way between."""
    x = np.minimum(np.maximum(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


def _carried(normal: Vectors, before: Vectors, now: Vectors) -> Vectors:
    """Return normals turned with the shortest rotations from the directions before to those now."""
    turned = dot(normal, now) / np.maximum(1.0 + dot(before, now), TINY)
    carried: Vectors = normal - turned * (before + now)
    return carried
