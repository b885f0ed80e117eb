"""Rotations as unit quaternions x, y, z, w: many at once in arrays, and single ones in tuples.

*Arrays*, float64, have the quaternion on the last axis. Each product is one matrix product: for the few dozen rotations
of a rig the number of numpy's calls costs time, not the arithmetic (and ``a.dot(b)`` a third of ``a @ b``, which is for
stacks of matrices). *Tuples* are for one rotation at a time, for which
a call of numpy costs more than it saves; their functions end in ``_one``. In both, ``multiply(a, b)`` turns by b first.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Quaternions = NDArray[np.float64]
"""(..., 4) float64: x, y, z, w; unit length."""
Vectors = NDArray[np.float64]
"""(..., 3) float64."""
Matrices = NDArray[np.float64]
"""(..., 3, 3) float64: rotations; the columns are where the axes go."""

IDENTITY: Final = np.array([0.0, 0.0, 0.0, 1.0])
CONJUGATE: Final = np.array([-1.0, -1.0, -1.0, 1.0])
"""A unit quaternion times this, element by element, is its inverse."""
MIRROR_ROTATION: Final = np.array([1.0, -1.0, -1.0, 1.0])
"""A quaternion times this, element by element, is the rotation reflected at x = 0: about x it is unchanged, about y and
z it is reversed."""
MIRROR_VECTOR: Final = np.array([-1.0, 1.0, 1.0])
"""A vector times this, element by element, is reflected at x = 0."""
TINY: Final = 1e-9
"""A length below this counts as 0."""
_ONES: Final = tuple(np.ones((count, 1)) for count in range(5))


def _left_table() -> NDArray[np.float64]:
    """Return the (4, 16) table that takes a quaternion a to the (4, 4) matrix whose product with b is ``a * b``."""
    x, y, z, w = np.eye(4)
    rows = [[w, -z, y, x], [z, w, -x, y], [-y, x, w, z], [-x, -y, -z, w]]
    return np.ascontiguousarray(np.array(rows).reshape(16, 4).T)


_LEFT: Final = _left_table()


def multiply(a: Quaternions, b: Quaternions) -> Quaternions:
    """Return the rotations that turn by b and then by a (Hamilton's product)."""
    left = a.dot(_LEFT).reshape(*a.shape[:-1], 4, 4)
    product: Quaternions = (left @ b[..., None])[..., 0]
    return product


def dot(a: Vectors, b: Vectors) -> NDArray[np.float64]:
    """Return the (..., 1) scalar products of vectors or quaternions."""
    product: NDArray[np.float64] = (a * b).dot(_ONES[b.shape[-1]])
    return product


def unit(v: Vectors) -> Vectors:
    """Return normalised vectors or quaternions; one of length 0 is returned unchanged."""
    return unit_and_length(v)[0]


def unit_and_length(v: Vectors) -> tuple[Vectors, NDArray[np.float64]]:
    """Return normalised vectors or quaternions (one of length 0 unchanged), and their (..., 1) lengths before."""
    length = np.sqrt(dot(v, v))
    return v / np.maximum(length, TINY), length


def normalised(q: Quaternions) -> Quaternions:
    """Return quaternions at unit length; the identity in place of one of length 0."""
    made, length = unit_and_length(q)
    return np.where(length < TINY, IDENTITY, made) if length.min(initial=1.0) < TINY else made


def to_matrices(q: Quaternions) -> Matrices:
    """Return the matrices of unit quaternions."""
    doubled = 2.0 * q[..., :, None] * q[..., None, :]
    xx, yy, zz = doubled[..., 0, 0], doubled[..., 1, 1], doubled[..., 2, 2]
    xy, xz, yz = doubled[..., 0, 1], doubled[..., 0, 2], doubled[..., 1, 2]
    xw, yw, zw = doubled[..., 0, 3], doubled[..., 1, 3], doubled[..., 2, 3]
    m = np.empty((*q.shape[:-1], 9))
    m[..., 0], m[..., 1], m[..., 2] = 1 - yy - zz, xy - zw, xz + yw
    m[..., 3], m[..., 4], m[..., 5] = xy + zw, 1 - xx - zz, yz - xw
    m[..., 6], m[..., 7], m[..., 8] = xz - yw, yz + xw, 1 - xx - yy
    return m.reshape(*q.shape[:-1], 3, 3)


def _outer_table() -> NDArray[np.float64]:
    """Return the (9, 16) table that takes a rotation matrix to 4·q·qᵀ less the identity.

    Source: Bar-Itzhack, "New method for extracting the quaternion from a rotation matrix", 2000, for exact rotations.
    """
    table = np.zeros((4, 4, 3, 3))
    for axis, (following, last) in enumerate(((1, 2), (2, 0), (0, 1))):
        for other in range(3):
            table[axis, axis, other, other] = 1.0 if other == axis else -1.0
        table[following, last, following, last] = table[following, last, last, following] = 1.0
        table[last, following] = table[following, last]
        table[axis, 3, last, following], table[axis, 3, following, last] = 1.0, -1.0
        table[3, axis] = table[axis, 3]
        table[3, 3, axis, axis] = 1.0
    return np.ascontiguousarray(table.reshape(16, 9).T)


_OUTER: Final = _outer_table()
_OUTER_ONE: Final = np.eye(4).reshape(16)


def from_matrices(m: Matrices) -> Quaternions:
    """Return unit quaternions of (n, 3, 3) rotation matrices; w is not negative."""
    outer = (m.reshape(-1, 9).dot(_OUTER) + _OUTER_ONE).reshape(-1, 4, 4)
    largest = outer.reshape(-1, 16)[:, ::5].argmax(-1)
    q = outer[np.arange(len(outer)), largest]
    return unit(q * np.copysign(1.0, q[:, 3:]))


def about(axis: int, angle: NDArray[np.float64]) -> Quaternions:
    """Return rotations by angles in radians about the x (0), y (1) or z axis (2)."""
    q = np.zeros((*angle.shape, 4))
    half = 0.5 * angle
    q[..., axis], q[..., 3] = np.sin(half), np.cos(half)
    return q


def rotate(q: Quaternions, v: Vectors) -> Vectors:
    """Return vectors, each turned by its quaternion."""
    turned: Vectors = (to_matrices(q) @ v[..., None])[..., 0]
    return turned


def to_vectors(q: Quaternions) -> Vectors:
    """Return the rotation vectors (axis times angle, 0..π radians) of unit quaternions."""
    axis, cosine = q[..., :3], q[..., 3:]
    sine = np.sqrt(dot(axis, axis))
    angle = 2.0 * np.arctan2(sine, np.abs(cosine))
    # The sine is that of half the angle: where both vanish, the angle is twice the sine.
    vectors: Vectors = axis * np.copysign((angle + 2 * TINY) / (sine + TINY), cosine)
    return vectors


def from_vectors(v: Vectors, length: NDArray[np.float64] | None = None) -> Quaternions:
    """Return unit quaternions of rotation vectors; ``length``, (..., 1): theirs, where known."""
    half = 0.5 * (np.sqrt(dot(v, v)) if length is None else length)
    q = np.empty((*v.shape[:-1], 4))
    q[..., :3] = v * (0.5 * (np.sin(half) + TINY) / (half + TINY))
    q[..., 3:] = np.cos(half)
    return q


def limited(q: Quaternions, most: NDArray[np.float64]) -> Quaternions:
    """Return rotations whose angles are clamped to ``most``, radians up to π, (..., 1)."""
    least = np.cos(0.5 * most)
    over = np.abs(q[..., 3:]) < least
    if not np.count_nonzero(over):
        return q
    axis = unit(q[..., :3]) * np.sin(0.5 * most)
    held = np.concatenate([axis, np.copysign(least, q[..., 3:])], -1)
    return np.where(over, held, q)


def nlerp(a: Quaternions, b: Quaternions, weight: float | NDArray[np.float64]) -> Quaternions:
    """Return rotations between a (weight 0) and b (1) on the shorter arc; one ``weight``, or (..., 1) of them.

    Normalised linear interpolation: the path is that of ``slerp``, the angle along it differs by 1% for a turn of 60°.
    """
    near = b * np.copysign(1.0, dot(a, b))
    return unit(a + weight * (near - a))  # at least 0.7 long, as both are within a right angle


def slerp(start: NDArray[np.float32], end: NDArray[np.float32], part: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return spherical interpolations, (n, 4) float64, from (n, 4) ``start`` to ``end`` by (n,) ``part``, 0..1.

    They take the shorter arc. Source: https://en.wikipedia.org/wiki/Slerp#Quaternion_slerp
    """
    first, second = start.astype(np.float64), end.astype(np.float64)
    cosine = np.einsum("ij,ij->i", first, second)
    second = np.where(cosine[:, None] < 0, -second, second)
    angle = np.arccos(np.clip(np.abs(cosine), 0, 1))
    sine = np.sin(angle)
    far = sine > 1e-4  # nearer than 0.006° a straight line is the same, and nothing is divided by almost 0
    safe = np.where(far, sine, 1)
    weight_first = np.where(far, np.sin((1 - part) * angle) / safe, 1 - part)
    weight_second = np.where(far, np.sin(part * angle) / safe, part)
    mixed = first * weight_first[:, None] + second * weight_second[:, None]
    return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True))


def continuous(q: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n, 4) consecutive rotations with signs that make each the nearer of q and -q to the one before."""
    dots = np.einsum("ij,ij->i", q[1:], q[:-1])
    signs = np.cumprod(np.where(dots < 0, -1.0, 1.0))
    return np.concatenate([q[:1], q[1:] * signs[:, None]])


def angle_between(a: Quaternions, b: Quaternions) -> NDArray[np.float64]:
    """Return the (...) angles between rotations, 0..π radians."""
    cosine = np.minimum(np.abs(dot(a, b)[..., 0]), 1.0)
    angles: NDArray[np.float64] = 2.0 * np.arccos(cosine)
    return angles


def between(a: Vectors, b: Vectors) -> Quaternions:
    """Return the shortest rotations that take unit vectors a to b, of the same shape; undefined for opposite ones."""
    q = np.empty((*b.shape[:-1], 4))
    q[..., :3] = cross(a, b)
    q[..., 3:] = 1.0 + TINY + dot(a, b)
    return unit(q)


_CROSS: Final = np.cross(np.eye(3)[:, None], np.eye(3)).reshape(9, 3)
"""Takes the outer product of two vectors to their cross product."""


def cross(a: Vectors, b: Vectors) -> Vectors:
    """Return the cross products; ``numpy.cross`` does the same, ten times slower for a few vectors."""
    outer = a[..., None] * b[..., None, :]
    product: Vectors = outer.reshape(*outer.shape[:-2], 9).dot(_CROSS)
    return product


Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]
"""x, y, z, w; unit length."""

IDENTITY_ONE: Final[Quaternion] = (0.0, 0.0, 0.0, 1.0)


def multiply_one(a: Quaternion, b: Quaternion) -> Quaternion:
    """Return the rotation that turns by b and then by a (Hamilton's product)."""
    ax, ay, az, aw = a
    bx, by, bz, bw = b
    return (
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
        aw * bw - ax * bx - ay * by - az * bz,
    )


def inverse_one(rotation: Quaternion) -> Quaternion:
    """Return the rotation back, of a unit quaternion."""
    x, y, z, w = rotation
    return -x, -y, -z, w


def rotate_one(rotation: Quaternion, vector: Vector) -> Vector:
    """Return a vector turned by a rotation."""
    x, y, z, w = rotation
    vx, vy, vz = vector
    tx, ty, tz = 2 * (y * vz - z * vy), 2 * (z * vx - x * vz), 2 * (x * vy - y * vx)
    return vx + w * tx + y * tz - z * ty, vy + w * ty + z * tx - x * tz, vz + w * tz + x * ty - y * tx


def matrix_one(rotation: Quaternion) -> list[list[float]]:
    """Return the rotation matrix of a unit quaternion, as rows."""
    x, y, z, w = rotation
    return [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]


def from_matrix_one(m: Sequence[Sequence[float]]) -> Quaternion:
    """Return the unit quaternion, whose w is not negative, of a rotation matrix, its rows.

    Source: Shepperd, "Quaternion from rotation matrix", 1978.
    """
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = m
    x, y, z, w = 1 + xx - yy - zz, 1 - xx + yy - zz, 1 - xx - yy + zz, 1 + xx + yy + zz
    largest = max(x, y, z, w)
    if largest == w:
        found = zy - yz, xz - zx, yx - xy, w
    elif largest == x:
        found = x, xy + yx, xz + zx, zy - yz
    elif largest == y:
        found = xy + yx, y, yz + zy, xz - zx
    else:
        found = xz + zx, yz + zy, z, yx - xy
    x, y, z, w = found
    scale = math.copysign(1.0 / max(math.sqrt(x * x + y * y + z * z + w * w), TINY), w)
    return x * scale, y * scale, z * scale, w * scale


def angle_deg_one(rotation: Quaternion) -> float:
    """Return how far a rotation turns, 0..180."""
    return math.degrees(2 * math.acos(min(abs(rotation[3]), 1.0)))


def euler_deg_one(rotation: Quaternion) -> Vector:
    """Return pitch, yaw and roll about x, y and z of avatar space: R = Ry(yaw) · Rx(pitch) · Rz(roll).

    A head that looks down has a positive pitch, one that turns to its left a positive yaw, one that leans to its right
    a positive roll. The order is that of Unity's ``Quaternion.Euler``.
    """
    x, y, z, w = rotation
    pitch = math.asin(max(-1.0, min(1.0, 2 * (w * x - y * z))))
    yaw = math.atan2(2 * (x * z + w * y), 1 - 2 * (x * x + y * y))
    roll = math.atan2(2 * (x * y + w * z), 1 - 2 * (x * x + z * z))
    return math.degrees(pitch), math.degrees(yaw), math.degrees(roll)
