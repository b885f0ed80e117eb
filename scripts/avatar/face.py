"""The skin of the face: an even mesh with its edges along the lids and the lips, where it has holes."""

import numpy as np
from scripts.avatar.face_shapes import all_displaced
from scripts.avatar.features import (
    EYE,
    EYE_HALF_WIDTH,
    MOUTH,
    MOUTH_HALF_WIDTH,
    Drawing,
    drawing,
    lower_lid,
    lower_lip,
    opening,
    upper_lid,
    upper_lip,
)
from scripts.avatar.head import CENTRE, surface
from scripts.avatar.mesh import Floats, Ints, Mesh, both_sides, smoothstep, unit
from scripts.avatar.triangulate import triangulated
from scripts.avatar.weights import Weights

WIDE, LOW, HIGH = 0.262, -0.164, 0.112
"How far the skin reaches on the unrolled head; hair and neck cover its edge."

EYE_RINGS = (0.0, 0.0022, 0.0052, 0.0092, 0.0142)
MOUTH_RINGS = (0.0, 0.0014, 0.0036, 0.0068, 0.0108)
"Metres from the hole's edge to each row of vertices around it."


def skin_of_face() -> Mesh:
    """Return the face, both sides, with all shapes."""
    meshed = _places()
    triangles = _triangles(meshed)
    used, where = np.unique(triangles, return_inverse=True)
    meshed, triangles = meshed[used], where.reshape(-1, 3)
    drawn = drawing(meshed)
    positions = surface(drawn.pq)
    half = Mesh(
        positions=positions,
        normals=soft_normals(positions),
        uvs=face_uvs(meshed),
        triangles=triangles,
        weights=jaw_weights(drawn),
        shapes=all_displaced(drawn),
    )
    return both_sides(half)


def soft_normals(positions: Floats) -> Floats:
    """Return (n, 3) normals of a face as it is drawn: rounder than it is, so that light falls in one clean edge."""
    ball = unit((positions - CENTRE) * [1.0, 0.72, 1.0])
    return unit(ball)


def face_uvs(meshed: Floats) -> Floats:
    """Return (n, 2) where places (n, 2) are in the picture of the face: 22 cm of the front; beyond it its edge."""
    uv = np.stack([0.5 + np.abs(meshed[:, 0]) / 0.22, 0.5 - (meshed[:, 1] + 0.010) / 0.22], axis=1)
    return np.clip(uv, 0.004, 0.996)


def jaw_weights(drawn: Drawing) -> Weights:
    """Return weights of the jaw and the head: the lower lip and the chin follow the jaw."""
    jaw = smoothstep(drawn.pq[:, 1], MOUTH[1] + 0.004, MOUTH[1] - 0.03) * smoothstep(
        np.abs(drawn.pq[:, 0]), 0.095, 0.030
    )
    wide = opening((drawn.pq[:, 0] - MOUTH[0]) / MOUTH_HALF_WIDTH)
    jaw = np.maximum(jaw * (1 - drawn.upper_lip), drawn.lower_lip * 0.9 * wide)
    return {"head": 1 - jaw, "jaw": jaw}


def eye_outline(count: int = 17, offset: float = 0.0) -> Floats:
    """Return (2 * count - 2, 2) places around the left eye, from its inner corner over the upper lid."""
    t = -np.cos(np.linspace(0, np.pi, count))
    upper = np.stack([t * EYE_HALF_WIDTH, upper_lid(t)], axis=1)
    lower = np.stack([t * EYE_HALF_WIDTH, lower_lid(t)], axis=1)[-2:0:-1]
    return _grown(np.concatenate([upper, lower]), offset) + EYE


def mouth_outline(count: int = 10, offset: float = 0.0) -> Floats:
    """Return (2 * count - 1, 2) places around the mouth's left half, from the middle of the upper lip."""
    t = np.sin(np.linspace(0, np.pi / 2, count))
    upper = np.stack([t * MOUTH_HALF_WIDTH, upper_lip(t)], axis=1)
    lower = np.stack([t * MOUTH_HALF_WIDTH, lower_lip(t)], axis=1)[-2::-1]
    whole = np.concatenate([upper, lower])
    grown = whole + unit(whole / [1.0, 0.45]) * offset
    grown[[0, -1], 0] = 0.0
    return grown + MOUTH


def _grown(outline: Floats, offset: float) -> Floats:
    return outline + unit(outline - [0.0, 0.001]) * offset


def _places() -> Floats:
    fixed = [eye_outline(17, offset) for offset in EYE_RINGS] + [mouth_outline(10, offset) for offset in MOUTH_RINGS]
    middle = np.arange(LOW, HIGH + 1e-9, 0.006)
    middle = middle[np.abs(middle - MOUTH[1]) > MOUTH_RINGS[-1] + 0.008]
    fixed.append(np.stack([np.zeros_like(middle), middle], axis=1))
    kept = np.concatenate(fixed)
    kept = kept[kept[:, 0] >= -1e-9]
    grid = _grid()
    distance = np.linalg.norm(grid[:, None] - kept[None], axis=2).min(axis=1)
    spacing = _spacing(grid)
    clear = (distance > 0.72 * spacing) & ~_inside(grid, eye_outline()) & ~_inside(grid, _mouth_whole())
    return np.concatenate([kept, grid[clear]])


def _spacing(places: Floats) -> Floats:
    front = np.hypot(places[:, 0] / 1.1, (places[:, 1] + 0.015))
    return 0.0094 + 0.0100 * smoothstep(front, 0.06, 0.15)


def _grid() -> Floats:
    """Rows of places whose distances grow away from the front."""
    places, up, odd = [], LOW, 0
    while up <= HIGH + 1e-9:
        across = 0.005 if odd else 0.0095
        while across < WIDE:
            places.append((across, up))
            across += float(_spacing(np.array([[across, up]]))[0])
        places.append((WIDE, up))
        up += 0.866 * float(_spacing(np.array([[0.03, up]]))[0])
        odd = 1 - odd
    return np.array(places)


def _mouth_whole() -> Floats:
    left = mouth_outline()
    return np.concatenate([left, left[::-1] * [-1, 1]])


def _triangles(places: Floats) -> Ints:
    ghosts = places[(places[:, 0] > 1e-9) & (places[:, 0] < 0.03)] * [-1, 1]
    triangles = triangulated(np.concatenate([places, ghosts]))
    triangles = triangles[(triangles < len(places)).all(axis=1)]
    middle = places[triangles].mean(axis=1)
    return triangles[~_inside(middle, eye_outline()) & ~_inside(middle, _mouth_whole())]


def _inside(places: Floats, outline: Floats) -> Floats:
    """Even-odd rule: (n,) whether each place is in the polygon."""
    x, y = places[:, 0][:, None], places[:, 1][:, None]
    x1, y1 = outline.T
    x2, y2 = np.roll(outline, -1, axis=0).T
    spans = (y1 > y) != (y2 > y)
    rise = np.where(np.abs(y2 - y1) < 1e-12, 1e-12, y2 - y1)
    crosses = spans & (x < (x2 - x1) * (y - y1) / rise + x1)
    return crosses.sum(axis=1) % 2 == 1
