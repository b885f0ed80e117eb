"""The hands: a soft palm and five fingers."""

from typing import Final

import numpy as np
from scripts.avatar.fields import Field, cone, ellipsoid, joined
from scripts.avatar.loft import ring, tube
from scripts.avatar.mesh import Floats, Mesh, both_sides, merged
from scripts.avatar.skeleton import finger_joints, place
from scripts.avatar.surface import skin
from scripts.avatar.weights import hand

RADII: Final = {
    "Thumb": (0.0135, 0.0106, 0.0092, 0.0076),
    "Index": (0.0094, 0.0086, 0.0079, 0.0066),
    "Middle": (0.0096, 0.0088, 0.0081, 0.0067),
    "Ring": (0.0094, 0.0086, 0.0078, 0.0065),
    "Little": (0.0086, 0.0077, 0.0071, 0.0060),
}
"""Metres at each joint and at the tip."""

TIPS: Final = {"Thumb": 0.016, "Index": 0.015, "Middle": 0.016, "Ring": 0.015, "Little": 0.012}
"""Metres from the last joint to the middle of the tip's ball."""

UP: Final = np.array([0.0, 1.0, 0.0])


def hands() -> Mesh:
    """Return both hands; their uvs are a flat place of the skin's picture."""
    paths = _paths()
    palm = skin(_palm(paths), [0.420, 1.045, -0.072], [0.600, 1.125, 0.082], [0.0125, 0.0092, 0.0098])
    left = merged([palm, *(_finger(paths[name], RADII[name]) for name in paths)])
    uvs = np.full((len(left.positions), 2), 0.006)
    return both_sides(Mesh(left.positions, left.normals, uvs, left.triangles, hand(left.positions, paths)))


def _paths() -> dict[str, list[Floats]]:
    paths = {}
    for finger in RADII:
        joints = [place(name) for name in finger_joints(finger)]
        onward = joints[-1] - joints[-2]
        joints.append(joints[-1] + onward / np.linalg.norm(onward) * TIPS[finger])
        paths[finger] = joints
    return paths


def _finger(path: list[Floats], radii: tuple[float, ...]) -> Mesh:
    """Return a finger from within the palm to its round tip, with rings on both sides of each joint for it to bend."""
    places = np.stack(path)
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(places, axis=0), axis=1))])
    first, second, last, tip = lengths
    at = np.array(
        [
            first - 0.006,
            first + 0.005,
            (first + second) / 2,
            second - 0.0045,
            second,
            second + 0.0045,
            last - 0.004,
            last,
            last + 0.004,
            (last + tip) / 2,
        ]
    )
    radius = np.interp(at, lengths, radii)
    angle = np.radians([0, 35, 62, 84])
    at = np.concatenate([at, tip + radii[3] * np.sin(angle)])
    radius = np.concatenate([radius, radii[3] * np.cos(angle)])
    inward = places[0] + (places[0] - places[1]) / (second - first) * 0.02
    line = np.stack(
        [
            np.interp(at, [-0.02, *lengths, tip + 0.02], column)
            for column in np.concatenate(
                [[inward], places, [places[-1] + (places[-1] - places[-2]) / (tip - last) * 0.02]]
            ).T
        ],
        axis=1,
    )
    return tube(line, UP, np.stack([radius, radius * 0.96], axis=1), ring(8))


def _palm(paths: dict[str, list[Floats]]) -> Field:
    wrist = place("leftHand")
    roots = [
        cone(
            wrist + [0.018, 0.0, offset * 0.55], paths[finger][0] - [0.004, 0.0, 0.0], 0.0150, RADII[finger][0] + 0.0012
        )
        for finger, offset in (("Index", 0.020), ("Middle", 0.002), ("Ring", -0.014), ("Little", -0.024))
    ]
    return joined(
        0.014,
        cone(wrist - [0.025, 0, 0], wrist + [0.01, 0, 0], 0.0195, 0.0185),
        *roots,
        cone(wrist + [0.016, -0.003, 0.012], paths["Thumb"][1] - [0.006, 0.0, 0.006], 0.0150, 0.0100),
        ellipsoid(wrist + [0.034, -0.003, 0.006], (0.030, 0.0135, 0.024)),
    )
