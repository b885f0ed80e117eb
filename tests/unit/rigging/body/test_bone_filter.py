import numpy as np
import pytest

from mocast.model.humanoid import BONE_COUNT, HumanoidBone
from mocast.model.options import Smoothing
from mocast.model.quaternions import IDENTITY, angle_between, from_vectors
from mocast.rigging.body import kinematics
from mocast.rigging.body.bone_chains import shared_chains
from mocast.rigging.body.bone_filter import BoneFilter

B = HumanoidBone
FPS = 30


def held(**degrees: float) -> np.ndarray:
    """Return local rotations whose pelvis, chest and head are pitched by that much in avatar space."""
    whole = np.tile(IDENTITY, (BONE_COUNT, 1))
    for name, pitch in degrees.items():
        whole[B[name]] = from_vectors(np.radians([pitch, 0, 0]))
    return shared_chains(whole)


@pytest.mark.parametrize(
    ("preset", "most_ms", "least"), [("responsive", 35, 0.95), ("balanced", 45, 0.95), ("smooth", 70, 0.85)]
)
def test_a_small_nod_is_followed(preset: Smoothing, most_ms: float, least: float) -> None:
    """A nod of 8° once a second."""
    time_s = np.arange(5 * FPS) / FPS
    angles = 8 * np.sin(2 * np.pi * time_s)
    bones = BoneFilter(held())
    turned = [kinematics.to_global(bones.smooth(held(HEAD=angle), 1 / FPS, preset)) for angle in angles]
    shown = np.degrees(2 * np.arcsin(np.stack(turned)[2 * FPS :, B.HEAD, 0]))
    ratio = (shown @ np.exp(-2j * np.pi * time_s[2 * FPS :])) / (
        angles[2 * FPS :] @ np.exp(-2j * np.pi * time_s[2 * FPS :])
    )
    assert -1e3 * np.angle(ratio) / (2 * np.pi) < most_ms
    assert abs(ratio) > least


def test_a_trembling_chest_shakes_neither_head_nor_arms() -> None:
    rng = np.random.default_rng(2)
    bones = BoneFilter(held())
    shown = np.stack(
        [
            kinematics.to_global(bones.smooth(held(UPPER_CHEST=pitch), 1 / FPS, "balanced"))
            for pitch in rng.normal(scale=1.0, size=90)
        ]
    )
    calm = [B.HEAD, B.LEFT_UPPER_ARM, B.RIGHT_UPPER_ARM]
    assert np.degrees(angle_between(shown[:, calm], IDENTITY)).max() < 0.01
    assert np.degrees(angle_between(shown[:, B.UPPER_CHEST], IDENTITY)).max() > 0.1


def test_a_hand_that_is_seen_turned_over_does_not_jump() -> None:
    bones, before, steps = BoneFilter(held()), held(), []
    over = held()
    over[B.LEFT_HAND] = from_vectors(np.radians([170.0, 0, 0]))
    for _ in range(12):
        shown = bones.smooth(over, 1 / FPS, "responsive")
        steps.append(np.degrees(angle_between(shown, before))[B.LEFT_HAND])
        before = shown
    assert max(steps) < 31
    assert np.degrees(angle_between(shown, over))[B.LEFT_HAND] < 5
