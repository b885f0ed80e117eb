"""The layout of the pictures: where each flat colour and each drawing is."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from scripts.avatar.mesh import Floats

SWATCHES: Final = 12
"A picture's lowest twelfth is a row of this many flat colours."


def swatch(number: int, count: int) -> Floats:
    """Return (count, 2) uvs in the middle of a flat colour."""
    return np.tile([(number + 0.5) / SWATCHES, 1 - 0.5 / SWATCHES], (count, 1))


def fitted(uvs: Floats, left: float, top: float, width: float, height: float) -> Floats:
    """Return uvs of 0..1 scaled to a rectangle of a picture."""
    return np.clip(uvs, 0.0, 1.0) * [width, height] + [left, top]


DETAIL: Final[Mapping[str, int]] = {
    "lash": 0,
    "brow": 1,
    "throat": 2,
    "gum": 3,
    "tongue": 4,
    "tooth": 5,
    "shine": 6,
    "lower_lash": 7,
    "lid": 8,
}
"Flat colours of the picture of the face's details."

OUTFIT: Final[Mapping[str, int]] = {
    "hoodie": 0,
    "trim": 1,
    "dark": 2,
    "sole": 3,
    "sock": 4,
    "accent": 5,
    "glow": 6,
    "metal": 7,
}
"Flat colours of the picture of the outfit."

IRIS: Final = (0.0, 0.0, 0.5, 0.5)
WHITE: Final = (0.5, 0.0, 0.5, 0.5)
"Rectangles of the picture of the face's details: left, top, width, height."

PRINT_X: Final = (0.0, 0.17, 0.50)
PRINT_U: Final = (0.0, 0.14, 0.246)
"""Metres from the middle and where they are in the outfit's picture: finer on the trunk than on the sleeves."""

PRINT_HEIGHT: Final = 0.90
"""The part of the outfit's picture that is projected; the flat colours are under it."""
