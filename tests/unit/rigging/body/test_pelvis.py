import numpy as np
import pytest
from tests.unit.rigging.skeletons import Skeleton, posed, tracked

from mocast.model.quaternions import from_vectors, to_matrices
from mocast.rigging.body.pelvis import PelvisEstimate
from mocast.rigging.body.pose_frames import WORLD_TO_AVATAR, PoseFrames

BOTH, NONE = np.ones(2, bool), np.zeros(2, bool)
SQUAT = {
    "hips": (0, 20, 0),
    "left_upper_leg": (-60, 0, 0),
    "right_upper_leg": (-60, 0, 0),
    "left_lower_leg": (80, 0, 0),
    "right_lower_leg": (80, 0, 0),
}


def frames_of(person: Skeleton, depth_m: float = 0.0, rng: np.random.Generator | None = None) -> PoseFrames:
    pose = tracked(person).pose
    assert pose is not None
    points = pose.world * WORLD_TO_AVATAR
    if rng is not None:
        points[:, 2] += rng.normal(scale=depth_m, size=len(points))
    return PoseFrames(points)


def yaw_deg(pelvis: np.ndarray) -> float:
    return float(np.degrees(np.arctan2(pelvis[0, 2], pelvis[2, 2])))


def test_exact_hips_are_taken_as_they_are() -> None:
    person, estimate = posed(**SQUAT, spine=(0, 20, 0)), PelvisEstimate()
    for _ in range(60):
        pelvis = estimate.solve(frames_of(person), 1.0, BOTH, BOTH, 1 / 30)
    np.testing.assert_allclose(pelvis, to_matrices(from_vectors(np.radians([0.0, 20, 0]))), atol=1e-3)


@pytest.mark.parametrize(("are_legs", "share"), [(BOTH, 0.6), (NONE, 0.95)])
def test_trembling_hips_are_held_by_knees_feet_and_chest(are_legs: np.ndarray, share: float) -> None:
    person, estimate, rng = posed(**SQUAT), PelvisEstimate(), np.random.default_rng(1)
    shown, measured = [], []
    for _ in range(200):
        frames = frames_of(person, 0.03, rng)
        shown.append(yaw_deg(estimate.solve(frames, 1.0, are_legs, are_legs, 1 / 30)))
        measured.append(yaw_deg(frames.pelvis))
    off = [np.sqrt(np.mean((np.array(yaws[50:]) - 20) ** 2)) for yaws in (shown, measured)]
    assert off[0] < share * off[1]


def test_half_a_body_has_an_upright_pelvis() -> None:
    pelvis = PelvisEstimate().solve(frames_of(posed(hips=(15, 30, 0))), 0.0, NONE, NONE, 1 / 30)
    assert pelvis[1, 1] == 1.0
    assert yaw_deg(pelvis) == pytest.approx(15, abs=2)
