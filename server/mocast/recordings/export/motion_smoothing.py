"""Zero-phase smoothing of a recorded motion, which delays nothing."""

import numpy as np

from mocast.model.zero_phase import zero_phase
from mocast.recordings.export.foot_planting import plant_feet
from mocast.recordings.export.motion import Motion


def smoothed(motion: Motion) -> Motion:
    """Return the motion, of constant rate, smoothed over time; feet that stand stay where they stood."""
    times = motion.times_s
    rotations = zero_phase(times, motion.rotations)  # signs do not change from frame to frame: components can be mixed
    rotations /= np.linalg.norm(rotations, axis=2, keepdims=True)
    smooth = Motion(
        times_s=times,
        hips=zero_phase(times, motion.hips),
        rotations=rotations,
        shapes=zero_phase(times, motion.shapes).clip(0, 1),
        expressions=zero_phase(times, motion.expressions).clip(0, 1),
        gaze_deg=zero_phase(times, motion.gaze_deg),
        planted=motion.planted,
        hand_targets=zero_phase(times, motion.hand_targets),
    )
    plant_feet(smooth, motion)
    return smooth
