"""The drawing of the face: outlines of the left eye and the mouth, on the unrolled head (see ``head``)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scripts.avatar.mesh import Floats, smoothstep

EYE: Final = np.array([0.0480, 0.0000])
"(p, q) of the left eye's middle."
EYE_HALF_WIDTH: Final = 0.0265
MOUTH: Final = np.array([0.0, -0.0570])
MOUTH_HALF_WIDTH: Final = 0.0165


def corner_line(t: Floats) -> Floats:
    """Return the height over the eye's middle of the line from its inner (t = -1) to its outer corner (t = 1)."""
    return -0.0050 + 0.0022 * t


def upper_lid(t: Floats) -> Floats:
    """Return the height of the open upper lid's edge; beyond the corners their line's."""
    return corner_line(np.clip(t, -1, 1)) + 0.0290 * _arch(t, 2.9, 0.60)


def lower_lid(t: Floats) -> Floats:
    """Return the height of the open lower lid's edge."""
    return corner_line(np.clip(t, -1, 1)) - 0.0195 * _arch(t, 2.3, 0.74)


def closed_lid(t: Floats) -> Floats:
    """Return the height of the line where the lids of a closed eye meet."""
    return corner_line(np.clip(t, -1, 1)) - 0.0115 * _arch(t, 2.0, 0.9)


def upper_lip(t: Floats) -> Floats:
    """Return the height of the upper edge of the mouth as it is meshed: a little open."""
    return 0.0050 * _arch(t, 2.0, 0.8)


def lower_lip(t: Floats) -> Floats:
    """Return the height of the mouth's lower edge as it is meshed."""
    return -0.0060 * _arch(t, 2.0, 0.8)


def resting_lips(t: Floats) -> Floats:
    """Return the height of the line that the closed lips make: the corners are a little up."""
    return 0.0030 * np.minimum(np.abs(t), 1.3) ** 2 - 0.0008


def opening(t: Floats) -> Floats:
    """Return how far each place of a lip moves when the mouth opens: 1 in the middle, 0 at the corners."""
    return _arch(t, 2.3, 0.62)


def _arch(t: Floats, power: float, roundness: float) -> Floats:
    return np.maximum(1.0 - np.abs(t) ** power, 0.0) ** roundness


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """Vertices of the face, with the quantities that shapes need."""

    pq: Floats
    "(n, 2) at rest: lids open, lips closed."
    lift: Floats
    "(n,) metres over the skin."
    lid: Floats
    "(n,) 1 for what moves with an upper lid, -1 with a lower one; read within reach of an eye only."
    upper_lip: Floats
    "(n,) 0..1 how much it moves with the upper lip."
    lower_lip: Floats
    "(n,) 0..1 how much with the lower one."


def drawing(meshed: Floats, lift: Floats | float = 0.0) -> Drawing:
    """Return vertices of the skin, meshed with the mouth a little open, at rest.

    Args:
        meshed: (n, 2) places on the face.
        lift: metres over the skin, (n,) or one.
    """
    across, up = meshed[:, 0] - MOUTH[0], meshed[:, 1] - MOUTH[1]
    t = across / MOUTH_HALF_WIDTH
    beyond = np.maximum(np.abs(across) - MOUTH_HALF_WIDTH, 0.0)
    share = smoothstep(up, -1e-6 - 0.7 * beyond, 1e-6 + 0.7 * beyond)
    over, under = np.maximum(up - upper_lip(t), 0.0), np.maximum(lower_lip(t) - up, 0.0)
    aside = smoothstep(beyond, 0.030, 0.0)
    high = share * aside * smoothstep(over, 0.018, 0.0)
    low = (1 - share) * aside * smoothstep(under, 0.034, 0.0)
    close = -upper_lip(t) * share * smoothstep(over, 0.014, 0.0) - lower_lip(t) * (1 - share) * smoothstep(
        under, 0.018, 0.0
    )
    rest = resting_lips(t) * (share * smoothstep(over, 0.012, 0.0) + (1 - share) * smoothstep(under, 0.012, 0.0))
    pq = meshed.copy()
    pq[:, 1] += close + rest * smoothstep(beyond, 0.010, 0.0)
    eye_t = (np.abs(meshed[:, 0]) - EYE[0]) / EYE_HALF_WIDTH
    eye_up = meshed[:, 1] - EYE[1]
    middle = (upper_lid(eye_t) + lower_lid(eye_t)) / 2
    lid = np.where(eye_up >= middle, 1.0, -1.0)
    return Drawing(pq, np.broadcast_to(np.asarray(lift, float), len(pq)).copy(), lid, high, low)
