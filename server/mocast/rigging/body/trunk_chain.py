"""The trunk's chain in avatar space: what pelvis, chest and head do is filtered whole, then shared among the bones.

The turn from pelvis to chest is shared evenly by three bones, that from chest to head by two. A share is slower than
the whole, and the cut-off of a One Euro filter rises with the speed: filtered bone by bone, a nod of 8° is delayed as
one of 3° is. In avatar space the head, which the face tells well, does not take on the chest's noise either.
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
CHAIN_END: Final = B.HEAD + 1
"""The bones of the chain are the first: hips, spine, chest, upper chest, neck, head."""


def whole_trunk(local: Quaternions) -> Quaternions:
    """Return (55, 4) rotations: of hips, upper chest and head those in avatar space, the others' as they are.

    ``local``: (55, 4) local ones. The bones between are the identity.
    """
    hips, spine, middle, upper, neck, head = (tuple(bone) for bone in local[:CHAIN_END].tolist())
    chest = multiply_one(multiply_one(multiply_one(hips, spine), middle), upper)
    top = multiply_one(multiply_one(chest, neck), head)
    joined = local.copy()
    joined[:CHAIN_END] = hips, IDENTITY_ONE, IDENTITY_ONE, chest, IDENTITY_ONE, top
    return joined


def shared_trunk(joined: Quaternions) -> Quaternions:
    """Return the (55, 4) local rotations of what ``whole_trunk`` returned, each turn shared among its bones."""
    hips, _, _, chest, _, top = (tuple(bone) for bone in joined[:CHAIN_END].tolist())
    back = share_of(multiply_one(inverse_one(hips), chest), 1 / 3)
    turn = multiply_one(inverse_one(chest), top)
    local = joined.copy()
    local[:CHAIN_END] = hips, back, back, back, share_of(turn, NECK_SHARE), share_of(turn, 1 - NECK_SHARE)
    return local


def share_of(q: Quaternion, share: float, most_rad: float = math.pi) -> Quaternion:
    """Return a share, 0..1, of a rotation, the shorter way; of one by more than ``most_rad`` that of so much."""
    x, y, z, w = q
    sine = math.sqrt(x * x + y * y + z * z)
    half = share * min(math.atan2(sine, abs(w)), 0.5 * most_rad)
    along = math.copysign(math.sin(half), w) / max(sine, TINY)
    return x * along, y * along, z * along, math.cos(half)
