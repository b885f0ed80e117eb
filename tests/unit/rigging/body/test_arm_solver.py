"""The two bones of an arm on their rays, against arms of known depths."""

import math

import numpy as np
import pytest

from mocast.rigging.body.arm_solver import ArmOnRays, BoneLength
from mocast.rigging.retargeting.proportions import rows

AWAY_M = np.array([0.0, 0.0, 2.0])
ARM = np.array([[-0.16, -0.45, 0.0], [-0.2, -0.25, -0.15], [0.0, -0.35, -0.25]])
"""Shoulder, elbow and wrist in world space: a hand before the chest."""


def bone(metres: float) -> BoneLength:
    known = BoneLength()
    known.metres = metres
    return known


def arm_on_rays(world: np.ndarray, lengths: tuple[float, float]) -> ArmOnRays:
    return known(arm_at(world, ARM), lengths)


def arm_at(world: np.ndarray, seen: np.ndarray, noise: float | np.ndarray = 0.0) -> ArmOnRays:
    """Return an arm that the pose has in one place and the picture in another; ``noise``: (3, 2) metres across it."""
    at = seen + AWAY_M
    (away,) = rows(AWAY_M[None])
    return ArmOnRays(rows(world), ((at[:, :2] + noise) / at[:, 2:]).tolist(), away)


def known(arm: ArmOnRays, lengths: tuple[float, float]) -> ArmOnRays:
    """Return an arm whose bones are known to be so long."""
    arm.learn((bone(lengths[0]), bone(lengths[1])), 1.0, 1e-6)
    return arm


def lengths_of(world: np.ndarray) -> tuple[float, float]:
    upper, lower = np.linalg.norm(np.diff(world, axis=0), axis=1).tolist()
    return upper, lower


def test_lengths_correct_depths() -> None:
    wrong = ARM + np.array([[0, 0, 0], [0, 0, -0.05], [0, 0, -0.1]])
    e, w = arm_on_rays(wrong, lengths_of(ARM)).by_pose(1.0)
    assert e == pytest.approx(1.85, abs=0.03)
    assert w == pytest.approx(1.75, abs=0.05)
    # A pose that has the wrist where the picture has it is believed more.
    assert arm_on_rays(wrong, lengths_of(ARM)).by_pose(0.0)[1] < w


def test_depths_that_fit_are_kept() -> None:
    assert arm_on_rays(ARM, lengths_of(ARM)).by_pose(1.0) == pytest.approx((1.85, 1.75), abs=1e-6)


def test_an_arm_across_the_rays_keeps_its_depth() -> None:
    """The length says nothing of it: an arm that seems 1 cm too short does not turn by 16°, which is 7 cm."""
    flat = np.array([[-0.16, -0.45, 0.0], [-0.42, -0.45, 0.0], [-0.66, -0.45, 0.0]])
    arm = known(arm_at(flat, flat), (0.27, 0.25))
    assert arm.by_pose(1.0) == pytest.approx((2.0, 2.0), abs=0.04)


def test_the_other_depth_of_a_wrist_is_as_far_from_the_elbow() -> None:
    arm = arm_on_rays(ARM, lengths_of(ARM))
    other = arm.other_wrist(1.85, 1.75)
    assert other > 1.9
    elbow, wrist = arm.points(1.85, other)
    assert math.dist(wrist, elbow) == pytest.approx(lengths_of(ARM)[1])


def test_a_length_is_learnt_from_what_is_long_and_not_from_one_frame() -> None:
    length, rng = BoneLength(), np.random.default_rng(1)
    for _ in range(300):
        known = length.update(float(rng.choice([0.18, 0.22, 0.25, 0.25, 0.25])), 1 / 30)
    assert known == pytest.approx(0.25, abs=0.01)
    assert length.update(0.5, 1 / 30) == pytest.approx(known, abs=0.002)


def test_noise_of_a_pose_that_agrees_with_the_picture_lengthens_bones_less() -> None:
    hanging = np.array([[-0.16, -0.45, 0.0], [-0.19, -0.18, 0.02], [-0.2, 0.06, -0.05]])
    off_m = []
    for doubt in (0.0, 1.0):
        rng, bones = np.random.default_rng(2), (bone(0.25), bone(0.25))
        for _ in range(900):
            world = hanging + rng.normal(0, [0.012, 0.012, 0.036], hanging.shape)
            arm_at(world, hanging, rng.normal(0, 0.005, (3, 2))).learn(bones, doubt, 1 / 30)
        off_m.append([found.update(true, 0.0) - true for found, true in zip(bones, lengths_of(hanging), strict=True)])
    believed, doubted = off_m
    assert max(believed) < 0.01
    assert all(one < other - 0.002 for one, other in zip(believed, doubted, strict=True))
