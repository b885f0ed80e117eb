"""Features of hands: they tell the shape, whatever the hand's size, side and turn."""

from dataclasses import replace

import numpy as np
import pytest
from tests.hands import CURLED, GESTURE_POSES, STRAIGHT, HandBuild, HandPose, hand, turned

from mocast.analysis.hand_features import features_of
from mocast.model.gestures import HAND_FEATURES, SHAPE_FEATURES
from mocast.model.tracked import Hand

OPEN = GESTURE_POSES["open"]


def feature(found: Hand, name: str, *, left: bool = True) -> float:
    features, are_valid = features_of([(found, 1.0 if left else -1.0)])
    assert are_valid.all()
    return float(features[0, HAND_FEATURES.index(name)])


@pytest.mark.parametrize("flexion", [-15.0, 0.0, 40.0, 90.0])
def test_a_knuckle_s_flexion_is_in_right_angles(flexion: float) -> None:
    bent = HandPose(dict(OPEN.flexion) | {"middle": (flexion, 0.0, 0.0)})
    assert 90 * feature(hand(bent), "middle_knuckle") == pytest.approx(flexion, abs=2)


def test_a_curled_finger_bends_by_more_than_a_right_angle() -> None:
    fist = hand(GESTURE_POSES["fist"])
    # Between the second joint's flexion and that and the third one's.
    assert CURLED[1] < 90 * feature(fist, "ring_bend") < CURLED[1] + CURLED[2]
    assert 90 * feature(hand(OPEN), "ring_bend") < STRAIGHT[1] + STRAIGHT[2]


@pytest.mark.parametrize("left", [True, False])
def test_the_shape_is_the_same_for_each_side_size_and_turn(left: bool) -> None:
    for pose in GESTURE_POSES.values():
        expected = features_of([(hand(pose), 1.0)])[0][0, :SHAPE_FEATURES]
        other = hand(pose, left=left, build=HandBuild(0.7), rotation=turned(np.array([30.0, -40.0, 120.0])))
        found = features_of([(other, 1.0 if left else -1.0)])[0][0, :SHAPE_FEATURES]
        np.testing.assert_allclose(found, expected, atol=1e-4)


def test_how_it_is_held_is_told_alike_of_both_sides() -> None:
    for left in (True, False):
        raised = hand(OPEN, left=left)
        assert feature(raised, "fingers_up", left=left) > 0.99
        assert feature(raised, "palm_forward", left=left) > 0.99
        lowered = hand(OPEN, left=left, rotation=turned(np.array([0.0, 0.0, 180.0])))
        assert feature(lowered, "fingers_up", left=left) < -0.99
        thumbs_up = hand(GESTURE_POSES["thumb_up"], left=left)
        assert feature(thumbs_up, "thumb_up", left=left) > 0.9
        assert feature(thumbs_up, "fingers_aside", left=left) < -0.5, "toward the body's middle"


def test_both_hands_at_once_are_each_as_alone() -> None:
    hands = [(hand(GESTURE_POSES["call"]), 1.0), (hand(GESTURE_POSES["rock"], left=False), -1.0)]
    both, are_valid = features_of(hands)
    assert are_valid.all()
    for row, one in enumerate(hands):
        np.testing.assert_allclose(both[row], features_of([one])[0][0])


def test_what_is_no_hand_has_no_features() -> None:
    good = hand(OPEN)
    nothing = replace(good, world=np.zeros((21, 3), np.float32))
    broken = replace(good, world=np.full((21, 3), np.nan, np.float32))
    flat = replace(good, world=good.world * np.float32([0, 1, 0]))
    torn = good.world.copy()
    torn[8] = 1e30
    hands = (nothing, broken, flat, replace(good, world=torn), good)
    features, are_valid = features_of([(one, 1.0) for one in hands])
    assert are_valid.tolist() == [False, False, False, False, True]
    assert not features[:4].any()
    assert np.isfinite(features).all()
