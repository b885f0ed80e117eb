"""The order of the values in a packet of Live Link Face, the app of Unreal Engine's maker."""

from typing import Final

from mocast.model.blendshapes import Shape

_EYE: Final = ("EYE_BLINK", "EYE_LOOK_DOWN", "EYE_LOOK_IN", "EYE_LOOK_OUT", "EYE_LOOK_UP", "EYE_SQUINT", "EYE_WIDE")
_OTHERS: Final = (
    *("JAW_FORWARD", "JAW_LEFT", "JAW_RIGHT", "JAW_OPEN"),
    *("MOUTH_CLOSE", "MOUTH_FUNNEL", "MOUTH_PUCKER", "MOUTH_LEFT", "MOUTH_RIGHT"),
    *("MOUTH_SMILE_LEFT", "MOUTH_SMILE_RIGHT", "MOUTH_FROWN_LEFT", "MOUTH_FROWN_RIGHT"),
    *("MOUTH_DIMPLE_LEFT", "MOUTH_DIMPLE_RIGHT", "MOUTH_STRETCH_LEFT", "MOUTH_STRETCH_RIGHT"),
    *("MOUTH_ROLL_LOWER", "MOUTH_ROLL_UPPER", "MOUTH_SHRUG_LOWER", "MOUTH_SHRUG_UPPER"),
    *("MOUTH_PRESS_LEFT", "MOUTH_PRESS_RIGHT", "MOUTH_LOWER_DOWN_LEFT", "MOUTH_LOWER_DOWN_RIGHT"),
    *("MOUTH_UPPER_UP_LEFT", "MOUTH_UPPER_UP_RIGHT"),
    *("BROW_DOWN_LEFT", "BROW_DOWN_RIGHT", "BROW_INNER_UP", "BROW_OUTER_UP_LEFT", "BROW_OUTER_UP_RIGHT"),
    *("CHEEK_PUFF", "CHEEK_SQUINT_LEFT", "CHEEK_SQUINT_RIGHT", "NOSE_SNEER_LEFT", "NOSE_SNEER_RIGHT", "TONGUE_OUT"),
)

LIVE_LINK_SHAPES: Final = tuple(
    Shape[name] for name in (*(f"{name}_LEFT" for name in _EYE), *(f"{name}_RIGHT" for name in _EYE), *_OTHERS)
)
"""The 52 shapes in the order of a packet (``EARFaceBlendShape`` of Unreal Engine's ``AppleARKit``). Nine angles follow:
yaw, pitch and roll, radians, of head, left eye and right eye."""
LIVE_LINK_ANGLES: Final = 9
