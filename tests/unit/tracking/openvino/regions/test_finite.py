import math

import numpy as np
import pytest

from mocast.tracking.openvino.regions.finite import is_finite

SHAPES = pytest.mark.parametrize("shape", [(33,), (21, 3), (478, 3), (2, 2), (1,)])


@SHAPES
@pytest.mark.parametrize("value", [0.0, -1.5, 1e-45, 1e9, -1e9])
def test_numbers_are_finite(shape: tuple[int, ...], value: float) -> None:
    assert is_finite(np.full(shape, value, np.float32))


@SHAPES
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 3.4e38, -1e20])
def test_one_that_is_none_or_beyond_all_measure_is_found_anywhere(shape: tuple[int, ...], value: float) -> None:
    for place in {0, math.prod(shape) // 2, math.prod(shape) - 1}:
        numbers = np.ones(shape, np.float32)
        numbers.flat[place] = value
        assert not is_finite(numbers)
        assert not is_finite(numbers[..., ::-1])
