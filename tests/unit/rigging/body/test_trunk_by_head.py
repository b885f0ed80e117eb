import numpy as np
import pytest
from tests.faces import SIZE_WH, seen, turned

from mocast.model.humanoid import HumanoidBone
from mocast.model.options import RigOptions
from mocast.model.quaternions import multiply, to_matrices
from mocast.model.rig import Rig
from mocast.model.tracked import Tracked
from mocast.rigging.solver import Solver

B = HumanoidBone


def rigged(*scenes: tuple[float, tuple[float, float, float], tuple[float, float, float]], fps: int = 30) -> Rig:
    """Return the last rig of a person of whom only the face is tracked.

    Each scene: seconds, the head's place (to the subject's left, up, away; metres), its yaw, pitch and roll in degrees.
    """
    solver, number = Solver(RigOptions()), 0
    for seconds, place_m, angles_deg in scenes:
        for _ in range(round(fps * seconds)):
            face = seen(rotation=turned(*angles_deg), position_m=place_m)
            rig = solver.rig(Tracked(number, 90_000 // fps * number, 0, SIZE_WH, face=face))
            number += 1
    return rig


def chest_of(rig: Rig) -> np.ndarray:
    chest = rig.rotations[B.HIPS].astype(float)
    for bone in (B.SPINE, B.CHEST, B.UPPER_CHEST):
        chest = multiply(chest, rig.rotations[bone].astype(float))
    return to_matrices(chest)


UPRIGHT = (3.0, (0.0, 0.0, 0.7), (0.0, 0.0, 0.0))


def test_who_sits_still_sits_upright_and_no_body_is_said_to_be_seen() -> None:
    rig = rigged(UPRIGHT)
    np.testing.assert_allclose(chest_of(rig), np.eye(3), atol=0.01)
    assert rig.found.face
    assert not rig.found.body


@pytest.mark.parametrize(
    ("place_m", "axis", "least"),
    [((0.15, 0, 0.7), 0, 0.12), ((-0.15, 0, 0.7), 0, -0.12), ((0, 0, 0.55), 2, 0.12), ((0, 0, 0.8), 2, -0.06)],
)
def test_the_trunk_leans_to_where_the_head_goes(place_m: tuple[float, float, float], axis: int, least: float) -> None:
    up = chest_of(rigged(UPRIGHT, (1.0, place_m, (0.0, 0.0, 0.0))))[:, 1]
    assert up[axis] * np.sign(least) > abs(least)


def test_the_shoulders_turn_a_little_with_the_head_and_the_head_all_the_way() -> None:
    rig = rigged(UPRIGHT, (1.0, UPRIGHT[1], (30.0, 0.0, 0.0)))
    chest = chest_of(rig)
    turned_deg = np.degrees(np.arctan2(chest[0, 2], chest[2, 2]))
    assert turned_deg == pytest.approx(9, abs=2)
    head = chest @ to_matrices(multiply(rig.rotations[B.NECK].astype(float), rig.rotations[B.HEAD].astype(float)))
    assert np.degrees(np.arctan2(head[0, 2], head[2, 2])) == pytest.approx(30, abs=3)


def test_who_moves_over_sits_upright_there_in_time() -> None:
    up = chest_of(rigged(UPRIGHT, (50.0, (0.15, 0.0, 0.7), (0.0, 0.0, 0.0)), fps=5))[:, 1]
    assert up[0] < 0.03
