import numpy as np
import pytest

from mocast.model.quaternions import rotate_one
from mocast.rigging.body.upright import UprightEstimate

FPS = 30


def leaning(degrees: float, aside: float = 0.0) -> tuple[float, float, float]:
    x, z = np.sin(np.radians([aside, degrees]))
    return float(x), float(np.sqrt(1 - x * x - z * z)), float(z)


def watch(estimate: UprightEstimate, spine: tuple[float, float, float], seconds: float) -> float:
    """Show a trunk for some seconds; return by how many degrees it leans then."""
    for _ in range(round(seconds * FPS)):
        estimate.learn(rotate_one(estimate.rotation, spine), 1 / FPS)
    return float(np.degrees(np.arccos(rotate_one(estimate.rotation, spine)[1])))


@pytest.mark.parametrize("spine", [leaning(12), leaning(-15), leaning(5, 10)])
def test_who_rests_becomes_upright(spine: tuple[float, float, float]) -> None:
    estimate = UprightEstimate()
    before = np.degrees(np.arccos(spine[1]))
    assert watch(estimate, spine, 1.9) == pytest.approx(before)
    assert watch(estimate, spine, 60.0) < 1.5


def test_what_was_learnt_long_is_forgotten_slowly() -> None:
    estimate = UprightEstimate()
    watch(estimate, leaning(0), 120)
    assert watch(estimate, leaning(15), 12) > 12


def test_nothing_is_learnt_from_a_trunk_that_moves_or_lies() -> None:
    estimate = UprightEstimate()
    for number in range(20 * FPS):
        estimate.learn(leaning(5 + 22 * np.sin(2 * np.pi * 0.7 * number / FPS)), 1 / FPS)
    watch(estimate, leaning(50), 20)
    assert estimate.rotation == (0, 0, 0, 1)
    assert estimate.matrix is None


def test_the_matrix_is_the_rotation() -> None:
    estimate = UprightEstimate()
    watch(estimate, leaning(8, 4), 20)
    assert estimate.matrix is not None
    vector = (0.3, -0.5, 0.8)
    np.testing.assert_allclose(estimate.matrix @ vector, rotate_one(estimate.rotation, vector), atol=1e-9)
