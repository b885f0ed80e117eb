"""Styles of expressions: how strongly a rig shows what the face does, and what a smile moves beside the mouth."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import SHAPE_COUNT, Shape
from mocast.model.options import ExpressionStyle


@dataclass(frozen=True, slots=True)
class _Style:
    """The numbers of a style. All are our own choice."""

    brows: float
    "Gain of the brows."
    mouth: float
    "Gain of mouth, cheeks and nose. The jaw has its square root: speech must still shut the mouth."
    smile_cheeks: float
    "The part of a smile, times its gain, by which the cheeks rise (``cheekSquint``) at least."
    smile_lids: float
    "The same of the lower lids (``eyeSquint``): without them a smile looks false."


_STYLES: Final[dict[ExpressionStyle, _Style]] = {
    "subtle": _Style(brows=0.7, mouth=0.75, smile_cheeks=0.2, smile_lids=0.1),
    "natural": _Style(brows=1.0, mouth=1.0, smile_cheeks=0.4, smile_lids=0.2),
    "lively": _Style(brows=1.5, mouth=1.35, smile_cheeks=0.7, smile_lids=0.35),
}
_SMILES = slice(Shape.MOUTH_SMILE_LEFT, Shape.MOUTH_SMILE_RIGHT + 1)
_CHEEKS = slice(Shape.CHEEK_SQUINT_LEFT, Shape.CHEEK_SQUINT_RIGHT + 1)
_SQUINTS = slice(Shape.EYE_SQUINT_LEFT, Shape.EYE_SQUINT_RIGHT + 1)


def _gains(style: _Style) -> NDArray[np.float64]:
    gains = np.ones(SHAPE_COUNT)
    for shape in Shape:
        if shape.name.startswith("BROW"):
            gains[shape] = style.brows
        elif shape.name.startswith(("MOUTH", "CHEEK", "NOSE")):
            gains[shape] = style.mouth
    gains[[Shape.JAW_OPEN, Shape.MOUTH_CLOSE]] = style.mouth**0.5  # alike, or shut lips would open
    return gains


_GAINS: Final = {name: _gains(style) for name, style in _STYLES.items()}


def styled(shapes: NDArray[np.float64], style: ExpressionStyle) -> NDArray[np.float64]:
    """Return (52,) shapes, 0..1, in a style. Blinks and gaze are the same in all of them."""
    numbers = _STYLES[style]
    shown = shapes * _GAINS[style]
    smiles = shown[_SMILES]
    shown[_CHEEKS] = np.maximum(shown[_CHEEKS], numbers.smile_cheeks * smiles)
    shown[_SQUINTS] = np.maximum(shown[_SQUINTS], numbers.smile_lids * smiles)
    return np.minimum(shown, 1.0)
