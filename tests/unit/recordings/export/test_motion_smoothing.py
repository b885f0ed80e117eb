from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests import motions

from mocast.model.humanoid import HumanoidBone
from mocast.model.zero_phase import CUTOFF_HZ
from mocast.recordings.export.motion import Motion, motion_of, resampled
from mocast.recordings.export.motion_smoothing import smoothed


def swinging(hertz: float, *, fps: float = 60, seconds: float = 4, degrees: float = 20) -> Motion:
    """The left upper arm swings about Z, and the hips from left to right."""
    times = np.arange(int(seconds * fps)) / fps
    swing = np.sin(2 * np.pi * hertz * times)
    motion = resampled(motion_of([motions.rig(0, pts=round(time * 90_000)) for time in times]), fps)
    motion.rotations[:] = [0, 0, 0, 1]
    motion.rotations[:, HumanoidBone.LEFT_UPPER_ARM] = [motions.about((0, 0, 1), degrees * part) for part in swing]
    motion.hips[:, 0] = swing
    return motion


def arm_deg(motion: Motion) -> NDArray[np.float64]:
    quaternions = motion.rotations[:, HumanoidBone.LEFT_UPPER_ARM].astype(np.float64)
    return np.asarray(np.degrees(2 * np.arctan2(quaternions[:, 2], quaternions[:, 3])))


def delay_s(late: NDArray[np.floating], early: NDArray[np.floating], hertz: float, fps: float) -> float:
    """By which time a swing comes late, from its phase over whole periods in the middle."""
    middle = slice(int(fps), int(fps) + int(2 * fps))
    turning = np.exp(-2j * np.pi * hertz * np.arange(len(late)) / fps)
    phases = [np.angle((values * turning)[middle].sum()) for values in (early, late)]
    return float((phases[0] - phases[1]) / (2 * np.pi * hertz))


@pytest.mark.parametrize("hertz", [0.5, 2.0, 5.0])
def test_nothing_comes_late(hertz: float) -> None:
    motion = swinging(hertz)
    smooth = smoothed(motion)
    assert abs(delay_s(arm_deg(smooth), arm_deg(motion), hertz, 60)) < 1e-4
    assert abs(delay_s(smooth.hips[:, 0], motion.hips[:, 0], hertz, 60)) < 1e-4


@pytest.mark.parametrize(("hertz", "least", "most"), [(2.0, 0.95, 1), (CUTOFF_HZ, 0.68, 0.73), (15.0, 0, 0.15)])
@pytest.mark.parametrize("fps", [60, 120])
def test_movement_stays_and_trembling_goes_whatever_the_rate(
    hertz: float, least: float, most: float, fps: float
) -> None:
    motion = swinging(hertz, fps=fps)
    middle = slice(int(fps), int(3 * fps))
    left = arm_deg(smoothed(motion))[middle].std() / arm_deg(motion)[middle].std()
    assert least <= left <= most


def test_ends_stay_where_they_are() -> None:
    motion = resampled(motion_of([motions.rig(frame) for frame in range(60)]), 30)
    smooth = smoothed(motion)
    for frame in (0, -1):
        np.testing.assert_allclose(smooth.hips[frame], motion.hips[frame], atol=1e-5)
        for bone in HumanoidBone:
            assert motions.angle_between(smooth.rotations[frame, bone], motion.rotations[frame, bone]) < 0.1


def test_full_turn_is_smoothed_as_any_other_movement() -> None:
    motion = swinging(0)
    turn = np.arange(len(motion)) * 3.0
    motion.rotations[:, HumanoidBone.LEFT_UPPER_ARM] = [motions.about((0, 0, 1), degrees) for degrees in turn]
    smooth = smoothed(motion)
    np.testing.assert_allclose(np.unwrap(arm_deg(smooth), period=360), turn, atol=0.1)
    np.testing.assert_allclose(np.linalg.norm(smooth.rotations, axis=-1), 1, atol=1e-5)


def test_weights_stay_weights() -> None:
    motion = swinging(1)
    motion = replace(motion, shapes=(np.indices(motion.shapes.shape).sum(axis=0) % 2).astype(np.float32))
    shapes = smoothed(motion).shapes
    assert shapes.min() >= 0
    assert shapes.max() <= 1


@pytest.mark.parametrize("count", [1, 2, 3])
def test_motion_shorter_than_the_window_is_smoothed_too(count: int) -> None:
    motion = motion_of([motions.rig(frame) for frame in range(count)])
    smooth = smoothed(motion)
    assert len(smooth) == count
    assert np.isfinite(smooth.rotations).all()
