"""Rigs on one avatar: its arms fitted, its hips as high as its own legs are long."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mocast.errors import Unprocessable
from mocast.model.avatar_body import AvatarBody
from mocast.model.humanoid import REST_POSITIONS, HumanoidBone
from mocast.model.rig import Rig
from mocast.rigging.retargeting.arm_fitting import ArmFitter
from mocast.rigging.retargeting.proportions import TRUNK_BONES, Proportions, rows
from mocast.rigging.retargeting.vrm_file import read_vrm
from mocast.rigging.retargeting.vrm_proportions import proportions_of


def read_avatar(path: Path) -> Proportions:
    """Return the proportions of an avatar's VRM file. Raises ``ValueError`` with a sentence where it cannot be read."""
    try:
        return proportions_of(read_vrm(path))
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}.") from error
    except Unprocessable as error:
        raise ValueError(str(error)) from error


def proportions_in(body: AvatarBody) -> Proportions:
    """Return the proportions that a client sent."""
    return Proportions(
        offsets=rows(np.array(body.offsets)),
        middles=rows(np.array(body.middles)),
        sizes=rows(np.array(body.sizes)),
        hand_m=body.hand,
        capsules=[
            (min(max(round(at), 0), len(TRUNK_BONES) - 1), (x, y, z), (u, v, w), max(radius, 0.0))
            for at, x, y, z, u, v, w, radius in body.capsules
        ],
    )


class AvatarFitter:
    """Makes the rigs of a person those of an avatar."""

    def __init__(self, body: Proportions) -> None:
        self._arms = ArmFitter(body)
        hips: Sequence[float] = body.offsets[HumanoidBone.HIPS]
        self._scale = hips[1] / float(REST_POSITIONS[HumanoidBone.HIPS, 1])
        self._aside = np.array([hips[0], 0.0, hips[2]], np.float32)

    def fit(self, rig: Rig) -> Rig:
        """Return the rig with the arms fitted; its hips are metres of the avatar's."""
        rotations = rig.rotations.copy()
        for bone, turned in self._arms.fit(rig.rotations.tolist(), rig.hand_targets).items():
            rotations[bone] = turned
        hips = (rig.hips * np.float32(self._scale) + self._aside).astype(np.float32)
        return replace(rig, rotations=rotations, hips=hips)
