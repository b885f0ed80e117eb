"""Delaunay triangulation of points in the plane, exact: whole numbers, so that every machine finds the same one.

Method: A. Bowyer and D. Watson, The Computer Journal 24 (1981).
"""

import numpy as np
from numpy.typing import NDArray
from scripts.avatar.mesh import Floats, Ints

UNIT = 1e-4
"""Metres to which places are rounded; 64 bits hold the determinant for faces of up to 30 cm."""


def triangulated(points: Floats) -> Ints:
    """Return (m, 3) triangles over points (n, 2), counter-clockwise."""
    whole = np.round(points / UNIT).astype(np.int64)
    far = 8 * int(np.abs(whole).max())
    corners = np.array([[-far, -far], [far, -far], [0, far]])
    at = np.concatenate([whole, corners])
    n = len(whole)
    triangles = np.array([[n, n + 1, n + 2]])
    for point in range(n):
        inside = _in_circle(at, triangles, at[point])
        bad = triangles[inside]
        edges = np.concatenate([bad[:, [0, 1]], bad[:, [1, 2]], bad[:, [2, 0]]])
        keys = {(int(a), int(b)) for a, b in edges}
        rim = [(a, b) for a, b in edges.tolist() if (b, a) not in keys]
        fresh = np.array([[a, b, point] for a, b in rim])
        triangles = np.concatenate([triangles[~inside], fresh])
    return triangles[(triangles < n).all(axis=1)]


def _in_circle(at: Ints, triangles: Ints, point: Ints) -> NDArray[np.bool_]:
    a, b, c = (at[triangles[:, corner]] - point for corner in range(3))
    aa, bb, cc = ((side * side).sum(axis=1) for side in (a, b, c))
    return (
        aa * (b[:, 0] * c[:, 1] - b[:, 1] * c[:, 0])
        - bb * (a[:, 0] * c[:, 1] - a[:, 1] * c[:, 0])
        + cc * (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
    ) > 0
