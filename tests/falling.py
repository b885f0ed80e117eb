"""Synthetic bodies that fall, sit down, squat or jump, seen from the front."""

import math
from collections.abc import Callable

import numpy as np

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


def jump(time_s: float) -> Body:
    """Up by half a metre and down again in the time that gravity takes, three times."""
    flight_s = (time_s - 3.0) % 1.5
    up_m = max(3.13 * flight_s - 0.5 * 9.81 * flight_s * flight_s, 0.0) if 3.0 < time_s < 7.5 else 0.0
    return 0.9 + up_m, 0.0, 0.08 + up_m
