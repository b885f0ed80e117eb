"""Follows the astronaut's face, whose picture is shifted."""

import numpy as np
import pytest
from tests.pictures import astronaut

from mocast.model.topology import FACE_COUNT
from mocast.tracking.openvino.regions.frame_view import FrameView
from mocast.tracking.openvino.regions.region import Points, Region
from mocast.tracking.openvino.schedule.following_skipper import HORIZON_US, FollowingSkipper

MAX_RESIDUAL = 0.01
REGION = Region(222, 122, 130, 0)
FACE: Points = (np.random.default_rng(2).uniform(-1, 1, (FACE_COUNT, 3)) * (35, 45, 20) + (222, 122, 0)).astype(
    np.float32
)


def at(time_us: int, right_px: int = 0, mouth_px: int = 0) -> FrameView:
    rgb = np.roll(astronaut(), right_px, axis=1)
    if mouth_px:
        rgb[120:190, 180:265] = rgb[120 - mouth_px : 190 - mouth_px, 180:265].copy()
    return FrameView(rgb, time_us, 0)


def saw(max_residual: float = MAX_RESIDUAL, *, is_on: bool = True) -> FollowingSkipper:
    """Return one that observed the face at the time 0."""
    made = FollowingSkipper(max_residual, is_on=is_on)
    made.observe(FACE, at(0), REGION)
    return made


@pytest.mark.parametrize("share", [0.3, 1.0])
def test_a_face_is_followed_from_its_last_observation_for_a_while(share: float) -> None:
    made = saw()
    found = made.skip(at(round(share * HORIZON_US), 5), may_move=True)
    assert found is not None
    assert np.abs(found - (FACE + np.float32((5, 0, 0)))).max() < 0.5
    assert made.skip(at(HORIZON_US + 1, 5), may_move=True) is None


def test_one_whose_expression_changes_is_observed() -> None:
    changed = at(33_333, 5, mouth_px=8)
    assert saw().skip(changed, may_move=True) is None
    assert saw(9.0).skip(changed, may_move=True) is not None


def test_a_picture_that_has_not_changed_stands_for_longer() -> None:
    found = saw().skip(at(2 * HORIZON_US), may_move=True)
    assert found is FACE


@pytest.mark.parametrize("lost", [True, False])
def test_nothing_is_followed_that_was_lost_or_where_nothing_is_skipped(lost: bool) -> None:
    made = saw(is_on=lost)
    if lost:
        made.reset()
    assert made.skip(at(33_333, 5), may_move=True) is None


def test_with_no_time_for_all_frames_the_next_one_is_expected_to_take_little() -> None:
    frame = at(0)
    frame.is_late = True
    FollowingSkipper(MAX_RESIDUAL, is_on=True).observe(FACE, frame, REGION)
    assert frame.next_is_light
