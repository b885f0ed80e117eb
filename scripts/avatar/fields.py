"""Solid shapes as signed distances, negative inside, and how they flow into one another.

A field takes points (n, 3) and returns (n,) metres. The formulas are those of Inigo Quilez
(https://iquilezles.org/articles/distfunctions/): exact for spheres, cones and boxes, near enough for ellipsoids.
"""

from collections.abc import Callable, Sequence

import numpy as np
from scripts.avatar.mesh import Floats, unit

Field = Callable[[Floats], Floats]
Point = Sequence[float] | Floats


def ellipsoid(centre: Point, radii: Point) -> Field:
    """Return an ellipsoid along the axes."""
    middle, size = np.asarray(centre, float), np.asarray(radii, float)

    def field(points: Floats) -> Floats:
        near = (points - middle) / size
        outward = np.linalg.norm(near, axis=1)
        steep = np.linalg.norm(near / size, axis=1)
        return outward * (outward - 1.0) / np.maximum(steep, 1e-9)

    return field


def cone(start: Point, end: Point, start_radius: float, end_radius: float, flat: Point = (1, 1, 1)) -> Field:
    """Return a cone with round ends; ``flat`` scales it along the axes about its own line."""
    a, b, scale = np.asarray(start, float), np.asarray(end, float), np.asarray(flat, float)
    a, b = a / scale, b / scale

    def field(points: Floats) -> Floats:
        scaled = points / scale
        along = np.clip((scaled - a) @ (b - a) / ((b - a) @ (b - a)), 0.0, 1.0)
        radius = start_radius + (end_radius - start_radius) * along
        distance = np.linalg.norm(scaled - a - along[:, None] * (b - a), axis=1)
        return (distance - radius) * scale.min()

    return field


def above(height: float) -> Field:
    """Return all that is over a height."""
    return lambda points: height - points[:, 1]


def joined(blend: float, *fields: Field) -> Field:
    """Return all together; where two meet within ``blend`` metres they flow into one another."""

    def field(points: Floats) -> Floats:
        total = fields[0](points)
        for other in fields[1:]:
            total = _smooth_min(total, other(points), blend)
        return total

    return field


def within(blend: float, one: Field, other: Field) -> Field:
    """Return what is in both, its edge rounded by ``blend``."""
    return lambda points: -_smooth_min(-one(points), -other(points), blend)


def without(blend: float, one: Field, other: Field) -> Field:
    """Return one less the other, the edge rounded by ``blend``."""
    return lambda points: -_smooth_min(-one(points), other(points), blend)


def _smooth_min(one: Floats, other: Floats, blend: float) -> Floats:
    if blend <= 0.0:
        return np.minimum(one, other)
    mix = np.maximum(blend - np.abs(one - other), 0.0) / blend
    return np.minimum(one, other) - mix * mix * blend * 0.25


def both(field: Field) -> Field:
    """Return the field and its mirror image in x, from the one of the left (+x)."""
    return lambda points: field(_left(points))


def _left(points: Floats) -> Floats:
    folded = points.copy()
    folded[:, 0] = np.abs(folded[:, 0])
    return folded


def slope(field: Field, points: Floats, step: float = 5e-4) -> Floats:
    """Return (n, 3) the field's gradient by central differences."""
    columns = []
    for axis in range(3):
        move = np.zeros(3)
        move[axis] = step
        columns.append((field(points + move) - field(points - move)) / (2 * step))
    return np.stack(columns, axis=1)


def normals(field: Field, points: Floats, step: float = 2e-3) -> Floats:
    """Return (n, 3) the surface's unit normals at points on it."""
    return unit(slope(field, points, step))


def onto(field: Field, points: Floats, rounds: int = 6) -> Floats:
    """Return the points moved along the slope to the surface."""
    for _ in range(rounds):
        ascent = slope(field, points)
        steep = np.maximum(np.sum(ascent * ascent, axis=1), 1e-3)
        points = points - np.clip(field(points) / steep, -0.02, 0.02)[:, None] * ascent
    return points
