"""Similarity of poses that are known: other bodies, other views, mirrored, with one limb that is off."""

from dataclasses import replace

import numpy as np
import pytest
from tests.exercise_motions import Camera, ExerciseSet, Proportions, Style, Way

from mocast.analysis.pose_similarity import LIMBS, Directions, bone_directions, compare_poses
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Pose


def pose(exercise: str = "squat", *, arms: int = 0, side: int | None = None, **fields: object) -> Pose:
    """The body at the end of an exercise."""
    way = Way(1.0, hold_s=2, pause_s=0, side=side)
    found = list(ExerciseSet(exercise, (way,), 1, style=Style(arms=arms), **fields).frames())[90].pose  # type: ignore[arg-type]
    assert found is not None
    return found


def score(reference: Directions, other: Directions) -> float:
    similarity = compare_poses(reference, other)
    assert similarity is not None
    return similarity.score


def test_a_pose_is_like_itself() -> None:
    bones = bone_directions(pose())
    similarity = compare_poses(bones, bones)
    assert similarity is not None
    assert similarity.score == 100
    assert dict(similarity.limbs) == dict.fromkeys(LIMBS, 100)


@pytest.mark.parametrize("seed", range(3))
def test_size_proportions_and_the_view_do_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    other = pose(proportions=Proportions.random(rng), camera=Camera(rng.uniform(-45, 45)))
    moved = replace(other, world=other.world + np.float32([3, 1, -2]))
    assert score(bone_directions(pose()), bone_directions(moved)) > 98


def test_another_arm_shows_in_that_limb_alone() -> None:
    reference = bone_directions(pose("curl"))
    similarity = compare_poses(reference, bone_directions(pose("curl", side=1)))
    assert similarity is not None
    assert similarity.limbs["left_arm"] < 60
    assert all(value == 100 for limb, value in similarity.limbs.items() if limb != "left_arm")
    assert similarity.score == pytest.approx(np.mean(list(similarity.limbs.values())))


def test_the_score_falls_evenly_with_the_angle() -> None:
    still = pose("curl")
    scores = []
    for degrees in (0, 6, 33, 60, 90):
        turned = replace(still, world=still.world.copy())
        wrist, elbow, shoulder = P.LEFT_WRIST, P.LEFT_ELBOW, P.LEFT_SHOULDER
        along = still.world[elbow] - still.world[shoulder]
        radians = np.radians(degrees)
        aside = np.cross(along, [0, 0, 1.0])
        turned.world[elbow] = still.world[shoulder] + along * np.cos(radians) + aside * np.sin(radians)
        turned.world[wrist] = turned.world[elbow] + still.world[wrist] - still.world[elbow]
        similarity = compare_poses(bone_directions(still), bone_directions(turned))
        assert similarity is not None
        scores.append(similarity.limbs["left_arm"])
    assert scores == pytest.approx([100, 100, 75, 50, 50], abs=0.8)


def test_a_mirror_image_is_alike_when_mirrored() -> None:
    left, right = pose("curl", side=0), pose("curl", side=1)
    assert score(bone_directions(left), bone_directions(right)) < 90
    assert score(bone_directions(left, mirrored=True), bone_directions(right)) > 99


def test_lying_is_not_standing() -> None:
    assert score(bone_directions(pose("plank", camera=Camera(90))), bone_directions(pose("curl", arms=1))) < 40


def test_what_is_not_seen_does_not_count() -> None:
    hidden = pose()
    hidden.visibility[[P.LEFT_KNEE, P.RIGHT_KNEE]] = 0.1
    similarity = compare_poses(bone_directions(pose()), bone_directions(hidden))
    assert similarity is not None
    assert set(similarity.limbs) == {"torso", "head", "left_arm", "right_arm"}
    assert similarity.score == 100


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
def test_impossible_landmarks_are_not_comparable(value: float) -> None:
    broken = bone_directions(replace(pose(), world=np.full((33, 3), value, np.float32)))
    assert compare_poses(bone_directions(pose()), broken) is None
