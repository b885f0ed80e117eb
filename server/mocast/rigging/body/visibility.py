"""Visibility: which parts of a body are followed, held or at rest.

A part that is not seen any more is held, then eased to a relaxed stance.
"""

import math
from typing import Final

import numpy as np

from mocast.model.body_parts import PART_OF_BONE, BodyPart
from mocast.model.humanoid import BONE_COUNT, MIRROR_OF, HumanoidBone, finger_bones
from mocast.model.quaternions import IDENTITY, TINY, Quaternions, about, nlerp
from mocast.rigging.body.pose_frames import Flags

PART_HOLD_S: Final = 0.5
"""How long a part that is not seen any more is held."""
PART_EASE_S: Final = 0.35
"""Time constant with which it then eases to rest."""
PART_RETURN_S: Final = 0.25
"""How long the transition to a part that is seen again takes, at most."""


def by_side(parts: Flags) -> Flags:
    """Return the (6, 2) view of (15,) flags of parts: arms, forearms, wrists, fingers, legs, feet, left and right."""
    return parts[BodyPart.LEFT_ARM :].reshape(6, 2)


_PART_OF_BONE: Final = np.array(PART_OF_BONE)
_X, _Y, _Z = range(3)

B = HumanoidBone


def _relaxed() -> Quaternions:
    turns = {B.LEFT_UPPER_ARM: (_Z, -72.0), B.LEFT_LOWER_ARM: (_Y, -14.0), B.LEFT_THUMB_PROXIMAL: (_Y, 10.0)}
    for finger, bend_deg in (("INDEX", 14.0), ("MIDDLE", 18.0), ("RING", 22.0), ("LITTLE", 24.0)):
        turns |= dict.fromkeys(finger_bones("LEFT", finger), (_Z, -bend_deg))
    relaxed = np.tile(IDENTITY, (BONE_COUNT, 1))
    for bone, (axis, degrees) in turns.items():
        relaxed[bone] = about(axis, np.radians(degrees))
        relaxed[MIRROR_OF[bone]] = about(axis, np.radians(degrees if axis == _X else -degrees))
    return relaxed


RELAXED: Final = _relaxed()
"""(55, 4): the rest of parts that are not seen, a relaxed stance: arms down, fingers slightly bent. Not the T-pose,
which would look unnatural."""


class PartGate:
    """Follows the parts that are seen; holds those that are not, and then eases them to ``RELAXED``."""

    def __init__(self) -> None:
        self.rotations: Quaternions = RELAXED
        "(55, 4): what ``update`` returned last."
        self._unseen_s = np.full(len(BodyPart), np.inf)
        self._remaining = np.ones(len(BodyPart))
        "(15,), 1..0: how much of the way back to what is seen each part still has to go."

    def update(self, measured: Quaternions, are_seen: Flags, are_resting: Flags, step_s: float) -> Quaternions:
        """Return the (55, 4) rotations to show, ``step_s`` seconds after the last ones.

        ``measured``, (55, 4), counts for bones whose part is seen, (15,). Parts that are ``resting``, (15,), ease to
        rest at once, without being held.
        """
        self._unseen_s = np.where(are_seen, 0.0, self._unseen_s + step_s)
        # The way back takes as long as the part was lost, PART_RETURN_S at most, and is gone at an even pace.
        before = self._remaining
        step = step_s / PART_RETURN_S
        self._remaining = np.minimum(np.maximum(before + np.where(are_seen, -step, step), 0.0), 1.0)
        follow = 1.0 - self._remaining / np.maximum(before, TINY)
        ease = ((self._unseen_s > PART_HOLD_S) | are_resting) * (1.0 - math.exp(-step_s / PART_EASE_S))
        weight = np.where(are_seen, follow, ease)[_PART_OF_BONE, None]
        goal = np.where(are_seen[_PART_OF_BONE, None], measured, RELAXED)
        self.rotations = nlerp(self.rotations, goal, weight)
        return self.rotations
