"""Chains of bones in avatar space: trunk and upper arms are filtered there, and local rotations follow from that.

The turn from pelvis to chest is shared evenly by three bones, that from chest to head by two. A share is slower than
the whole, and the cut-off of a One Euro filter rises with the speed: filtered bone by bone, a nod of 8° is delayed as
one of 3° is. In avatar space a head, which the face tells well, and upper arms do not take on the chest's noise either.
"""

import math
from typing import Final

from mocast.model.humanoid import HumanoidBone
from mocast.model.quaternions import (
    IDENTITY_ONE,
    TINY,
    Quaternion,
    Quaternions,
    inverse_one,
    multiply_one,
)

B = HumanoidBone

NECK_SHARE: Final = 0.4
"""The neck's share of the angle between chest and head; the head takes the rest."""
TRUNK_END: Final = B.HEAD + 1
"""The trunk's bones are the first: hips, spine, chest, upper chest, neck, head."""
ARMS: Final = ((B.LEFT_SHOULDER, B.LEFT_UPPER_ARM), (B.RIGHT_SHOULDER, B.RIGHT_UPPER_ARM))
CHAINS_END: Final = B.RIGHT_UPPER_ARM + 1


def whole_chains(local: Quaternions) -> Quaternions:
    """Return (55, 4) rotations: of hips, upper chest, head and upper arms those in avatar space.

    ``local``: (55, 4) local ones. The bones between are the identity in the trunk; all others are as they are.
    """
    bones = local[:CHAINS_END].tolist()
    hips, spine, middle, upper, neck, head = (tuple(bone) for bone in bones[:TRUNK_END])
    chest = multiply_one(multiply_one(multiply_one(hips, spine), middle), upper)
    top = multiply_one(multiply_one(chest, neck), head)
    joined = local.copy()
    joined[:TRUNK_END] = hips, IDENTITY_ONE, IDENTITY_ONE, chest, IDENTITY_ONE, top
    for shoulder, arm in ARMS:
        joined[arm] = multiply_one(multiply_one(chest, bones[shoulder]), bones[arm])
    return joined


def shared_chains(joined: Quaternions) -> Quaternions:
    """Return the (55, 4) local rotations of what ``whole_chains`` returned; bones of the trunk share its turns."""
    bones = joined[:CHAINS_END].tolist()
    hips, _, _, chest, _, top = (tuple(bone) for bone in bones[:TRUNK_END])
    back = share_of(multiply_one(inverse_one(hips), chest), 1 / 3)
    turn = multiply_one(inverse_one(chest), top)
    local = joined.copy()
    local[:TRUNK_END] = hips, back, back, back, share_of(turn, NECK_SHARE), share_of(turn, 1 - NECK_SHARE)
    for shoulder, arm in ARMS:
        local[arm] = multiply_one(inverse_one(multiply_one(chest, bones[shoulder])), bones[arm])
    return local


def share_of(q: Quaternion, share: float, most_rad: float = math.pi) -> Quaternion:
    """Return a share, 0..1, of a rotation, the shorter way; of one by more than ``most_rad`` that of so much."""
    x, y, z, w = q
    sine = math.sqrt(x * x + y * y + z * z)
    half = share * min(math.atan2(sine, abs(w)), 0.5 * most_rad)
    along = math.copysign(math.sin(half), w) / max(sine, TINY)
    return x * along, y * along, z * along, math.cos(half)
