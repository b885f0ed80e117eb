import numpy as np
import pytest

from mocast.model.blendshapes import Shape
from mocast.rigging.face.shape_range import LEARN_FROM, LEAST, ShapeRange

LEFT, RIGHT = Shape.MOUTH_SMILE_LEFT, Shape.MOUTH_SMILE_RIGHT


def smiled(ranges: ShapeRange, left: float, right: float, seconds: float, calibrated: tuple[Shape, ...] = ()) -> tuple:
    shapes = np.zeros(len(Shape))
    for _ in range(round(seconds * 30)):
        shapes[[LEFT, RIGHT]] = left, right
        ranges.scale(shapes, 1 / 30, calibrated)
    return tuple(shapes[[LEFT, RIGHT]].tolist())


def test_the_first_smile_is_as_it_was_measured() -> None:
    assert smiled(ShapeRange(), 0.6, 0.5, 0.1) == pytest.approx((0.6, 0.5), abs=0.01)


def test_who_smiles_little_is_amplified_in_time_and_by_half_at_most() -> None:
    ranges = ShapeRange()
    left, right = smiled(ranges, 0.5, 0.5, 120)
    assert 0.6 < left == right < 0.5 / LEAST + 0.01
    assert smiled(ranges, LEARN_FROM, LEARN_FROM, 1) == (LEARN_FROM, LEARN_FROM), "what is no smile is not made one"


def test_who_smiles_widely_stays_as_measured() -> None:
    ranges = ShapeRange()
    smiled(ranges, 0.95, 0.95, 120)
    assert smiled(ranges, 0.6, 0.6, 1) == pytest.approx((0.6, 0.6), abs=0.03)


def test_a_crooked_smile_stays_crooked() -> None:
    left, right = smiled(ShapeRange(), 0.6, 0.1, 120)
    assert left > 0.65
    assert right == pytest.approx(0.1)


def test_what_is_calibrated_is_not_learnt() -> None:
    assert smiled(ShapeRange(), 0.5, 0.5, 120, (LEFT, RIGHT)) == (0.5, 0.5)


def test_it_rises_with_the_value_without_a_jump() -> None:
    ranges = ShapeRange()
    smiled(ranges, 0.55, 0.55, 200)
    shown = [smiled(ranges, value, 0.0, 0.03)[0] for value in np.arange(0.2, 1.0, 0.01)]
    assert np.diff(shown).min() > -1e-3
    assert np.diff(shown).max() < 0.04
