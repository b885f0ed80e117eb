import numpy as np
import pytest

from mocast.model.options import Smoothing
from mocast.model.quaternions import angle_between, from_vectors
from mocast.rigging.filters.rotation_filter import MAX_JOINT_RAD_PER_S, ROTATION_FILTER, RotationFilter

START = np.tile([0.0, 0, 0, 1], (1, 1))


def about_z(angle: float) -> np.ndarray:
    return from_vectors(np.array([[0, 0, angle]]))


def test_what_stands_still_is_reached() -> None:
    made = RotationFilter(START)
    for _ in range(90):
        smoothed = made.smooth(about_z(1.0), 1 / 30, ROTATION_FILTER["smooth"])
    assert np.degrees(angle_between(smoothed, about_z(1.0)))[0] < 0.5


def test_nothing_turns_faster_than_a_joint_can() -> None:
    made = RotationFilter(START)
    before = START
    for angle in (3.0, -3.0, 3.0, 0.0, 3.0):
        smoothed = made.smooth(about_z(angle), 1 / 60, ROTATION_FILTER["responsive"])
        assert angle_between(smoothed, before)[0] <= MAX_JOINT_RAD_PER_S / 60 + 1e-6
        before = smoothed


@pytest.mark.parametrize(("calmer", "quicker"), [("balanced", "responsive"), ("smooth", "balanced")])
def test_presets_trade_noise_for_delay(calmer: Smoothing, quicker: Smoothing) -> None:
    noise = from_vectors(np.random.default_rng(0).normal(scale=0.03, size=(300, 3)))

    def trembling(preset: Smoothing) -> float:
        made = RotationFilter(START)
        shown = np.concatenate([made.smooth(one[None], 1 / 30, ROTATION_FILTER[preset]) for one in noise])
        return float(angle_between(shown, START).mean())

    def lag(preset: Smoothing) -> float:
        made = RotationFilter(START)
        for number in range(30):
            shown = made.smooth(about_z(number / 30), 1 / 30, ROTATION_FILTER[preset])
        return float(angle_between(shown, about_z(29 / 30))[0])

    assert trembling(calmer) < 0.95 * trembling(quicker)
    assert lag(calmer) > 1.05 * lag(quicker)


@pytest.mark.parametrize("preset", ["responsive", "balanced", "smooth"])
def test_a_steady_turn_is_shown_alike_at_all_frame_rates(preset: Smoothing) -> None:
    shown = []
    for fps in (15, 30, 60):
        made = RotationFilter(START)
        for number in range(1, 2 * fps + 1):
            smoothed = made.smooth(about_z(0.8 * number / fps), 1 / fps, ROTATION_FILTER[preset])
        shown.append(smoothed)
    assert np.degrees(angle_between(np.stack(shown), shown[1])).max() < 0.3


def test_half_a_turn_is_no_jump() -> None:
    """Where the measured rotation is across from the smoothed one its side is chance; what is shown goes one way."""
    made = RotationFilter(START)
    for number in range(60):
        smoothed = made.smooth(about_z(3.13 + 0.02 * (number % 2)), 1 / 30, ROTATION_FILTER["balanced"])
        assert np.isfinite(smoothed).all()
        assert np.linalg.norm(smoothed) == pytest.approx(1)


@pytest.mark.parametrize(("preset", "swing_deg"), [("responsive", 15), ("balanced", 15), ("smooth", 30)])
def test_a_quick_swing_is_shown_less_than_a_frame_late(preset: Smoothing, swing_deg: float) -> None:
    made, fps, hertz = RotationFilter(START), 30, 2.0
    time_s = np.arange(4 * fps) / fps
    angles = np.radians(swing_deg) * np.sin(2 * np.pi * hertz * time_s)
    shown = [2 * np.arcsin(made.smooth(about_z(angle), 1 / fps, ROTATION_FILTER[preset])[0, 2]) for angle in angles]
    wave = np.exp(-2j * np.pi * hertz * time_s[fps:])
    late_s = np.angle((angles[fps:] * wave).sum() / (np.array(shown)[fps:] * wave).sum()) / (2 * np.pi * hertz)
    assert 0 < late_s < 1 / fps
