"""Bodies and hands that are moved in a known way."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from mocast.model.topology import HAND_COUNT, POSE_COUNT, PoseLandmark
from mocast.tracking.openvino.regions.hand_landmarks import FoundHand
from mocast.tracking.openvino.schedule.extrapolation import BodyMotion, HandMotion, RawPose, _p95

RNG = np.random.default_rng(5)
PARTS = pytest.mark.parametrize("part", [0.5, 1.0, 2.0])
BODY, HAND = BodyMotion(), HandMotion()
LIMBS = [f"{side}_{joint}" for side in ("LEFT", "RIGHT") for joint in ("SHOULDER", "ELBOW", "WRIST", "KNEE", "ANKLE")]

Points = NDArray[np.float32]


def somewhere(count: int, width_px: float = 100) -> Points:
    """Return points within a square of that width."""
    return RNG.uniform((200, 100, -50), (200 + width_px, 100 + width_px, 50), (count, 3)).astype(np.float32)


def body(visibility: float = 1) -> RawPose:
    """Return one whose torso is 200 pixels long."""
    points = somewhere(POSE_COUNT + 2)
    points[[PoseLandmark.LEFT_SHOULDER, PoseLandmark.RIGHT_SHOULDER], :2] = (380, 100), (260, 100)
    points[[PoseLandmark.LEFT_HIP, PoseLandmark.RIGHT_HIP], :2] = (360, 300), (280, 300)
    return RawPose(points, somewhere(POSE_COUNT) / 200, np.full(POSE_COUNT, visibility, np.float32))


def hand(score: float = 1, points: Points | None = None) -> FoundHand:
    """Return one that is 80 pixels wide and 160 long."""
    if points is None:
        points = somewhere(HAND_COUNT, 80) * np.array((1, 2, 1), np.float32)
        points[:2, :2] = (200, 200), (280, 360)
    return FoundHand(points, somewhere(HAND_COUNT) / 1000, score, 0.9)


@pytest.mark.parametrize("count", [1, 2, 20, 21, 478])
def test_the_95th_percentile_is_numpys(count: int) -> None:
    values = RNG.random(count).astype(np.float32)
    assert _p95(values) == pytest.approx(float(np.percentile(values, 95)), rel=1e-6)
    values[count // 2] = np.nan
    assert math.isnan(_p95(values))


# The body


@PARTS
def test_each_landmark_of_a_body_goes_on_three_quarters_of_its_way(part: float) -> None:
    old, way = body(0.5), somewhere(POSE_COUNT + 2)
    metres = somewhere(POSE_COUNT) / 500
    new = RawPose(old.points + way, old.world + metres, np.linspace(0, 1, POSE_COUNT, dtype=np.float32))
    moved = BODY.extrapolate(None, old, new, part)
    assert np.allclose(moved.points, new.points + 0.75 * part * way, atol=1e-3)
    assert np.allclose(moved.world, new.world + 0.75 * part * metres, atol=1e-5)
    assert np.array_equal(moved.visibility, new.visibility)
    assert moved.points.dtype == moved.world.dtype == np.float32


def test_what_is_extrapolated_shares_no_memory_with_what_was_seen() -> None:
    old, new = body(), body()
    kept = new.points.copy()
    BODY.extrapolate(None, old, new, 1).points[:] = 0
    assert np.array_equal(new.points, kept)


def with_landmark(seen: RawPose, name: str, way: tuple[float, float], visibility: float = 1) -> RawPose:
    points, visible = seen.points.copy(), seen.visibility.copy()
    points[PoseLandmark[name], :2] += way
    visible[PoseLandmark[name]] = visibility
    return RawPose(points, seen.world, visible)


@pytest.mark.parametrize("name", ["LEFT_ELBOW", "RIGHT_ELBOW", "LEFT_WRIST", "RIGHT_WRIST"])
def test_a_body_is_as_fast_as_the_fastest_joint_of_its_limbs(name: str) -> None:
    old = body()
    new = with_landmark(with_landmark(old, "LEFT_WRIST", (3, 0)), name, (30, 40))
    assert BODY.speed(old, new) == pytest.approx(math.hypot(30 + 3 * (name == "LEFT_WRIST"), 40) / 200, rel=1e-5)


@pytest.mark.parametrize("name", [point.name for point in PoseLandmark if point.name not in LIMBS])
def test_what_else_moves_does_not_make_it_fast(name: str) -> None:
    """A head is where its face is, and a torso that leans changes by a few pixels."""
    old = body()
    assert BODY.speed(old, with_landmark(old, name, (8, 6))) == 0


@pytest.mark.parametrize(("visibility", "counts"), [(0.29, False), (0.31, True)])
def test_a_limb_that_is_hidden_does_not_count(visibility: float, counts: bool) -> None:
    old = body()
    assert (BODY.speed(old, with_landmark(old, "LEFT_WRIST", (100, 0), visibility)) > 0) == counts


def test_speed_is_in_torsos_however_near_the_body_is() -> None:
    old = body()
    new = with_landmark(old, "RIGHT_WRIST", (50, 0))
    far = [RawPose(one.points / 4, one.world, one.visibility) for one in (old, new)]
    assert BODY.speed(old, new) == pytest.approx(0.25, rel=1e-5)
    assert BODY.speed(*far) == pytest.approx(0.25, rel=1e-5)


# The hand


@PARTS
def test_each_landmark_of_a_hand_goes_on_half_its_way(part: float) -> None:
    old, way, metres = hand(0.9), somewhere(HAND_COUNT), somewhere(HAND_COUNT) / 500
    new = FoundHand(old.points + way, old.world + metres, 0.97, 0.2)
    moved = HAND.extrapolate(None, old, new, part)
    assert np.allclose(moved.points, new.points + 0.5 * part * way, atol=1e-3)
    assert np.allclose(moved.world, new.world + 0.5 * part * metres, atol=1e-5)
    assert (moved.score, moved.right) == (0.97, 0.2)
    assert moved.points.dtype == moved.world.dtype == np.float32


def test_the_speed_of_a_hand_is_in_its_longer_sides() -> None:
    old = hand()
    new = old._replace(points=old.points + np.array((48, 64, 999), np.float32))
    assert HAND.speed(old, new) == pytest.approx(80 / 160, rel=1e-5)


def test_one_landmark_that_jumps_is_not_the_hand() -> None:
    old = hand()
    jumping = old.points.copy()
    jumping[5, 0] += 40
    assert HAND.speed(old, old._replace(points=jumping)) == 0
    jumping[6, 0] += 16
    assert HAND.speed(old, old._replace(points=jumping)) == pytest.approx(0.1, rel=0.5)


@pytest.mark.parametrize(("first", "second"), [(0.79, 1.0), (1.0, 0.79)])
def test_a_doubtful_hand_is_never_slow(first: float, second: float) -> None:
    points = hand().points
    assert HAND.speed(hand(first, points), hand(second, points)) == math.inf
    assert HAND.speed(hand(0.8, points), hand(0.8, points)) == 0


def test_only_a_hand_that_is_very_sure_may_be_taken_for_the_same() -> None:
    assert HAND.is_confident(hand(0.96))
    assert not HAND.is_confident(hand(0.95))
    assert BODY.is_confident(body(0.1))


# All


def test_what_fell_into_a_point_is_no_failure() -> None:
    point = np.full((POSE_COUNT + 2, 3), 50, np.float32)
    beside = point + 2
    bodies = [RawPose(one, one[:33], np.ones(POSE_COUNT, np.float32)) for one in (point, beside)]
    hands = [hand(points=one[:HAND_COUNT]) for one in (point, beside)]
    for motion, one, other in ((BODY, *bodies), (HAND, *hands)):
        assert motion.speed(one, one) == 0
        assert motion.speed(one, other) > 1e3
    for points in (BODY.extrapolate(None, *bodies, 1).points, HAND.extrapolate(None, *hands, 1).points):
        assert np.allclose(points[:, :2], points[0, 0])
        assert 52.9 < points[0, 0] < 53.6


@pytest.mark.parametrize(("kept", "believed"), [(1.0, 1.0), (0.4, 0.4), (0.0, 0.0), (-0.5, 0.0), (1.7, 1.0)])
def test_of_a_hand_as_much_is_believed_as_was_right_before(kept: float, believed: float) -> None:
    older, way = hand(0.9), somewhere(HAND_COUNT)
    old = FoundHand(older.points + way, older.world, 0.97, 0.2)
    new = FoundHand(old.points + np.float32(kept) * way, older.world, 0.97, 0.2)
    moved = HAND.extrapolate(older, old, new, 0.5)
    assert np.allclose(moved.points, new.points + 0.5 * believed * (new.points - old.points), atol=1e-3)


def test_what_stood_still_before_is_not_moved_on() -> None:
    """Nothing tells how steadily it moves."""
    old, new = hand(), hand()
    assert np.array_equal(HAND.extrapolate(old, old, new, 1).points, new.points)


def test_depth_tells_nothing_of_how_steady_a_hand_is() -> None:
    older, way = hand(), somewhere(HAND_COUNT)
    old = older._replace(points=older.points + way)
    new = old._replace(points=old.points + way * np.array((1, 1, -9), np.float32))
    moved = HAND.extrapolate(older, old, new, 1)
    assert np.allclose(moved.points[:, :2], (new.points + way)[:, :2], atol=1e-3)
