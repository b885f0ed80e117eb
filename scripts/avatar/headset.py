"""A headset with a cat's ears."""

from dataclasses import replace

import numpy as np
from scripts.avatar.atlas import OUTFIT, swatch
from scripts.avatar.loft import curve, ring, tube
from scripts.avatar.mesh import Floats, Mesh, both_sides, following, merged, unit


def headset() -> Mesh:
    """Return the headset, a stiff part of the head."""
    return following(merged([_band(), both_sides(_cup()), both_sides(_ear()), _microphone()]), "head")


def _coloured(mesh: Mesh, colour: str) -> Mesh:
    return replace(mesh, uvs=swatch(OUTFIT[colour], len(mesh.uvs)))


def _arc(angle: Floats, radius: Floats | float) -> Floats:
    return np.stack(
        [np.sin(angle) * radius * 0.985, 1.345 + np.cos(angle) * radius, np.full(len(angle), -0.016)], axis=1
    )


def _band() -> Mesh:
    angle = np.linspace(-1.72, 1.72, 25)
    path = _arc(angle, 0.1515)
    outer = unit(path - [0, 1.345, -0.016])
    sizes = np.tile([0.0150, 0.0058], (25, 1))
    top = tube(path, outer, sizes, ring(8, 3.0))
    pad_angle = np.linspace(-0.75, 0.75, 11)
    pad_path = _arc(pad_angle, 0.1445)
    pad = tube(pad_path, unit(pad_path - [0, 1.345, -0.016]), np.tile([0.0125, 0.0065], (11, 1)), ring(6, 2.6))
    return merged([_coloured(top, "trim"), _coloured(pad, "dark")])


def _cup() -> Mesh:
    def disc(x: list[float], size: list[float], colour: str) -> Mesh:
        path = np.stack([np.array(x), np.full(len(x), 1.308), np.full(len(x), -0.016)], axis=1)
        tall = np.stack([np.array(size) * 0.92, np.array(size)], axis=1)
        return _coloured(tube(path, np.array([0.0, 1.0, 0.0]), tall, ring(16)), colour)

    pad = disc([0.108, 0.110, 0.118, 0.126, 0.129], [0.034, 0.041, 0.044, 0.042, 0.036], "dark")
    shell = disc([0.126, 0.128, 0.138, 0.148, 0.154, 0.156], [0.036, 0.042, 0.043, 0.039, 0.031, 0.026], "trim")
    glow = disc([0.1545, 0.1560, 0.1590, 0.1605], [0.022, 0.0245, 0.0235, 0.018], "glow")
    return merged([pad, shell, glow])


def _ear() -> Mesh:
    base = np.array([0.083, 1.468, -0.016])
    up = unit(np.array([0.42, 0.90, 0.0]))
    tip = base + up * 0.080 + [0.004, 0, 0]
    share = np.array([-0.10, 0.05, 0.25, 0.45, 0.65, 0.82, 0.94, 1.0])
    path = base + np.outer(share, tip - base)
    wide = np.array([0.040, 0.0405, 0.0365, 0.030, 0.0215, 0.0130, 0.0065, 0.0025])
    deep = np.array([0.016, 0.0165, 0.0155, 0.0135, 0.0110, 0.0082, 0.0050, 0.0022])
    forward = np.array([0.0, 0.0, 1.0])
    shell = tube(path, forward, np.stack([wide, deep], axis=1), ring(12, 2.4))
    inner_share = np.array([0.08, 0.12, 0.25, 0.45, 0.62, 0.76, 0.80])
    inner_path = (
        base + np.outer(inner_share, tip - base) + np.outer(np.interp(inner_share, [0, 1], [0.0085, 0.002]), forward)
    )
    inner_wide = np.array([0.018, 0.0245, 0.0245, 0.0190, 0.0125, 0.0060, 0.0030])
    inner_deep = np.interp(inner_share, [0.08, 0.12, 0.6, 0.8], [0.006, 0.0095, 0.008, 0.005])
    inner = tube(inner_path, forward, np.stack([inner_wide, inner_deep], axis=1), ring(10, 2.4))
    return merged([_coloured(shell, "trim"), _coloured(inner, "glow")])


def _microphone() -> Mesh:
    path = curve([(0.140, 1.285, -0.005), (0.137, 1.255, 0.040), (0.105, 1.233, 0.092), (0.066, 1.228, 0.128)], 14)
    up = np.array([0.0, 1.0, 0.0])
    boom = tube(path, up, np.full((14, 2), 0.0034), ring(6))
    along = unit(path[-1] - path[-3])
    head = path[-1] + np.outer(np.array([-0.006, -0.004, 0.002, 0.010, 0.015, 0.017]), along)
    size = np.array([0.003, 0.0075, 0.0095, 0.0095, 0.0070, 0.003])
    foam = tube(head, up, np.stack([size, size], axis=1), ring(10))
    return merged([_coloured(boom, "dark"), _coloured(foam, "dark")])
