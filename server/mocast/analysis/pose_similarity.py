"""How alike two poses are: 0 to 100, for the whole body and each limb, wherever, how large and which way turned it is.

A bone is compared by its direction alone. Before that both bodies are turned about the vertical so that they face the
same way; one who lies is not one who stands. A bone that is off by ``FULL_DEG`` or less counts 100, one that is off by
``ZERO_DEG`` or more 0, and evenly between; a limb counts the mean of its bones, the body the mean of its limbs.
"""

import math
from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from mocast.model.analysis import Limb, Similarity
from mocast.model.topology import ANKLES, EARS, ELBOWS, HIPS, KNEES, SHOULDERS, WRISTS
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Pose
from mocast.model.visible_landmarks import are_visible

LIMBS: Final[tuple[Limb, ...]] = get_args(Limb)

FULL_DEG: Final = 6.0
"""Within what trackers are off anyway: 1 cm at both ends of a forearm is 3 degrees."""
ZERO_DEG: Final = 60.0

Directions = NDArray[np.float32]
"""(12, 3) float32: the bones' directions, of length 1, the body turned to face the camera; NaN where not seen."""

_BONES: Final[tuple[tuple[Limb, tuple[P, ...], tuple[P, ...]], ...]] = (
    ("torso", HIPS, SHOULDERS),
    ("torso", (P.RIGHT_SHOULDER,), (P.LEFT_SHOULDER,)),
    ("head", SHOULDERS, EARS),
    ("head", EARS, (P.NOSE,)),
    ("left_arm", (SHOULDERS[0],), (ELBOWS[0],)),
    ("left_arm", (ELBOWS[0],), (WRISTS[0],)),
    ("right_arm", (SHOULDERS[1],), (ELBOWS[1],)),
    ("right_arm", (ELBOWS[1],), (WRISTS[1],)),
    ("left_leg", (HIPS[0],), (KNEES[0],)),
    ("left_leg", (KNEES[0],), (ANKLES[0],)),
    ("right_leg", (HIPS[1],), (KNEES[1],)),
    ("right_leg", (KNEES[1],), (ANKLES[1],)),
)
BONE_COUNT: Final = len(_BONES)
BONES_OF_LIMB: Final = np.array([[limb == name for limb, _, _ in _BONES] for name in LIMBS])
"""(6, 12) bool: which bones each of ``LIMBS`` has."""
_MIRRORED: Final = [0, 1, 2, 3, 6, 7, 4, 5, 10, 11, 8, 9]
"""Each bone's number on the other side."""


def _weights(ends: tuple[tuple[P, ...], ...]) -> NDArray[np.float32]:
    """(12, 33): how much of each landmark is in one end of each bone."""
    weights = np.zeros((len(ends), len(P)), np.float32)
    for row, landmarks in enumerate(ends):
        weights[row, list(landmarks)] = 1 / len(landmarks)
    return weights


_FROM: Final = _weights(tuple(begin for _, begin, _ in _BONES))
_TO: Final = _weights(tuple(end for _, _, end in _BONES))
_ALONG: Final = _TO - _FROM
_ENDS: Final = np.concatenate([_FROM, _TO])
_CORNERS: Final = [HIPS[0], SHOULDERS[0], HIPS[1], SHOULDERS[1]]


def bone_directions(pose: Pose, *, mirrored: bool = False) -> Directions:
    """Return a pose's bones; ``mirrored``: those of its mirror image. Landmarks may be anything, also not finite."""
    world = pose.world.astype(np.float32)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        are_finite = np.isfinite(world)
        bones = _ALONG @ np.where(are_finite, world, np.float32(0))
        # An end that is the middle of two is a good guess where one of them is seen.
        ends = _ENDS @ (are_visible(pose.visibility, pose.image) & are_finite.all(1)) > 0
        lengths = np.sqrt(np.einsum("ij,ij->i", bones, bones))
        directions = bones / lengths[:, None] @ _facing_camera(world).T
    directions[~(ends[:BONE_COUNT] & ends[BONE_COUNT:] & (lengths > _SHORTEST_M))] = np.nan
    if mirrored:
        directions = directions[_MIRRORED] * np.array([-1, 1, 1], np.float32)
        directions[1] *= -1  # it goes from the right to the left
    return np.asarray(directions, np.float32)


def compare_poses(reference: Directions, pose: Directions) -> Similarity | None:
    """Return how alike two poses' bones are; ``None`` where no bone is seen in both."""
    limbs = limb_scores(reference, pose)
    known = ~np.isnan(limbs)
    if not known.any():
        return None
    return Similarity(float(limbs[known].mean()), dict(_named(limbs)))


def limb_scores(reference: Directions, poses: Directions) -> NDArray[np.float32]:
    """Return the scores of ``LIMBS``, (..., 6) float32, NaN where unknown, for (..., 12, 3) directions."""
    cosines = np.einsum("...i,...i->...", reference, poses)  # three times as fast as a product and its sum
    known = ~np.isnan(cosines)
    # An unknown bone counts 0, as one at a right angle; arccos takes half as long again for NaN.
    off = np.arccos(np.clip(np.where(known, cosines, np.float32(0)), -1, 1))
    counts = known @ _LIMB_OF_BONE
    sums = np.clip((_ZERO_RAD - off) * _POINTS_PER_RAD, 0, 100) @ _LIMB_OF_BONE
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.float32(np.nan))


_ZERO_RAD: Final = np.float32(np.radians(ZERO_DEG))
_POINTS_PER_RAD: Final = np.float32(100 / np.radians(ZERO_DEG - FULL_DEG))
_LIMB_OF_BONE: Final = BONES_OF_LIMB.T.astype(np.float32)


_SHORTEST_M: Final = 0.01
"""A bone that is shorter points nowhere."""


def _named(limbs: NDArray[np.float32]) -> list[tuple[Limb, float]]:
    return [(name, float(score)) for name, score in zip(LIMBS, limbs, strict=True) if not np.isnan(score)]


def _facing_camera(world: NDArray[np.float32]) -> NDArray[np.float32]:
    """(3, 3): the turn about the vertical after which the body's left is the image's right."""
    (hip, shoulder, other_hip, other_shoulder) = world[_CORNERS].tolist()
    x, z = (hip[axis] + shoulder[axis] - other_hip[axis] - other_shoulder[axis] for axis in (0, 2))
    length = math.hypot(x, z)
    if not math.isfinite(length) or length < _SHORTEST_M:
        return np.eye(3, dtype=np.float32)
    return np.array([[x / length, 0, z / length], [0, 1, 0], [-z / length, 0, x / length]], np.float32)
