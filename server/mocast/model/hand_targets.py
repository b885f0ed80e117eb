"""Hand targets: where a person's hands are relative to the own body, to be put at the same place of another figure.

Rotations alone put another figure's hands elsewhere: its arms are shorter, its head is larger. So each hand has a
*touching point* and that point's place relative to head, chest, hips and the other hand, in units of how large each is.

After the egocentric coordinates of Molla, Debarba, Boulic, "Egocentric mapping of body surface constraints", 2018.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.humanoid import REST_OFFSETS, HumanoidBone


class Anchor(IntEnum):
    """What a hand's place is relative to, in the axes of head, upper chest and hips; of the upper chest for the other
    hand."""

    HEAD = 0
    CHEST = 1
    HIPS = 2
    OTHER_HAND = 3


class TouchPoint(IntEnum):
    """The points of a hand, of which the touching point is a weighted mean."""

    WRIST = 0
    KNUCKLE = 1
    "The joint at the root of the middle finger."
    THUMB_TIP = 2
    INDEX_TIP = 3
    MIDDLE_TIP = 4


ANCHOR_COUNT: Final = len(Anchor)
TOUCH_POINT_COUNT: Final = len(TouchPoint)


def _frozen(array: NDArray[np.float32]) -> NDArray[np.float32]:
    array.flags.writeable = False
    return array


_NO_OFFSETS: Final = _frozen(np.zeros((2, ANCHOR_COUNT, 3), np.float32))
_FAR: Final = _frozen(np.zeros((2, ANCHOR_COUNT), np.float32))
_WRISTS: Final = _frozen(np.tile(np.eye(1, TOUCH_POINT_COUNT, dtype=np.float32), (2, 1)))


@dataclass(frozen=True, slots=True, eq=False)
class HandTargets:
    """Where both hands are, left and right. All values are finite."""

    offsets: NDArray[np.float32] = field(default_factory=lambda: _NO_OFFSETS)
    """(2, 4, 3) float32: from the middle of each ``Anchor`` to the hand's touching point, in the axes of its bone. In
    units of half the anchor's width, height and depth, so that on its surface the length is about 1; from the other
    hand's touching point in units of the hand's length (wrist to root of the middle finger)."""
    nearness: NDArray[np.float32] = field(default_factory=lambda: _FAR)
    """(2, 4) float32, 0..1: how near the touching point is to each anchor. At 1 it touches, and the offset is to be
    kept; at 0 it is far, and the rotations alone say where the hand is."""
    touching: NDArray[np.float32] = field(default_factory=lambda: _WRISTS)
    "(2, 5) float32, 0..1, 1 in sum: the weights of each ``TouchPoint`` in the touching point."

    def flat(self) -> NDArray[np.float32]:
        """Return all values in one (42,) array."""
        return np.concatenate([self.offsets.ravel(), self.nearness.ravel(), self.touching.ravel()])

    @classmethod
    def of_flat(cls, values: NDArray[np.float32]) -> "HandTargets":
        """Return the targets whose ``flat`` values these are."""
        offsets, nearness, touching = np.split(values, (6 * ANCHOR_COUNT, 8 * ANCHOR_COUNT))
        return cls(
            offsets.reshape(2, ANCHOR_COUNT, 3),
            nearness.reshape(2, ANCHOR_COUNT),
            touching.reshape(2, TOUCH_POINT_COUNT),
        )


NO_TARGETS: Final = HandTargets()
"""Both hands are far from everything."""

REST_MIDDLES: Final = _frozen(np.array([[0, 1.538, 0.01], [0, 1.19, 0.005], [0, 0.92, 0]], np.float32))
"""(3, 3) float32: the middles of head, chest and hips of the skeleton at rest (``humanoid.REST_POSITIONS``), metres:
the head's is at the height of the eyes, above the head's joint."""
REST_SIZES: Final = _frozen(np.array([[0.066, 0.111, 0.064], [0.15, 0.19, 0.115], [0.16, 0.12, 0.12]], np.float32))
"""(3, 3) float32: half the width, height and depth of that skeleton's head, chest and hips, metres. The head's are
those of the average face (``face_model``): its width at the height of the mouth, its height from eyes to chin, its
depth from joint to lips."""
REST_HAND_M: Final = float(np.linalg.norm(REST_OFFSETS[HumanoidBone.LEFT_MIDDLE_PROXIMAL].astype(np.float64)))
"""The length of that skeleton's hand, from the wrist to the root of the middle finger."""
TIP_SHARE: Final = 0.9
"""The length of a finger's last bone, which has no joint at its end, as a share of the one before."""
HEAD_SURFACE: Final = (1.14, 1.12, 1.33)
"""Half axes (x, y, z) of the ellipsoid that is nearest to a head's surface, in units of the head's sizes, which end at
chin and lips."""
HEAD_SURFACE_Z: Final = -0.15
"""The z of that ellipsoid's middle relative to the head's middle, in the same units: it is further back."""
