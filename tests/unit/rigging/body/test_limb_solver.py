import numpy as np
import pytest

from mocast.model.quaternions import angle_between, from_matrices, from_vectors, multiply
from mocast.rigging.body.limb_solver import ForearmTwist, LimbSolver, raised_clavicle

STEP_S = 1 / 30


def segments(bend: float, *, plane: float = 0.0) -> np.ndarray:
    """Return limbs in the T-pose, (2, 4, 3), but for a left arm bent by an angle in a plane turned about it."""
    limbs = np.array([[[1.0, 0, 0], [1, 0, 0], [0, -1, 0], [0, -1, 0]]] * 2)
    limbs[1, 0] = np.cos(bend), np.sin(bend) * np.sin(plane), np.sin(bend) * np.cos(plane)
    return limbs


def test_the_plane_of_the_bend_rolls_the_arm() -> None:
    for plane in (-1.0, 0.0, 1.5):
        upper = from_matrices(LimbSolver().solve(segments(1.0, plane=plane), STEP_S)[0])[0]
        assert angle_between(upper, from_vectors(np.array([-plane, 0, 0]))) < 1e-6


def test_a_straight_arm_keeps_its_roll_and_eases_to_rest() -> None:
    limbs = LimbSolver()
    limbs.solve(segments(1.0, plane=1.2), STEP_S)
    kept = from_matrices(limbs.solve(segments(0.05, plane=-2.0), STEP_S)[0])[0]
    assert angle_between(kept, from_vectors(np.array([-1.2, 0, 0]))) < 0.05
    for _ in range(240):
        eased = from_matrices(limbs.solve(segments(0.05, plane=-2.0), STEP_S)[0])[0]
    assert angle_between(eased, np.array([0.0, 0, 0, 1])) < 0.02


def test_an_elbow_that_seems_to_bend_backward_does_not_turn_the_arm_round() -> None:
    limbs, before = LimbSolver(), None
    for bend in np.linspace(0.6, -0.6, 60):
        upper = from_matrices(limbs.solve(segments(bend, plane=0.5), STEP_S)[0])[0]
        if before is not None:
            assert angle_between(upper, before) < np.radians(3)
        before = upper


def test_a_new_plane_is_taken_over_step_by_step() -> None:
    limbs, before = LimbSolver(), None
    limbs.solve(segments(0.3, plane=-0.7), STEP_S)
    for bend in np.linspace(0.05, 0.6, 30):
        upper = from_matrices(limbs.solve(segments(bend, plane=0.8), STEP_S)[0])[0]
        if before is not None:
            assert angle_between(upper, before) < np.radians(25)
        before = upper
    assert angle_between(upper, from_vectors(np.array([-0.8, 0, 0]))) < 1e-3


def test_a_knee_that_seems_to_bend_forward_does_not_turn_the_leg_round() -> None:
    limbs = segments(0.5)
    limbs[1, 2] = 0, -0.8, 0.6
    upper = from_matrices(LimbSolver().solve(limbs, STEP_S)[0])[2]
    assert angle_between(upper, np.array([0.0, 0, 0, 1])) < 0.2


def test_the_clavicle_takes_a_third_of_the_arm_beyond_30_degrees() -> None:
    heights = np.sin(np.radians([-80.0, 0, 30, 60, 90]))
    raised = [raised_clavicle(height) for height in heights.tolist()]
    np.testing.assert_allclose(np.degrees(raised), [0, 0, 0, 10, 20], atol=1e-6)


def test_forearm_and_hand_share_the_twist() -> None:
    forearms, twisted = ForearmTwist(), np.radians(80)
    straight = np.tile([0.0, 0, 0, 1], (2, 1))
    palms = np.tile(from_vectors(np.array([twisted, 0, 0])), (2, 1))
    for _ in range(60):
        taken = forearms.solve(straight, palms, np.array([True, True]), STEP_S)
    assert np.degrees(angle_between(taken, straight)) == pytest.approx([40, 40], abs=0.1)
    held = forearms.solve(straight, straight, np.array([False, True]), STEP_S)
    assert angle_between(held[0], taken[0]) < 1e-6


def test_a_twist_beyond_half_a_turn_does_not_flip() -> None:
    forearms, straight = ForearmTwist(), np.tile([0.0, 0, 0, 1], (2, 1))
    before = None
    for angle in np.radians(np.arange(0, 230, 5.0)):
        palm = from_vectors(np.array([angle, 0, 0]))
        taken = forearms.solve(straight, np.stack([palm, palm]), np.array([True, True]), STEP_S)
        if before is not None:
            assert angle_between(taken, before).max() < np.radians(5)
            assert angle_between(multiply(taken, palm[None] * [-1.0, -1, -1, 1]), straight).max() < np.pi
        before = taken
