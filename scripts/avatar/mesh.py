"""Meshes of triangles with skin weights and shapes, and what joins, mirrors and smooths them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Triangles of one material. Avatar space, metres."""

    positions: Floats
    "(n, 3)."
    normals: Floats
    "(n, 3), unit length."
    uvs: Floats
    "(n, 2), 0..1, v down, as in glTF."
    triangles: Ints
    "(m, 3), counter-clockwise from outside."
    weights: Mapping[str, Floats] = field(default_factory=dict)
    "By joint: (n,) how much each vertex follows it."
    shapes: Mapping[str, Floats] = field(default_factory=dict)
    "By shape: (n, 3) how far each vertex goes when it is at 1."


def merged(meshes: Iterable[Mesh]) -> Mesh:
    """Return one mesh of all; joints and shapes that a part does not have are 0 there."""
    parts = list(meshes)
    starts = np.cumsum([0] + [len(part.positions) for part in parts[:-1]])
    joints = sorted({joint for part in parts for joint in part.weights})
    shapes = sorted({shape for part in parts for shape in part.shapes})
    return Mesh(
        positions=np.concatenate([part.positions for part in parts]),
        normals=np.concatenate([part.normals for part in parts]),
        uvs=np.concatenate([part.uvs for part in parts]),
        triangles=np.concatenate([part.triangles + start for part, start in zip(parts, starts, strict=True)]),
        weights={
            joint: np.concatenate([part.weights.get(joint, np.zeros(len(part.positions))) for part in parts])
            for joint in joints
        },
        shapes={
            shape: np.concatenate([part.shapes.get(shape, np.zeros_like(part.positions)) for part in parts])
            for shape in shapes
        },
    )


def other_side(name: str) -> str:
    """Return the other side's joint or shape, ``rightHand`` of ``leftHand``, ``jawRight`` of ``jawLeft``."""
    for one, other in (("left", "right"), ("right", "left"), ("Left", "Right"), ("Right", "Left")):
        if (one.islower() and name.startswith(one)) or name.endswith(one):
            return other.join(name.rsplit(one, 1)) if name.endswith(one) else name.replace(one, other, 1)
    return name


FLIP_X = np.array([-1.0, 1.0, 1.0])


def mirrored(mesh: Mesh) -> Mesh:
    """Return the mesh of the other side; joints and shapes of a side become the other side's."""
    return Mesh(
        positions=mesh.positions * FLIP_X,
        normals=mesh.normals * FLIP_X,
        uvs=mesh.uvs,
        triangles=mesh.triangles[:, ::-1],
        weights={other_side(joint): weight for joint, weight in mesh.weights.items()},
        shapes={other_side(shape): moves * FLIP_X for shape, moves in mesh.shapes.items()},
    )


def both_sides(mesh: Mesh) -> Mesh:
    """Return the mesh and its mirror image as one."""
    return merged([mesh, mirrored(mesh)])


def following(mesh: Mesh, joint: str) -> Mesh:
    """Return the mesh as a stiff part of one joint."""
    return replace(mesh, weights={joint: np.ones(len(mesh.positions))})


def smooth_normals(positions: Floats, triangles: Ints) -> Floats:
    """Return (n, 3) unit normals, the mean of the faces around each place; vertices in one place share theirs."""
    _, place = np.unique(np.round(positions * 1e5).astype(np.int64), axis=0, return_inverse=True)
    place = place.reshape(-1)
    a, b, c = (positions[triangles[:, corner]] for corner in range(3))
    faces = np.cross(b - a, c - a)
    total = np.zeros((place.max() + 1, 3))
    for corner in range(3):
        np.add.at(total, place[triangles[:, corner]], faces)
    return unit(total)[place]


def unit(vectors: Floats) -> Floats:
    """Return the vectors (..., 3) at length 1; one of length 0 is returned as it is."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.maximum(length, 1e-12)


def smoothstep(value: Floats, start: float | Floats = 0.0, end: float | Floats = 1.0) -> Floats:
    """Return 0 before ``start``, 1 after ``end`` and a smooth slope between; ``start`` may be the greater one."""
    t = np.clip((value - start) / (end - start), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)
