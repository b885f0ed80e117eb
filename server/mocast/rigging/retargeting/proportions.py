"""Proportions: how long a body's bones are, and how large its head, chest and hips; a person's or an avatar's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.hand_targets import REST_MIDDLES, REST_SIZES
from mocast.model.humanoid import REST_OFFSETS, REST_POSITIONS, HumanoidBone
from mocast.model.quaternions import Vector

B = HumanoidBone

BODY_ANCHORS: Final = (B.HEAD, B.UPPER_CHEST, B.HIPS)
"""The bones of the first three of ``Anchor``."""


TRUNK_BONES: Final = (B.HIPS, B.SPINE, B.CHEST, B.UPPER_CHEST, B.NECK, B.HEAD)
"""From the hips to the head, each the parent of the next."""


@dataclass(frozen=True, slots=True)
class Proportions:
    """A body's proportions, metres, in avatar space at rest."""

    offsets: Sequence[Vector]
    "55: each joint relative to its parent's; the hips' from the origin on the floor."
    middles: Sequence[Vector]
    "3: of head, chest and hips, relative to the joint of ``BODY_ANCHORS``: see ``hand_targets.REST_MIDDLES``."
    sizes: Sequence[Vector]
    "3: half the width, height and depth of head, chest and hips."
    hand_m: float
    "The length of a hand, from the wrist to the root of the middle finger."
    capsules: Sequence[tuple[int, Vector, Vector, float]] = ()
    "What else arms keep out of: index in ``TRUNK_BONES``, start and end relative to that joint, radius."


def rows(array: NDArray[np.float32] | NDArray[np.float64]) -> list[Vector]:
    """Return the rows of an (n, 3) array."""
    return [(x, y, z) for x, y, z in array.astype(np.float64).tolist()]


REST: Final = Proportions(
    offsets=rows(REST_OFFSETS),
    middles=rows(REST_MIDDLES - REST_POSITIONS[list(BODY_ANCHORS)]),
    sizes=rows(REST_SIZES),
    hand_m=float(np.linalg.norm(REST_OFFSETS[B.LEFT_MIDDLE_PROXIMAL].astype(np.float64))),
)
"""Those of the skeleton at rest, ``humanoid.REST_POSITIONS``."""
