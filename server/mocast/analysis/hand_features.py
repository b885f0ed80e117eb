"""Features of hands: 26 numbers that tell a hand's shape and how it is held, whatever its size and side.

They are measured in the palm's own frame, whose axes are *along* (from the wrist to the middle of the four knuckles),
*outward* (toward the thumb's side) and *palmward* (out of the palm). Both hands have the same features for the same
gesture. From world landmarks, MediaPipe's estimate in metres; what a finger that points at the camera does is the least
certain of it.

=========================  ======================================================================  =================
features                   what                                                                    1 is
=========================  ======================================================================  =================
``index_knuckle``, ...     flexion of the finger's first bone from the palm                        90°
``index_bend``, ...        flexion from the first bone to the line from its end to the finger tip  90°
``thumb_along`` and so on  the thumb's tip in the palm's frame, from the index finger's knuckle    the palm's length
``thumb_bend``             angle between the thumb's two last bones                                90°
``thumb_index``, ...       distances between the tips of fingers                                   the palm's length
``fingers_aside``, ...     where the palm's *along* points: away from the body's middle, up,       a unit vector
                           toward the camera
``palm_aside``, ...        where the palm faces, on the same axes                                  a unit vector
``thumb_up``               up, of the middle between the thumb's direction and *outward*           a unit vector
=========================  ======================================================================  =================
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.gestures import HAND_FEATURES
from mocast.model.quaternions import TINY, Vector
from mocast.model.topology import FINGERS, KNUCKLES
from mocast.model.topology import HandLandmark as H
from mocast.model.tracked import Hand

Features = NDArray[np.float64]
"""(n, 26) float64. Order: ``HAND_FEATURES``."""

LEAST_PALM_M: Final = 0.02
"""A palm that is shorter or narrower than this is none: a hand without world landmarks, or a degenerate one."""
LEAST_PALM_SINE: Final = 0.2
"""Of the angle between the lines along and across a palm: less is no hand."""

MOST: Final = 8.0
"""A feature that is larger, or NaN, is of no hand."""

_FOUR: Final = [landmarks for finger, landmarks in FINGERS.items() if finger != "THUMB"]
_THUMB: Final = FINGERS["THUMB"]
_TIPS: Final = [landmarks[3] for landmarks in FINGERS.values()]
_ALONG, _OUTWARD = 0, 1
_FINGER_LINES: Final = slice(2, 10)
_THUMB_LINES: Final = slice(10, 12)
_THUMB_AT: Final = 12
_GAPS: Final = slice(13, 20)


def _lines() -> NDArray[np.float64]:
    """Return the (20, 21) weights of landmarks in the lines that are measured, by the indices above."""
    lines = np.zeros((20, len(H)))
    lines[_ALONG, [H.WRIST, *KNUCKLES]] = -1.0, 0.25, 0.25, 0.25, 0.25
    lines[_OUTWARD, list(KNUCKLES)] = 1.0, 0.5, -0.5, -1.0
    ends = [
        *((knuckle, middle) for knuckle, middle, _, _ in _FOUR),
        *((middle, tip) for _, middle, _, tip in _FOUR),
        *((_THUMB[1], _THUMB[2]), (_THUMB[2], _THUMB[3])),
        (H.INDEX_MCP, H.THUMB_TIP),
        *((H.THUMB_TIP, tip) for tip in _TIPS[1:]),
        *pairwise(_TIPS[1:]),
    ]
    for line, (start, end) in enumerate(ends, _FINGER_LINES.start):
        lines[line, start], lines[line, end] = -1.0, 1.0
    return lines


_LINES: Final = _lines()


def features_of(hands: Sequence[tuple[Hand, float]]) -> tuple[Features, NDArray[np.bool_]]:
    """Return the features of n hands, and which of them are valid, (n,); those of the others are 0.

    Each hand comes with 1.0 where it is a left one, -1.0 for a right one.
    """
    # All lines are one matrix product, and palms are no arrays: with so few numbers, numpy's cost is per call.
    lines = _LINES @ np.array([hand.world for hand, _ in hands], np.float64)
    ends = zip(lines[:, _ALONG].tolist(), lines[:, _OUTWARD].tolist(), hands, strict=True)
    palms = [_palm(along, outward, side) for along, outward, (_, side) in ends]
    axes = np.array([palm.axes for palm in palms])
    local = lines @ axes.transpose(0, 2, 1)
    features = np.empty((len(hands), len(HAND_FEATURES)))
    features[:, 0:8] = _flexion(local[:, _FINGER_LINES])
    lengths_m = np.array([[palm.length_m] for palm in palms])
    features[:, 8:11] = local[:, _THUMB_AT] / lengths_m
    gaps = local[:, _GAPS]
    features[:, 12:19] = np.sqrt((gaps * gaps).sum(-1)) / lengths_m
    features[:, 19:25] = [palm.held for palm in palms]
    bones = local[:, _THUMB_LINES].tolist()
    features[:, [11, 25]] = [_thumb(first, last, palm) for (first, last), palm in zip(bones, palms, strict=True)]
    are_valid = np.array([palm.is_valid for palm in palms])
    are_possible = np.abs(features) <= MOST
    if not (are_valid.all() and are_possible.all()):
        are_valid &= are_possible.all(-1)
        features[~are_valid] = 0.0
    return features, are_valid


@dataclass(frozen=True, slots=True)
class _Palm:
    """A palm's frame."""

    axes: tuple[Vector, Vector, Vector]
    "Along, outward and palmward, in world space."
    length_m: float
    side: float
    "1.0 of a left hand, -1.0 of a right one."
    is_valid: bool = True

    @property
    def held(self) -> tuple[float, ...]:
        """Where its length and its face point: away from the body's middle, up, toward the camera."""
        (ax, ay, az), _, (px, py, pz) = self.axes
        return self.side * ax, -ay, -az, self.side * px, -py, -pz


_NO_PALM: Final = _Palm(((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), 1.0, 1.0, is_valid=False)


def _palm(along: list[float], outward: list[float], side: float) -> _Palm:
    """Return a palm's frame from its lines, which need not be at a right angle."""
    length, width = math.hypot(*along), math.hypot(*outward)
    if not (length >= LEAST_PALM_M and width >= LEAST_PALM_M):  # nor are they NaN
        return _NO_PALM
    first = along[0] / length, along[1] / length, along[2] / length
    x, y, z = _cross(first, (outward[0] / width, outward[1] / width, outward[2] / width))
    sine = math.hypot(x, y, z)
    if not sine > LEAST_PALM_SINE:
        return _NO_PALM
    palmward = side * x / sine, side * y / sine, side * z / sine
    x, y, z = _cross(palmward, first)
    return _Palm((first, (side * x, side * y, side * z), palmward), length, side)


def _cross(a: Vector, b: Vector) -> Vector:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def _flexion(lines: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the (n, 8) flexions, of knuckles and then of bends, 1 for 90°, each from -1 to 3."""
    flexion = np.arctan2(lines[..., 2], lines[..., 0])
    flexion[:, 4:] -= flexion[:, :4]
    flexion *= 2 / np.pi
    return (flexion + 1.0) % 4.0 - 1.0


def _thumb(first: list[float], last: list[float], palm: _Palm) -> tuple[float, float]:
    """Return a thumb's bend, and how far it points up, by its two last bones in the palm's frame.

    It points along the middle between both bones' line and *outward*.
    """
    (ax, ay, az), (bx, by, bz) = first, last
    lengths = math.hypot(ax, ay, az) * math.hypot(bx, by, bz)
    cosine = (ax * bx + ay * by + az * bz) / max(lengths, TINY)
    x, y, z = ax + bx, ay + by, az + bz
    length = max(math.hypot(x, y, z), TINY)
    x, y, z = x / length, y / length + 1.0, z / length
    (_, up_along, _), (_, up_outward, _), (_, up_palmward, _) = palm.axes
    rise = -(x * up_along + y * up_outward + z * up_palmward) / max(math.hypot(x, y, z), TINY)
    return math.acos(min(max(cosine, -1.0), 1.0)) * 2 / math.pi, rise
