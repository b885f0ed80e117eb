"""Surfaces spanned over rings: tubes, locks of hair, legs."""

from collections.abc import Sequence

import numpy as np
from scripts.avatar.mesh import Floats, Mesh, smooth_normals, unit


def curve(points: Sequence[Sequence[float]] | Floats, count: int) -> Floats:
    """Return ``count`` points (count, d) along a smooth curve through the given ones (centripetal Catmull-Rom)."""
    given = np.asarray(points, float)
    padded = np.concatenate([[2 * given[0] - given[1]], given, [2 * given[-1] - given[-2]]])
    gaps = np.maximum(np.linalg.norm(np.diff(padded, axis=0), axis=1), 1e-9) ** 0.5
    knots = np.concatenate([[0.0], np.cumsum(gaps)])
    where = np.linspace(knots[1], knots[-2], count)
    piece = np.clip(np.searchsorted(knots, where, side="right") - 1, 1, len(given) - 1)
    p0, p1, p2, p3 = (padded[piece + offset] for offset in (-1, 0, 1, 2))
    t0, t1, t2, t3 = (knots[piece + offset] for offset in (-1, 0, 1, 2))
    t = where

    def mix(a: Floats, b: Floats, from_t: Floats, to_t: Floats) -> Floats:
        share = ((t - from_t) / (to_t - from_t))[:, None]
        return a * (1 - share) + b * share

    a1, a2, a3 = mix(p0, p1, t0, t1), mix(p1, p2, t1, t2), mix(p2, p3, t2, t3)
    return mix(mix(a1, a2, t0, t2), mix(a2, a3, t1, t3), t1, t2)


def directions(path: Floats) -> Floats:
    """Return (n, 3) the unit direction of a path at each of its points."""
    return unit(np.gradient(path, axis=0))


def ring(count: int, power: float = 2.0) -> Floats:
    """Return (count + 1, 2) a closed outline of half width and height 1, from the right counter-clockwise.

    ``power`` is a superellipse's: 2 is a circle, more is squarer, less is a lens with sharp sides.
    """
    angle = np.linspace(0.0, 2 * np.pi, count + 1)
    cos, sin = np.round(np.cos(angle), 12), np.round(np.sin(angle), 12)
    return np.stack([np.sign(cos) * np.abs(cos) ** (2 / power), np.sign(sin) * np.abs(sin) ** (2 / power)], axis=1)


def tube(path: Floats, up: Floats, half_sizes: Floats, outline: Floats) -> Mesh:
    """Return an outline carried along a path and closed at both ends.

    Args:
        path: (n, 3).
        up: (n, 3) or (3,), toward the outline's top; made square to the path.
        half_sizes: (n, 2) half width and half height at each point of the path.
        outline: (k, 2) as of ``ring``, its last point the first one again.

    u goes once around, v from the path's start to its end.
    """
    forward = directions(path)
    upward = np.broadcast_to(np.asarray(up, float), path.shape)
    side = unit(np.cross(upward, forward))
    upward = np.cross(forward, side)
    rings = (
        path[:, None]
        + side[:, None] * (outline[None, :, :1] * half_sizes[:, None, :1])
        + upward[:, None] * (outline[None, :, 1:] * half_sizes[:, None, 1:])
    )
    return over(
        np.concatenate([path[None, :1].repeat(len(outline), 1), rings, path[None, -1:].repeat(len(outline), 1)])
    )


def over(rings: Floats) -> Mesh:
    """Return the surface over rings (n, k, 3), each closed by its last point; seen from ahead they turn to the left.

    Rings that are one point close an end. u goes once around, v from the first ring to the last by length.
    """
    count, size = rings.shape[:2]
    positions = rings.reshape(-1, 3)
    steps = np.linalg.norm(np.diff(rings, axis=0), axis=2).mean(axis=1)
    v = np.concatenate([[0.0], np.cumsum(steps)]) / max(steps.sum(), 1e-9)
    uvs = np.stack(np.meshgrid(np.linspace(0, 1, size), v), axis=-1).reshape(-1, 2)
    row, column = np.meshgrid(np.arange(count - 1), np.arange(size - 1), indexing="ij")
    a = (row * size + column).reshape(-1)
    b, c, d = a + 1, a + size + 1, a + size
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    triangles = triangles[_solid(positions, triangles)]
    return Mesh(positions, smooth_normals(positions, triangles), uvs, triangles)


def _solid(positions: Floats, triangles: Floats) -> Floats:
    a, b, c = (positions[triangles[:, corner]] for corner in range(3))
    return np.linalg.norm(np.cross(b - a, c - a), axis=1) > 1e-12


def along(uvs: Floats, values: Sequence[float]) -> Floats:
    """Return (n,) values given evenly over v, read at each vertex's v."""
    return np.interp(uvs[:, 1], np.linspace(0, 1, len(values)), np.asarray(values, float))
