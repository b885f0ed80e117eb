"""The clothes: a wide hoodie with a hood, shorts, socks and sneakers."""

from dataclasses import replace

import numpy as np

from scripts.avatar.atlas import OUTFIT, swatch
from scripts.avatar.fields import Field, above, both, box, cone, ellipsoid, joined, torus, within, without
from scripts.avatar.loft import curve, ring, tube
from scripts.avatar.mesh import Floats, Mesh, both_sides, merged, mirrored
from scripts.avatar.skeleton import Chain, chain, mirrored_chain
from scripts.avatar.surface import skin
from scripts.avatar.weights import body, foot, swinging

FORWARD = np.array([0.0, 0.0, 1.0])
ARM_Y, ARM_Z = 1.085, -0.010


def clothes() -> Mesh:
    """Return all clothes but the strings."""
    return merged([_hoodie(), _hood(), _hem(), both_sides(_cuff()), _shorts(), both_sides(_sock()), both_sides(_shoe())])


def _dressed(mesh: Mesh, colour: str) -> Mesh:
    return replace(mesh, uvs=swatch(OUTFIT[colour], len(mesh.positions)), weights=body(mesh.positions))


def _hoodie() -> Mesh:
    trunk = joined(
        0.05,
        cone((0, 0.745, -0.004), (0, 0.90, -0.006), 0.137, 0.128, (1, 1, 0.80)),
        cone((0, 0.90, -0.006), (0, 1.030, -0.012), 0.126, 0.098, (1, 1, 0.78)),
    )
    sleeve = joined(
        0.03,
        cone((0.075, ARM_Y - 0.006, ARM_Z), (0.20, ARM_Y, ARM_Z), 0.059, 0.056),
        cone((0.20, ARM_Y, ARM_Z), (0.36, ARM_Y - 0.002, ARM_Z), 0.056, 0.056),
        cone((0.36, ARM_Y - 0.002, ARM_Z), (0.425, ARM_Y - 0.004, ARM_Z), 0.056, 0.046),
    )
    whole = joined(0.055, trunk, both(sleeve))
    low = within(0.02, whole, above(0.672))
    mesh = skin(low, [-0.52, 0.62, -0.19], [0.52, 1.20, 0.17], [0.0185, 0.0185, 0.0185])
    return _printed(replace(mesh, weights=body(mesh.positions)))


def _printed(mesh: Mesh) -> Mesh:
    """Return the mesh with the outfit's picture projected on it: its left half in front, its right half behind."""
    behind = mesh.normals[mesh.triangles].mean(axis=1)[:, 2] < 0
    count = len(mesh.positions)
    split = np.where(behind[:, None], mesh.triangles + count, mesh.triangles)
    used, where = np.unique(split, return_inverse=True)
    double = merged([mesh, mesh])
    across = np.clip(0.25 + double.positions[:, 0] / 1.0, 0.005, 0.495)
    u = np.where(np.arange(2 * count) >= count, 1.0 - across, across)
    v = np.clip((1.20 - double.positions[:, 1]) / 0.60, 0.005, 0.995) * 0.87
    return Mesh(
        positions=double.positions[used],
        normals=double.normals[used],
        uvs=np.stack([u, v], axis=1)[used],
        triangles=where.reshape(-1, 3),
        weights={joint: weight[used] for joint, weight in double.weights.items()},
    )


def _hood() -> Mesh:
    """The hood, down: a thick roll around the neck, higher behind, where it hangs as a bag."""
    roll = torus((0, 1.128, -0.018), (0.077, 0.074), 0.027, 1.15)
    tilted: Field = lambda points: roll(_tilt(points))
    bag = ellipsoid((0, 1.095, -0.112), (0.078, 0.068, 0.040))
    solid = without(0.02, joined(0.045, tilted, bag), ellipsoid((0, 1.19, -0.030), (0.060, 0.060, 0.056)))
    mesh = skin(solid, [-0.15, 1.0, -0.19], [0.15, 1.23, 0.12], 0.0150)
    return _dressed(mesh, "hoodie")


def _tilt(points: Floats) -> Floats:
    tilted = points.copy()
    tilted[:, 1] += (points[:, 2] + 0.018) * 0.34
    return tilted


def _ring_of(path: Floats, sizes: Floats, count: int, up: Floats) -> Mesh:
    return tube(path, up, sizes, ring(count))


def _hem() -> Mesh:
    path = curve([(0, 0.655, -0.004), (0, 0.660, -0.004), (0, 0.685, -0.004), (0, 0.710, -0.005), (0, 0.716, -0.005)], 7)
    sizes = curve([(0.116, 0.093), (0.126, 0.101), (0.130, 0.104), (0.128, 0.103), (0.115, 0.092)], 7)
    return _dressed(tube(path, FORWARD, sizes, ring(28)), "trim")


def _cuff() -> Mesh:
    x = np.array([0.418, 0.421, 0.432, 0.449, 0.463, 0.467, 0.460])
    size = np.array([0.024, 0.030, 0.033, 0.0325, 0.031, 0.0275, 0.020])
    path = np.stack([x, np.full(7, ARM_Y - 0.001), np.full(7, ARM_Z)], axis=1)
    path[-1, 0] = 0.4685
    return _dressed(tube(path, FORWARD, np.stack([size, size], axis=1), ring(14)), "trim")


def _shorts() -> Mesh:
    leg = cone((0.071, 0.66, 0.0), (0.079, 0.53, 0.003), 0.078, 0.083)
    solid = joined(0.03, ellipsoid((0, 0.705, -0.006), (0.124, 0.085, 0.098)), both(leg))
    solid = within(0.012, solid, above(0.520))
    gap = cone((0, 0.40, 0), (0, 0.605, 0), 0.012, 0.004, (0.6, 1, 4.0))
    mesh = skin(without(0.015, solid, gap), [-0.20, 0.49, -0.16], [0.20, 0.82, 0.16], 0.0185)
    return _dressed(mesh, "dark")


def _sock() -> Mesh:
    heights = np.array([0.07, 0.10, 0.14, 0.20, 0.26, 0.290, 0.294, 0.318, 0.324, 0.322])
    radii = np.array([0.036, 0.036, 0.038, 0.046, 0.0520, 0.0530, 0.0555, 0.0560, 0.0530, 0.048])
    path = np.stack([np.full(10, 0.073), heights, np.interp(heights, [0.07, 0.3], [-0.008, 0.001])], axis=1)
    path[-1, 1] = 0.326
    mesh = tube(path, FORWARD, np.stack([radii, radii * 1.03], axis=1), ring(14))
    sock = _dressed(mesh, "sock")
    return sock


def _shoe() -> Mesh:
    upper = joined(
        0.035,
        ellipsoid((0.077, 0.047, 0.062), (0.043, 0.036, 0.052)),
        ellipsoid((0.074, 0.058, -0.012), (0.038, 0.046, 0.046)),
        cone((0.074, 0.085, -0.010), (0.074, 0.112, -0.012), 0.040, 0.041),
    )
    upper = within(0.008, upper, above(0.018))
    sole = within(
        0.006,
        joined(
            0.03,
            ellipsoid((0.078, 0.014, 0.064), (0.051, 0.026, 0.062)),
            ellipsoid((0.075, 0.014, -0.014), (0.045, 0.026, 0.055)),
            box((0.076, 0.015, 0.02), (0.040, 0.016, 0.05), 0.014),
        ),
        above(0.0),
    )
    tongue = torus((0.074, 0.118, -0.011), (0.036, 0.037), 0.009)
    parts = [
        (skin(upper, [0.01, -0.02, -0.09], [0.15, 0.19, 0.15], 0.0130), "accent"),
        (skin(sole, [0.00, -0.03, -0.10], [0.15, 0.07, 0.16], 0.0130), "sole"),
        (skin(tongue, [0.01, 0.09, -0.08], [0.14, 0.15, 0.06], 0.0085), "trim"),
    ]
    dressed = []
    for mesh, colour in parts:
        weights = {f"left{joint}": weight for joint, weight in foot(mesh.positions).items()}
        dressed.append(replace(_dressed(mesh, colour), weights=weights))
    return merged(dressed)


def strings() -> tuple[Mesh, list[Chain]]:
    """Return the hood's two strings and the chains that they swing by."""
    path = curve([(0.034, 1.098, 0.072), (0.039, 1.070, 0.096), (0.041, 1.025, 0.105), (0.040, 0.965, 0.112)], 10)
    hung = chain("leftString", "upperChest", path[[1, 4, 7, 9]], stiffness=0.6, gravity=0.5, drag=0.5, radius=0.006,
                 colliders=("chest",))
    sizes = np.full((10, 2), 0.0042)
    string = tube(path, FORWARD, sizes, ring(6))
    tip_path = path[-1] + np.outer(np.array([0.004, 0.0, -0.012, -0.016]), [0.0, 1.0, -0.05])
    tip = tube(tip_path, FORWARD, np.array([[0.005] * 2, [0.0068] * 2, [0.0068] * 2, [0.0045] * 2]), ring(8))
    along = np.interp(string.uvs[:, 1], np.linspace(0, 1, 4), [0, 1, 2, 3])
    string = replace(string, uvs=swatch(OUTFIT["trim"], len(string.uvs)), weights=swinging(along - 0.2, hung, "upperChest"))
    tip = replace(tip, uvs=swatch(OUTFIT["dark"], len(tip.uvs)), weights={hung.joints[-2].name: np.ones(len(tip.uvs))})
    left = merged([string, tip])
    return merged([left, mirrored(left)]), [hung, mirrored_chain(hung)]
