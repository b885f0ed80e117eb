"""Fingers: the palm's frame from the knuckles, and each finger's flexion and spread in it.

Both hands are solved as left ones: the right one is reflected. A finger spreads at its knuckle, about the palm's
normal, and then bends there and at its two other joints about the axis across it. A thumb's bones point in any
direction, without twist.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.humanoid import FINGER_JOINTS, REST_POSITIONS, HumanoidBone, finger_bones
from mocast.model.quaternions import (
    CONJUGATE,
    IDENTITY,
    TINY,
    Matrices,
    Quaternions,
    Vectors,
    about,
    between,
    limited,
    multiply,
    unit,
)
from mocast.model.topology import KNUCKLES
from mocast.model.topology import HandLandmark as H
from mocast.rigging.body.pose_frames import frames

FLEXION_RANGE_DEG: Final = np.array([[-20.0, 100.0], [-10.0, 115.0], [-10.0, 95.0]])
"""Least and most flexion of a finger's three joints. The most: after the 90°, 100° and 90° that are quoted from the
American Academy of Orthopaedic Surgeons ("Joint Motion: Method of Measuring and Recording", 1965), with room for the
tracker's bias. The least is our own choice: for knuckles less than the 45° that are quoted from there."""
_LEAST, _MOST = np.radians(FLEXION_RANGE_DEG).T
SPREAD_LIMIT_DEG: Final = 22.0
"""Largest abduction of a finger, to either side."""
_SINE: Final = float(np.sin(np.radians(SPREAD_LIMIT_DEG)))
LAST_JOINT_SHARE: Final = 2 / 3
"""Flexion of a finger's last joint per flexion of the one before: what hands at ease show, and animators use."""
LAST_JOINT_EASE_S: Final = 0.3
"""Time constant of what it is bent more or less."""
THUMB_LIMIT_DEG: Final = np.array([65.0, 80.0, 95.0])
"""Largest angles of a thumb's metacarpal, proximal and distal bone to the bone before it."""
_THUMB_LIMIT: Final = np.radians(THUMB_LIMIT_DEG)[:, None]

_PALM_POINTS: Final = np.array([H.WRIST, *KNUCKLES])
_PALM_LINES: Final = np.array([[-1.0, 0.25, 0.25, 0.25, 0.25], [0.0, 1.0, 0.5, -0.5, -1.0]])
"""(2, 5), weights of ``_PALM_POINTS``: along the palm, from the wrist to the middle of the knuckles; and across it."""


_THUMB, *_FOUR = (finger_bones("LEFT", finger) for finger in FINGER_JOINTS)


def _rest(*bones: HumanoidBone) -> Vectors:
    return REST_POSITIONS[list(bones)].astype(np.float64)


def _inverse_rest_palm() -> Matrices:
    along, across = _PALM_LINES @ _rest(HumanoidBone.LEFT_HAND, *(bones[0] for bones in _FOUR))
    inverse: Matrices = frames(along[None], across[None])[0][0].T
    return inverse


_INVERSE_REST_PALM: Final = _inverse_rest_palm()


def _thumb_rest() -> Vectors:
    joints = _rest(*_THUMB)
    return unit(joints[[1, 2, 2]] - joints[[0, 1, 1]])


_THUMB_REST: Final = _thumb_rest()
"""(3, 3): the directions of a thumb's bones at rest; the last one has that of the one before."""


def palms(points: Vectors) -> tuple[Matrices, NDArray[np.bool_]]:
    """Return the (n, 3, 3) frames of palms from (n, 21, 3) points of hands as left ones, and which are valid, (n,)."""
    lines = _PALM_LINES @ points.take(_PALM_POINTS, -2)
    made, are_palms = frames(lines[:, 0], lines[:, 1])
    return made.dot(_INVERSE_REST_PALM), are_palms


NO_PALMS: Final = (np.zeros((2, 3, 3)), np.zeros(2, bool))
"""What ``palms`` returns of two hands that are not there."""


class FingerSolver:
    """Solves the fingers of both hands in consecutive frames.

    A finger's last joint bends by two thirds of the one before, as one tendon bends both; what it bends more or less is
    measured worst of all and so is smoothed.
    """

    def __init__(self) -> None:
        self._off: NDArray[np.float64] = np.zeros((2, 4))
        "(2, 4), radians: by how much more the last joints are bent."
        self._are_known: NDArray[np.bool_] = np.zeros(2, bool)

    def solve(self, hands: Vectors, palm: Matrices, are_hands: NDArray[np.bool_], step_s: float) -> Quaternions:
        """Return the (2, 15, 4) local rotations of the fingers, thumb first, ``step_s`` after the last ones.

        ``hands``: (2, 21, 3) points of hands as left ones, of which (2,) are there. ``palm``: their (2, 3, 3) frames,
        as ``palms`` returns them.
        """
        chains = (hands @ palm)[:, H.THUMB_CMC :].reshape(len(hands), 5, 4, 3)
        segments = unit(chains[:, :, 1:] - chains[:, :, :-1])
        flexion, spread = _flexion_and_spread(segments[:, 1:])
        measured = flexion[..., 2] - LAST_JOINT_SHARE * flexion[..., 1]
        eased = self._off + (1 - math.exp(-step_s / LAST_JOINT_EASE_S)) * (measured - self._off)
        self._off = np.where(self._are_known[:, None], eased, measured)
        self._are_known = are_hands
        flexion[..., 2] = LAST_JOINT_SHARE * flexion[..., 1] + self._off
        solved = np.empty((len(hands), 5, 3, 4))
        solved[:, 0] = _thumbs(segments[:, 0])
        solved[:, 1:] = _four_fingers(flexion, spread)
        return solved.reshape(len(hands), 15, 4)


def _flexion_and_spread(segments: Vectors) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return fingers' flexion, (n, 4, 3), and the sine of their spread, (n, 4).

    ``segments``: (n, 4, 3, 3), in the palm's frame.
    """
    first = segments[..., 0, :]
    onward, downward, sine = first[..., 0], -first[..., 1], -first[..., 2]
    # The two other joints bend from the first bone's direction to where it would point bent by a right angle.
    bent_onward = np.zeros((*first.shape, 2))
    bent_onward[..., 1] = first
    bent_onward[..., 0, 0], bent_onward[..., 1, 0] = -downward, -onward
    bent_onward[..., :2, 0] /= np.sqrt(np.maximum(1.0 - sine * sine, TINY))[..., None]
    flat = segments[..., 1:, :] @ bent_onward
    flexion = np.empty(segments.shape[:-1])
    flexion[..., 0] = np.arctan2(downward, onward)
    flexion[..., 1:] = np.arctan2(flat[..., 0], flat[..., 1])
    flexion[..., 2] -= flexion[..., 1]
    flexion = (flexion + 0.5 * np.pi) % (2 * np.pi) - 0.5 * np.pi
    return np.minimum(np.maximum(flexion, _LEAST), _MOST), sine


def _four_fingers(flexion: NDArray[np.float64], sine: NDArray[np.float64]) -> Quaternions:
    """Return the (n, 4, 3, 4) local rotations of fingers from their flexion, (n, 4, 3), and spread, (n, 4)."""
    rotations = about(2, -np.minimum(np.maximum(flexion, _LEAST), _MOST))
    half = 0.5 * np.arcsin(np.maximum(np.minimum(sine, _SINE), -_SINE))
    # The product of a rotation about z and of one about y.
    bent, aside, along = rotations[..., 0, 2:], np.sin(half), np.cos(half)
    rotations[..., 0, 0], rotations[..., 0, 1] = -bent[..., 0] * aside, bent[..., 1] * aside
    bent *= along[..., None]
    return rotations


def _thumbs(segments: Vectors) -> Quaternions:
    """Return the (n, 3, 4) local rotations of thumbs from their segments in the palm's frame, (n, 3, 3).

    Each bone turns by the shortest rotation from its direction at rest.
    """
    turned = np.empty((len(segments), 4, 4))
    turned[:, 0] = IDENTITY
    turned[:, 1:] = between(_THUMB_REST, segments)
    return limited(multiply(turned[:, :3] * CONJUGATE, turned[:, 1:]), _THUMB_LIMIT)
