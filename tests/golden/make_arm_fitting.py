"""Writes the cases of arms on other bodies: ``python -m tests.golden.make_arm_fitting``. See ``make.py``.

Read by the server's tests and the page's, which fit arms each by its own code.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from tests.golden import make
from tests.unit.rigging import skeletons

from mocast.model.hand_targets import HandTargets
from mocast.model.humanoid import HumanoidBone
from mocast.model.quaternions import Quaternions
from mocast.rigging.retargeting.arm_fitting import ArmFitter
from mocast.rigging.retargeting.proportions import REST, Proportions, rows
from mocast.rigging.retargeting.target_finder import hand_targets
from mocast.rigging.retargeting.vrm_file import read_vrm
from mocast.rigging.retargeting.vrm_proportions import proportions_of

B = HumanoidBone
FILE = make.FOLDER / "retargeting" / "arm-fitting.json"
_ARMS = ("upper_arm", "lower_arm", "hand")


def small_body() -> Proportions:
    """A body with a large head and short arms, and two capsules as spring bones have them."""
    offsets = np.array(REST.offsets)
    for side in ("LEFT", "RIGHT"):
        offsets[[B[f"{side}_LOWER_ARM"], B[f"{side}_HAND"]]] *= 0.75
    offsets[B.LEFT_THUMB_METACARPAL :] *= 0.7
    return replace(
        REST,
        offsets=rows(offsets),
        hand_m=0.7 * REST.hand_m,
        middles=[(0, 0.12, 0), *REST.middles[1:]],
        sizes=[(0.13, 0.12, 0.12), (0.1, 0.15, 0.09), (0.12, 0.1, 0.1)],
        capsules=[(3, (0.05, 0.02, 0), (-0.05, 0.02, 0), 0.1), (5, (0, 0.1, 0), (0, 0.1, 0), 0.13)],
    )


AVATAR = Path(__file__).parents[2] / "web" / "public" / "default.vrm"
BODIES = {"rest": REST, "small": small_body(), "default avatar": proportions_of(read_vrm(AVATAR))}


def arms(**left: tuple[float, float, float]) -> Quaternions:
    """A pose of both arms alike, by rotation vectors of the left one in degrees."""
    sides = {f"left_{name}": turn for name, turn in left.items()}
    sides |= {f"right_{name}": (x, -y, -z) for name, (x, y, z) in left.items()}
    return skeletons.posed(**sides).local


def poses() -> dict[str, Quaternions]:
    """Poses by name: (55, 4) local rotations."""
    rng = np.random.default_rng(7)
    folded = arms(upper_arm=(20, -35, -55), lower_arm=(0, -105, 0))
    folded[B.LEFT_LOWER_ARM] = skeletons.posed(left_lower_arm=(0, -95, 0)).local[B.LEFT_LOWER_ARM]
    return {
        "at the face": arms(upper_arm=(0, -60, -70), lower_arm=(0, -130, 0)),
        "hands together": arms(upper_arm=(0, -40, -60), lower_arm=(0, -85, 0), hand=(0, 0, 0)),
        "palms through each other": arms(upper_arm=(12, -60, -56), lower_arm=(0, -109, 0), hand=(20, -37, 32)),
        "folded": folded,
        "hanging": arms(upper_arm=(0, 0, -84)),
        "through the chest": arms(upper_arm=(57, -69, -58), lower_arm=(0, -108, 0)),
        "T-pose": arms(),
        **{f"random {number}": skeletons.random_skeleton(rng).local for number in range(4)},
    }


def cases() -> list[dict[str, Any]]:
    """Every pose on every body."""
    written = []
    for name, local in poses().items():
        rotations = local.astype(np.float32)
        targets = hand_targets(rotations.astype(np.float64), REST)
        for name_of_body, body in BODIES.items():
            fitted = rotations.astype(np.float64)
            for bone, turned in ArmFitter(body).fit(fitted.tolist(), targets).items():
                fitted[bone] = turned
            written.append(
                {
                    "name": name,
                    "body": name_of_body,
                    "rotations": rotations.tolist(),
                    "hand_targets": described(targets),
                    "fitted": fitted.round(6).tolist(),
                }
            )
    return written


def described(targets: HandTargets) -> dict[str, Any]:
    return {name: getattr(targets, name).ravel().tolist() for name in ("offsets", "nearness", "touching")}


def described_body(body: Proportions) -> dict[str, Any]:
    return {
        "offsets": list(body.offsets),
        "middles": list(body.middles),
        "sizes": list(body.sizes),
        "hand_m": body.hand_m,
        "capsules": [{"at": at, "start": s, "end": e, "radius": r} for at, s, e, r in body.capsules],
    }


def content() -> str:
    """The file's content."""
    return (
        json.dumps({"bodies": {name: described_body(body) for name, body in BODIES.items()}, "cases": cases()}) + "\n"
    )


if __name__ == "__main__":
    FILE.write_text(content())
