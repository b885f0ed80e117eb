"""Regions are carried along as matrices are multiplied."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mocast.tracking.openvino.regions.region import Region

PLACES = st.floats(-3000, 3000)
REGIONS = st.builds(Region, PLACES, PLACES, st.floats(5, 3000), st.floats(-math.pi, math.pi))


def matrix(region: Region) -> NDArray[np.float64]:
    """Return the map (3, 3) from a region's own coordinates, -1/2..1/2, to the picture's."""
    cos, sin = region.size * math.cos(region.angle), region.size * math.sin(region.angle)
    return np.array([(cos, -sin, region.x), (sin, cos, region.y), (0, 0, 1)])


def assert_same(one: Region, other: Region) -> None:
    """They are the same but for rounding; angles may differ by whole turns."""
    assert -math.pi <= one.angle <= math.pi
    assert np.allclose(matrix(one), matrix(other), rtol=1e-7, atol=1e-6 * max(other.size, 1))


@given(REGIONS, REGIONS, REGIONS)
def test_it_moves_with_what_it_is_carried_by(found: Region, before: Region, now: Region) -> None:
    moved = found.moved_with(before, now)
    expected = matrix(now) @ np.linalg.inv(matrix(before)) @ matrix(found)
    scale = np.abs(expected).max()
    assert np.allclose(matrix(moved), expected, atol=1e-9 * max(scale, 1) * found.size)
    assert moved.size > 0
    assert -math.pi <= moved.angle <= math.pi


@given(REGIONS, REGIONS)
def test_what_did_not_move_carries_nothing(found: Region, before: Region) -> None:
    assert_same(found.moved_with(before, before), found)


@given(REGIONS, REGIONS)
def test_what_carries_itself_comes_along(before: Region, now: Region) -> None:
    assert_same(before.moved_with(before, now), now)


@given(REGIONS, st.floats(-500, 500), st.floats(-500, 500))
def test_what_moves_without_a_turn_carries_as_far(found: Region, right: float, down: float) -> None:
    before = Region(100, 200, 50, 0.3)
    moved = found.moved_with(before, before._replace(x=100 + right, y=200 + down))
    assert_same(moved, found._replace(x=found.x + right, y=found.y + down))


def test_a_turn_is_about_what_carries() -> None:
    """A quarter clockwise, seen on a screen whose y goes down: what was right of it is then below it."""
    moved = Region(110, 100, 4, 0.1).moved_with(Region(100, 100, 20, 0), Region(100, 100, 20, math.pi / 2))
    assert moved == pytest.approx((100, 110, 4, 0.1 + math.pi / 2))


def test_what_grows_moves_things_away_and_lets_them_grow() -> None:
    moved = Region(110, 95, 4, 0.1).moved_with(Region(100, 100, 20, 0), Region(100, 100, 60, 0))
    assert moved == pytest.approx((130, 85, 12, 0.1))


def test_several_moves_are_as_good_as_one() -> None:
    rng = np.random.default_rng(8)
    for _ in range(50):
        found, first, second, third = (
            Region(*rng.uniform(-500, 500, 2), rng.uniform(20, 500), rng.uniform(-math.pi, math.pi)) for _ in range(4)
        )
        assert_same(found.moved_with(first, second).moved_with(second, third), found.moved_with(first, third))
