"""The hands: a soft palm and five fingers."""

from typing import Final

import numpy as np

from scripts.avatar.fields import Field, cone, ellipsoid, joined
from scripts.avatar.mesh import Floats, Mesh, both_sides
from scripts.avatar.skeleton import place
from scripts.avatar.surface import skin
from scripts.avatar.weights import hand

RADII: Final = {
    "Thumb": (0.0125, 0.0100, 0.0085, 0.0070),
    "Index": (0.0088, 0.0080, 0.0074, 0.0062),
    "Middle": (0.0090, 0.0082, 0.0076, 0.0063),
    "Ring": (0.0088, 0.0080, 0.0073, 0.0061),
    "Little": (0.0080, 0.0072, 0.0066, 0.0056),
}
"""Metres at each joint and at the tip."""

TIPS: Final = {"Thumb": 0.016, "Index": 0.015, "Middle": 0.016, "Ring": 0.015, "Little": 0.012}
"""Metres from the last joint to the middle of the tip's ball."""


def hands() -> Mesh:
    """Return both hands; their uvs are a flat place of the skin's picture."""
    left = skin(_solid(), [0.420, 1.045, -0.072], [0.640, 1.125, 0.082], [0.0066, 0.0046, 0.0040])
    left = Mesh(
        left.positions,
        left.normals,
        np.full((len(left.positions), 2), 0.006),
        left.triangles,
        hand(left.positions, _fingers()),
    )
    return both_sides(left)


def _fingers() -> dict[str, list[Floats]]:
    paths = {}
    for finger in RADII:
        parts = ("Metacarpal", "Proximal", "Distal") if finger == "Thumb" else ("Proximal", "Intermediate", "Distal")
        joints = [place(f"left{finger}{part}") for part in parts]
        onward = joints[-1] - joints[-2]
        joints.append(joints[-1] + onward / np.linalg.norm(onward) * TIPS[finger])
        paths[finger] = joints
    return paths


def _solid() -> Field:
    fingers = []
    for finger, path in _fingers().items():
        radii = RADII[finger]
        bones = [
            cone(a, b, radii[number], radii[number + 1])
            for number, (a, b) in enumerate(zip(path[:-1], path[1:], strict=True))
        ]
        fingers.append(joined(0.002, *bones))
    wrist = place("leftHand")
    palm = joined(
        0.018,
        cone(wrist - [0.025, 0, 0], wrist + [0.01, 0, 0], 0.0195, 0.0185),
        cone(wrist + [0.018, 0, 0.012], wrist + [0.066, 0.001, 0.016], 0.0155, 0.0115),
        cone(wrist + [0.018, 0, -0.008], wrist + [0.066, 0.001, -0.006], 0.0155, 0.0115),
        cone(wrist + [0.018, 0, -0.014], wrist + [0.062, 0.0, -0.025], 0.0145, 0.0110),
        ellipsoid(wrist + [0.032, -0.004, 0.014], (0.026, 0.013, 0.018)),
    )
    return joined(0.008, palm, joined(0.0012, *fingers))
