"""The face as parameters of VRChat's avatars: VRCFaceTracking's, which most that have a moving face take, or ARKit's.

Source of the names and ranges (v2, "Unified Expressions"), and of what of ARKit's each is: VRCFaceTracking's
documentation, https://docs.vrcft.io. All are linear in ARKit's shapes.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import SHAPE_COUNT, Shape
from mocast.model.rig import Rig

Terms = dict[str, float]
"""Names of ``Shape`` and how much of each a parameter is."""

_SAME: Final = ("JAW_OPEN", "JAW_FORWARD", "JAW_LEFT", "JAW_RIGHT", "TONGUE_OUT")
_SAME_OF_SIDES: Final = (
    *("EYE_SQUINT", "EYE_WIDE", "BROW_DOWN", "BROW_OUTER_UP", "CHEEK_SQUINT", "NOSE_SNEER"),
    *("MOUTH_UPPER_UP", "MOUTH_LOWER_DOWN", "MOUTH_SMILE", "MOUTH_FROWN", "MOUTH_STRETCH", "MOUTH_DIMPLE"),
    "MOUTH_PRESS",
)
_RENAMED: Final = {
    "MouthClosed": "MOUTH_CLOSE",
    "LipFunnel": "MOUTH_FUNNEL",
    "LipPucker": "MOUTH_PUCKER",
    "LipSuckUpper": "MOUTH_ROLL_UPPER",
    "LipSuckLower": "MOUTH_ROLL_LOWER",
    "MouthRaiserUpper": "MOUTH_SHRUG_UPPER",
    "MouthRaiserLower": "MOUTH_SHRUG_LOWER",
    "BrowInnerUp": "BROW_INNER_UP",
    "CheekPuffLeft": "CHEEK_PUFF",
    "CheekPuffRight": "CHEEK_PUFF",
}
_RELAXED_LID: Final = 0.75
"""``EyeLid`` of an open eye; 1 is wide open, 0 shut."""


def _pascal(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _unified() -> dict[str, Terms]:
    """Return VRCFaceTracking's parameters, without the lids' rest."""
    terms: dict[str, Terms] = {_pascal(name): {name: 1.0} for name in _SAME}
    terms |= {name: {shape: 1.0} for name, shape in _RENAMED.items()}
    for side, sign in (("LEFT", 1.0), ("RIGHT", -1.0)):
        terms |= {_pascal(f"{name}_{side}"): {f"{name}_{side}": 1.0} for name in _SAME_OF_SIDES}
        of = side.capitalize()
        lid = {f"EYE_BLINK_{side}": -_RELAXED_LID, f"EYE_WIDE_{side}": 1 - _RELAXED_LID}
        terms[f"EyeLid{of}"] = lid
        # To the subject's right, and up.
        terms[f"Eye{of}X"] = {f"EYE_LOOK_IN_{side}": sign, f"EYE_LOOK_OUT_{side}": -sign}
        terms[f"Eye{of}Y"] = {f"EYE_LOOK_UP_{side}": 1.0, f"EYE_LOOK_DOWN_{side}": -1.0}
        terms[f"SmileFrown{of}"] = {f"MOUTH_SMILE_{side}": 1.0, f"MOUTH_FROWN_{side}": -1.0}
    terms["JawX"] = {"JAW_RIGHT": 1.0, "JAW_LEFT": -1.0}
    terms["MouthX"] = {"MOUTH_RIGHT": 1.0, "MOUTH_LEFT": -1.0}
    return terms


UNIFIED: Final = _unified()
ARKIT: Final[dict[str, Terms]] = {_pascal(shape.name): {shape.name: 1.0} for shape in Shape}
"""As Unity's ``ARKitBlendShapeLocation`` writes them."""


def prefix_of(prefix: str) -> str:
    """Return a prefix with the slash that ends it; empty where there is none."""
    return f"{prefix.rstrip('/')}/" if prefix else ""


class FaceParameters:
    """The parameters of a face by their names, each -1..1 or 0..1."""

    def __init__(self, prefix: str = "", *, arkit: bool = False) -> None:
        """``prefix``: a folder that all names are in. VRCFaceTracking's are in its folder ``v2``."""
        terms = ARKIT if arkit else UNIFIED
        begin = prefix_of(prefix) + ("" if arkit else "v2/")
        self.names = tuple(begin + name for name in terms)
        self._weights = np.zeros((len(terms), SHAPE_COUNT), np.float32)
        self._rest = np.array([_RELAXED_LID if name.startswith("EyeLid") else 0.0 for name in terms], np.float32)
        for row, of in zip(self._weights, terms.values(), strict=True):
            for shape, weight in of.items():
                row[Shape[shape]] = weight

    def values(self, rig: Rig) -> NDArray[np.float32]:
        """Return the value of each parameter, in the order of ``names``."""
        values: NDArray[np.float32] = (self._weights @ rig.shapes.clip(0, 1) + self._rest).clip(-1, 1)
        return values
