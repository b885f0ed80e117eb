"""Hands: the palm's frame from its knuckles, and each finger's flexion and spread in it.

Both hands are solved as left ones (the right one is seen in a mirror). A finger spreads at its knuckle, about the palm's
normal, and then bends there and at its two other joints about the axis across it. A thumb's joints bend any way.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.humanoid import FINGER_JOINTS, REST_POSITIONS, HumanoidBone
from mocast.model.topology import HandLandmark as H
from mocast.model.topology import PoseLandmark as P
from mocast.rigging.bases import frames, unit
from mocast.rigging.quaternions import (
    CONJUGATE,
    IDENTITY,
    Matrices,
    Quaternions,
    Vectors,
    about,
    between,
    cross,
    from_vectors,
    multiply,
    rotate,
    to_vectors,
)

Numbers = NDArray[np.float64]

FLEXION_DEG: Final = np.array([[-20.0, 100.0], [-10.0, 115.0], [-10.0, 95.0]])
"""Least and most of a finger's three joints. Source: goniometry (AAOS), with room for the tracker's bias."""
SPREAD_DEG: Final = 22.0
THUMB_DEG: Final = np.array([65.0, 80.0, 95.0])
"""Most that a thumb's metacarpal, proximal and distal bones turn."""
_THUMB_LIMIT: Final = np.radians(THUMB_DEG)[:, None]

POSE_PALM: Final = ((P.LEFT_WRIST, P.LEFT_INDEX, P.LEFT_PINKY), (P.RIGHT_WRIST, P.RIGHT_INDEX, P.RIGHT_PINKY))
"""Wrist and knuckles of the pose, left and right."""

_FINGERS: Final = ("INDEX", "MIDDLE", "RING", "LITTLE")
_KNUCKLES: Final = np.array([H.WRIST, H.INDEX_MCP, H.MIDDLE_MCP, H.RING_MCP, H.LITTLE_MCP])
_ALONG: Final = np.array([-1.0, 0.25, 0.25, 0.25, 0.25])
_ACROSS: Final = np.array([0.0, 1.0, 0.5, -0.5, -1.0])
_PALM: Final = np.stack([_ALONG, _ACROSS])
_FEW_ALONG_ACROSS: Final = np.array([[-1.0, 0.5, 0.5], [0.0, 1.0, -1.0]])
_CHAINS: Final = np.array(
    [range(H[f"{name}_MCP"], H[f"{name}_TIP"] + 1) for name in ("INDEX", "MIDDLE", "RING", "LITTLE")]
)
_THUMB: Final = np.arange(H.THUMB_CMC, H.THUMB_TIP + 1)


def _rest(*bones: HumanoidBone) -> Vectors:
    return REST_POSITIONS[list(bones)].astype(np.float64)


B = HumanoidBone
_REST_KNUCKLES: Final = _rest(
    B.LEFT_HAND, B.LEFT_INDEX_PROXIMAL, B.LEFT_MIDDLE_PROXIMAL, B.LEFT_RING_PROXIMAL, B.LEFT_LITTLE_PROXIMAL
)
_REST_FEW: Final = _rest(B.LEFT_HAND, B.LEFT_INDEX_PROXIMAL, B.LEFT_LITTLE_PROXIMAL)


def _rest_palm(weights: Numbers, points: Vectors) -> Matrices:
    along, across = weights @ points
    return frames(along[None], across[None])[0].T


_REST_PALM: Final = _rest_palm(_PALM, _REST_KNUCKLES)
_REST_FEW_PALM: Final = _rest_palm(_FEW_ALONG_ACROSS, _REST_FEW)
_FINGER_REST: Final = np.array([1.0, 0.0, 0.0])


def _thumb_rest() -> Vectors:
    joints = _rest(*(HumanoidBone[f"LEFT_THUMB_{joint}"] for joint in FINGER_JOINTS["THUMB"]))
    segments = np.diff(joints, axis=0)
    segments = np.concatenate([segments, segments[-1:]])
    return segments / np.linalg.norm(segments, axis=-1, keepdims=True)


_THUMB_REST: Final = _thumb_rest()
"""(3, 3): a thumb's bones at rest; the last one goes on as the one before."""


def palms(knuckles: Vectors) -> tuple[Matrices, NDArray[np.bool_]]:
    """Return the (n, 3, 3) frames of palms from (n, 21, 3) points of hands as left ones, and whether each is one."""
    return _palms(_PALM @ knuckles.take(_KNUCKLES, -2), _REST_PALM)


def palms_of_pose(points: Vectors) -> tuple[Matrices, NDArray[np.bool_]]:
    """Return the same from (n, 3, 3) points: wrist, index and little knuckle as the pose has them."""
    return _palms(_FEW_ALONG_ACROSS @ points, _REST_FEW_PALM)


def _palms(lines: Vectors, rest: Matrices) -> tuple[Matrices, NDArray[np.bool_]]:
    along, across = lines[:, 0], lines[:, 1]
    area = cross(along, across)
    is_found = (area * area).sum(-1) > 1e-4**2
    return frames(along, across) @ rest, is_found


def fingers(hands: Vectors, palm: Matrices) -> Quaternions:
    """Return the (n, 15, 4) local rotations of the fingers, thumb first, of (n, 21, 3) hands as left ones."""
    local = hands @ palm
    solved = np.empty((len(hands), 5, 3, 4))
    solved[:, 1:] = _four_fingers(local.take(_CHAINS, -2))
    solved[:, 0] = _thumbs(local.take(_THUMB, -2))
    return solved.reshape(len(hands), 15, 4)


def _four_fingers(chains: Vectors) -> Quaternions:
    segments = unit(np.diff(chains, axis=-2), _FINGER_REST)
    first = segments[..., 0, :]
    spread = -np.arcsin(np.clip(first[..., 2], -1.0, 1.0))
    bend = np.arctan2(-first[..., 1], first[..., 0])
    # The axis across the finger, after its spread and bend: what the two other joints turn about.
    across = np.stack([np.sin(spread) * np.cos(bend), -np.sin(spread) * np.sin(bend), np.cos(spread)], -1)
    downward = cross(first, across)[..., None, :]
    rest = segments[..., 1:, :]
    bends = np.arctan2((rest * downward).sum(-1), (rest * first[..., None, :]).sum(-1))
    flexion = np.concatenate([bend[..., None], bends[..., :1], bends[..., 1:] - bends[..., :1]], -1)
    flexion = (flexion + 0.5 * np.pi) % (2 * np.pi) - 0.5 * np.pi
    least, most = np.radians(FLEXION_DEG).T
    rotations = about(2, -np.clip(flexion, least, most))
    limit = np.radians(SPREAD_DEG)
    rotations[..., 0, :] = multiply(rotations[..., 0, :], about(1, np.clip(spread, -limit, limit)))
    return rotations


def _thumbs(chains: Vectors) -> Quaternions:
    """Each bone turns the shortest way from where the one before leaves it."""
    segments = unit(np.diff(chains, axis=-2), _THUMB_REST)
    rotations = np.empty((*segments.shape[:-1], 4))
    before = np.broadcast_to(IDENTITY, (len(chains), 4))
    for joint, rest in enumerate(_THUMB_REST):
        rotations[:, joint] = between(rest, rotate(before * CONJUGATE, segments[:, joint]))
        before = multiply(before, rotations[:, joint])
    turns = to_vectors(rotations)
    angles = np.sqrt((turns * turns).sum(-1, keepdims=True))
    return from_vectors(turns * np.minimum(1.0, _THUMB_LIMIT / np.maximum(angles, 1e-6)))
