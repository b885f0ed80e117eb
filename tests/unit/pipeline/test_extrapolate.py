"""Prediction: a straight line, believed in part, and only a little ahead."""

from dataclasses import replace

import numpy as np
import pytest

from mocast.model.tracked import Face, Hand, Pose, Tracked
from mocast.pipeline.extrapolate import HORIZON_TICKS, TRUST, extrapolate

VELOCITY = np.float32([1e-5, -2e-5, 5e-6])
"""Of every landmark, image widths and heights per tick."""

FRAME = 3_000


def tracked(pts: int) -> Tracked:
    """Somebody who moves in a straight line."""
    rng = np.random.default_rng(7)

    def at(count: int) -> np.ndarray:
        return (rng.random((count, 3), np.float32) + pts * VELOCITY).astype(np.float32)

    pose = Pose(at(33), rng.random((33, 3), np.float32), rng.random(33, np.float32))
    hands = [Hand(at(21), rng.random((21, 3), np.float32), 0.9) for _ in range(2)]
    return Tracked(pts // FRAME, pts, 0, (640, 480), 0, 0, pose, Face(at(478)), *hands)


PARTS = ("pose", "face", "left_hand", "right_hand")


@pytest.mark.parametrize("ahead", [1, FRAME, 2 * FRAME, HORIZON_TICKS])
def test_linear_motion_is_followed_as_far_as_it_is_trusted(ahead: int) -> None:
    previous, latest = tracked(90_000), tracked(90_000 + FRAME)
    moved = extrapolate(previous, latest, latest.pts + ahead)
    for part in PARTS:
        expected = getattr(latest, part).image + np.float32(TRUST * ahead) * VELOCITY
        np.testing.assert_allclose(getattr(moved, part).image, expected, atol=2e-6)
    assert moved.pose is not None
    assert moved.pose.world is latest.pose.world  # type: ignore[union-attr]
    assert moved.pose.visibility is latest.pose.visibility  # type: ignore[union-attr]
    assert moved.pose.image.dtype == np.float32


def test_beyond_the_horizon_everything_stands_still() -> None:
    previous, latest = tracked(90_000), tracked(90_000 + FRAME)
    at_horizon = extrapolate(previous, latest, latest.pts + HORIZON_TICKS)
    far = extrapolate(previous, latest, latest.pts + 20 * HORIZON_TICKS)
    for part in PARTS:
        np.testing.assert_array_equal(getattr(far, part).image, getattr(at_horizon, part).image)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_was_not_there_before_stands_still(part: str) -> None:
    previous, latest = replace(tracked(90_000), **{part: None}), tracked(90_000 + FRAME)
    moved = extrapolate(previous, latest, latest.pts + FRAME)
    assert getattr(moved, part) is getattr(latest, part)
    others = [other for other in PARTS if other != part]
    assert all(getattr(moved, other) is not getattr(latest, other) for other in others)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_is_gone_stays_gone(part: str) -> None:
    previous, latest = tracked(90_000), replace(tracked(90_000 + FRAME), **{part: None})
    assert getattr(extrapolate(previous, latest, latest.pts + FRAME), part) is None


def test_nothing_is_moved_without_a_velocity_to_believe() -> None:
    previous, latest = tracked(90_000), tracked(90_000 + FRAME)
    assert extrapolate(None, latest, latest.pts + FRAME) is latest
    assert extrapolate(previous, latest, latest.pts) is latest
    assert extrapolate(previous, latest, latest.pts - FRAME) is latest, "an older frame"
    assert extrapolate(latest, latest, latest.pts + FRAME) is latest, "no time between the two"
    turned = replace(previous, size_wh=(480, 640))
    assert extrapolate(turned, latest, latest.pts + FRAME) is latest, "the picture's size has changed"


def test_what_was_tracked_is_not_written_to() -> None:
    previous, latest = tracked(90_000), tracked(90_000 + FRAME)
    before = latest.face.image.copy()  # type: ignore[union-attr]
    extrapolate(previous, latest, latest.pts + FRAME)
    np.testing.assert_array_equal(latest.face.image, before)  # type: ignore[union-attr]
