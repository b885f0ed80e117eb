"""A motion on an avatar of given proportions: hands where the person's were, feet that stand where theirs stood."""

from dataclasses import replace

import numpy as np

from mocast.model.hand_targets import HandTargets
from mocast.model.humanoid import REST_POSITIONS, HumanoidBone
from mocast.model.quaternions import continuous
from mocast.recordings.export.foot_fitting import fit_feet
from mocast.recordings.export.motion import Motion
from mocast.rigging.retargeting.arm_fitting import ArmFitter
from mocast.rigging.retargeting.arm_kinematics import ARMS
from mocast.rigging.retargeting.proportions import Proportions


def on_avatar(motion: Motion, body: Proportions) -> Motion:
    """Return the motion with the avatar's hips' height, and with arms and legs that are fitted to it."""
    rotations = motion.rotations.copy()
    fitter = ArmFitter(body)
    for frame, (turns, values) in enumerate(zip(motion.rotations, motion.hand_targets, strict=True)):
        targets = HandTargets.of_flat(values)
        targets = replace(targets, nearness=targets.nearness.clip(0.0, 1.0))  # smoothing may swing beyond
        for bone, turned in fitter.fit(turns.tolist(), targets).items():
            rotations[frame, bone] = turned
    for bone in (bone for arm in ARMS for bone in arm[1:]):
        rotations[:, bone] = continuous(rotations[:, bone].astype(np.float64))
    at_rest = np.array(body.offsets[HumanoidBone.HIPS])
    scale = at_rest[1] / float(REST_POSITIONS[HumanoidBone.HIPS, 1])
    hips = motion.hips * scale + at_rest * [1.0, 0.0, 1.0]
    fitted = replace(motion, rotations=rotations, hips=hips.astype(np.float32))
    fit_feet(fitted, motion, body)
    return fitted
