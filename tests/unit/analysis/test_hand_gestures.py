"""Built-in gestures on synthetic hands: of many builds, turned by 40° about each axis, with noise."""

import numpy as np
import pytest
from tests.hands import GESTURE_POSES, STRAIGHT, HandPose, hand, random_build, turned, varied

from mocast.analysis.hand_features import features_of
from mocast.analysis.hand_gestures import GESTURES, SHOWN_FROM, confidences, pinch_strength, shown
from mocast.model.gestures import GestureName
from mocast.model.tracked import Hand

PEOPLE = 100
SIDES = (1.0, -1.0)


def gestures_of(hands: list[tuple[Hand, float]]) -> list[GestureName | None]:
    features, are_valid = features_of(hands)
    assert are_valid.all()
    return [shown(confidence, None)[0] for confidence in confidences(features)]


def shown_by_many(pose: HandPose, noise_m: float) -> list[GestureName | None]:
    """What as many people show, who each turn the hand by up to 40° about each axis."""
    rng = np.random.default_rng(4)
    hands = [
        hand(
            varied(pose, rng),
            left=bool(number % 2),
            build=random_build(rng),
            rotation=turned(rng.uniform(-40, 40, 3)),
            noise_m=noise_m,
            rng=rng,
        )
        for number in range(PEOPLE)
    ]
    return gestures_of([(one, SIDES[1 - number % 2]) for number, one in enumerate(hands)])


def test_98_of_100_gestures_are_right_with_noise_of_3_mm() -> None:
    for gesture, pose in GESTURE_POSES.items():
        assert shown_by_many(pose, 0.003).count(gesture) >= 0.98 * PEOPLE, gesture


def test_a_hand_that_turns_by_40_degrees_about_an_axis_shows_the_same() -> None:
    for gesture, pose in GESTURE_POSES.items():
        for axis in np.eye(3):
            for degrees in range(-40, 41, 20):
                turn = turned(degrees * axis)
                assert gestures_of([(hand(pose, rotation=turn), 1.0)]) == [gesture]


@pytest.mark.parametrize(
    "flexion",
    [
        (25.0, 45.0, 25.0),  # a hand at rest
        (-5.0, 75.0, 45.0),  # a claw
        (70.0, 20.0, 10.0),  # fingers across the palm, straight
    ],
)
def test_a_hand_at_rest_or_a_claw_shows_nothing(flexion: tuple[float, float, float]) -> None:
    pose = HandPose(dict.fromkeys(("index", "middle", "ring", "little"), flexion))
    assert gestures_of([(hand(pose), 1.0)]) == [None]


def test_two_fingers_together_are_no_victory() -> None:
    pose = GESTURE_POSES["victory"]
    together = HandPose(pose.flexion, dict.fromkeys(pose.spread, 0.0) | {"index": -4.0, "middle": 3.0})
    assert gestures_of([(hand(together), 1.0)]) == [None]


def test_a_thumb_to_the_side_is_neither_up_nor_down() -> None:
    aside = hand(GESTURE_POSES["thumb_up"], rotation=turned(np.array([0.0, 0.0, 90.0])))
    assert gestures_of([(aside, 1.0)]) == [None]


def test_a_pinch_is_stronger_the_nearer_the_fingers_are() -> None:
    pose = GESTURE_POSES["pinch"]
    strengths = []
    for gap_mm in (0.0, 25.0, 40.0, 55.0, 80.0):
        opened = HandPose(pose.flexion, pose.spread, thumb_tip_at=("index", gap_mm))
        strengths.append(pinch_strength(features_of([(hand(opened), 1.0)])[0][0]))
    assert strengths[0] == 1.0
    assert strengths[-1] == 0.0
    assert strengths == sorted(strengths, reverse=True)
    assert len(set(strengths)) == len(strengths)


def test_a_fist_and_an_open_hand_do_not_pinch() -> None:
    for gesture in ("fist", "open", "point", "thumb_up"):
        assert pinch_strength(features_of([(hand(GESTURE_POSES[gesture]), 1.0)])[0][0]) == 0.0


def test_a_gesture_that_is_shown_needs_less_to_go_on() -> None:
    confidence = np.zeros(len(GESTURES))
    confidence[GESTURES.index("open")] = SHOWN_FROM - 0.1
    assert shown(confidence, None) == (None, 0.0)
    assert shown(confidence, "open") == ("open", SHOWN_FROM - 0.1)
    assert shown(confidence, "fist") == (None, 0.0)
    confidence[GESTURES.index("victory")] = 0.9
    assert shown(confidence, "open") == ("victory", 0.9)


def test_other_fingers_decide_between_an_ok_and_a_pinch() -> None:
    ok = GESTURE_POSES["ok"]
    assert gestures_of([(hand(ok), 1.0)]) == ["ok"]
    bent = HandPose(
        dict(ok.flexion) | dict.fromkeys(("ring", "little"), (60.0, 70.0, 40.0)),
        ok.spread,
        thumb_tip_at=ok.thumb_tip_at,
    )
    assert bent.flexion["middle"] == STRAIGHT
    assert gestures_of([(hand(bent), 1.0)]) == ["pinch"]
