from typing import get_args

import numpy as np
import pytest

from mocast.model.blendshapes import Shape
from mocast.model.options import ExpressionStyle
from mocast.rigging.face.face_style import styled

STYLES: tuple[ExpressionStyle, ...] = get_args(ExpressionStyle)


def shapes(**values: float) -> np.ndarray:
    found = np.zeros(len(Shape))
    for name, value in values.items():
        found[Shape[name]] = value
    return found


@pytest.mark.parametrize("style", STYLES)
def test_a_resting_face_rests_and_nothing_leaves_its_range_in_any_style(style: ExpressionStyle) -> None:
    assert styled(np.zeros(len(Shape)), style).max() == 0
    assert styled(np.ones(len(Shape)), style).max() == 1


@pytest.mark.parametrize("name", ["MOUTH_SMILE_LEFT", "BROW_INNER_UP", "JAW_OPEN"])
def test_the_same_expression_is_stronger_from_style_to_style(name: str) -> None:
    subtle, natural, lively = (styled(shapes(**{name: 0.5}), style)[Shape[name]] for style in STYLES)
    assert subtle < natural < lively
    assert natural == 0.5


@pytest.mark.parametrize("style", STYLES)
def test_blinks_and_gaze_are_as_seen_and_shut_lips_stay_shut(style: ExpressionStyle) -> None:
    seen = shapes(EYE_BLINK_LEFT=0.5, EYE_LOOK_IN_LEFT=0.5, JAW_OPEN=0.6, MOUTH_CLOSE=0.6)
    shown = styled(seen, style)
    assert shown[Shape.EYE_BLINK_LEFT] == shown[Shape.EYE_LOOK_IN_LEFT] == 0.5
    assert shown[Shape.MOUTH_CLOSE] == shown[Shape.JAW_OPEN]


def test_a_smile_lifts_the_cheek_and_the_lid_of_its_side() -> None:
    shown = styled(shapes(MOUTH_SMILE_LEFT=1.0), "natural")
    assert shown[Shape.CHEEK_SQUINT_LEFT] > shown[Shape.EYE_SQUINT_LEFT] > 0.1
    assert shown[[Shape.CHEEK_SQUINT_RIGHT, Shape.EYE_SQUINT_RIGHT]].max() == 0
    assert styled(shapes(MOUTH_SMILE_LEFT=0.5, CHEEK_SQUINT_LEFT=0.9), "natural")[Shape.CHEEK_SQUINT_LEFT] == 0.9
