"""Forearms that hang down, on skeletons of known pose."""

from dataclasses import replace

import numpy as np
from tests.unit.rigging.skeletons import posed, tracked

from mocast.analysis.hanging_arms import hangs_down
from mocast.model.topology import ELBOWS
from mocast.model.tracked import Pose


def pose_of(**degrees: tuple[float, float, float]) -> Pose:
    pose = tracked(posed(**degrees), hands=False).pose
    assert pose is not None
    return pose


def test_an_arm_at_the_side_hangs_and_one_that_is_raised_does_not() -> None:
    one_down = pose_of(left_upper_arm=(0, 0, -80))
    assert hangs_down(one_down, left=True)
    assert not hangs_down(one_down, left=False), "it is stretched out to the side"
    forward = pose_of(left_upper_arm=(0, 0, -80), left_lower_arm=(0, -90, 0))
    assert not hangs_down(forward, left=True)
    overhead = pose_of(left_upper_arm=(0, 0, 80))
    assert not hangs_down(overhead, left=True)


def test_what_is_not_seen_does_not_hang() -> None:
    pose = pose_of(left_upper_arm=(0, 0, -80))
    visibility = pose.visibility.copy()
    visibility[ELBOWS[0]] = 0.2
    assert not hangs_down(None, left=True)
    assert not hangs_down(replace(pose, visibility=visibility), left=True)
    assert not hangs_down(replace(pose, world=np.zeros_like(pose.world)), left=True)
    assert not hangs_down(replace(pose, world=np.full_like(pose.world, np.nan)), left=True)
