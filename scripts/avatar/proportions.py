"""The head on the body: modelled at its own size, then scaled up and set on the neck."""

from dataclasses import replace
from typing import Final

import numpy as np
from scripts.avatar.mesh import Floats, Mesh
from scripts.avatar.skeleton import Chain

SCALE: Final = 1.12
CHIN: Final = np.array([0.0, 1.206, 0.0])
LOWERED: Final = np.array([0.0, -0.030, 0.0])
"""A figure of under five heads, with a short neck, as mascots have."""


def on_body(points: Floats) -> Floats:
    """Return places (..., 3) of the head as modelled where they are on the figure."""
    return CHIN + LOWERED + (points - CHIN) * SCALE


def mesh_on_body(mesh: Mesh) -> Mesh:
    """Return a mesh of the head where it is on the figure."""
    shapes = {name: moves * SCALE for name, moves in mesh.shapes.items()}
    return replace(mesh, positions=on_body(mesh.positions), shapes=shapes)


def chain_on_body(chain: Chain) -> Chain:
    """Return a chain that hangs from the head where it is on the figure."""
    joints = tuple(
        replace(joint, position=tuple(float(value) for value in on_body(np.array(joint.position))))
        for joint in chain.joints
    )
    return replace(chain, joints=joints)
