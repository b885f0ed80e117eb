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
        self._unseen_s = [math.inf] * len(BodyPart)
        self._remaining = [1.0] * len(BodyPart)
        "1..0: how much of the way back to what is seen each part still has to go."

    def update(self, measured: Quaternions, are_seen: Flags, are_resting: Flags, step_s: float) -> Quaternions:
        """Return the (55, 4) rotations to show, ``step_s`` seconds after the last ones.

        ``measured``, (55, 4), counts for bones whose part is seen, (15,). Parts that are ``resting``, (15,), ease to
        rest at once, without being held.
        """
        ease, step = 1.0 - math.exp(-step_s / PART_EASE_S), step_s / PART_RETURN_S
        weights = []
        # In plain numbers: for fifteen parts numpy's calls would cost more.
        for part, (is_seen, is_resting) in enumerate(zip(are_seen.tolist(), are_resting.tolist(), strict=True)):
            before = self._remaining[part]
            if is_seen:
                # The way back takes as long as the part was lost, PART_RETURN_S at most, and is gone at an even pace.
                self._unseen_s[part], self._remaining[part] = 0.0, max(before - step, 0.0)
                weights.append(1.0 - self._remaining[part] / max(before, TINY))
            else:
                self._unseen_s[part] += step_s
                self._remaining[part] = min(before + step, 1.0)
                weights.append(ease if is_resting or self._unseen_s[part] > PART_HOLD_S else 0.0)
        goal = np.where(are_seen.take(_PART_OF_BONE)[:, None], measured, RELAXED)
        self.rotations = nlerp(self.rotations, goal, np.array(weights).take(_PART_OF_BONE)[:, None])
        return self.rotations
