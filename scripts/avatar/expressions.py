"""VRM's preset expressions as mixes of the 52 shapes, and each shape as an expression of its own (perfect sync)."""

from collections.abc import Mapping
from typing import Any, Final

from mocast.model.blendshapes import SHAPE_NAMES

Mix = Mapping[str, float]


def _sides(**shares: float) -> dict[str, float]:
    return {f"{name}{side}": share for name, share in shares.items() for side in ("Left", "Right")}


PRESETS: Final[Mapping[str, Mix]] = {
    "happy": {
        **_sides(
            mouthSmile=1.0, mouthStretch=0.25, cheekSquint=0.75, eyeSquint=0.30, browOuterUp=0.35, mouthUpperUp=0.2
        ),
        "browInnerUp": 0.35,
        "jawOpen": 0.55,
    },
    "angry": {**_sides(browDown=1.0, eyeSquint=0.30, mouthFrown=0.75, noseSneer=0.6, mouthPress=0.4)},
    "sad": {
        **_sides(mouthFrown=0.85, eyeSquint=0.15, eyeLookDown=0.55),
        "browInnerUp": 1.0,
        "mouthShrugLower": 0.5,
    },
    "relaxed": {**_sides(mouthSmile=0.75, eyeBlink=0.55, cheekSquint=0.4), "browInnerUp": 0.35},
    "surprised": {
        **_sides(eyeWide=1.0, browOuterUp=0.9),
        "browInnerUp": 0.9,
        "jawOpen": 0.55,
        "mouthFunnel": 0.75,
    },
    "aa": {"jawOpen": 0.85, **_sides(mouthStretch=0.10)},
    "ih": {"jawOpen": 0.22, **_sides(mouthStretch=0.55, mouthUpperUp=0.25, mouthLowerDown=0.2)},
    "ou": {"jawOpen": 0.16, "mouthPucker": 0.70, "mouthFunnel": 0.45},
    "ee": {"jawOpen": 0.30, **_sides(mouthSmile=0.45, mouthStretch=0.35, mouthUpperUp=0.15)},
    "oh": {"jawOpen": 0.50, "mouthFunnel": 0.80},
    "blink": {**_sides(eyeBlink=1.0)},
    "blinkLeft": {"eyeBlinkLeft": 1.0},
    "blinkRight": {"eyeBlinkRight": 1.0},
    "lookUp": {**_sides(eyeLookUp=1.0)},
    "lookDown": {**_sides(eyeLookDown=1.0)},
    "lookLeft": {"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0},
    "lookRight": {"eyeLookInLeft": 1.0, "eyeLookOutRight": 1.0},
    "neutral": {},
}
"""By VRM's name: the shapes and how far each goes."""

OVERRIDES: Final[Mapping[str, Mapping[str, str]]] = {
    "happy": {"overrideBlink": "blend", "overrideMouth": "blend"},
    "angry": {"overrideMouth": "blend"},
    "sad": {"overrideMouth": "blend"},
    "relaxed": {"overrideBlink": "blend", "overrideMouth": "blend"},
    "surprised": {"overrideBlink": "blend", "overrideMouth": "blend"},
}
"""What an emotion holds back, the more the stronger it is: lids and mouth would otherwise go too far together."""


def expressions(face_node: int, shape_order: list[str]) -> dict[str, Any]:
    """Return VRM's ``expressions`` for the face's node, whose morph targets are in this order."""
    preset = {name: _expression(mix, face_node, shape_order, OVERRIDES.get(name, {})) for name, mix in PRESETS.items()}
    custom = {name: _expression({name: 1.0}, face_node, shape_order, {}) for name in SHAPE_NAMES}
    return {"preset": preset, "custom": custom}


def _expression(mix: Mix, face_node: int, order: list[str], overrides: Mapping[str, str]) -> dict[str, Any]:
    binds = [{"node": face_node, "index": order.index(name), "weight": share} for name, share in mix.items()]
    expression: dict[str, Any] = {"isBinary": False}
    if binds:
        expression["morphTargetBinds"] = binds
    return expression | {"overrideBlink": "none", "overrideLookAt": "none", "overrideMouth": "none"} | dict(overrides)
