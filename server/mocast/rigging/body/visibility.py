"""What of the body is followed: parts that are not seen hold still, then ease to rest; legs only when they show."""

import math
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.choices import BodyMode
from mocast.model.humanoid import BONE_COUNT, BONE_NAMES, HumanoidBone
from mocast.model.quaternions import IDENTITY, TINY, Quaternions, about, towards
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Landmarks, Scores

Flags = NDArray[np.bool_]

SEEN: Final = 0.5
"""A landmark at least this visible is followed..."""
UNSEEN: Final = 0.35
"""...until it is less visible than this."""
HOLD_S: Final = 0.5
"""How long a part that is not seen any more stays as it was."""
EASE_S: Final = 0.35
"""Time constant with which it then comes to rest."""
RETURN_S: Final = 0.25
"""How long it takes from there to what is seen again, at most."""
MODE_S: Final = 0.4
"""How long the legs must have shown, or not, before the body changes to full, or half."""


OUTSIDE: Final = 0.03
"""How far, as a part of the picture, a landmark may lie beyond its edge."""


class Part(IntEnum):
    """What is seen or not as one. From the arms on, left and right take turns: ``by_side`` has a row for each pair."""

    TORSO = 0
    HEAD = 1
    FACE = 2
    LEFT_ARM = 3
    RIGHT_ARM = 4
    LEFT_FOREARM = 5
    RIGHT_FOREARM = 6
    LEFT_WRIST = 7
    RIGHT_WRIST = 8
    LEFT_FINGERS = 9
    RIGHT_FINGERS = 10
    LEFT_LEG = 11
    RIGHT_LEG = 12
    LEFT_FOOT = 13
    RIGHT_FOOT = 14


ARMS, FOREARMS, WRISTS, FINGERS, LEGS, FEET = range(6)


def by_side(parts: Flags) -> Flags:
    """Return the (6, 2) view of (15,) flags of parts: ``ARMS`` to ``FEET``, left and right."""
    return parts[Part.LEFT_ARM :].reshape(6, 2)


B = HumanoidBone


def _part_of(name: str) -> Part:
    side = "LEFT" if name.startswith("left") else "RIGHT"
    bone = name.removeprefix("left").removeprefix("right")
    match bone:
        case "hips" | "spine" | "chest" | "upperChest":
            return Part.TORSO
        case "neck" | "head":
            return Part.HEAD
        case "Eye" | "jaw":
            return Part.FACE
        case "Shoulder" | "UpperArm":
            part = "ARM"
        case "LowerArm":
            part = "FOREARM"
        case "Hand":
            part = "WRIST"
        case "UpperLeg" | "LowerLeg":
            part = "LEG"
        case "Foot" | "Toes":
            part = "FOOT"
        case _:
            part = "FINGERS"
    return Part[f"{side}_{part}"]


PART_OF: Final = np.array([_part_of(name) for name in BONE_NAMES])
"""(55,): the part that each bone belongs to."""


def _relaxed() -> Quaternions:
    """Return the (55, 4) rotations of somebody who stands at ease: arms down, fingers a little bent."""
    turns = {B.LEFT_UPPER_ARM: (2, -72.0), B.LEFT_LOWER_ARM: (1, -14.0), B.LEFT_THUMB_PROXIMAL: (1, 10.0)}
    for finger, bend in (("INDEX", 14.0), ("MIDDLE", 18.0), ("RING", 22.0), ("LITTLE", 24.0)):
        for joint in ("PROXIMAL", "INTERMEDIATE", "DISTAL"):
            turns[HumanoidBone[f"LEFT_{finger}_{joint}"]] = (2, -bend)
    relaxed = np.tile(IDENTITY, (BONE_COUNT, 1))
    for bone, (axis, degrees) in turns.items():
        relaxed[bone] = about(axis, np.radians(degrees))
        mirrored = -degrees if axis else degrees
        relaxed[HumanoidBone[bone.name.replace("LEFT", "RIGHT")]] = about(axis, np.radians(mirrored))
    return relaxed


RELAXED: Final = _relaxed()
"""(55, 4): where a body comes to rest. Not the T-pose, the rest of the rotations: nobody waits like that."""


class Gate:
    """Follows what is seen of each part, holds what is not, and then eases it to rest."""

    def __init__(self) -> None:
        self.rotations: Quaternions = RELAXED
        "(55, 4): what it gave last."
        self._unseen_s = np.full(len(Part), np.inf)
        self._remaining = np.ones(len(Part))

    def pass_on(self, measured: Quaternions, are_seen: Flags, are_resting: Flags, step_s: float) -> Quaternions:
        """Return the (55, 4) rotations to show.

        ``measured`` counts where the bone's part is seen, (15,). Of those not seen, the ones that are resting, (15,),
        come to rest without holding first.
        """
        self._unseen_s = np.where(are_seen, 0.0, self._unseen_s + step_s)
        # Of the way back to what is seen again, the part still to go falls evenly; what was lost for less than RETURN_S
        # is back in as long as it was lost.
        before = self._remaining
        step = step_s / RETURN_S
        self._remaining = np.minimum(np.maximum(before + np.where(are_seen, -step, step), 0.0), 1.0)
        follow = 1.0 - self._remaining / np.maximum(before, TINY)
        ease = ((self._unseen_s > HOLD_S) | are_resting) * (1.0 - math.exp(-step_s / EASE_S))
        weight = np.where(are_seen, follow, ease)[PART_OF, None]
        goal = np.where(are_seen[PART_OF, None], measured, RELAXED)
        self.rotations = towards(self.rotations, goal, weight)
        return self.rotations


class Seen:
    """Says which landmarks are seen, with hysteresis so that none flickers."""

    def __init__(self) -> None:
        self._are_seen: Flags = np.zeros(len(P), bool)

    def of(self, visibility: Scores, image: Landmarks) -> Flags:
        """Return (33,) flags from the (33,) visibility and the (33, 2+) image points.

        What is outside of the picture is a guess of the network, however sure it is.
        """
        inside = (np.abs(image[:, :2] - 0.5) < 0.5 + OUTSIDE).all(-1)
        self._are_seen = (visibility >= np.where(self._are_seen, UNSEEN, SEEN)) & inside
        return self._are_seen


_HIPS: Final = [P.LEFT_HIP, P.RIGHT_HIP]
_KNEES: Final = [P.LEFT_KNEE, P.RIGHT_KNEE]


class BodyFinder:
    """Finds whether the picture shows all of a body or its upper half only."""

    def __init__(self) -> None:
        self.is_half = True
        self._since_s = 0.0
        self.full_share = 0.0
        "0 with half a body, 1 with a full one; goes from one to the other without a jump."

    def find(self, are_seen: Flags, mode: BodyMode, step_s: float) -> None:
        """Take the (33,) flags of a frame's landmarks: full where hips and a knee show, half where not."""
        shows_half = not (are_seen[_HIPS].all() and are_seen[_KNEES].any())
        self._since_s = self._since_s + step_s if shows_half != self.is_half else 0.0
        if mode != "auto":
            self.is_half = mode == "half"
        elif self._since_s > MODE_S:
            self.is_half = shows_half
        step = step_s / MODE_S
        self.full_share = min(max(self.full_share + (-step if self.is_half else step), 0.0), 1.0)
