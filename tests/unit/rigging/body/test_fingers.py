"""Fingers over time, against hands of known bends."""

import numpy as np
import pytest
from tests.unit.rigging.skeletons import posed, tracked

from mocast.model.humanoid import HumanoidBone as B
from mocast.model.options import RigOptions, Smoothing
from mocast.model.quaternions import angle_between
from mocast.rigging.solver import Solver

FPS = 30
FINGERS = [bone for bone in B if bone >= B.LEFT_THUMB_METACARPAL]
LAST = [bone for bone in FINGERS if bone.name.endswith("DISTAL") and "THUMB" not in bone.name]
ARMS = {"left_lower_arm": (0.0, -60.0, 0.0), "right_lower_arm": (0.0, 60.0, 0.0)}


def bent(
    proximal: float = 30.0, intermediate: float = 45.0, distal: float = 30.0
) -> dict[str, tuple[float, float, float]]:
    """Return the rotation vectors of all fingers of the left hand."""
    joints = {"proximal": proximal, "intermediate": intermediate, "distal": distal}
    return {
        f"left_{finger}_{joint}": (0.0, 0.0, -degrees)
        for finger in ("index", "middle", "ring", "little")
        for joint, degrees in joints.items()
    }


def rotations(degrees: list[dict[str, tuple[float, float, float]]], *, noise_m: float = 0.0) -> np.ndarray:
    """Return the rig's (frames, 55, 4)."""
    solver, rng = Solver(RigOptions("balanced", "full")), np.random.default_rng(2)
    return np.stack(
        [
            solver.rig(tracked(posed(**ARMS, **one), pts=3000 * number, hand_noise_m=noise_m, rng=rng)).rotations
            for number, one in enumerate(degrees)
        ]
    ).astype(float)


def test_fingers_at_rest_do_not_tremble() -> None:
    """With half a millimetre of noise in each landmark of each frame, which turns a bone of 25 mm by 2°."""
    shown = rotations([bent()] * 120, noise_m=0.0005)[60:, FINGERS[:15]]
    assert np.degrees(angle_between(shown[1:], shown[:-1])).mean() < 0.4


def test_any_bend_of_the_last_joint_is_reached() -> None:
    shown = rotations([bent(distal=65.0)] * 60)[-1]
    left = [bone for bone in LAST if bone.name.startswith("LEFT")]
    assert np.degrees(2 * np.arcsin(-shown[left, 2])) == pytest.approx([65.0] * 4, abs=1)


def test_a_last_joint_that_trembles_alone_is_calm_and_one_that_bends_with_its_finger_is_not_late() -> None:
    alone = rotations([bent(distal=30 + 15 * (-1) ** number) for number in range(90)])[45:, B.LEFT_INDEX_DISTAL]
    assert np.degrees(angle_between(alone[1:], alone[:-1])).max() < 1.5
    swing = 45 + 30 * np.sin(2 * np.pi * np.arange(90) / 15)
    shown = rotations([bent(intermediate=angle, distal=2 / 3 * angle) for angle in swing])[45:]
    bones = (B.LEFT_INDEX_INTERMEDIATE, B.LEFT_INDEX_DISTAL)
    middle, last = (2 * np.degrees(np.arcsin(-shown[:, bone, 2])) for bone in bones)
    assert np.ptp(last) > 0.9 * 2 / 3 * np.ptp(middle)


@pytest.mark.parametrize("smoothing", ["responsive", "balanced", "smooth"])
def test_a_fist_closes_at_once(smoothing: Smoothing) -> None:
    solver = Solver(RigOptions(smoothing, "full"))
    for number in range(60):
        closing = min(max(number - 45, 0) / 6, 1.0)  # in 0.2 s
        seen = tracked(posed(**ARMS, **bent(80 * closing, 90 * closing, 60 * closing)), pts=3000 * number)
        rig = solver.rig(seen)
        if number == 53:
            assert np.degrees(2 * np.arcsin(-float(rig.rotations[B.LEFT_INDEX_INTERMEDIATE, 2]))) > 75
