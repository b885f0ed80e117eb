import numpy as np
import pytest
from numpy.typing import NDArray

from mocast.model import quaternions as q


def random_rotations(count: int, seed: int = 0) -> NDArray[np.float64]:
    return q.normalised(np.random.default_rng(seed).normal(size=(count, 4)))


def test_one_rotation_is_turned_as_many_are() -> None:
    first, second = random_rotations(20), random_rotations(20, 1)
    vectors = np.random.default_rng(2).normal(size=(20, 3))
    for row in range(20):
        one, other, vector = tuple(first[row]), tuple(second[row]), tuple(vectors[row])
        np.testing.assert_allclose(q.multiply_one(one, other), q.multiply(first, second)[row], atol=1e-12)
        np.testing.assert_allclose(q.rotate_one(one, vector), q.rotate(first, vectors)[row], atol=1e-12)
        angle = np.degrees(q.angle_between(first, np.tile(q.IDENTITY, (20, 1)))[row])
        assert q.angle_deg_one(one) == pytest.approx(angle, abs=1e-6)


def test_euler_angles_make_the_rotation_again() -> None:
    for rotation in random_rotations(20):
        pitch, yaw, roll = np.radians(q.euler_deg_one(tuple(rotation)))
        again = q.multiply(q.multiply(q.about(1, yaw), q.about(0, pitch)), q.about(2, roll))
        assert q.angle_between(again, rotation) < 1e-6


def test_matrices_and_vectors_and_back() -> None:
    rotations = random_rotations(50)
    assert q.angle_between(q.from_matrices(q.to_matrices(rotations)), rotations).max() < 1e-6
    assert q.angle_between(q.from_vectors(q.to_vectors(rotations)), rotations).max() < 1e-6


def test_slerp_turns_at_an_even_pace_along_the_shorter_arc() -> None:
    start = np.tile(q.IDENTITY, (5, 1)).astype(np.float32)
    end = (-np.tile(q.about(2, np.radians(120.0)), (5, 1))).astype(np.float32)
    part = np.linspace(0, 1, 5)
    angles = np.degrees(q.angle_between(q.slerp(start, end, part), start.astype(np.float64)))
    np.testing.assert_allclose(angles, 120 * part, atol=1e-3)
    halfway = q.nlerp(q.IDENTITY, -q.about(2, np.radians(120.0)), 0.5)
    assert np.degrees(q.angle_between(halfway, np.array(q.IDENTITY))) == pytest.approx(60)


def test_consecutive_rotations_have_the_same_sign() -> None:
    signs = np.random.default_rng(3).choice([-1.0, 1.0], 40)[:, None]
    turning = q.about(1, np.linspace(0, 6, 40))
    made = q.continuous(turning * signs)
    assert ((made[1:] * made[:-1]).sum(-1) > 0).all()
    assert q.angle_between(made, turning).max() < 1e-6


def test_a_reflection_is_that_of_the_matrix() -> None:
    rotations = random_rotations(10)
    reflection = np.diag(q.MIRROR_VECTOR)
    np.testing.assert_allclose(
        q.to_matrices(rotations * q.MIRROR_ROTATION), reflection @ q.to_matrices(rotations) @ reflection, atol=1e-12
    )


def test_rotations_are_multiplied_the_usual_way() -> None:
    """Half a turn about y, then a quarter about x: what the rig's tests take for granted."""
    turned = q.multiply(q.from_vectors(np.radians([90.0, 0, 0])), q.from_vectors(np.radians([0.0, 180, 0])))
    np.testing.assert_allclose(q.rotate(turned, np.array([0.0, 0, 1])), [0, 1, 0], atol=1e-9)
