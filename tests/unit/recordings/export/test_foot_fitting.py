"""Feet of a recorded step on avatars whose legs are others."""

from dataclasses import replace

import numpy as np
import pytest
from tests.golden import make_arm_fitting as golden
from tests.unit.rigging.body.test_feet_solver import filmed
from tests.unit.rigging.stances import Camera, Standing, step

from mocast.model.humanoid import REST_OFFSETS, HumanoidBone
from mocast.recordings.export import foot_fitting
from mocast.recordings.export.avatar_fitting import on_avatar
from mocast.recordings.export.foot_planting import foot_path
from mocast.recordings.export.motion import Motion, motion_of, resampled
from mocast.recordings.export.motion_smoothing import smoothed
from mocast.rigging.retargeting.proportions import REST, Proportions, rows

B = HumanoidBone


def with_legs(thigh: float, shank: float, apart: float) -> Proportions:
    """A body with legs of other lengths, by factors, whose soles are on the floor at rest."""
    offsets = np.array(REST_OFFSETS, np.float64)
    for side in ("LEFT", "RIGHT"):
        offsets[B[f"{side}_UPPER_LEG"], 0] *= apart
        offsets[B[f"{side}_LOWER_LEG"]] *= thigh
        offsets[B[f"{side}_FOOT"]] *= shank
    grown = offsets - REST_OFFSETS
    offsets[B.HIPS, 1] -= grown[B.LEFT_LOWER_LEG, 1] + grown[B.LEFT_FOOT, 1]
    return replace(REST, offsets=rows(offsets))


@pytest.fixture(scope="module")
def walk() -> Motion:
    rigs = filmed(lambda t: step(Standing(), (t - 1.5) / 1.0, 0.4), 3.5, Camera(noise_m=0.008))[30:]
    return smoothed(resampled(motion_of(rigs), 30))


def slides_m(motion: Motion, stands: np.ndarray, body: Proportions) -> float:
    """Return the farthest that a foot that stands is from where it stood in the frame before."""
    most = 0.0
    for side in (0, 1):
        ball = foot_fitting.ball_of(side, body)
        both = stands[1:, side] & stands[:-1, side]
        steps = np.linalg.norm(np.diff(foot_path(motion, side, body, ball), axis=0), axis=-1)
        most = max(most, float(steps[both].max()))
    return most


BODIES = {
    "long thighs": with_legs(1.3, 0.7, 1.0),
    "a child's": with_legs(0.5, 0.6, 0.8),
    "long and wide": with_legs(1.4, 1.3, 1.5),
    "default avatar": golden.BODIES["default avatar"],
}


@pytest.mark.parametrize("name", BODIES)
def test_feet_that_stand_do_not_slide_on_other_legs(walk: Motion, name: str) -> None:
    body = BODIES[name]
    fitted = on_avatar(walk, body)
    assert slides_m(fitted, walk.planted, body) < 0.002
    np.testing.assert_allclose(np.linalg.norm(fitted.rotations, axis=-1), 1, atol=1e-5)
    # Neither the hips nor a leg jump for it: no bone turns much faster than the person's.
    assert turned_deg(fitted) < 1.6 * turned_deg(walk) + 2


def turned_deg(motion: Motion) -> float:
    legs = [B[f"{side}_{bone}"] for side in ("LEFT", "RIGHT") for bone in ("UPPER_LEG", "LOWER_LEG")]
    turns = motion.rotations[:, legs].astype(np.float64)
    return float(np.degrees(2 * np.arccos(np.abs((turns[1:] * turns[:-1]).sum(-1)).clip(0, 1))).max())


def test_without_it_they_would_slide(walk: Motion) -> None:
    body = BODIES["long thighs"]
    plain = replace(walk, hips=walk.hips * np.float32(body.offsets[B.HIPS][1] / REST.offsets[B.HIPS][1]))
    assert slides_m(plain, walk.planted, body) > 0.004


def test_the_same_legs_walk_as_the_person_does(walk: Motion) -> None:
    fitted = on_avatar(walk, REST)
    for side in (0, 1):
        ankles = [foot_path(motion, side, REST, (0.0, 0.0, 0.0)) for motion in (fitted, walk)]
        assert np.abs(ankles[0] - ankles[1]).max() < 0.005
