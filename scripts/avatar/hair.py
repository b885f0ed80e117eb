"""The hair: a cap on the skull, a fringe, side locks, a bob behind and two tails that swing."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scripts.avatar.atlas import OUTFIT, swatch
from scripts.avatar.head import RADIUS, surface
from scripts.avatar.loft import curve, over, ring, tube
from scripts.avatar.mesh import Floats, Mesh, both_sides, following, merged, mirrored, unit
from scripts.avatar.skeleton import Chain, chain, mirrored_chain
from scripts.avatar.weights import swinging

MIDDLE = np.array([0.0, 1.34, -0.012])


def scalp(azimuth_deg: float, elevation_deg: float, lift: float) -> Floats:
    """Return (3,) a place over the head: degrees to the left and up from straight ahead, metres over the skin."""
    pq = np.radians([[azimuth_deg, elevation_deg]]) * RADIUS
    return surface(pq, lift)[0]


def hair() -> tuple[Mesh, list[Chain]]:
    """Return all hair and the chains that it swings by."""
    parts, chains = [], []
    for made in (_fringe, _side_locks, _tails, _ahoge, _bob):  # outermost first: what they hide is not shaded
        mesh, hung = made()
        parts.append(mesh)
        chains += hung
    return merged([*parts, _shaded(following(_cap(), "head"))]), chains


def _shaded(mesh: Mesh) -> Mesh:
    """Return hair of the head coloured by height, so that its ring of light goes around all of it."""
    v = np.clip((1.505 - mesh.positions[:, 1]) / 0.40, 0.004, 0.996)
    return replace(mesh, uvs=np.stack([np.clip(mesh.uvs[:, 0], 0.01, 0.99) * 0.5, v], axis=1))


def _cap() -> Mesh:
    azimuth = np.linspace(-180, 180, 41)
    edge = np.interp(np.abs(azimuth), [0, 25, 50, 70, 90, 115, 150, 180], [44, 40, 27, 12, -4, -24, -36, -38])
    rows = []
    for share, lift in (
        (0.0, -0.010),
        (0.0, 0.006),
        (0.06, 0.014),
        (0.2, 0.0165),
        (0.4, 0.0165),
        (0.6, 0.0165),
        (0.8, 0.0165),
        (0.93, 0.0165),
    ):
        elevation = edge + (90 - edge) * share
        pq = np.radians(np.stack([azimuth, elevation], axis=1)) * RADIUS
        rows.append(surface(pq, lift))
    top = surface(np.radians([[0.0, 90.0]]) * RADIUS, 0.0165)
    rows.append(top.repeat(41, 0))
    return over(np.stack(rows))


def _lock(
    points: Sequence[Floats], width: Sequence[float], thick: Sequence[float], count: int = 11, sides: int = 6
) -> Mesh:
    path = curve(np.stack(list(points)), count)
    share = np.linspace(0, 1, count)
    wide = np.interp(share, np.linspace(0, 1, len(width)), width)
    deep = np.interp(share, np.linspace(0, 1, len(thick)), thick)
    out = path - MIDDLE
    out[:, 1] *= 0.45
    return tube(path, unit(out), np.stack([wide, deep], axis=1), ring(sides, 1.7))


def _on_head(path: Sequence[tuple[float, float, float]]) -> list[Floats]:
    return [scalp(*place) for place in path]


def _fringe() -> tuple[Mesh, list[Chain]]:
    """Locks over the forehead: (azimuth, elevation, lift) from the crown to the tip, and half their width."""
    drawn = [
        ([(0, 68, 0.016), (-44, 50, 0.019), (-60, 22, 0.018), (-62, -8, 0.013)], 0.0200),
        ([(24, 66, 0.016), (52, 48, 0.019), (63, 20, 0.018), (63, -8, 0.013)], 0.0200),
        ([(8, 72, 0.017), (-28, 54, 0.020), (-42, 32, 0.018), (-50, 6, 0.013)], 0.0210),
        ([(20, 70, 0.017), (42, 50, 0.020), (50, 28, 0.018), (50, 4, 0.013)], 0.0200),
        ([(12, 74, 0.018), (-10, 56, 0.022), (-24, 36, 0.020), (-34, 14, 0.013)], 0.0210),
        ([(18, 72, 0.018), (30, 50, 0.022), (33, 31, 0.020), (29, 14, 0.013)], 0.0190),
        ([(16, 74, 0.018), (20, 52, 0.023), (17, 33, 0.020), (8, 19, 0.013)], 0.0165),
        ([(14, 74, 0.019), (6, 53, 0.025), (-6, 33, 0.022), (-18, 13, 0.014)], 0.0200),
    ]
    meshes, chains = [], []
    for number, (path, half) in enumerate(drawn, start=1):
        places = _on_head(path)
        lock = _lock(places, [half * 0.75, half, half, half * 0.8, 0.0008], [0.006, 0.0065, 0.006, 0.005, 0.0008], 10)
        smooth = curve(np.stack(places), 10)
        hung = chain(f"fringe{number}x", "head", smooth[[4, 6, 9]], stiffness=1.6, gravity=0.05, drag=0.5, radius=0.008)
        meshes.append(_swung(lock, hung, 4 / 9, "head"))
        chains.append(hung)
    return _shaded(merged(meshes)), chains


def _swung(lock: Mesh, hung: Chain, start: float, root: str) -> Mesh:
    """Return a lock that follows a chain spread from ``start`` of its length to its end."""
    along = (lock.uvs[:, 1] - start) / (1 - start) * (len(hung.joints) - 1)
    return replace(lock, weights=swinging(along, hung, root))


def _side_locks() -> tuple[Mesh, list[Chain]]:
    places = _on_head([(44, 58, 0.012), (62, 34, 0.017), (68, 6, 0.018), (66, -22, 0.019)])
    places += [np.array([0.098, 1.215, 0.052]), np.array([0.088, 1.165, 0.066]), np.array([0.093, 1.115, 0.078])]
    lock = _lock(
        places,
        [0.014, 0.024, 0.0250, 0.0235, 0.0210, 0.016, 0.0008],
        [0.006, 0.007, 0.0075, 0.0075, 0.007, 0.006, 0.0008],
        15,
    )
    path = curve(np.stack(places), 15)
    hung = chain(
        "leftLock",
        "head",
        path[[6, 9, 11, 14]],
        stiffness=1.0,
        gravity=0.15,
        drag=0.45,
        radius=0.012,
        colliders=("head", "chest"),
    )
    left = _shaded(_swung(lock, hung, 6 / 14, "head"))
    return merged([left, mirrored(left)]), [hung, mirrored_chain(hung)]


def _bob() -> tuple[Mesh, list[Chain]]:
    meshes, chains = [], []
    for number, azimuth in enumerate((104, 128, 152, 180, -152, -128, -104), start=1):
        places = _on_head([(azimuth, 34, 0.013), (azimuth, 8, 0.017), (azimuth, -18, 0.019), (azimuth, -38, 0.021)])
        away = unit((places[-1] - MIDDLE) * [1, 0, 1])
        end = places[-1]
        places += [end + [0, -0.035, 0] - away * 0.004, end + [0, -0.072, 0] + away * 0.006]
        half = 0.026
        lock = _lock(
            places,
            [half * 0.8, half, half, half, half * 0.85, half * 0.55, 0.001],
            [0.006, 0.008, 0.009, 0.009, 0.008, 0.006, 0.001],
            12,
        )
        path = curve(np.stack(places), 12)
        hung = chain(
            f"back{number}x",
            "head",
            path[[6, 8, 11]],
            stiffness=1.4,
            gravity=0.1,
            drag=0.5,
            radius=0.012,
            colliders=("chest",),
        )
        meshes.append(_swung(lock, hung, 6 / 11, "head"))
        chains.append(hung)
    return _shaded(merged(meshes)), chains


TAIL = [
    (0.098, 1.378, -0.078),
    (0.132, 1.396, -0.096),
    (0.172, 1.362, -0.110),
    (0.200, 1.262, -0.118),
    (0.196, 1.140, -0.122),
    (0.172, 1.030, -0.118),
    (0.188, 0.925, -0.104),
    (0.226, 0.868, -0.086),
]


def _tails() -> tuple[Mesh, list[Chain]]:
    main = np.array(TAIL)
    path = curve(main, 19)
    hung = chain(
        "leftTail",
        "head",
        path[[2, 5, 8, 11, 14, 18]],
        stiffness=0.45,
        gravity=0.16,
        drag=0.3,
        radius=0.026,
        colliders=("head", "chest", "arms"),
    )
    strands = []
    for sideways, back, length, size in (
        (0.0, 0.0, 1.0, 1.0),
        (0.022, 0.014, 0.86, 0.72),
        (-0.020, 0.012, 0.80, 0.66),
        (0.004, -0.022, 0.72, 0.60),
    ):
        spread = np.array([0.0, 0.2, 0.7, 1.0, 1.1, 1.1, 1.3, 1.8])[:, None]
        points = main + spread * [sideways, 0.0, -back]
        points = curve(points, 40)[: int(40 * length)]
        width = np.array([0.012, 0.030, 0.041, 0.043, 0.039, 0.032, 0.020, 0.0008]) * size
        strand = _lock(list(curve(points, 9)), width, width * 0.72, 15, 8)
        share = np.clip(strand.uvs[:, 1] * length, 0, 1)
        along = np.interp(share * 18, [2, 5, 8, 11, 14, 18], [0, 1, 2, 3, 4, 5])
        along = np.where(share * 18 < 2, share * 9 - 1, along)
        uvs = np.stack(
            [0.5 + 0.5 * np.clip(strand.uvs[:, 0], 0.02, 0.98), np.clip(share / length * 0.995, 0.004, 0.996)], axis=1
        )
        strands.append(replace(strand, uvs=uvs, weights=swinging(along, hung, "head")))
    left = merged(strands)
    return merged([left, mirrored(left)]), [hung, mirrored_chain(hung)]


def hair_ties() -> Mesh:
    """Return the rings that hold the tails; painted as the outfit."""
    path = curve(np.array(TAIL), 19)[1:4]
    start, end = path[0], path[2]
    along = unit(end - start)
    middle = start + along * 0.012
    points = middle + np.outer([-0.010, -0.009, 0.0, 0.009, 0.010], along)
    size = np.array([0.010, 0.0185, 0.0215, 0.0185, 0.010])
    tie = tube(points, np.array([0.0, 0.0, 1.0]), np.stack([size, size], axis=1), ring(12))
    return both_sides(following(replace(tie, uvs=swatch(OUTFIT["glow"], len(tie.uvs))), "head"))


def hairpins() -> Mesh:
    """Return two crossed pins over the fringe; painted as the outfit."""
    pins = []
    for start, end in (((-41, 40), (-52, 27)), ((-52, 39), (-41, 28))):
        path = np.stack(
            [scalp(*start, 0.0275), scalp((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, 0.029), scalp(*end, 0.0275)]
        )
        size = np.tile([0.0042, 0.0020], (5, 1))
        size[[0, -1]] *= 0.6
        pins.append(tube(curve(path, 5), unit(path.mean(axis=0) - MIDDLE), size, ring(8, 3.0)))
    pin = merged(pins)
    return following(replace(pin, uvs=swatch(OUTFIT["glow"], len(pin.uvs))), "head")


def _ahoge() -> tuple[Mesh, list[Chain]]:
    base = scalp(0, 84, 0.014)
    places = [base, base + [0.004, 0.026, 0.006], base + [0.020, 0.044, 0.022], base + [0.044, 0.044, 0.036]]
    lock = _lock(places, [0.005, 0.008, 0.0075, 0.0006], [0.003, 0.004, 0.004, 0.0006], 9, 6)
    path = curve(np.stack(places), 9)
    hung = chain("ahoge", "head", path[[0, 4, 8]], stiffness=1.2, gravity=0.0, drag=0.3, radius=0.005)
    return _shaded(_swung(lock, hung, 0.0, "head")), [hung]
