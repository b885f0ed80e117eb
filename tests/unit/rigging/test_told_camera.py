"""A camera whose tilt and height are told."""

import numpy as np
import pytest
from tests.unit.rigging.stances import Camera, Standing

from mocast.model.humanoid import HumanoidBone
from mocast.model.options import RigOptions
from mocast.model.quaternions import multiply, rotate
from mocast.model.rig import Rig
from mocast.rigging.body.floor_plane import FloorPlane
from mocast.rigging.solver import Solver

B = HumanoidBone


def lean_deg(rig: Rig) -> float:
    """Return by how much the chest is off the vertical, forward."""
    turned = rig.rotations[B.HIPS].astype(np.float64)
    for bone in (B.SPINE, B.CHEST, B.UPPER_CHEST):
        turned = multiply(turned, rig.rotations[bone].astype(np.float64))
    _, y, z = rotate(turned, np.array([0.0, 1.0, 0.0]))
    return float(np.degrees(np.arctan2(z, y)))


def filmed(camera: Camera, told: RigOptions, frames: int = 20) -> Rig:
    solver = Solver(told)
    return [solver.rig(camera.film(Standing(), number)) for number in range(frames)][-1]


@pytest.mark.parametrize("tilt_deg", [-20.0, 20.0])
def test_who_stands_upright_before_a_tilted_camera_does_so_where_its_tilt_is_told(tilt_deg: float) -> None:
    camera = Camera(tilt_deg=tilt_deg, height_m=0.95 + 0.04 * tilt_deg)
    told = filmed(camera, RigOptions(body="full", camera="set", camera_tilt=tilt_deg))
    straight = filmed(camera, RigOptions(body="full", camera="set", camera_tilt=0.0))
    assert abs(lean_deg(told)) < 3.0
    assert lean_deg(straight) - lean_deg(told) == pytest.approx(tilt_deg, abs=4.0)


def test_a_told_tilt_is_held_until_it_is_learnt_again() -> None:
    floor = FloorPlane()
    floor.tell(0.3, 1.2)
    assert floor.y_m == -1.2
    floor.learn_up((0.0, -1.0, 0.0), 5.0)
    floor.learn_place(1.0, 3.0, 1.0)
    assert floor.tilt_rad == pytest.approx(0.3)
    floor.tell(None, 1.2)
    for _ in range(100):
        floor.learn_up((0.0, -1.0, 0.0), 1.0)
    assert floor.tilt_rad == pytest.approx(0.0, abs=0.05)


def test_a_height_that_is_told_anew_counts_until_feet_have_stood_and_none_is_left_of_it_when_it_is_learnt() -> None:
    floor = FloorPlane()
    floor.tell(0.3, 1.0)
    floor.tell(0.3, 2.0)
    assert floor.y_m == -2.0
    floor.tell(None, 2.0)
    assert floor.y_m is None
    floor.tell(0.3, 2.0)
    floor.learn_place(1.0, 3.0, 1.0)
    floor.learn_height(0.5, 1.0)
    stood_at = floor.y_m
    floor.tell(0.3, 1.0)
    assert floor.y_m == stood_at
