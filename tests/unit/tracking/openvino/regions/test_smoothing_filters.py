"""Smoothing against the filter as its paper writes it down, one number at a time."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from mocast.tracking.openvino.regions.smoothing_filters import LowPassFilter, OneEuroFilter, Values


class SlowOneEuro:
    """Casiez, Roussel, Vogel, "1€ Filter", CHI 2012; the speed is that of the value times ``scale``."""

    def __init__(self, min_cutoff: float, beta: float, speed_cutoff: float = 1.0) -> None:
        self.min_cutoff, self.beta, self.speed_cutoff = min_cutoff, beta, speed_cutoff
        self.before: tuple[float, float, float, float] | None = None

    def __call__(self, value: float, scale: float, time_s: float) -> float:
        if self.before is None:
            self.before = (value, value, 0.0, time_s)
            return value
        raw, smooth, speed, last_s = self.before
        step_s = time_s - last_s
        speed = self.mix(speed, (value - raw) * scale / step_s, self.alpha(self.speed_cutoff, step_s))
        smooth = self.mix(smooth, value, self.alpha(self.min_cutoff + self.beta * abs(speed), step_s))
        self.before = (value, smooth, speed, time_s)
        return smooth

    @staticmethod
    def alpha(cutoff: float, step_s: float) -> float:
        tau = 1 / (2 * math.pi * cutoff)
        return 1 / (1 + tau / step_s)

    @staticmethod
    def mix(old: float, new: float, alpha: float) -> float:
        return alpha * new + (1 - alpha) * old


def values(*numbers: float) -> Values:
    return np.array(numbers, np.float32)


@pytest.mark.parametrize(
    ("min_cutoff", "beta", "speed_cutoff"), [(0.05, 80, 1), (0.01, 10, 1), (0.1, 40, 1), (1, 0, 1), (1, 20, 3)]
)
def test_each_value_is_smoothed_by_the_time_that_passed(min_cutoff: float, beta: float, speed_cutoff: float) -> None:
    random = np.random.default_rng(5)
    smooth = OneEuroFilter(min_cutoff, beta, speed_cutoff)
    slow = [SlowOneEuro(min_cutoff, beta, speed_cutoff) for _ in range(6)]
    points, time_us = random.uniform(0, 640, (2, 3)), 0
    for number in range(200):
        points = points + random.normal(0, 5, (2, 3)) * (number % 40 > 10)
        scale = 1 / random.uniform(100, 400)
        expected = [one(value, scale, time_us / 1e6) for one, value in zip(slow, points.ravel().tolist(), strict=True)]
        found = smooth(points.astype(np.float32), scale, time_us)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found.ravel(), expected, atol=1e-3)
        time_us += int(random.choice((1_000, 16_667, 33_333, 66_667, 2_000_000)))


def test_half_the_frames_a_second_are_followed_as_closely() -> None:
    ends = []
    for step_us in (16_667, 33_333):
        smooth = OneEuroFilter(0.05, 80)
        for time_us in range(0, 1_000_000, step_us):
            found = smooth(values(time_us / 1e4), 1 / 300, time_us)
        ends.append(found[0] - time_us / 1e4)
    assert ends[0] == pytest.approx(ends[1], abs=1.5)
    assert ends[0] < 0


def test_what_stands_still_comes_to_rest_there() -> None:
    smooth = OneEuroFilter(0.05, 80)
    smooth(values(0), 1 / 300, 0)
    for number in range(1, 200):
        found = smooth(values(100), 1 / 300, number * 33_333)
    assert found[0] == pytest.approx(100, abs=0.1)


@pytest.mark.parametrize("step_us", [0, -1, -(10**9)])
def test_a_time_that_does_not_go_on_changes_nothing(step_us: int) -> None:
    smooth, undisturbed = OneEuroFilter(0.05, 80), OneEuroFilter(0.05, 80)
    for each in (smooth, undisturbed):
        each(values(10), 1 / 300, 1_000_000)
        each(values(20), 1 / 300, 1_033_333)
    odd = values(999)
    assert smooth(odd, 1 / 300, 1_033_333 + step_us) is odd
    assert smooth(values(30), 1 / 300, 1_066_667) == undisturbed(values(30), 1 / 300, 1_066_667)


@pytest.mark.parametrize("scale", [1.1e6, math.inf])
def test_something_too_small_to_smooth_changes_nothing(scale: float) -> None:
    smooth, undisturbed = OneEuroFilter(0.05, 80), OneEuroFilter(0.05, 80)
    for each in (smooth, undisturbed):
        each(values(10), 1 / 300, 0)
    odd = values(999)
    assert smooth(odd, scale, 33_333) is odd
    assert smooth(values(30), 1 / 300, 66_667) == undisturbed(values(30), 1 / 300, 66_667)


def test_after_a_reset_the_next_values_are_the_first() -> None:
    smooth = OneEuroFilter(0.05, 80)
    smooth(values(10), 1 / 300, 50_000)
    assert smooth(values(20), 1 / 300, 83_333) < 20
    smooth.reset()
    assert smooth(values(90, 91), 1 / 300, 40_000).tolist() == [90, 91]


def test_what_was_put_in_or_came_out_is_not_changed_later() -> None:
    smooth, steady = OneEuroFilter(0.05, 80), LowPassFilter(0.1)
    series = [values(number) for number in range(5)]
    found = [smooth(value, 1 / 300, 1 + 33_333 * number) for number, value in enumerate(series)]
    found += [steady(value, 33_333 * number) for number, value in enumerate(series)]
    copies = [value.copy() for value in (*series, *found)]
    smooth(values(77), 1 / 300, 10**6)
    steady(values(77), 10**6)
    assert [*series, *found] == copies


@pytest.mark.parametrize("jump", [1e30, -1e30, 1e-30])
@pytest.mark.filterwarnings("error")
def test_values_that_are_finite_stay_finite(jump: float) -> None:
    smooth = OneEuroFilter(0.05, 80)
    for number in range(5):
        assert np.isfinite(smooth(values(jump * number), 1, 1_000_000 * number)).all()


def low_passed(steady: LowPassFilter, series: Sequence[float], fps: float) -> list[float]:
    return [float(steady(values(value), round(number * 1e6 / fps))[0]) for number, value in enumerate(series)]


def test_a_low_pass_takes_its_part_of_what_is_new() -> None:
    steady = LowPassFilter(0.1)
    assert low_passed(steady, (0.5, 1, 1, 0), 30) == pytest.approx([0.5, 0.55, 0.595, 0.5355], abs=1e-5)
    steady.reset()
    assert steady(values(0.25, 0.75), 0).tolist() == [0.25, 0.75]


@pytest.mark.parametrize("fps", [5, 15, 60, 120])
def test_a_low_pass_is_as_far_after_a_second_whatever_the_frames(fps: int) -> None:
    assert low_passed(LowPassFilter(0.1), [0] + [1] * fps, fps)[-1] == pytest.approx(1 - 0.9**30, abs=1e-5)


def test_a_low_pass_stays_where_the_time_does_not_go_on() -> None:
    steady = LowPassFilter(0.1)
    steady(values(1), 1000)
    assert [steady(values(5), time_us)[0] for time_us in (1000, 500)] == [1, 1]
