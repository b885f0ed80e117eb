"""The shapes of faces: ARKit's 52 blend shapes, and the preset expressions of VRM 1.0 that the rig estimates."""

from enum import IntEnum
from typing import Final

from mocast.model.names import camel, mirror_of


class Shape(IntEnum):
    """ARKit's blend shapes in the order of every array of them; left and right are the subject's.

    The order is that of MediaPipe's blendshape network without its ``_neutral``, and ``tongueOut``, which no network
    of MediaPipe sees, at the end. Source: https://developer.apple.com/documentation/arkit/arfaceanchor/blendshapelocation
    """

    BROW_DOWN_LEFT = 0
    BROW_DOWN_RIGHT = 1
    BROW_INNER_UP = 2
    BROW_OUTER_UP_LEFT = 3
    BROW_OUTER_UP_RIGHT = 4
    CHEEK_PUFF = 5
    CHEEK_SQUINT_LEFT = 6
    CHEEK_SQUINT_RIGHT = 7
    EYE_BLINK_LEFT = 8
    EYE_BLINK_RIGHT = 9
    EYE_LOOK_DOWN_LEFT = 10
    EYE_LOOK_DOWN_RIGHT = 11
    EYE_LOOK_IN_LEFT = 12
    EYE_LOOK_IN_RIGHT = 13
    EYE_LOOK_OUT_LEFT = 14
    EYE_LOOK_OUT_RIGHT = 15
    EYE_LOOK_UP_LEFT = 16
    EYE_LOOK_UP_RIGHT = 17
    EYE_SQUINT_LEFT = 18
    EYE_SQUINT_RIGHT = 19
    EYE_WIDE_LEFT = 20
    EYE_WIDE_RIGHT = 21
    JAW_FORWARD = 22
    JAW_LEFT = 23
    JAW_OPEN = 24
    JAW_RIGHT = 25
    MOUTH_CLOSE = 26
    MOUTH_DIMPLE_LEFT = 27
    MOUTH_DIMPLE_RIGHT = 28
    MOUTH_FROWN_LEFT = 29
    MOUTH_FROWN_RIGHT = 30
    MOUTH_FUNNEL = 31
    MOUTH_LEFT = 32
    MOUTH_LOWER_DOWN_LEFT = 33
    MOUTH_LOWER_DOWN_RIGHT = 34
    MOUTH_PRESS_LEFT = 35
    MOUTH_PRESS_RIGHT = 36
    MOUTH_PUCKER = 37
    MOUTH_RIGHT = 38
    MOUTH_ROLL_LOWER = 39
    MOUTH_ROLL_UPPER = 40
    MOUTH_SHRUG_LOWER = 41
    MOUTH_SHRUG_UPPER = 42
    MOUTH_SMILE_LEFT = 43
    MOUTH_SMILE_RIGHT = 44
    MOUTH_STRETCH_LEFT = 45
    MOUTH_STRETCH_RIGHT = 46
    MOUTH_UPPER_UP_LEFT = 47
    MOUTH_UPPER_UP_RIGHT = 48
    NOSE_SNEER_LEFT = 49
    NOSE_SNEER_RIGHT = 50
    TONGUE_OUT = 51


class Expression(IntEnum):
    """Preset expressions of VRM 1.0 in the order of every array of them.

    Source: https://github.com/vrm-c/vrm-specification/blob/master/specification/VRMC_vrm-1.0/expressions.md
    """

    HAPPY = 0
    ANGRY = 1
    SAD = 2
    RELAXED = 3
    SURPRISED = 4
    AA = 5
    IH = 6
    OU = 7
    EE = 8
    OH = 9
    BLINK_LEFT = 10
    BLINK_RIGHT = 11


SHAPE_COUNT: Final = len(Shape)
EXPRESSION_COUNT: Final = len(Expression)

SHAPE_NAMES: Final[tuple[str, ...]] = tuple(camel(shape.name) for shape in Shape)
"""As ARKit writes them: ``eyeBlinkLeft``."""

EXPRESSION_NAMES: Final[tuple[str, ...]] = tuple(camel(expression.name) for expression in Expression)
"""As VRM 1.0 writes them: ``blinkLeft``."""


SHAPE_MIRROR_OF: Final = mirror_of(Shape)
"""The index of the same shape of the other side; ``JAW_LEFT`` and ``JAW_RIGHT``, too, are each other's."""
EXPRESSION_MIRROR_OF: Final = mirror_of(Expression)
