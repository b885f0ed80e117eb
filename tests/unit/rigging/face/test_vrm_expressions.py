import numpy as np
import pytest

from mocast.model.blendshapes import EXPRESSION_MIRROR_OF, SHAPE_MIRROR_OF, Expression, Shape
from mocast.rigging.face.vrm_expressions import expressions_of

E = Expression
VOWELS = [E.AA, E.IH, E.OU, E.EE, E.OH]


def expressed(**strengths: float) -> dict[Expression, float]:
    """Return the expressions of a face by the names of shapes; a name without its side is of both sides."""
    shapes = np.zeros(len(Shape))
    for name, strength in strengths.items():
        for shape in Shape:
            if shape.name in (name.upper(), f"{name.upper()}_LEFT", f"{name.upper()}_RIGHT"):
                shapes[shape] = strength
    return dict(zip(Expression, expressions_of(shapes).tolist(), strict=True))


@pytest.mark.parametrize(
    ("strengths", "strongest"),
    [
        ({"jaw_open": 0.7}, E.AA),
        ({"jaw_open": 0.7, "mouth_funnel": 0.9}, E.OH),
        ({"mouth_pucker": 0.9}, E.OU),
        ({"mouth_funnel": 0.8, "jaw_open": 0.1}, E.OU),
        ({"mouth_smile": 0.8, "mouth_upper_up": 0.5, "mouth_lower_down": 0.5}, E.EE),
        ({"mouth_stretch": 0.8, "mouth_upper_up": 0.5, "mouth_lower_down": 0.4}, E.EE),
        ({"mouth_upper_up": 0.5, "mouth_lower_down": 0.5}, E.IH),
    ],
)
def test_each_vowel_has_its_mouth(strengths: dict[str, float], strongest: Expression) -> None:
    found = expressed(**strengths)
    assert max(VOWELS, key=lambda vowel: found[vowel]) is strongest
    assert found[strongest] > 0.4


def test_a_jaw_that_drops_behind_shut_lips_says_nothing() -> None:
    found = expressed(jaw_open=0.5, mouth_close=0.5)
    assert not any(found[vowel] for vowel in VOWELS)


def test_a_smile_alone_is_happy_and_no_vowel() -> None:
    found = expressed(mouth_smile=0.8)
    assert found[E.HAPPY] > 0.9
    assert not any(found[vowel] for vowel in VOWELS)


def test_blinks_are_those_of_the_same_side() -> None:
    assert expressed(eye_blink_left=0.9)[E.BLINK_LEFT] == pytest.approx(0.9)
    assert expressed(eye_blink_left=0.9)[E.BLINK_RIGHT] == 0


def test_surprise_is_more_than_raised_brows() -> None:
    brows = {"brow_outer_up": 0.8, "brow_inner_up": 0.8}
    assert expressed(**brows)[E.SURPRISED] < 0.5
    assert expressed(**brows, eye_wide=0.6, jaw_open=0.4)[E.SURPRISED] > 0.9


def test_anger_and_sadness_take_two_parts_of_the_face() -> None:
    for alone in ({"brow_down": 1.0}, {"mouth_frown": 1.0}, {"brow_inner_up": 1.0}, {"eye_squint": 1.0}):
        found = expressed(**alone)
        assert found[E.ANGRY] == found[E.SAD] == 0
    assert expressed(brow_down=0.9, eye_squint=0.7)[E.ANGRY] > 0.8
    assert expressed(mouth_frown=0.9, brow_inner_up=0.6)[E.SAD] > 0.8
    assert expressed(brow_down=0.9, eye_squint=0.7, mouth_smile=0.9)[E.ANGRY] == 0


def test_any_shapes_give_strengths_from_0_to_1_and_vowels_that_add_up_to_at_most_1() -> None:
    rng = np.random.default_rng(3)
    for shapes in [*rng.uniform(0, 1, (500, len(Shape))), np.ones(len(Shape)), np.zeros(len(Shape))]:
        found = expressions_of(shapes)
        assert 0 <= found.min() <= found.max() <= 1
        assert found[VOWELS].sum() <= 1 + 1e-9
        assert found[E.RELAXED] == 0
        np.testing.assert_allclose(
            expressions_of(shapes[list(SHAPE_MIRROR_OF)]), found[list(EXPRESSION_MIRROR_OF)], atol=1e-12
        )
    assert expressions_of(np.zeros(len(Shape))).max() == 0
