"""The clothes: a wide hoodie with a hood, shorts, socks and sneakers."""

from dataclasses import replace
from typing import Final

import numpy as np
from scripts.avatar.atlas import OUTFIT, PRINT_HEIGHT, PRINT_U, PRINT_X, swatch
from scripts.avatar.fields import above, both, cone, ellipsoid, joined, within, without
from scripts.avatar.loft import curve, over, ring, tube
from scripts.avatar.mesh import Floats, Mesh, both_sides, merged, mirrored
from scripts.avatar.skeleton import Chain, chain, mirrored_chain
from scripts.avatar.surface import skin
from scripts.avatar.weights import body, foot, swinging

FORWARD = np.array([0.0, 0.0, 1.0])
ARM_Y, ARM_Z = 1.085, -0.010


def clothes() -> Mesh:
    """Return all clothes but the strings."""
    return merged(
        [_hoodie(), _hood(), _hem(), both_sides(_cuff()), _shorts(), both_sides(_sock()), both_sides(_shoe())]
    )


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
        cone((0.075, ARM_Y - 0.006, ARM_Z), (0.20, ARM_Y, ARM_Z), 0.056, 0.051),
        cone((0.20, ARM_Y, ARM_Z), (0.36, ARM_Y - 0.002, ARM_Z), 0.051, 0.052),
        cone((0.36, ARM_Y - 0.002, ARM_Z), (0.418, ARM_Y - 0.003, ARM_Z), 0.052, 0.0345),
    )
    whole = joined(0.055, trunk, both(sleeve))
    neck = ellipsoid((0, 1.150, -0.018), (0.077, 0.092, 0.073))
    low = without(0.015, within(0.02, whole, above(0.672)), neck)
    mesh = skin(low, [-0.52, 0.62, -0.19], [0.52, 1.20, 0.17], [0.0240, 0.0232, 0.0232])
    return _printed(replace(mesh, weights=body(mesh.positions)))


def _printed(mesh: Mesh) -> Mesh:
    """Return the mesh with the outfit's picture projected on it: its left half in front, its right half behind."""
    behind = mesh.normals[mesh.triangles].mean(axis=1)[:, 2] < 0
    count = len(mesh.positions)
    split = np.where(behind[:, None], mesh.triangles + count, mesh.triangles)
    used, where = np.unique(split, return_inverse=True)
    double = merged([mesh, mesh])
    x = double.positions[:, 0]
    across = 0.25 + np.sign(x) * np.interp(np.abs(x), PRINT_X, PRINT_U)
    u = np.where(np.arange(2 * count) >= count, 1.0 - across, across)
    v = np.clip((1.20 - double.positions[:, 1]) / 0.60, 0.005, 0.995) * PRINT_HEIGHT
    return Mesh(
        positions=double.positions[used],
        normals=double.normals[used],
        uvs=np.stack([u, v], axis=1)[used],
        triangles=where.reshape(-1, 3),
        weights={joint: weight[used] for joint, weight in double.weights.items()},
    )


def _hood() -> Mesh:
    """The hood, down: a thick roll around the neck, higher behind, where it hangs as a bag; its inside is light."""
    roll = _around_neck(-140, 80)
    inside = _around_neck(80, 220)
    bag = skin(ellipsoid((0, 1.086, -0.120), (0.094, 0.084, 0.050)), [-0.13, 0.97, -0.20], [0.13, 1.20, -0.04], 0.0260)
    return merged([_dressed(roll, "hoodie"), _dressed(inside, "trim"), _dressed(bag, "hoodie")])


def _around_neck(start_deg: float, end_deg: float) -> Mesh:
    """Return a roll around the neck, leaning forward and thicker behind; of its outline from 0 outward over 90 up."""
    angle = np.linspace(0, 2 * np.pi, 29)
    around = np.stack([np.cos(angle), np.zeros(29), np.sin(angle)], axis=1)
    path = around * [0.079, 0, 0.075] + [0, 1.121, -0.020]
    path[:, 1] -= around[:, 2] * 0.036
    thick = 0.027 + 0.014 * (0.5 - 0.5 * around[:, 2]) ** 1.5
    sides = np.radians(np.linspace(start_deg, end_deg, 7))[None, :, None]
    across = np.cos(sides) * around[:, None] + np.sin(sides) * np.array([0.0, 1.0, 0.0])
    return replace(over(path[:, None] + thick[:, None, None] * across), normals=across.reshape(-1, 3))


def _hem() -> Mesh:
    path = curve(
        [(0, 0.655, -0.004), (0, 0.660, -0.004), (0, 0.685, -0.004), (0, 0.710, -0.005), (0, 0.716, -0.005)], 7
    )
    sizes = curve([(0.124, 0.100), (0.134, 0.109), (0.1415, 0.1150), (0.1435, 0.1165), (0.130, 0.105)], 7)
    return _dressed(tube(path, FORWARD, sizes, ring(22)), "trim")


def _cuff() -> Mesh:
    x = np.array([0.417, 0.419, 0.426, 0.444, 0.463, 0.467, 0.460])
    size = np.array([0.028, 0.0365, 0.0385, 0.0370, 0.0340, 0.0290, 0.020])
    path = np.stack([x, np.full(7, ARM_Y - 0.001), np.full(7, ARM_Z)], axis=1)
    path[-1, 0] = 0.4685
    return _dressed(tube(path, FORWARD, np.stack([size, size], axis=1), ring(14)), "trim")


def _shorts() -> Mesh:
    leg = cone((0.071, 0.66, 0.0), (0.079, 0.53, 0.003), 0.078, 0.083)
    solid = joined(0.03, ellipsoid((0, 0.705, -0.006), (0.124, 0.085, 0.098)), both(leg))
    solid = within(0.012, solid, above(0.520))
    gap = cone((0, 0.40, 0), (0, 0.600, 0), 0.022, 0.006, (0.6, 1, 6.0))
    mesh = skin(without(0.015, solid, gap), [-0.20, 0.49, -0.16], [0.20, 0.82, 0.16], 0.0265)
    return _dressed(mesh, "dark")


def _sock() -> Mesh:
    heights = [0.070, 0.100, 0.140, 0.200, 0.260, 0.290, 0.298, 0.300]
    calf = _on_leg(heights, [0.036, 0.036, 0.038, 0.046, 0.0520, 0.0535, 0.0535, 0.050])
    cuff = _on_leg([0.291, 0.293, 0.306, 0.320, 0.325, 0.326], [0.0520, 0.0560, 0.0570, 0.0568, 0.0535, 0.048])
    return merged([_dressed(calf, "sock"), _dressed(cuff, "accent")])


def _on_leg(heights: list[float], radii: list[float]) -> Mesh:
    path = np.array([(0.073, y, np.interp(y, [0.07, 0.3], [-0.008, 0.001])) for y in heights])
    sizes = np.array([(radius, radius * 1.03) for radius in radii])
    return tube(path, FORWARD, sizes, ring(14))


SHOE: Final = (
    (
        "sole",
        [(0.0, 0.028, 0.02, 0.01), (0.0, 0.028, 0.089, 0.0440), (0.005, 0.028, 0.0945, 0.0480)]
        + [(0.019, 0.028, 0.0955, 0.0485), (0.025, 0.028, 0.0920, 0.0465), (0.026, 0.028, 0.07, 0.03)],
    ),
    (
        "accent",
        [(0.020, 0.027, 0.0870, 0.0440), (0.034, 0.027, 0.0880, 0.0450), (0.047, 0.024, 0.0835, 0.0440)]
        + [(0.060, 0.015, 0.0725, 0.0420), (0.072, 0.004, 0.0590, 0.0400), (0.086, -0.006, 0.0480, 0.0390)]
        + [(0.102, -0.011, 0.0430, 0.0390), (0.116, -0.012, 0.0425, 0.0395), (0.118, -0.012, 0.030, 0.030)],
    ),
    (
        "trim",
        [(0.104, -0.011, 0.0420, 0.0380), (0.107, -0.011, 0.0465, 0.0425), (0.115, -0.012, 0.0480, 0.0440)]
        + [(0.123, -0.012, 0.0465, 0.0425), (0.126, -0.012, 0.0400, 0.0360)],
    ),
    (
        "trim",
        [(0.012, 0.088, 0.0200, 0.0340), (0.018, 0.088, 0.0300, 0.0420), (0.034, 0.088, 0.0290, 0.0410)]
        + [(0.042, 0.086, 0.0240, 0.0340), (0.044, 0.085, 0.0160, 0.0220)],
    ),
)
"""Sole, upper, collar and toe cap: the colour, and rings that lie flat: height, middle's z, half length and half width,
metres."""


def _shoe() -> Mesh:
    dressed = []
    for colour, rings in SHOE:
        mesh = over(_flat_rings(rings))
        weights = {f"left{joint}": weight for joint, weight in foot(mesh.positions).items()}
        dressed.append(replace(_dressed(mesh, colour), weights=weights))
    return merged(dressed)


def _flat_rings(rings: list[tuple[float, float, float, float]], x: float = 0.0755) -> Floats:
    outline = ring(20, 2.3)[::-1]
    whole = []
    for y, z, long, wide in [(*rings[0][:2], 0.0, 0.0), *rings, (*rings[-1][:2], 0.0, 0.0)]:
        toe = 1.0 + 0.06 * outline[:, 1]
        whole.append(np.stack([x + outline[:, 0] * wide * toe, np.full(21, y), z + outline[:, 1] * long], axis=1))
    return np.stack(whole)


def strings() -> tuple[Mesh, list[Chain]]:
    """Return the hood's two strings and the chains that they swing by."""
    path = curve([(0.034, 1.098, 0.072), (0.039, 1.070, 0.096), (0.041, 1.025, 0.105), (0.040, 0.965, 0.112)], 10)
    hung = chain(
        "leftString",
        "upperChest",
        path[[1, 4, 7, 9]],
        stiffness=0.6,
        gravity=0.5,
        drag=0.5,
        radius=0.006,
        colliders=("chest",),
    )
    sizes = np.full((10, 2), 0.0042)
    string = tube(path, FORWARD, sizes, ring(6))
    tip_path = path[-1] + np.outer(np.array([0.004, 0.0, -0.012, -0.016]), [0.0, 1.0, -0.05])
    tip = tube(tip_path, FORWARD, np.array([[0.005] * 2, [0.0068] * 2, [0.0068] * 2, [0.0045] * 2]), ring(8))
    along = np.interp(string.uvs[:, 1], np.linspace(0, 1, 4), [0, 1, 2, 3])
    string = replace(
        string, uvs=swatch(OUTFIT["trim"], len(string.uvs)), weights=swinging(along - 0.2, hung, "upperChest")
    )
    tip = replace(tip, uvs=swatch(OUTFIT["dark"], len(tip.uvs)), weights={hung.joints[-2].name: np.ones(len(tip.uvs))})
    left = merged([string, tip])
    return merged([left, mirrored(left)]), [hung, mirrored_chain(hung)]
