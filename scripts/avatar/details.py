"""What is on and in the face: eyes, lashes, brows, the mouth's inside, teeth and tongue."""

from dataclasses import replace

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
    opening,
    upper_lid,
)
from scripts.avatar.head import normal, surface
from scripts.avatar.mesh import Floats, Ints, Mesh, both_sides, following, merged, mirrored, smooth_normals, unit

EYE_RADIUS = 0.046
EYE_DEPTH = 0.0028
"Metres from the skin to the eyeball behind it."

IRIS_HALF = (0.0202, 0.0250)
IRIS_MIDDLE = np.array([-0.0014, 0.0002])
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
    closed = np.concatenate([outline, outline[:1]])
    count = len(closed)
    high = (closed[:, 1] - EYE[1]) > 0.0
    rows = [drawing(closed, lift) for lift in (0.0, -0.0060)]
    lid = np.tile(np.where(np.arange(count) % (count - 1) <= (count - 1) // 2, 1.0, -1.0), 2)
    of = Drawing(
        np.concatenate([row.pq for row in rows]),
        np.concatenate([row.lift for row in rows]),
        lid,
        np.zeros(2 * count),
        np.zeros(2 * count),
    )
    uvs = np.where(np.tile(high, 2)[:, None], swatch(DETAIL["lash"], 2 * count), swatch(DETAIL["lid"], 2 * count))
    return _drawn(of, _grid(2, count), uvs)


def _strip(t: Floats, edge: Floats, thickness: Floats, lifts: tuple[float, float, float], lid: float) -> Drawing:
    """Return a ridge along a lid: its edge at the eye, its crest and its far edge, in three rows."""
    across = EYE[0] + t * EYE_HALF_WIDTH
    rows = [np.stack([across, EYE[1] + edge + thickness * part], axis=1) for part in (0.0, 0.5, 1.0)]
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
    t = np.linspace(-0.97, 1.0, 26)
    out = np.clip((t + 0.97) / 1.97, 0, 1)
    thickness = 0.0003 + 0.0056 * out**0.6 * (1 - 0.25 * out**6)
    main = _ridge(_strip(t, upper_lid(t) - 0.0006, thickness, (0.0004, 0.0022, 0.0006), 1.0), len(t), "lash")
    return merged([main, *(_lash_tip(*tip) for tip in ((0.84, 0.0085, 0.0074), (0.97, 0.0100, 0.0028)))])


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


def _mouth() -> Mesh:
    """The bag behind the lips: from their edge in, wider behind them, dark at its end."""
    outline = mouth_outline()
    count = len(outline)
    rows, uvs, scale = [], [], []
    for depth, grow, colour in (
        (0.0, 0.0, "gum"),
        (-0.004, 0.0, "gum"),
        (-0.009, 0.006, "throat"),
        (-0.026, 0.004, "throat"),
    ):
        of = drawing(outline, depth)
        upward = np.where(np.arange(count) < count // 2, 1.0, -1.0) * np.minimum(np.arange(count), 1)
        upward[0] = 1.0
        upward[count // 2] = 0.0
        of.pq[:, 1] += grow * upward
        rows.append(of)
        uvs.append(swatch(DETAIL[colour], count))
        scale.append(np.full(count, 1.0 if grow == 0.0 else 0.92))
    high = np.concatenate([np.arange(count) <= count // 2] * 4)
    t_open = opening((np.concatenate([outline] * 4)[:, 0] - MOUTH[0]) / 0.0165)
    of = Drawing(
        np.concatenate([row.pq for row in rows]),
        np.concatenate([row.lift for row in rows]),
        np.ones(4 * count),
        np.where(t_open > 0, high, 0.5).astype(float),
        np.where(t_open > 0, ~high, 0.5).astype(float),
    )
    mesh = _drawn(of, _grid(4, count)[:, ::-1], np.concatenate(uvs), jaw_weights(of), np.concatenate(scale))
    end = _end_of_mouth(mesh, count)
    return replace(mesh, triangles=np.concatenate([mesh.triangles, end]))


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
