import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mocast.model.zero_phase import CUTOFF_HZ, MAX_REACH, REACH_S, SIGMA_S, zero_phase, zero_phase_at

RNG = np.random.default_rng(3)


def moments(count: int, fps: float = 30) -> NDArray[np.float64]:
    return np.arange(count) / fps


def irregular(count: int) -> NDArray[np.float64]:
    """Times as a phone's: steps from 20 to 50 ms."""
    return np.cumsum(RNG.uniform(0.02, 0.05, count))


def test_it_is_a_gaussian_of_the_cutoff() -> None:
    times = moments(601, 240)
    impulse = np.zeros((601, 1))
    impulse[300] = 1
    expected = np.exp(-0.5 * ((times - times[300]) / SIGMA_S) ** 2)
    np.testing.assert_allclose(zero_phase(times, impulse)[:, 0], expected / expected.sum(), atol=1e-4)


@pytest.mark.parametrize("times", [moments(400), moments(400, 60), irregular(400)], ids=["30", "60", "irregular"])
def test_motion_comes_neither_late_nor_early(times: NDArray[np.float64]) -> None:
    for hertz in (0.5, 2.0):
        left = 0.5 ** ((hertz / CUTOFF_HZ) ** 2 / 2)  # of the amplitude: the Gaussian's spectrum
        swing = np.sin(2 * np.pi * hertz * times)
        np.testing.assert_allclose(zero_phase(times, swing)[20:-20], left * swing[20:-20], atol=0.02)


def test_even_motion_stays_as_it_is_where_frames_are_missing() -> None:
    times = np.delete(moments(60), [20, 21, 33])
    line = np.stack([times, 5 - 3 * times], axis=1)
    np.testing.assert_allclose(zero_phase(times, line), line, atol=1e-5)


def test_trembling_goes() -> None:
    trembling = RNG.normal(0, 1, (3000, 2))
    assert zero_phase(moments(3000, 60), trembling).std() < 0.5


def test_over_a_gap_nothing_is_mixed() -> None:
    times = np.concatenate([moments(20), 20 / 30 + REACH_S + moments(20)])
    values = RNG.normal(0, 1, (40, 3))
    changed = values.copy()
    changed[20:] += 100
    smooth = zero_phase(times, values)
    np.testing.assert_array_equal(smooth[:20], zero_phase(times, changed)[:20])
    np.testing.assert_allclose(smooth[[0, 19, 20, 39]], values[[0, 19, 20, 39]], atol=1e-5)


def test_what_is_not_trusted_does_not_count() -> None:
    values, trust = np.zeros((30, 2, 3)), np.ones((30, 2))
    values[15, 0], trust[15, 0] = 100, 0
    smooth = zero_phase(moments(30), values, trust)
    assert abs(smooth).max() < 0.2
    np.testing.assert_allclose(zero_phase(moments(30), values, np.zeros((30, 2))), zero_phase(moments(30), values))


def test_one_value_is_that_of_all() -> None:
    times, values, trust = irregular(80), RNG.normal(0, 1, (80, 4, 3)), RNG.uniform(0, 1, (80, 4))
    smooth = zero_phase(times, values, trust)
    for index in (0, 2, 40, 79):
        near = np.flatnonzero(abs(times - times[index]) <= REACH_S)
        at = int(np.searchsorted(near, index))
        np.testing.assert_allclose(zero_phase_at(at, times[near], values[near], trust[near]), smooth[index], atol=2e-3)


def test_a_long_motion_has_no_seams() -> None:
    times = moments(9000, 60)
    smooth = zero_phase(times, np.sin(times))
    np.testing.assert_allclose(smooth, np.sin(times), atol=1e-3)


@given(st.lists(st.floats(0, 0.2, allow_subnormal=False), min_size=1, max_size=3 * MAX_REACH))
def test_any_steps_give_numbers(steps: list[float]) -> None:
    times = np.cumsum(steps)
    smooth = zero_phase(times, np.cos(np.arange(len(times))))
    assert np.isfinite(smooth).all()
    assert abs(smooth).max() < 10
