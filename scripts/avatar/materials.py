"""The materials: MToon for VRM's readers, unlit in their own colours for all others."""

from dataclasses import dataclass
from typing import Any, Final

from scripts.avatar.paint import colour


@dataclass(frozen=True, slots=True)
class Look:
    """How one material takes light."""

    shade: str
    "What its colours are multiplied by in the shade."
    outline: str | None = None
    "The colour of the line around it; none if there is none."
    outline_width: float = 0.0011
    "Metres."
    rim: float = 0.0
    "How strong the light along its edges is, 0..1."
    toony: float = 0.92
    shift: float = -0.12


LOOKS: Final[dict[str, Look]] = {
    "hair": Look("#b9a6ee", "#4a3f86", rim=0.22, shift=-0.10),
    "outfit": Look("#a9b4e0", "#3a4468", rim=0.14, shift=-0.10),
    "skin": Look("#f7c3bb", "#9c5a62", rim=0.10, shift=-0.25, toony=0.90),
    "details": Look("#ffffff", shift=1.0),
}
"""By name, in the order of the file; each has the picture of the same name. Hair first: where a reader draws in this
order, what the hair hides need not be shaded. Details are drawn, eyes and mouth: they are never in the shade."""


def _linear(code: str) -> list[float]:
    """Return a colour as glTF's factors are written: linear."""
    return [round(float(value if value <= 0.0 else ((value + 0.055) / 1.055) ** 2.4), 4) for value in colour(code)]


def material(name: str) -> dict[str, Any]:
    """Return one material as glTF writes it."""
    look = LOOKS[name]
    texture = {"index": list(LOOKS).index(name)}
    mtoon: dict[str, Any] = {
        "specVersion": "1.0",
        "transparentWithZWrite": False,
        "renderQueueOffsetNumber": 0,
        "shadeColorFactor": _linear(look.shade),
        "shadingShiftFactor": look.shift,
        "shadingToonyFactor": look.toony,
        "giEqualizationFactor": 0.9,
        "parametricRimColorFactor": [look.rim] * 3,
        "parametricRimFresnelPowerFactor": 5.0,
        "parametricRimLiftFactor": 0.02,
        "rimLightingMixFactor": 1.0,
        "outlineWidthMode": "none",
    }
    if look.outline:
        mtoon |= {
            "shadeMultiplyTexture": texture,
            "outlineWidthMode": "worldCoordinates",
            "outlineWidthFactor": look.outline_width,
            "outlineColorFactor": _linear(look.outline),
            "outlineLightingMixFactor": 0.6,
        }
    return {
        "name": name,
        "pbrMetallicRoughness": {"baseColorTexture": texture, "metallicFactor": 0.0, "roughnessFactor": 0.9},
        "doubleSided": look.outline is None,
        "extensions": {"KHR_materials_unlit": {}, "VRMC_materials_mtoon": mtoon},
    }
