"""The details of the face: eyes, lashes, brows, the mouth's inside, teeth and tongue."""

from dataclasses import replace
from typing import Final

import numpy as np
from scripts.avatar.atlas import DETAIL, IRIS, WHITE, fitted, swatch
from scripts.avatar.face import eye_outline, jaw_weights, mouth_outline, soft_normals
from scripts.avatar.face_shapes import BROW, all_displaced
from scripts.avatar.features import (
    EYE,
    EYE_HALF_WIDTH,
    MOUTH,
    Drawing,
    drawing,
    lower_lid,
    upper_lid,
)
from scripts.avatar.head import normal, surface
from scripts.avatar.mesh import Floats, Ints, Mesh, both_sides, following, merged, mirrored, smooth_normals, unit

EYE_RADIUS: Final = 0.046
EYE_DEPTH: Final = 0.0028
"Metres from the skin to the eyeball behind it."

IRIS_HALF: Final = (0.0202, 0.0250)
IRIS_MIDDLE: Final = np.array([-0.0014, 0.0002])
"Metres across and up from the eyeball's front."


def eye_centre() -> Floats:
    """Return (3,) the middle of the left eyeball, where its bone is."""
    on_skin = surface(EYE[None])
    return (on_skin - normal(on_skin) * (EYE_RADIUS + EYE_DEPTH))[0]


def details() -> Mesh:
    """Return all of it, both sides, with all shapes."""
    left = [_white(), _iris(), _lid_rim(), _lash(), _lower_lash(), _crease(), _brow()]
    glints = [_glints(1.0), mirrored(_glints(-1.0))]
    return merged(
        [both_sides(merged(left)), *glints, both_sides(_mouth()), both_sides(_teeth()), both_sides(_tongue())]
    )


def _grid(rows: int, columns: int) -> Ints:
    row, column = np.meshgrid(np.arange(rows - 1), np.arange(columns - 1), indexing="ij")
    a = (row * columns + column).reshape(-1)
    b, c, d = a + 1, a + columns + 1, a + columns
    return np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])


def _eye_frame() -> tuple[Floats, Floats, Floats]:
    """Return the eye's outward, upward and forward directions, each (3,)."""
    forward = normal(surface(EYE[None]))[0]
    side = unit(np.cross([0.0, 1.0, 0.0], forward))
    return side, np.cross(forward, side), forward


def _cap(across: Floats, up: Floats, radius: float) -> Floats:
    """Return (n, 3) places on the eyeball over metres across and up from its front."""
    side, upward, forward = _eye_frame()
    deep = np.sqrt(np.maximum(EYE_RADIUS**2 - across**2 - up**2, 0.0)) / EYE_RADIUS
    flat = np.outer(across, side) / EYE_RADIUS + np.outer(up, upward) / EYE_RADIUS
    return eye_centre() + radius * (flat + np.outer(deep, forward))


def _plain(positions: Floats, triangles: Ints, uvs: Floats) -> Mesh:
    return Mesh(positions, soft_normals(positions), uvs, triangles)


def _white() -> Mesh:
    disc, triangles = _disc((0.0, 0.012, 0.024, 0.033, 0.040), 20)
    positions = _cap(disc[:, 0], disc[:, 1], EYE_RADIUS)
    uvs = fitted(0.5 + disc * [1, -1] / (2 * 0.032), *WHITE)
    return following(_plain(positions, triangles, uvs), "head")


def _disc(radii: tuple[float, ...], count: int) -> tuple[Floats, Ints]:
    angle = np.linspace(0, 2 * np.pi, count + 1)[:-1]
    rings = [np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius for radius in radii[1:]]
    places = np.concatenate([[[0.0, 0.0]], *rings])
    triangles = [(0, 1 + step, 1 + (step + 1) % count) for step in range(count)]
    for row in range(len(radii) - 2):
        start, beyond = 1 + row * count, 1 + (row + 1) * count
        for step in range(count):
            after = (step + 1) % count
            triangles += [
                (start + step, beyond + step, beyond + after),
                (start + step, beyond + after, start + after),
            ]
    return places, np.array(triangles)


def _iris() -> Mesh:
    disc, triangles = _disc((0.0, 0.5, 1.0), 28)
    places = disc * IRIS_HALF + IRIS_MIDDLE
    positions = _cap(places[:, 0], places[:, 1], EYE_RADIUS + 0.0006)
    iris = _plain(positions, triangles, fitted(0.5 + disc * [0.5, -0.5], *IRIS))
    small = places * 0.0 + IRIS_MIDDLE
    centre = _cap(small[:, 0], small[:, 1], EYE_RADIUS + 0.0006)
    return following(replace(iris, shapes={"eyeWideLeft": (centre - positions) * 0.10}), "leftEye")


def _glints(side: float) -> Mesh:
    """The light in an eye: on the same side of both, so -1 for the one that is mirrored afterwards."""
    parts = []
    for across, up, wide, tall in (
        (-0.0072, 0.0098, 0.0058, 0.0066),
        (0.0078, -0.0102, 0.0029, 0.0032),
        (0.0070, 0.0030, 0.0013, 0.0015),
    ):
        glint, glint_triangles = _disc((0.0, 1.0), 12 if wide > 0.002 else 8)
        spot = glint * [wide, tall] + [across * side, up] + IRIS_MIDDLE
        at = _cap(spot[:, 0], spot[:, 1], EYE_RADIUS + 0.0012)
        parts.append(_plain(at, glint_triangles, swatch(DETAIL["shine"], len(at))))
    return following(merged(parts), "leftEye")


def _drawn(
    of: Drawing, triangles: Ints, uvs: Floats, weights: dict[str, Floats] | None = None, scale: Floats | float = 1.0
) -> Mesh:
    positions = surface(of.pq, of.lift)
    shapes = {name: moves * np.reshape(scale, (-1, 1)) for name, moves in all_displaced(of).items()}
    mesh = Mesh(positions, soft_normals(positions), uvs, triangles, weights or {}, shapes)
    return mesh if weights else following(mesh, "head")


def _lid_rim() -> Mesh:
    """The lids' thickness: from the skin's edge in to the eyeball, dark above as a lash's shadow."""
    outline = eye_outline()
    half = len(outline) // 2
    upper, lower = outline[: half + 1], np.concatenate([outline[half:], outline[:1]])
    return merged([_rim(upper, 1.0, "lash"), _rim(lower, -1.0, "lid")])


def _rim(edge: Floats, lid: float, colour: str) -> Mesh:
    n = 2 * len(edge)
    lift = np.repeat([0.0, -0.0060], len(edge))
    of = Drawing(np.tile(edge, (2, 1)), lift, np.full(n, lid), np.zeros(n), np.zeros(n))
    return _drawn(of, _grid(2, len(edge)), swatch(DETAIL[colour], n))


def _strip(t: Floats, edge: Floats, thickness: Floats, lifts: tuple[float, float, float], lid: float) -> Drawing:
    """Return a ridge along a lid: its edge at the eye, its crest and its far edge, in three rows."""
    line = np.stack([t * EYE_HALF_WIDTH, edge], axis=1)
    outward = unit(line * [0.9, 1.0]) * np.sign(edge.sum())
    rows = [EYE + line + outward * (thickness * part)[:, None] for part in (0.0, 0.5, 1.0)]
    lift = np.concatenate([np.full(len(t), value) for value in lifts])
    n = 3 * len(t)
    return Drawing(np.concatenate(rows), lift, np.full(n, lid), np.zeros(n), np.zeros(n))


def _follow_edge(of: Drawing, count: int) -> Drawing:
    """Return the rows of a ridge all at the place of its first one, for the shapes to move them alike."""
    rows = len(of.pq) // count
    return replace(of, pq=np.tile(of.pq[:count], (rows, 1)))


def _ridge(of: Drawing, count: int, colour: str) -> Mesh:
    flat = _drawn(of, _grid(3, count), swatch(DETAIL[colour], len(of.pq)))
    alike = _follow_edge(of, count)
    return replace(flat, shapes=all_displaced(alike))


def _lash() -> Mesh:
    t = -np.cos(np.linspace(0.22, np.pi, 26))
    out = np.clip((t - t[0]) / (t[-1] - t[0]), 0, 1)
    thickness = 0.0003 + 0.0054 * out**0.6 * (1 - 0.80 * out**12)
    main = _ridge(_strip(t, upper_lid(t) - 0.0006, thickness, (0.0006, 0.0026, 0.0008), 1.0), len(t), "lash")
    whole = merged([main, *(_lash_tip(*tip) for tip in ((0.86, 0.0082, 0.0078), (0.985, 0.0098, 0.0036)))])
    over_lower_lid = whole.shapes["eyeBlinkLeft"] + whole.normals * 0.0024
    return replace(whole, shapes={**whole.shapes, "eyeBlinkLeft": over_lower_lid})


def _crease() -> Mesh:
    t = np.linspace(-0.72, 0.66, 14)
    thickness = 0.0010 * np.sin(np.linspace(0.02, 0.98, 14) * np.pi) ** 0.5
    drawn = _strip(t, upper_lid(t) + 0.0098, thickness, (0.0002, 0.0007, 0.0002), 1.0)
    return _ridge(drawn, len(t), "lower_lash")


def _lash_tip(t: float, out: float, up: float) -> Mesh:
    """A tip of the lash: a small horn at a place of the lid, outward and up."""
    base = np.array([t * EYE_HALF_WIDTH, float(upper_lid(np.array([t]))[0]) + 0.0012])
    along = unit(np.array([out, up]))
    across = np.array([along[1], -along[0]]) * 0.0026
    end = base + [out, up]
    middle = base + np.array([out, up]) * [0.62, 0.42]
    places = np.stack([base - across * 1.2, base + across * 1.6, middle - across * 0.7, middle + across * 0.7, end])
    of = Drawing(places + EYE, np.array([0.0014, 0.0014, 0.0022, 0.0022, 0.0026]), np.ones(5), np.zeros(5), np.zeros(5))
    mesh = _drawn(of, np.array([[0, 1, 3], [0, 3, 2], [2, 3, 4]]), swatch(DETAIL["lash"], 5))
    anchor = replace(of, pq=np.tile(EYE + [base[0], base[1] - 0.0012], (5, 1)))
    return replace(mesh, shapes=all_displaced(anchor))


def _lower_lash() -> Mesh:
    t = np.linspace(-0.15, 0.97, 16)
    thickness = -0.0011 * np.sin(np.clip((t + 0.15) / 1.12, 0, 1) * np.pi) ** 0.6
    mesh = _ridge(_strip(t, lower_lid(t) + 0.0002, thickness, (0.0003, 0.0009, 0.0003), -1.0), len(t), "lower_lash")
    return replace(mesh, triangles=mesh.triangles[:, ::-1])


def _brow() -> Mesh:
    t = np.linspace(-1, 1, 14)
    line = np.stack([BROW[0] + 0.0215 * t, BROW[1] + 0.0030 * (1 - t**2) - 0.0010 * t], axis=1)
    half = 0.0026 * np.clip(1 - np.abs(t) ** 4, 0.0, 1.0) ** 0.5 * (1.15 - 0.35 * t) + 0.0001
    rows = [line + np.stack([0 * t, half * part], axis=1) for part in (-1.0, 0.0, 1.0)]
    lift = np.concatenate([np.full(14, value) for value in (0.0008, 0.0030, 0.0008)])
    of = Drawing(np.concatenate(rows), lift, np.ones(42), np.zeros(42), np.zeros(42))
    mesh = _drawn(of, _grid(3, 14), swatch(DETAIL["brow"], 42))
    moves = {name: move for name, move in mesh.shapes.items() if name.startswith(("brow", "noseSneer"))}
    return replace(mesh, shapes=moves)


MOUTH_ROWS: Final = ((0.0, 0.0, "gum"), (-0.004, 0.0, "gum"), (-0.009, 0.006, "throat"), (-0.026, 0.004, "throat"))
"""Of the mouth's inside, from the lips in: metres over the skin, how much wider than the lips are, and its colour."""


def _mouth() -> Mesh:
    """The left half of the bag behind the lips: wider behind them, dark at its end."""
    outline = mouth_outline()
    count, corner = len(outline), len(outline) // 2
    upward = np.sign(corner - np.arange(count))
    rows = [drawing(outline, lift) for lift, _, _ in MOUTH_ROWS]
    for row, (_, wider, _) in zip(rows, MOUTH_ROWS, strict=True):
        row.pq[:, 1] += wider * upward
    upper = np.tile(0.5 + 0.5 * upward, len(rows))
    of = Drawing(
        pq=np.concatenate([row.pq for row in rows]),
        lift=np.concatenate([row.lift for row in rows]),
        lid=np.ones(len(upper)),
        upper_lip=upper,
        lower_lip=1 - upper,
    )
    uvs = np.concatenate([swatch(DETAIL[colour], count) for _, _, colour in MOUTH_ROWS])
    scale = np.repeat([1.0 if wider == 0.0 else 0.92 for _, wider, _ in MOUTH_ROWS], count)
    mesh = _drawn(of, _grid(len(rows), count)[:, ::-1], uvs, jaw_weights(of), scale)
    return replace(mesh, triangles=np.concatenate([mesh.triangles, _end_of_mouth(mesh, count)]))


def _end_of_mouth(mesh: Mesh, count: int) -> Ints:
    last = len(mesh.positions) - count
    steps = range(count // 2)
    near = [(last + step, last + step + 1, last + count - 1 - step) for step in steps]
    far = [(last + step + 1, last + count - 2 - step, last + count - 1 - step) for step in steps]
    return np.array(near + far[:-1])


def _teeth() -> Mesh:
    """The upper row, as one; round lips draw it back behind them."""
    across = np.linspace(0, 0.0125, 7)
    bend = np.linspace(0, 1, 7) ** 2
    rows = [np.stack([across, MOUTH[1] + height * (1 - 0.35 * bend)], axis=1) for height in (0.0045, -0.0032)]
    positions = surface(np.concatenate(rows), np.tile(-0.0060 - 0.002 * bend, 2))
    inward = positions * [-1, 0, 0]
    shapes = {"mouthFunnel": 0.45 * inward + [0, 0.0050, -0.004], "mouthPucker": 0.5 * inward + [0, 0.0030, -0.004]}
    mesh = Mesh(positions, soft_normals(positions), swatch(DETAIL["tooth"], 14), _grid(2, 7)[:, ::-1], shapes=shapes)
    return following(mesh, "head")


def _tongue() -> Mesh:
    """The left half of a long drop, round at its front end."""
    a, b = np.meshgrid(np.linspace(0, np.pi, 8), np.array([0.0, 0.35, 0.65, 0.85, 0.96, 1.0]))
    size = np.sqrt(np.maximum(1 - b**4, 0.0))
    positions = np.stack([0.0112 * np.sin(a) * size, 0.0066 * np.cos(a) * size, 0.018 * b], axis=-1).reshape(-1, 3)
    back = surface(np.array([[0.0, MOUTH[1] - 0.002]]), np.array([-0.027]))[0]
    positions = positions + back - [0, 0.0080, 0]
    triangles = _grid(6, 8)[:, ::-1]
    zero = np.zeros_like(positions)
    reach = (b.reshape(-1) ** 1.5)[:, None]
    shapes = {
        "jawOpen": zero + [0, -0.0170, 0.001],
        "mouthClose": zero + [0, 0.0120, 0],
        "tongueOut": reach * [0, -0.0075, 0.021] + [0, -0.001, 0.004] - reach**4 * [0, 0.0070, -0.004],
    }
    normals = smooth_normals(positions, triangles)
    mesh = Mesh(positions, normals, swatch(DETAIL["tongue"], len(positions)), triangles, shapes=shapes)
    return following(mesh, "jaw")
