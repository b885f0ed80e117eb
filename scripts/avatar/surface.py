"""The skin of a field as an even mesh: surface nets, drawn onto the exact surface.

Method: S. Gibson, "Constrained Elastic Surface Nets" (1998): one vertex for each cell that the surface passes, one
quad for each edge of the grid that it crosses.
"""

import numpy as np
from scripts.avatar.fields import Field, normals, onto
from scripts.avatar.mesh import Floats, Ints, Mesh

EDGES = [(a, b) for a in range(8) for b in range(a + 1, 8) if (a ^ b) in (1, 2, 4)]
CORNERS = np.array([[corner >> 2 & 1, corner >> 1 & 1, corner & 1] for corner in range(8)])


def skin(field: Field, low: Floats | list[float], high: Floats | list[float], cell: float | list[float]) -> Mesh:
    """Return the field's surface between two corners of a box, in cells of ``cell`` metres; its uvs are all 0.

    Raises:
        ValueError: if the surface is not in the box, or reaches out of it.
    """
    size = np.broadcast_to(np.asarray(cell, float), 3)
    start = np.asarray(low, float)
    counts = np.ceil((np.asarray(high, float) - start) / size).astype(int) + 1
    grid = np.stack(np.meshgrid(*(np.arange(count) for count in counts), indexing="ij"), axis=-1)
    values = field(start + grid.reshape(-1, 3) * size).reshape(counts)
    if not (values < 0).any():
        raise ValueError("the surface is not in the box")
    points, cells = _vertices(values)
    quads = _quads(values, cells)
    positions = _relaxed(field, start + points * size, quads)
    return Mesh(
        positions=positions,
        normals=normals(field, positions),
        uvs=np.zeros((len(positions), 2)),
        triangles=split(positions, quads),
    )


def _vertices(values: Floats) -> tuple[Floats, Ints]:
    counts = np.array(values.shape) - 1
    corner = np.stack([values[x : x + counts[0], y : y + counts[1], z : z + counts[2]] for x, y, z in CORNERS], axis=-1)
    inside = corner < 0
    crossed = inside.any(axis=-1) & ~inside.all(axis=-1)
    where = np.argwhere(crossed)
    at = corner[crossed]
    total, number = np.zeros((len(at), 3)), np.zeros(len(at))
    for a, b in EDGES:
        cuts = (at[:, a] < 0) != (at[:, b] < 0)
        span = np.where(cuts, at[:, a] - at[:, b], 1.0)
        along = np.where(cuts, at[:, a] / span, 0.0)[:, None]
        total += np.where(cuts[:, None], CORNERS[a] + along * (CORNERS[b] - CORNERS[a]), 0.0)
        number += cuts
    cells = np.full(values.shape, -1)
    cells[tuple(where.T)] = np.arange(len(where))
    return where + total / number[:, None], cells


def _quads(values: Floats, cells: Ints) -> Ints:
    quads = []
    inside = values < 0
    for axis in range(3):
        one, two = (axis + 1) % 3, (axis + 2) % 3
        here = np.moveaxis(inside, axis, 0)
        crossing = np.argwhere(np.moveaxis(here[:-1] != here[1:], 0, axis))
        outward = inside[tuple(crossing.T)]
        if len(crossing) and crossing[:, [one, two]].min() == 0:
            raise ValueError("the surface reaches out of the box")
        around = []
        for back_one, back_two in ((1, 1), (0, 1), (0, 0), (1, 0)):
            cell = crossing.copy()
            cell[:, one] -= back_one
            cell[:, two] -= back_two
            around.append(cells[tuple(cell.T)])
        quad = np.stack(around, axis=1)
        quads.append(np.where(outward[:, None], quad, quad[:, ::-1]))
    return np.concatenate(quads)


def _relaxed(field: Field, points: Floats, quads: Ints, rounds: int = 4) -> Floats:
    points = onto(field, points)
    for _ in range(rounds):
        total, number = np.zeros_like(points), np.zeros(len(points))
        for corner in range(4):
            for neighbour in (quads[:, (corner + 1) % 4], quads[:, (corner + 3) % 4]):
                np.add.at(total, quads[:, corner], points[neighbour])
                np.add.at(number, quads[:, corner], 1)
        points = onto(field, points + 0.5 * (total / number[:, None] - points), 3)
    return points


def split(positions: Floats, quads: Ints) -> Ints:
    """Return (2n, 3) triangles of quads (n, 4), each cut along its shorter diagonal."""
    a, b, c, d = quads.T
    first = np.linalg.norm(positions[a] - positions[c], axis=1) <= np.linalg.norm(positions[b] - positions[d], axis=1)
    one = np.where(first[:, None], np.stack([a, b, c], 1), np.stack([a, b, d], 1))
    two = np.where(first[:, None], np.stack([a, c, d], 1), np.stack([b, c, d], 1))
    return np.stack([one, two], axis=1).reshape(-1, 3)
