"""Rotations from JSON."""

import numpy as np
import pytest

from mocast.errors import Unprocessable
from mocast.rigging.calibration.json_numbers import rotation_json, rotation_of


def test_what_was_read_is_written_as_it_was() -> None:
    random = np.random.default_rng(5)
    for _ in range(1000):
        rotation = random.normal(size=4)
        written = rotation_json(rotation / np.linalg.norm(rotation))
        assert rotation_json(rotation_of(written, "head")) == written


def test_a_rotation_that_is_a_little_too_long_is_brought_to_length() -> None:
    assert rotation_of([0, 0, 0, 0.995], "head").tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize("value", [[0, 0, 0, 0.9], [0, 0, 0, 0], [1, 1, 1, 1], [0, 0, 1], None])
def test_what_is_no_rotation_is_refused(value: object) -> None:
    with pytest.raises(Unprocessable):
        rotation_of(value, "head")
