"""Feet of a recorded step: where they stood live, they stand after smoothing."""

import numpy as np
from tests.unit.rigging.body.test_feet_solver import filmed, soles
from tests.unit.rigging.stances import Camera, Standing, step

from mocast.recordings.export.motion import Motion, motion_of, resampled
from mocast.recordings.export.motion_smoothing import smoothed


def places_m(motion: Motion) -> np.ndarray:
    """Return where the middle of each foot is over the floor, (frames, foot, 2)."""

    class Shown:
        def __init__(self, frame: int) -> None:
            self.rotations, self.hips = motion.rotations[frame], motion.hips[frame]

    return soles([Shown(frame) for frame in range(len(motion))]).mean(2)[..., [0, 2]]  # type: ignore[misc]


def test_a_smoothed_step_slides_no_foot() -> None:
    rigs = filmed(lambda t: step(Standing(), (t - 1.5) / 1.0, 0.4), 3.5, Camera(noise_m=0.008))[30:]
    motion = resampled(motion_of(rigs), 30)
    smooth = smoothed(motion)
    at, stands = places_m(smooth), motion.planted
    both = stands[1:] & stands[:-1]
    assert both.mean() > 0.6
    assert np.linalg.norm(np.diff(at, axis=0), axis=-1)[both].max() < 0.001
    # It goes as far as it went, and does not jump where it is let go.
    assert np.abs(at[-1] - places_m(motion)[-1]).max() < 0.01
    steps = np.linalg.norm(np.diff(at, axis=0), axis=-1)
    assert steps.max() < 1.5 * np.linalg.norm(np.diff(places_m(motion), axis=0), axis=-1).max()
    np.testing.assert_allclose(np.linalg.norm(smooth.rotations, axis=-1), 1, atol=1e-5)
