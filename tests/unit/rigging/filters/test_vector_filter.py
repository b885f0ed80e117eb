import numpy as np
import pytest

from mocast.rigging.filters.vector_filter import LID_FILTER, MAX_GAP_S, SHAPE_FILTER, OneEuroParams, VectorFilter


def test_the_first_value_is_returned_as_it_is() -> None:
    assert VectorFilter(OneEuroParams(1.0, 0.0)).smooth(np.array([3.0, -2.0]), 5.0).tolist() == [3.0, -2.0]


@pytest.mark.parametrize("fps", [15, 30, 60, 240])
def test_without_beta_a_ramp_is_followed_as_by_a_low_pass_at_any_frame_rate(fps: int) -> None:
    smoother, cutoff_hz = VectorFilter(OneEuroParams(2.0, 0.0)), 2.0
    times = np.arange(fps + 1) / fps
    found = [smoother.smooth(np.array([time_s]), time_s)[0] for time_s in times]
    rate = 2 * np.pi * cutoff_hz
    np.testing.assert_allclose(found, times - (1 - np.exp(-rate * times)) / rate, atol=1e-9)


def test_beta_follows_what_is_fast() -> None:
    late = {}
    for beta in (0.0, 5.0):
        smoother = VectorFilter(OneEuroParams(1.0, beta))
        for number in range(31):
            value = smoother.smooth(np.array([number / 30 * 4]), number / 30)[0]
        late[beta] = 4 - value
    assert late[5.0] < late[0.0] / 5


def test_parts_are_smoothed_each_by_itself() -> None:
    together, alone = VectorFilter(SHAPE_FILTER["balanced"]), VectorFilter(SHAPE_FILTER["balanced"])
    values = np.random.default_rng(0).uniform(0, 1, (40, 3))
    for number, value in enumerate(values):
        first = together.smooth(value, number / 30)[0]
        assert first == pytest.approx(alone.smooth(value[:1], number / 30)[0])


@pytest.mark.parametrize("step_s", [0.0, -1.0, MAX_GAP_S + 0.01])
def test_a_clock_that_stands_goes_back_or_leaps_starts_anew(step_s: float) -> None:
    smoother = VectorFilter(OneEuroParams(1.0, 0.0))
    for number in range(10):
        smoother.smooth(np.zeros(1), number / 30)
    assert smoother.smooth(np.ones(1), 9 / 30 + step_s)[0] == 1


def test_what_is_forgotten_starts_anew_and_the_rest_goes_on() -> None:
    smoother, other = (VectorFilter(OneEuroParams(1.0, 0.5)) for _ in range(2))
    for number in range(10):
        smoother.smooth(np.sin([number, number]), number / 30)
        other.smooth(np.sin([number]), number / 30)
    smoother.forget(slice(1, 2))
    smoothed = smoother.smooth(np.ones(2), 10 / 30)
    assert smoothed.tolist() == pytest.approx([*other.smooth(np.ones(1), 10 / 30), 1.0])
    anew = VectorFilter(OneEuroParams(1.0, 0.5))
    anew.smooth(np.ones(1), 10 / 30)
    assert smoother.smooth(np.zeros(2), 11 / 30)[1] == pytest.approx(anew.smooth(np.zeros(1), 11 / 30)[0])


def test_faces_are_never_smoothed_below_2_hz() -> None:
    for presets in (SHAPE_FILTER, LID_FILTER):
        assert [*presets] == ["responsive", "balanced", "smooth"]
        cutoffs = [choice.min_cutoff_hz for choice in presets.values()]
        assert cutoffs == sorted(cutoffs, reverse=True)
        assert cutoffs[-1] >= 2
