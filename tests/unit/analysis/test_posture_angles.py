"""Lean of neck and trunk, on skeletons of known pose."""

import math
from dataclasses import replace

import numpy as np
import pytest
from tests.unit.rigging.skeletons import posed, tracked

from mocast.analysis.posture_angles import posture_angles
from mocast.model.topology import EARS, HIPS, SHOULDERS
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Pose

UPRIGHT = {"left_upper_arm": (0.0, 0.0, -75.0), "right_upper_arm": (0.0, 0.0, 75.0)}


def pose_of(**degrees: tuple[float, float, float]) -> Pose:
    pose = tracked(posed(**UPRIGHT | degrees), hands=False).pose
    assert pose is not None
    return pose


@pytest.mark.parametrize("lean_deg", [0.0, 10.0, 25.0, 45.0])
@pytest.mark.parametrize("yaw_deg", [-45.0, 0.0, 30.0])
def test_a_trunk_that_leans_from_the_hips(lean_deg: float, yaw_deg: float) -> None:
    upright = posture_angles(pose_of(hips=(0, yaw_deg, 0)))
    # The hips turn about the vertical, the spine bends forward about the body's own axis.
    leaning = posture_angles(pose_of(hips=(0, yaw_deg, 0), spine=(lean_deg, 0, 0)))
    assert upright is not None
    assert leaning is not None
    assert upright.trunk_forward_deg == pytest.approx(0, abs=1)
    assert leaning.trunk_forward_deg is not None
    # The spine's first joint is 9 cm above the hips, so the line from hips to shoulders leans a little less.
    spine, hips, shoulders = 0.97, 0.88, 1.34
    forward = (shoulders - spine) * math.sin(math.radians(lean_deg))
    up = spine - hips + (shoulders - spine) * math.cos(math.radians(lean_deg))
    assert leaning.trunk_forward_deg == pytest.approx(math.degrees(math.atan2(forward, up)), abs=2)


@pytest.mark.parametrize("yaw_deg", [-45.0, 0.0, 30.0])
def test_a_head_that_comes_forward(yaw_deg: float) -> None:
    upright = posture_angles(pose_of(hips=(0, yaw_deg, 0)))
    # The neck goes forward, the head stays level.
    forward = posture_angles(pose_of(hips=(0, yaw_deg, 0), neck=(30.0, 0, 0), head=(-30.0, 0, 0)))
    assert upright is not None
    assert forward is not None
    # 8 cm of neck of the 17.5 cm from the shoulders to the ears move.
    assert 10 < forward.neck_forward_deg - upright.neck_forward_deg < 25
    assert forward.trunk_forward_deg == pytest.approx(upright.trunk_forward_deg, abs=1)


def test_what_is_not_seen_is_not_known() -> None:
    pose = pose_of()

    def without(*landmarks: P) -> Pose:
        visibility = pose.visibility.copy()
        visibility[list(landmarks)] = 0.1
        return replace(pose, visibility=visibility)

    assert posture_angles(None) is None
    assert posture_angles(without(SHOULDERS[0])) is None
    assert posture_angles(without(*EARS)) is None
    seated = posture_angles(without(HIPS[1]))
    assert seated is not None
    assert seated.trunk_forward_deg is None


def test_landmarks_that_are_no_body_tell_nothing() -> None:
    pose = pose_of()
    endless = pose.world.copy()
    endless[EARS[0]] = np.inf
    for world in (np.zeros_like(pose.world), np.full_like(pose.world, np.nan), endless):
        assert posture_angles(replace(pose, world=world)) is None
