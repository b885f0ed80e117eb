"""Two-bone inverse kinematics: the middle joint of an arm or a leg whose end is to be at a given place."""

import math
from typing import Final

from mocast.model.quaternions import TINY, Quaternion, Vector
from mocast.rigging.vectors import add, dot, length, scale, sub

STRETCH: Final = 0.999
"""A limb is never longer than this share of its bones: fully straight it has no plane, and snaps."""
TINY_M: Final = 1e-6
"""A shorter vector has no direction."""


def middle_joint(
    start: Vector, end: Vector, pole: Vector, upper_m: float, lower_m: float, *, stretch: float = STRETCH
) -> tuple[Vector, Vector]:
    """Return where the middle joint and the end are, by the law of cosines.

    The limb bends toward ``pole``, a point. An end out of reach is taken as far as the limb reaches, or as near.
    ``stretch``: at most this share of its bones' lengths.
    """
    to_end = sub(end, start)
    distance = length(to_end)
    shortest = abs(upper_m - lower_m) / stretch
    reached = max(min(max(distance, shortest), stretch * (upper_m + lower_m)), TINY)
    along = scale(to_end, 1.0 / distance) if distance > TINY else (0.0, 0.0, 1.0)
    bend = _across(sub(pole, start), along)
    part = (upper_m * upper_m - lower_m * lower_m + reached * reached) / (2.0 * reached)
    height = math.sqrt(max(upper_m * upper_m - part * part, 0.0))
    middle = add(start, add(scale(along, part), scale(bend, height)))
    return middle, add(start, scale(along, reached))


def _across(vector: Vector, along: Vector) -> Vector:
    """Return the unit vector across ``along`` toward ``vector``; any that is across where the two are parallel."""
    for candidate in (vector, (0.0, -1.0, 0.0), (0.0, 0.0, -1.0)):
        across = sub(candidate, scale(along, dot(candidate, along)))
        size = length(across)
        if size > TINY_M:
            return scale(across, 1.0 / size)
    raise AssertionError("Of three vectors one is not parallel to a fourth.")


def swing(before: Vector, after: Vector) -> Quaternion:
    """Return the shortest rotation from one direction to another, of any lengths; the identity where one has none."""
    lengths = length(before) * length(after)
    if lengths < TINY_M * TINY_M:
        return 0.0, 0.0, 0.0, 1.0
    (ax, ay, az), (bx, by, bz) = before, after
    x, y, z = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
    w = lengths + ax * bx + ay * by + az * bz
    size = math.sqrt(x * x + y * y + z * z + w * w)
    if size < TINY * lengths:  # opposite: half a turn about any axis across
        x, y, z = _across((1.0, 0.0, 0.0), scale(before, 1.0 / length(before)))
        return x, y, z, 0.0
    return x / size, y / size, z / size, w / size
