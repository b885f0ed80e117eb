"""Falls: a body that goes down fast and stays is warned of, one that sits, squats or jumps is not."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from mocast.analysis.falls import Falls
from mocast.model.topology import POSE_COUNT
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Pose

SIZE_WH = (640, 480)
PX_PER_M = 200.0

Body = tuple[float, float, float]
"""Height of the hips above the floor, metres; how far the trunk leans, degrees, to the side; and the ankles' height."""
STANDING: Body = (0.9, 0.0, 0.08)


def pose_of(body: Body, rng: np.random.Generator, noise_m: float) -> Pose:
    hips_m, lean_deg, ankles_m = body
    lean = math.radians(lean_deg)
    aside, up = math.sin(lean), math.cos(lean)
    world = np.zeros((POSE_COUNT, 3))
    for sign, side in ((1.0, "LEFT"), (-1.0, "RIGHT")):
        world[P[f"{side}_HIP"]] = 0.1 * sign * up, -0.1 * sign * aside * -1, 0
        world[P[f"{side}_SHOULDER"]] = 0.5 * aside + 0.17 * sign * up, -0.5 * up + 0.17 * sign * aside, 0
        world[P[f"{side}_ANKLE"]] = 0.12 * sign, hips_m - ankles_m, 0
    world += rng.normal(0, noise_m, world.shape)
    image = np.zeros((POSE_COUNT, 3))
    image[:, 0] = 0.5 + world[:, 0] * PX_PER_M / SIZE_WH[0]
    image[:, 1] = (440 - PX_PER_M * (hips_m - world[:, 1])) / SIZE_WH[1]
    return Pose(image.astype(np.float32), world.astype(np.float32), np.ones(POSE_COUNT, np.float32))


def moving(to: Body, begin_s: float, takes_s: float, start: Body = STANDING) -> Callable[[float], Body]:
    """From one state to another, with the speed of a sine: 1.57 times the mean one in the middle."""

    def at(time_s: float) -> Body:
        share = min(max((time_s - begin_s) / takes_s, 0.0), 1.0)
        share = 0.5 - 0.5 * math.cos(math.pi * share)
        a, b, c = (x + share * (y - x) for x, y in zip(start, to, strict=True))
        return a, b, c

    return at


def warnings(
    body: Callable[[float], Body | None], *, seconds: float = 8.0, fps: float = 30.0, noise_m: float = 0.01
) -> int:
    rng = np.random.default_rng(5)
    falls, found = Falls(), 0
    for frame in range(round(fps * seconds)):
        state = body(frame / fps)
        pose = None if state is None else pose_of(state, rng, noise_m)
        found += falls.update(pose, SIZE_WH, frame / fps, 1 / fps)
    return found


@pytest.mark.parametrize("fps", [15.0, 30.0, 60.0])
@pytest.mark.parametrize("takes_s", [0.5, 0.8])
def test_a_fall_is_warned_of_once(takes_s: float, fps: float) -> None:
    assert warnings(moving((0.15, 80.0, 0.1), 3.0, takes_s), fps=fps) == 1


def test_a_fall_onto_the_seat_is_one() -> None:
    assert warnings(moving((0.12, 20.0, 0.08), 3.0, 0.7)) == 1


def jump(time_s: float) -> Body:
    """Up by half a metre and down again in the time that gravity takes, three times."""
    flight_s = (time_s - 3.0) % 1.5
    up_m = max(3.13 * flight_s - 0.5 * 9.81 * flight_s * flight_s, 0.0) if 3.0 < time_s < 7.5 else 0.0
    return 0.9 + up_m, 0.0, 0.08 + up_m


@pytest.mark.parametrize(
    "body",
    [
        lambda t: STANDING,
        moving((0.45, 20.0, 0.08), 3.0, 0.7),
        moving((0.12, 20.0, 0.08), 3.0, 2.5),
        moving((0.15, 85.0, 0.1), 3.0, 3.0),
        moving((0.9, 85.0, 0.08), 3.0, 0.6),
        lambda t: (0.65 + 0.25 * math.cos(2 * math.pi * t), 25 - 25 * math.cos(2 * math.pi * t), 0.08),
        jump,
    ],
    ids=["stands", "sits down on a chair", "sits down on the floor", "lies down", "bends down", "squats fast", "jumps"],
)
def test_other_motions_are_not(body: Callable[[float], Body]) -> None:
    assert warnings(body) == 0


def test_who_gets_up_at_once_has_not_fallen() -> None:
    down, up = moving((0.15, 80.0, 0.1), 3.0, 0.5), moving(STANDING, 3.5, 0.4, (0.15, 80.0, 0.1))
    assert warnings(lambda t: down(t) if t < 3.5 else up(t)) == 0


def test_a_body_that_appears_lying_has_not_fallen() -> None:
    assert warnings(lambda t: None if t < 2 else (0.15, 85.0, 0.1)) == 0


def test_landmarks_that_are_no_body_are_no_fall() -> None:
    falls = Falls()
    pose = pose_of(STANDING, np.random.default_rng(0), 0.0)
    for frame in range(90):
        broken = np.full_like(pose.world, np.nan) if frame % 2 else np.zeros_like(pose.world)
        assert not falls.update(Pose(broken, broken, pose.visibility), SIZE_WH, frame / 30, 1 / 30)
