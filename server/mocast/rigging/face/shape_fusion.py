"""Fusion of two measurements of a face: the geometry of its landmarks, and the network's shapes.

Which of both is nearer to the truth differs from shape to shape (docs/face-shapes.md has the comparison): geometry
measures lengths, so eyes, winks and corners that go down; the network knows shapes that move no landmark far.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import SHAPE_COUNT, Shape

_SHARES: Final[dict[str, float]] = {
    "BROW": 0.2, "BROW_DOWN": 0.5, "CHEEK": 1.0, "EYE_BLINK": 0.0, "EYE_LOOK": 0.0, "EYE_SQUINT": 1.0, "EYE_WIDE": 0.5,
    "JAW": 0.3, "JAW_FORWARD": 1.0, "MOUTH": 1.0, "MOUTH_CLOSE": 0.0, "MOUTH_FROWN": 0.0, "MOUTH_SMILE": 0.5,
    "NOSE": 1.0, "TONGUE": 0.0,
}  # fmt: skip
"""The network's share of each shape whose name begins so; the longest name that fits counts."""


def _shares() -> NDArray[np.float64]:
    shares = np.empty(SHAPE_COUNT)
    for shape in Shape:
        shares[shape] = _SHARES[max((name for name in _SHARES if shape.name.startswith(name)), key=len)]
    return shares


NETWORK_SHARE: Final = _shares()
"""(52,): the network's share of each shape; geometry has the rest."""


def correction(geometry: NDArray[np.float64], network: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what to add to the (52,) shapes by geometry, by both measurements of a face, (52,) each and 0 at rest.

    It changes more slowly than either, and so holds for some frames in which the network is not asked.
    """
    added: NDArray[np.float64] = NETWORK_SHARE * (network - geometry)
    return added
