import numpy as np
import pytest
from tests import motions

from mocast.errors import Unprocessable
from mocast.model.humanoid import HumanoidBone
from mocast.recordings.export.motion import BRIDGED_S, MAX_FRAMES, Motion, motion_of, natural_fps, resampled


def turning(times_s: list[float], degrees: list[float]) -> Motion:
    """The hips turn about Y; everything else is at rest."""
    rigs = [motions.rig(0, pts=round(time * 90_000)) for time in times_s]
    for rig, angle in zip(rigs, degrees, strict=True):
        rig.rotations[:] = [0, 0, 0, 1]
        rig.rotations[HumanoidBone.HIPS] = motions.about((0, 1, 0), angle)
    return motion_of(rigs)


def angles(motion: Motion) -> list[float]:
    """Degrees of the hips about Y, 0..360."""
    quaternions = motion.rotations[:, HumanoidBone.HIPS].astype(np.float64)
    return [float(angle) for angle in np.degrees(2 * np.arctan2(quaternions[:, 1], quaternions[:, 3])) % 360]


def test_uneven_frames_become_even_ones_on_the_way_between_them() -> None:
    even = resampled(turning([0, 0.05, 0.2, 0.3], [0, 10, 40, 60]), fps=40)
    np.testing.assert_allclose(even.times_s, np.arange(13) / 40)
    np.testing.assert_allclose(angles(even), np.arange(13) * 5, atol=1e-3)


def test_frames_of_the_same_rate_stay_as_they_are() -> None:
    rigs = [motions.rig(frame) for frame in range(40)]
    even = resampled(motion_of(rigs), fps=30)
    assert len(even) == 40
    for frame, rig in enumerate(rigs):
        np.testing.assert_allclose(even.hips[frame], rig.hips, atol=1e-6)
        np.testing.assert_allclose(even.shapes[frame], rig.shapes, atol=1e-6)
        np.testing.assert_allclose(even.expressions[frame], rig.expressions, atol=1e-6)
        np.testing.assert_allclose(even.gaze_deg[frame], rig.gaze_deg, atol=1e-5)
        same = np.abs(np.einsum("ij,ij->i", even.rotations[frame], rig.rotations))
        np.testing.assert_allclose(same, 1, atol=1e-6)


def test_rotation_goes_the_short_way_also_where_the_signs_differ() -> None:
    motion = turning([0, 0.1], [350, 370])
    motion.rotations[1] *= -1
    np.testing.assert_allclose(angles(resampled(motion, fps=20)), [350, 0, 10], atol=1e-3)


def test_no_rotation_has_the_opposite_sign_of_the_one_before() -> None:
    rigs = [motions.rig(frame) for frame in range(90)]
    for rig in rigs[::7]:
        rig.rotations[:] *= -1
    even = resampled(motion_of(rigs), fps=30)
    assert (np.einsum("fbi,fbi->fb", even.rotations[1:], even.rotations[:-1]) > 0).all()


def test_pose_holds_over_a_long_gap_and_moves_only_at_its_end() -> None:
    even = resampled(turning([0, 0.1, 10.1], [0, 10, 60]), fps=20)
    at = angles(even)
    np.testing.assert_allclose(at[2 : round((10.1 - BRIDGED_S) * 20) + 1], 10, atol=1e-3)
    np.testing.assert_allclose(at[-1], 60, atol=1e-3)
    assert at[-5] > 11


def test_single_frame_stays_one() -> None:
    even = resampled(turning([0], [20]), fps=60)
    assert len(even) == 1
    np.testing.assert_allclose(angles(even), [20], atol=1e-3)


@pytest.mark.parametrize(("step_s", "fps"), [(1 / 30, 30), (1 / 24, 24), (1.0, 15), (0.001, 120)])
def test_natural_rate_is_that_of_most_frames_within_bounds(step_s: float, fps: float) -> None:
    times = np.cumsum([0, *[step_s] * 20, 0.7, *[step_s] * 20]).tolist()
    assert natural_fps(turning(times, [0] * len(times))) == pytest.approx(fps, rel=1e-2)


def test_more_frames_than_can_be_are_refused_before_they_are_made() -> None:
    with pytest.raises(Unprocessable, match="lower fps"):
        resampled(turning([0, MAX_FRAMES / 30 + 1], [0, 1]), fps=30)
