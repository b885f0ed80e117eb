"""Feet that stay, hips that follow: people who walk, jump, crouch and kneel in a room, and where the avatar goes."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.rigging.stances import FPS, Camera, Standing, jumping, kneeling, smooth, squatting, step

from mocast.model.humanoid import HumanoidBone as B
from mocast.model.options import RigOptions
from mocast.model.quaternions import rotate
from mocast.model.rig import Rig
from mocast.model.topology import PoseLandmark as P
from mocast.rigging.body import kinematics
from mocast.rigging.body.root_motion import SOLE_BACK, SOLE_FRONT
from mocast.rigging.solver import Solver

SETTLED = 40
"""Frames after which the floor, the person's size and the mode are known."""
BELOW = tuple(P[f"{side}_{name}"] for side in ("LEFT", "RIGHT") for name in ("HIP", "KNEE", "ANKLE", "HEEL"))

Motion = Callable[[float], Standing]


def filmed(motion: Motion, seconds: float, camera: Camera | None = None, **options: str) -> list[Rig]:
    """Return the rigs of a motion by time."""
    camera, solver = camera or Camera(), Solver(RigOptions(**options))  # type: ignore[arg-type]
    return [solver.rig(camera.film(motion(number / FPS), number)) for number in range(round(seconds * FPS))]


def soles(rigs: list[Rig]) -> NDArray[np.float64]:
    """Return heels and tips of the toes as the avatar has them, (frames, foot, end, 3)."""
    shown = []
    for rig in rigs:
        local = rig.rotations.astype(float)
        joints, turned = kinematics.positions(local, rig.hips.astype(float)), kinematics.to_global(local)
        feet = (B.LEFT_FOOT, B.RIGHT_FOOT)
        shown.append([[joints[foot] + rotate(turned[foot], end) for end in (SOLE_BACK, SOLE_FRONT)] for foot in feet])
    return np.array(shown)


def slides_cm_s(rigs: list[Rig], stands: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the speeds over the floor of feet that stand in this frame and stood in the last one: (frames, foot)."""
    middle = soles(rigs).mean(2)[..., [0, 2]]
    speeds = 100 * FPS * np.linalg.norm(np.diff(middle, axis=0), axis=-1)
    return np.asarray(speeds[stands[1:] & stands[:-1]])


@pytest.mark.parametrize("noise_m", [0.0, 0.012])
def test_feet_that_stand_do_not_slide_and_are_on_the_floor(noise_m: float) -> None:
    rigs = filmed(lambda _: Standing(), 4, Camera(noise_m=noise_m))[SETTLED:]
    assert all(rig.planted == (True, True) for rig in rigs)
    assert np.percentile(slides_cm_s(rigs, np.ones((len(rigs), 2), bool)), 95) < 2
    assert np.abs(soles(rigs)[..., 1]).max() < 0.01
    assert np.ptp([rig.hips for rig in rigs], axis=0).max() < (0.09 if noise_m else 0.001)


def test_who_stands_straight_has_straight_knees_whatever_the_landmarks_say() -> None:
    """Knees that world landmarks bend by 16° and more, as the network does, of somebody whose legs are straight."""
    camera, solver = Camera(), Solver(RigOptions())
    for number in range(90):
        seen = camera.film(Standing(hips=(0.0, 0.899, 0.0)), number)
        assert seen.pose is not None
        for side in ("LEFT", "RIGHT"):
            seen.pose.world[P[f"{side}_KNEE"], 2] -= 0.05
        rig = solver.rig(seen)
    for bone in (B.LEFT_LOWER_LEG, B.RIGHT_LOWER_LEG):
        assert 2 * np.degrees(np.arccos(abs(rig.rotations[bone, 3]))) < 5


def test_a_sole_that_stands_is_flat_whatever_the_landmarks_say() -> None:
    camera, solver = Camera(), Solver(RigOptions())
    for number in range(60):
        seen = camera.film(Standing(), number)
        assert seen.pose is not None
        for side in ("LEFT", "RIGHT"):
            seen.pose.world[P[f"{side}_FOOT_INDEX"], 1] += 0.08
        rig = solver.rig(seen)
    assert np.abs(soles([rig])[..., 1]).max() < 0.005


@pytest.mark.parametrize("noise_m", [0.0, 0.012])
def test_a_step_nearer_carries_the_body(noise_m: float) -> None:
    rigs = filmed(lambda t: step(Standing(), (t - 2.0) / 1.2, 0.56), 4.5, Camera(distance_m=3.6, noise_m=noise_m))
    moved = np.mean([rig.hips for rig in rigs[-30:]], axis=0) - np.mean([rig.hips for rig in rigs[SETTLED:59]], axis=0)
    assert moved[2] == pytest.approx(0.56, abs=0.03 if noise_m == 0 else 0.1)
    stands = np.ones((len(rigs), 2), bool)
    stands[:SETTLED] = False
    stands[60:79, 0] = stands[78:97, 1] = False
    slides = slides_cm_s(rigs, stands)
    assert np.median(slides) <= 3
    assert np.percentile(slides, 95) <= 15


def test_a_step_aside_carries_the_body() -> None:
    rigs = filmed(lambda t: step(Standing(), (t - 2.0) / 1.2, 0.0, aside=0.4), 4.5)
    assert rigs[-1].hips[0] - rigs[SETTLED].hips[0] == pytest.approx(0.4, abs=0.04)
    assert all(rig.planted == (True, True) for rig in rigs[-20:])


def test_who_stands_astride_at_the_side_of_the_picture_stands_on_both_feet() -> None:
    """Off the camera's axis a foot that is further aside than the other is no deeper for that, nor lower."""
    rigs = filmed(lambda _: Standing(left=(1.6, 0, 0), right=(0.8, 0, 0), hips=(1.2, 0.8, 0)), 3)[SETTLED:]
    assert all(rig.planted == (True, True) for rig in rigs)
    assert np.abs(soles(rigs)[..., 1]).max() < 0.01


@pytest.mark.parametrize("noise_m", [0.0, 0.012])
def test_a_jump_rises_and_lands_where_it_stays(noise_m: float) -> None:
    rigs = filmed(jumping, 3, Camera(noise_m=noise_m))
    heights = soles(rigs)[..., 1].min((1, 2))
    assert heights.max() == pytest.approx(0.28, abs=0.05)
    assert abs(int(heights.argmax()) - round((1.0 + np.sqrt(2 * 0.28 / 9.81)) * FPS)) <= 1
    assert not any(rigs[37].planted)
    assert all(rigs[-1].planted)
    assert np.abs(heights[55:]).max() < 0.02
    landed = round((1.0 + 2 * np.sqrt(2 * 0.28 / 9.81)) * FPS)
    middles = soles(rigs)[landed:].mean(2)[..., [0, 2]]
    assert np.linalg.norm(middles - middles[0], axis=-1).max() < 0.01
    assert all(rigs[landed + 2].planted)


@pytest.mark.parametrize("tilt_deg", [0.0, 10.0])
def test_a_crouch_lifts_no_foot(tilt_deg: float) -> None:
    camera = Camera(height_m=0.95 + 3.2 * np.tan(np.radians(tilt_deg)), tilt_deg=tilt_deg)
    rigs = filmed(lambda t: squatting(0.5 - 0.5 * np.cos(np.pi * max(t - 1.5, 0.0))), 4, camera)
    ends = soles(rigs[SETTLED:])
    assert np.abs(ends[..., 1]).max() < 0.02
    assert np.linalg.norm(np.ptp(ends.mean(2)[..., [0, 2]], axis=0), axis=-1).max() < 0.03
    heights = np.array([rig.hips[1] for rig in rigs])
    assert heights[SETTLED] - heights.min() == pytest.approx(0.42, abs=0.08)


def test_who_kneels_stays_above_the_floor() -> None:
    rigs = filmed(lambda t: kneeling(smooth(t - 1.5)), 4)
    for rig in rigs:
        joints = kinematics.positions(rig.rotations.astype(float), rig.hips.astype(float))
        assert joints[[B.LEFT_LOWER_LEG, B.RIGHT_LOWER_LEG], 1].min() > 0.03
    assert soles(rigs)[..., 1].min() > -0.005
    assert rigs[-1].planted[0]
    assert joints[B.RIGHT_LOWER_LEG, 1] < 0.12


def test_half_a_body_bobs_and_is_calm() -> None:
    """Seated, with noise, then up and down by 6 cm: the legs are below the picture."""
    camera, solver = Camera(height_m=1.3, distance_m=1.5, noise_m=0.012), Solver(RigOptions())

    def rigs(amplitude_m: float, begin: int) -> NDArray[np.float64]:
        hips = []
        for number in range(begin, begin + 120):
            y = 0.9 + amplitude_m * np.sin(2 * np.pi * number / FPS)
            hips.append(solver.rig(camera.film(Standing(hips=(0.0, y, 0.0)), number, hidden=BELOW)).hips)
        return np.array(hips[30:])

    still = rigs(0.0, 0)
    assert np.abs(np.diff(still, axis=0)).mean(0).max() < 0.002
    assert np.ptp(rigs(0.06, 120)[:, 1]) > 0.07


@pytest.mark.parametrize(("root", "goes"), [("none", (0, 0)), ("sideways", (1, 0)), ("full", (1, 1))])
def test_the_root_goes_where_it_may(root: str, goes: tuple[int, int]) -> None:
    rigs = filmed(lambda t: step(Standing(), (t - 1.5) / 1.2, 0.3, aside=0.3), 3.5, root=root)
    x, y, z = rigs[-1].hips - rigs[SETTLED].hips
    assert (x, z) == pytest.approx((0.3 * goes[0], 0.3 * goes[1]), abs=0.05)
    assert abs(y) < 0.03
    assert all(rigs[-1].planted) == (root == "full")
