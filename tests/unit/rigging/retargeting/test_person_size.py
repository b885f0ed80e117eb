"""A person's lengths, learnt from landmarks."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mocast.model.humanoid import REST_POSITIONS, HumanoidBone
from mocast.model.topology import EARS, ELBOWS, HAND_COUNT, HIPS, POSE_COUNT, SHOULDERS, WRISTS
from mocast.rigging.retargeting.person_size import PersonSize
from mocast.rigging.retargeting.proportions import REST

B = HumanoidBone
NO_HANDS = np.zeros((2, HAND_COUNT, 3)), np.zeros(2, bool)


def stretched(arms: float) -> NDArray[np.float64]:
    """The points of the T-pose, with arms so much longer than those of the skeleton at rest."""
    points = np.zeros((POSE_COUNT, 3))
    for side, name in enumerate(("LEFT", "RIGHT")):
        places = {
            landmark[side]: REST_POSITIONS[B[f"{name}_{bone}"]]
            for landmark, bone in (
                (SHOULDERS, "UPPER_ARM"),
                (ELBOWS, "LOWER_ARM"),
                (WRISTS, "HAND"),
                (HIPS, "UPPER_LEG"),
            )
        }
        for landmark, place in places.items():
            points[landmark] = place
        shoulder = points[SHOULDERS[side]]
        for joint in (ELBOWS[side], WRISTS[side]):
            points[joint] = shoulder + arms * (points[joint] - shoulder)
        points[EARS[side]] = (0.075 if side == 0 else -0.075, 1.515, 0)
    return points


def test_arms_that_are_longer_are_learnt_and_the_rest_stays() -> None:
    size = PersonSize()
    for _ in range(60):
        size.learn(stretched(1.15), np.ones(POSE_COUNT, bool), *NO_HANDS, 1 / 30)
    body = size.proportions()
    assert body.offsets[B.LEFT_LOWER_ARM][0] == pytest.approx(1.15 * REST.offsets[B.LEFT_LOWER_ARM][0], rel=0.01)
    assert body.offsets[B.RIGHT_HAND][0] == pytest.approx(1.15 * REST.offsets[B.RIGHT_HAND][0], rel=0.01)
    for bone in (B.SPINE, B.NECK, B.HEAD, B.LEFT_UPPER_ARM):
        assert body.offsets[bone] == pytest.approx(REST.offsets[bone], abs=0.003)
    np.testing.assert_allclose(body.sizes, REST.sizes, rtol=0.02)


def test_noise_is_averaged_out() -> None:
    rng = np.random.default_rng(1)
    size = PersonSize()
    for _ in range(150):
        size.learn(stretched(1) + rng.normal(0, 0.02, (POSE_COUNT, 3)), np.ones(POSE_COUNT, bool), *NO_HANDS, 1 / 30)
    body = size.proportions()
    assert body.offsets[B.LEFT_LOWER_ARM][0] == pytest.approx(REST.offsets[B.LEFT_LOWER_ARM][0], rel=0.03)


def test_what_is_not_seen_is_taken_to_be_as_the_shoulders_are() -> None:
    points, visible = 1.2 * stretched(1), np.zeros(POSE_COUNT, bool)
    visible[list(SHOULDERS)] = True
    size = PersonSize()
    np.testing.assert_allclose(size.proportions().offsets, REST.offsets, atol=1e-6)
    size.learn(points, visible, *NO_HANDS, 1 / 30)
    body = size.proportions()
    np.testing.assert_allclose(body.offsets[B.LEFT_HAND], 1.2 * np.array(REST.offsets[B.LEFT_HAND]), rtol=0.01)
    assert body.hand_m == pytest.approx(1.2 * REST.hand_m, rel=0.01)


def test_lengths_of_no_person_are_left_out() -> None:
    size = PersonSize()
    size.learn(30 * stretched(1), np.ones(POSE_COUNT, bool), *NO_HANDS, 1 / 30)
    np.testing.assert_allclose(size.proportions().offsets, REST.offsets, atol=1e-6)
