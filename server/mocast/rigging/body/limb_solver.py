"""Arms and legs: the direction of each segment, rolled about it by the plane in which the limb is bent.

Both sides are solved as left ones (the right one is seen in a mirror), in their parent's frame: the arms in the
chest's, the legs in the pelvis'. A straight limb has no plane: its roll stays as it was, and eases to the rest's.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.quaternions import (
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
from mocast.rigging.body.pose_frames import Flags, frames

Numbers = NDArray[np.float64]

BENT_FROM_SINE: Final = 0.15
"""Below this sine of its bend a limb's plane is noise."""
BENT_TO_SINE: Final = 0.35
"""Above it, a bend of 20°, the plane is trusted fully: a centimetre of noise then rolls an arm of 24 cm by 10°."""
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
TWIST_EASE_S: Final = 0.2
"""Time constant of that share, so that a palm seen badly does not shake the arm. It delays no palm: the hand, which is
relative to the forearm, makes up for it."""

# Rows: left arm, right arm, left leg, right leg. An elbow bends forward in the T-pose, a knee backward.
_REST_DIRECTION: Final = np.array([[1.0, 0, 0], [1, 0, 0], [0, -1, 0], [0, -1, 0]])
_REST_NORMAL: Final = np.array([[0.0, -1, 0], [0, -1, 0], [1, 0, 0], [1, 0, 0]])
_REST_FRAME: Final = np.stack([_REST_DIRECTION, _REST_NORMAL, np.cross(_REST_DIRECTION, _REST_NORMAL)], 1)
_REST: Final = np.stack([np.stack([_REST_DIRECTION] * 2), np.stack([_REST_NORMAL] * 2)])
_ROLLED_FAR: Final = np.array([[-0.3], [-0.3], [0.5], [0.5]])
"""Cosines of the roll, from that of the rest pose, up to which a plane is possible: 107° for arms, 60° for legs..."""
_ROLLED_TOO_FAR: Final = np.array([[-0.7], [-0.7], [0.0], [0.0]])
"""...and from which it is not: 134°, 90°."""


class Limbs:
    """Solves the four limbs of consecutive frames; remembers how each was rolled."""

    def __init__(self) -> None:
        self._known = _REST.copy()
        "(2, 2, 4, 3): directions and bend normals; at rest, which does not change, and in the last frame."

    def solve(self, segments: Vectors, step_s: float) -> Matrices:
        """Return the (2, 4, 3, 3) frames of the upper and of the lower segments in their parent's frame.

        ``segments``, (2, 4, 3), are in the parent's frame and seen as left ones, in the order left arm, right arm, left
        leg, right leg.
        """
        segments = unit(segments)
        normal = self._bend_normal(segments, step_s)
        self._known[:, 1] = segments[0], normal
        made, _ = frames(segments.reshape(8, 3), np.concatenate([normal, normal]))
        turned: Matrices = made.reshape(2, 4, 3, 3) @ _REST_FRAME
        return turned

    def _bend_normal(self, segments: Vectors, step_s: float) -> Vectors:
        upper, lower = segments
        directions, normals = self._known
        # Turned with the shortest rotations from the directions that they belong to, to the one now.
        sideways = dot(normals, upper) / np.maximum(1.0 + dot(directions, upper), TINY)
        rest, last = normals - sideways * (directions + upper)
        measured = cross(upper, lower)
        sine = np.sqrt(dot(measured, measured)) + TINY
        measured /= sine
        trust = smooth_step((sine - BENT_FROM_SINE) / (BENT_TO_SINE - BENT_FROM_SINE))
        # A knee that seems to bend forward, or an elbow backward, is a mistaken depth, not a limb turned round.
        trust *= smooth_step((dot(measured, rest) - _ROLLED_TOO_FAR) / (_ROLLED_FAR - _ROLLED_TOO_FAR))
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
