"""Joint angles after the ISB's recommendations, as far as landmarks tell them, each with the error to expect.

Every angle is one of a segment's direction ``u`` in a plane that two orthogonal unit vectors span, ``across`` and
``along``, which other segments give: ``atan2(u · across, u · along)``. ``docs/analysis.md`` has the table. Sources: Wu
et al., "ISB recommendation on definitions of joint coordinate systems", J Biomech 35 (2002) 543 and 38 (2005) 981;
Grood and Suntay, "A joint coordinate system for the clinical description of three-dimensional motions", J Biomech Eng
105 (1983) 136.
"""

import math
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.analysis.body_segments import BodySegments, Segment
from mocast.model.analysis import ANGLE_COUNT, ANGLE_NAMES, AngleName
from mocast.model.quaternions import TINY, Vectors, cross, dot, unit

Numbers = NDArray[np.float64]

IN_PLANE_ERROR: Final = 0.084
"""Radians: the error of a segment's direction within the picture's plane.

MediaPipe's knee in squats is off by -2.3 ± 6.4° when seen from the side, a root mean square of 6.8° of two segments."""
DEPTH_ERROR: Final = 0.49
"""Radians: the error of a segment's direction toward the camera or away from it.

Over all views that knee is off by -13.9 ± 15.1°, a root mean square of 20.5°. That is what this and ``IN_PLANE_ERROR``
give in the mean over the camera's yaw."""
LARGEST_ERROR_DEG: Final = 15.0
"""With a larger error to expect, an angle does not face the camera: a knee that is turned some 30° from the side."""
NOSE_BELOW_EARS_DEG: Final = 10.0
"""In an upright head the line from between the ears to the nose falls by so much (MediaPipe's face model)."""
WRAP_DEG: Final = -90.0
"""A shoulder's angles begin here: an arm overhead, and further, is above 180°."""
STRAIGHT_SIN4: Final = math.sin(math.radians(15)) ** 4
"""sin⁴ of 15°: the plane of a hinge that is straighter is rather a guess."""


class _Axis(IntEnum):
    """Directions that follow from the segments, numbered behind them."""

    PELVIS_UP = 18
    CHEST_UP = 19
    HIPS_ACROSS = 20
    PELVIS_FORWARD = 21
    CHEST_FORWARD = 22
    HIPS_BACK = 23
    LEFT_PALM_NORMAL = 24
    RIGHT_PALM_NORMAL = 25
    LEVEL_LEFT = 26
    LEVEL_FORWARD = 27
    UP = 28


S, A = Segment, _Axis
_FOLLOWS: Final = -1
_PLANES: Final[tuple[tuple[AngleName, int, int, int, int, int], ...]] = (
    # The angle; what moves; sign and direction across; sign and direction along. _FOLLOWS: from the other two.
    # Hinges bend in the plane of their two segments.
    ("left_elbow", S.LEFT_FOREARM, 1, _FOLLOWS, 1, S.LEFT_UPPER_ARM),
    ("right_elbow", S.RIGHT_FOREARM, 1, _FOLLOWS, 1, S.RIGHT_UPPER_ARM),
    ("left_knee", S.LEFT_SHANK, 1, _FOLLOWS, 1, S.LEFT_THIGH),
    ("right_knee", S.RIGHT_SHANK, 1, _FOLLOWS, 1, S.RIGHT_THIGH),
    # Tilts are those of a segment out of the plane that "across" is normal to. Shanks are taken upward.
    ("left_hip_abduction", S.LEFT_THIGH, 1, S.HIP_LINE, 1, _FOLLOWS),
    ("right_hip_abduction", S.RIGHT_THIGH, -1, S.HIP_LINE, 1, _FOLLOWS),
    ("left_ankle", S.LEFT_FOOT, -1, S.LEFT_SHANK, 1, _FOLLOWS),
    ("right_ankle", S.RIGHT_FOOT, -1, S.RIGHT_SHANK, 1, _FOLLOWS),
    ("trunk_side_lean", S.SPINE, 1, A.LEVEL_LEFT, 1, _FOLLOWS),
    # The others are seen in a plane that they need not lie in.
    ("left_shoulder_flexion", S.LEFT_UPPER_ARM, 1, A.CHEST_FORWARD, -1, A.CHEST_UP),
    ("right_shoulder_flexion", S.RIGHT_UPPER_ARM, 1, A.CHEST_FORWARD, -1, A.CHEST_UP),
    ("left_shoulder_abduction", S.LEFT_UPPER_ARM, 1, S.SHOULDER_LINE, -1, A.CHEST_UP),
    ("right_shoulder_abduction", S.RIGHT_UPPER_ARM, -1, S.SHOULDER_LINE, -1, A.CHEST_UP),
    ("left_hip_flexion", S.LEFT_THIGH, 1, A.PELVIS_FORWARD, -1, A.PELVIS_UP),
    ("right_hip_flexion", S.RIGHT_THIGH, 1, A.PELVIS_FORWARD, -1, A.PELVIS_UP),
    ("left_wrist", S.LEFT_FOREARM, -1, A.LEFT_PALM_NORMAL, 1, S.LEFT_PALM),
    ("right_wrist", S.RIGHT_FOREARM, 1, A.RIGHT_PALM_NORMAL, 1, S.RIGHT_PALM),
    ("neck", S.HEAD, -1, A.CHEST_UP, 1, A.CHEST_FORWARD),
    ("trunk_lean", S.SPINE, 1, A.LEVEL_FORWARD, 1, A.UP),
    ("trunk_twist", S.SHOULDER_LINE, 1, A.HIPS_BACK, 1, A.HIPS_ACROSS),
)
_ORDER: Final = [name for name, *_ in _PLANES]
_AS_SENT: Final = np.array([_ORDER.index(name) for name in ANGLE_NAMES])
_HINGES, _TILTS, _SHOULDERS = slice(0, 4), slice(4, 9), slice(9, 13)
_SIDE_LEAN, _NECK, _LEAN = (_ORDER.index(name) for name in ("trunk_side_lean", "neck", "trunk_lean"))
_DIRECTIONS: Final = np.array([(moving, across, along) for _, moving, _, across, _, along in _PLANES]).T
_SIGNS: Final = np.array([(1.0, across, along) for _, _, across, _, along, _ in _PLANES]).T[..., None]
_SQUARED: Final = np.array([(S.SPINE, S.HIP_LINE), (S.SPINE, S.SHOULDER_LINE), (S.HIP_LINE, S.SPINE)]).T
"""``PELVIS_UP`` to ``HIPS_ACROSS``: the first one, made orthogonal to the second."""
_CROSSED: Final = np.array(
    [
        *[(S.HIP_LINE, A.PELVIS_UP), (S.SHOULDER_LINE, A.CHEST_UP), (S.SPINE, A.HIPS_ACROSS)],
        *[(S.LEFT_PALM, S.LEFT_KNUCKLES), (S.RIGHT_PALM, S.RIGHT_KNUCKLES)],
    ]
).T
"""``PELVIS_FORWARD`` to ``RIGHT_PALM_NORMAL``: the cross products of these."""
_ERR_ALONG: Final = np.isin(_ORDER, [*_ORDER[4:8], "neck"])
"""(20,): where the plane's own segment turns it by erring along ``along``; elsewhere, along ``across``."""
_OWN: Final = np.where(np.arange(ANGLE_COUNT) == _LEAN, 0.0, 1.0)
"""(20,): how much the plane's own segment counts; the vertical is known."""
_ONES: Final = np.ones(3)

_MADE_OF: Final[dict[int, tuple[Segment, ...]]] = {
    **dict.fromkeys((A.PELVIS_UP, A.PELVIS_FORWARD, A.HIPS_ACROSS, A.HIPS_BACK), (S.HIP_LINE, S.SPINE)),
    **dict.fromkeys((A.CHEST_UP, A.CHEST_FORWARD), (S.SHOULDER_LINE, S.SPINE)),
    **dict.fromkeys((A.LEVEL_LEFT, A.LEVEL_FORWARD), (S.HIP_LINE,)),
    A.LEFT_PALM_NORMAL: (S.LEFT_PALM, S.LEFT_KNUCKLES),
    A.RIGHT_PALM_NORMAL: (S.RIGHT_PALM, S.RIGHT_KNUCKLES),
    **{segment: (segment,) for segment in S},
}


def _needs() -> Numbers:
    """Return (20, 18): which segments each angle of ``_ORDER`` is made of."""
    table = np.zeros((ANGLE_COUNT, len(Segment)))
    for row, directions in enumerate(_DIRECTIONS.T.tolist()):
        for direction in directions:
            table[row, list(_MADE_OF.get(direction, ()))] = 1
    return table


_NEEDS: Final = _needs()


def joint_angles(body: BodySegments) -> tuple[Numbers, Numbers]:
    """Return (20,) angles in degrees and (20,) errors to expect, in the order of ``ANGLE_NAMES``; NaN where unknown."""
    moving, across, along = _axes(body.directions).take(_DIRECTIONS, 0) * _SIGNS
    sine, cosine = (moving * across) @ _ONES, (moving * along) @ _ONES
    moving_z, across_z, along_z = moving[:, 2], across[:, 2], along[:, 2]
    # Their segment lies in the plane, whose other direction is what is left of it.
    sine[_HINGES], across_z[_HINGES] = _other(moving_z[_HINGES], cosine[_HINGES], along_z[_HINGES])
    cosine[_TILTS], along_z[_TILTS] = _other(moving_z[_TILTS], sine[_TILTS], across_z[_TILTS])
    angles = np.array([np.arctan2(sine, cosine), _errors(sine, cosine, across_z, along_z)])
    angles *= 180.0 / math.pi
    angles[0, _SHOULDERS] += 360.0 * (angles[0, _SHOULDERS] < WRAP_DEG)
    angles[0, _NECK] -= NOSE_BELOW_EARS_DEG
    angles[:, _NEEDS @ ~body.are_known > 0] = np.nan
    degrees, errors = angles.take(_AS_SENT, 1)
    return degrees, errors


def _other(moving_z: Numbers, cosine: Numbers, given_z: Numbers) -> tuple[Numbers, Numbers]:
    """Return the sine to a cosine, and the z of the unit vector at a right angle to the given one."""
    sine = np.sqrt(np.maximum(1.0 - cosine * cosine, 0.0))
    return sine, (moving_z - cosine * given_z) / np.maximum(sine, TINY)


def _axes(directions: Vectors) -> Vectors:
    """Return (29, 3): the segments' directions, then those of ``_Axis``."""
    axes = np.empty((len(S) + len(A), 3))
    axes[: len(S)] = directions
    lines, to = axes.take(_SQUARED, 0)
    axes[A.PELVIS_UP : A.PELVIS_FORWARD] = unit(lines - dot(lines, to) * to)
    axes[A.PELVIS_FORWARD : A.LEVEL_LEFT] = unit(cross(*axes.take(_CROSSED, 0)))
    x, _, z = directions[S.HIP_LINE].tolist()
    level = math.hypot(x, z) or 1.0
    axes[A.LEVEL_LEFT :] = (x / level, 0, z / level), (-z / level, 0, x / level), (0, 1, 0)
    return axes


def _errors(sine: Numbers, cosine: Numbers, across_z: Numbers, along_z: Numbers) -> Numbers:
    """Return (20,) errors to expect, radians: the root mean square of what both segments of an angle contribute.

    A segment's direction is off by ``IN_PLANE_ERROR`` within the picture and by ``DEPTH_ERROR`` along the line of
    sight, z; what counts is how much of that lies in the angle's plane. One that nearly leaves the plane, whose sine
    and cosine are both small, turns in it at the slightest error.
    """
    reach = np.maximum(sine * sine + cosine * cosine, 1e-6)
    turns_z = (cosine * across_z - sine * along_z) / reach
    own_z = np.where(_ERR_ALONG, along_z, across_z)
    own = _OWN.copy()
    own[_SIDE_LEAN], own_z[_SIDE_LEAN] = sine[_LEAN] ** 2, across_z[_LEAN]
    depth = turns_z * turns_z + own * own_z * own_z
    # The plane in which a hinge bends is not known while it is straight: any plane through it may be the one.
    any_plane = 1.0 - along_z[_HINGES] ** 2
    depth[_HINGES] += (any_plane - depth[_HINGES]) / (1.0 + sine[_HINGES] ** 4 / STRAIGHT_SIN4)
    errors: Numbers = np.sqrt(IN_PLANE_ERROR**2 * (1.0 / reach + own) + (DEPTH_ERROR**2 - IN_PLANE_ERROR**2) * depth)
    return np.minimum(errors, math.pi)
