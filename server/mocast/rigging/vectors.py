"""Vectors as tuples: for one at a time a call of numpy costs more than it saves."""

import math
from collections.abc import Sequence

from mocast.model.quaternions import TINY, Vector


def add(a: Vector, b: Vector) -> Vector:
    """Return the sum of two vectors."""
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


def sub(a: Vector, b: Vector) -> Vector:
    """Return the difference of two vectors."""
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


def scale(a: Vector, by: float) -> Vector:
    """Return a vector times a number."""
    return a[0] * by, a[1] * by, a[2] * by


def dot(a: Vector, b: Vector) -> float:
    """Return the scalar product of two vectors."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def cross(a: Vector, b: Vector) -> Vector:
    """Return the cross product of two vectors."""
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def length(a: Vector) -> float:
    """Return a vector's length."""
    return math.sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2])


def unit(a: Vector) -> Vector:
    """Return a vector at unit length; one of length 0 is returned unchanged."""
    return scale(a, 1.0 / max(length(a), TINY))


def lerp(a: Vector, b: Vector, share: float) -> Vector:
    """Return the point that is so far from a to b."""
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]), a[2] + share * (b[2] - a[2])


def mean(points: Sequence[Vector], weights: Sequence[float]) -> Vector:
    """Return the weighted mean of points; the first one, where no weight is above 0."""
    total = sum(weights)
    if total < TINY:
        return points[0]
    x = y = z = 0.0
    for (px, py, pz), weight in zip(points, weights, strict=True):
        x, y, z = x + weight * px, y + weight * py, z + weight * pz
    return x / total, y / total, z / total
