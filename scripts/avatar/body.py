"""The skin of the neck and the legs."""

import numpy as np
from scripts.avatar.loft import curve, ring, tube
from scripts.avatar.mesh import Mesh, both_sides, merged
from scripts.avatar.weights import body

FORWARD = np.array([0.0, 0.0, 1.0])


def neck_and_legs() -> Mesh:
    """Return both; their uvs are a flat place of the skin's picture."""
    neck_path = curve([(0, 1.05, -0.012), (0, 1.12, -0.014), (0, 1.18, -0.010), (0, 1.235, -0.002)], 9)
    neck_size = curve([(0.060, 0.052), (0.040, 0.038), (0.036, 0.035), (0.046, 0.044)], 9)
    neck = tube(neck_path, FORWARD, neck_size, ring(16))
    heights = [0.655, 0.60, 0.52, 0.45, 0.425, 0.405, 0.385, 0.365, 0.335, 0.305]
    radii = np.interp(heights, [0.25, 0.30, 0.39, 0.45, 0.56, 0.66], [0.050, 0.0505, 0.0475, 0.051, 0.063, 0.069])
    path = np.array([(0.073 + 0.004 * (y - 0.4), y, 0.002) for y in heights])
    leg = tube(path, FORWARD, np.stack([radii, radii * 1.02], axis=1), ring(14))
    left = Mesh(leg.positions, leg.normals, leg.uvs, leg.triangles, body(leg.positions))
    neck = Mesh(neck.positions, neck.normals, neck.uvs, neck.triangles, body(neck.positions))
    whole = merged([neck, both_sides(left)])
    return Mesh(
        whole.positions, whole.normals, np.full((len(whole.positions), 2), 0.006), whole.triangles, whole.weights
    )
