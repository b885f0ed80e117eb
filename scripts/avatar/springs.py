"""VRMC_springBone: the chains that swing, and the balls and capsules that they keep out of."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from scripts.avatar.skeleton import Chain

Shape = tuple[str, tuple[float, float, float], tuple[float, float, float] | None, float]

COLLIDERS: Final[Mapping[str, Sequence[Shape]]] = {
    "head": [("head", (0, 1.332, -0.010), None, 0.132), ("head", (0, 1.254, 0.025), None, 0.095)],
    "chest": [
        ("upperChest", (0.045, 1.02, -0.012), (-0.045, 1.02, -0.012), 0.088),
        ("chest", (0.035, 0.90, -0.006), (-0.035, 0.90, -0.006), 0.100),
        ("spine", (0.035, 0.78, -0.004), (-0.035, 0.78, -0.004), 0.110),
        ("neck", (0.03, 1.115, -0.018), (-0.03, 1.115, -0.018), 0.070),
    ],
    "arms": [
        ("leftUpperArm", (0.12, 1.085, -0.010), (0.29, 1.085, -0.010), 0.058),
        ("rightUpperArm", (-0.12, 1.085, -0.010), (-0.29, 1.085, -0.010), 0.058),
        ("leftLowerArm", (0.30, 1.085, -0.010), (0.44, 1.085, -0.010), 0.056),
        ("rightLowerArm", (-0.30, 1.085, -0.010), (-0.44, 1.085, -0.010), 0.056),
    ],
}
"""By group: joint, start and end (none for a ball) in avatar space at rest, radius; metres."""


def spring_bone(chains: Sequence[Chain], nodes: Mapping[str, int], places: Mapping[str, Any]) -> dict[str, Any]:
    """Return the extension.

    Args:
        chains: what swings.
        nodes: the number of each joint's node.
        places: where each joint is at rest, (3,).
    """
    colliders: list[dict[str, Any]] = []
    groups = []
    for name, shapes in COLLIDERS.items():
        first = len(colliders)
        for joint, start, end, radius in shapes:
            form: dict[str, Any] = {"offset": _from(places[joint], start), "radius": radius}
            if end is not None:
                form["tail"] = _from(places[joint], end)
            colliders.append({"node": nodes[joint], "shape": {"capsule" if end else "sphere": form}})
        groups.append({"name": name, "colliders": list(range(first, len(colliders)))})
    order = list(COLLIDERS)
    return {
        "specVersion": "1.0",
        "colliders": colliders,
        "colliderGroups": groups,
        "springs": [_spring(chain, nodes, order) for chain in chains],
    }


def _spring(chain: Chain, nodes: Mapping[str, int], order: list[str]) -> dict[str, Any]:
    settings = {
        "hitRadius": chain.radius,
        "stiffness": chain.stiffness,
        "gravityPower": chain.gravity,
        "gravityDir": [0, -1, 0],
        "dragForce": chain.drag,
    }
    spring: dict[str, Any] = {
        "name": chain.joints[0].name.rstrip("0123456789"),
        "joints": [{"node": nodes[joint.name], **settings} for joint in chain.joints],
    }
    if chain.colliders:
        spring["colliderGroups"] = [order.index(name) for name in chain.colliders]
    return spring


def _from(origin: Any, point: tuple[float, float, float]) -> list[float]:
    return [round(float(value), 6) for value in np.asarray(point) - np.asarray(origin)]
