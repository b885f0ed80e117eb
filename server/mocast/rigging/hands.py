"""Hands: the palm's frame from its knuckles, and each finger's flexion and spread in it.

Both hands are solved as left ones (the right one is seen in a mirror). A finger spreads at its knuckle, about the palm's
normal, and then bends there and at its two other joints about the axis across it. A thumb's bones point any way, and
do not turn about themselves.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.humanoid import FINGER_JOINTS, REST_POSITIONS, HumanoidBone
from mocast.model.topology import HandLandmark as H
from mocast.rigging.bases import frames
from mocast.rigging.quaternions import (
    CONJUGATE,
    IDENTITY,
    Matrices,
    Quaternions,
    Vectors,
    about,
    between,
    cross,
    limited,
    multiply,
    unit,
)

Numbers = NDArray[np.float64]

FLEXION_DEG: Final = np.array([[-20.0, 100.0], [-10.0, 115.0], [-10.0, 95.0]])
"""Least and most of a finger's three joints. Source: goniometry (AAOS), with room for the tracker's bias."""
_LEAST, _MOST = np.radians(FLEXION_DEG).T
SPREAD_DEG: Final = 22.0
_SPREAD: Final = np.radians(SPREAD_DEG)
THUMB_DEG: Final = np.array([65.0, 80.0, 95.0])
"""Most that a thumb's metacarpal, proximal and distal bones turn."""
_THUMB_LIMIT: Final = np.radians(THUMB_DEG)[:, None]

_KNUCKLES: Final = np.array([H.WRIST, H.INDEX_MCP, H.MIDDLE_MCP, H.RING_MCP, H.LITTLE_MCP])
_PALM: Final = np.array([[-1.0, 0.25, 0.25, 0.25, 0.25], [0.0, 1.0, 0.5, -0.5, -1.0]])
"""Along the palm, from the wrist to the middle of the knuckles; and across it."""
_CHAINS: Final = np.array(
    [range(H[f"{name}_MCP"], H[f"{name}_TIP"] + 1) for name in ("INDEX", "MIDDLE", "RING", "LITTLE")]
)
_THUMB: Final = np.arange(H.THUMB_CMC, H.THUMB_TIP + 1)


def _rest(*names: str) -> Vectors:
    return REST_POSITIONS[[HumanoidBone[f"LEFT_{name}"] for name in names]].astype(np.float64)


def _rest_palm() -> Matrices:
    joints = _rest("HAND", "INDEX_PROXIMAL", "MIDDLE_PROXIMAL", "RING_PROXIMAL", "LITTLE_PROXIMAL")
    along, across = _PALM @ joints
    inverse: Matrices = frames(along[None], across[None])[0][0].T
    return inverse


_REST_PALM: Final = _rest_palm()
_FINGER_REST: Final = np.array([1.0, 0.0, 0.0])


def _thumb_rest() -> Vectors:
    joints = _rest(*(f"THUMB_{joint}" for joint in FINGER_JOINTS["THUMB"]))
    return unit(joints[[1, 2, 2]] - joints[[0, 1, 1]])


_THUMB_REST: Final = _thumb_rest()
"""(3, 3): a thumb's bones at rest; the last one goes on as the one before."""


def palms(points: Vectors) -> tuple[Matrices, NDArray[np.bool_]]:
    """Return the (n, 3, 3) frames of palms from (n, 21, 3) points of hands as left ones, and which of them are any."""
    lines = _PALM @ points.take(_KNUCKLES, -2)
    made, are_palms = frames(lines[:, 0], lines[:, 1])
    return made @ _REST_PALM, are_palms


def fingers(hands: Vectors, palm: Matrices) -> Quaternions:
    """Return the (n, 15, 4) local rotations of the fingers, thumb first, of (n, 21, 3) hands as left ones."""
    local = hands @ palm
    solved = np.empty((len(hands), 5, 3, 4))
    solved[:, 1:] = _four_fingers(local.take(_CHAINS, -2))
    solved[:, 0] = _thumbs(local.take(_THUMB, -2))
    return solved.reshape(len(hands), 15, 4)


def _four_fingers(chains: Vectors) -> Quaternions:
    segments = unit(chains[..., 1:, :] - chains[..., :-1, :])
    first = segments[..., 0, :]
    spread = -np.arcsin(np.clip(first[..., 2], -1.0, 1.0))
    bend = np.arctan2(-first[..., 1], first[..., 0])
    # The axis across the finger, after its spread and bend, is what the two other joints turn about.
    across = np.empty_like(first)
    sine = np.sin(spread)
    across[..., 0], across[..., 1], across[..., 2] = sine * np.cos(bend), -sine * np.sin(bend), np.cos(spread)
    plane = np.stack([cross(first, across), first], -1)
    downward_onward = segments[..., 1:, :] @ plane
    flexion = np.empty((*bend.shape, 3))
    flexion[..., 0] = bend
    flexion[..., 1:] = np.arctan2(downward_onward[..., 0], downward_onward[..., 1])
    flexion[..., 2] -= flexion[..., 1]
    flexion = (flexion + 0.5 * np.pi) % (2 * np.pi) - 0.5 * np.pi
    rotations = about(2, -np.clip(flexion, _LEAST, _MOST))
    rotations[..., 0, :] = multiply(rotations[..., 0, :], about(1, np.clip(spread, -_SPREAD, _SPREAD)))
    return rotations


def _thumbs(chains: Vectors) -> Quaternions:
    """Each bone turns the shortest way from where it points at rest."""
    turned = np.empty((len(chains), 4, 4))
    turned[:, 0] = IDENTITY
    turned[:, 1:] = between(_THUMB_REST, unit(chains[:, 1:] - chains[:, :-1]))
    return limited(multiply(turned[:, :3] * CONJUGATE, turned[:, 1:]), _THUMB_LIMIT)
