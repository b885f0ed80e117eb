"""Falls: a body that goes down fast and stays is warned of, one that sits, squats or jumps is not."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from tests.falling import SIZE_WH, STANDING, Body, jump, moving, pose_of

from mocast.analysis.falls import Falls
from mocast.model.tracked import Pose


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
