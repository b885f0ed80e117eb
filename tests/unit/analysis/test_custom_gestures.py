"""Custom gestures: the nearest mean of examples, and none for a hand that is far from all."""

import numpy as np
from numpy.typing import NDArray
from tests.hands import CURLED, GESTURE_POSES, STRAIGHT, HandPose, hand, random_build, turned, varied

from mocast.analysis.custom_gestures import CustomGestures
from mocast.analysis.hand_features import features_of
from mocast.model.gestures import SHAPE_FEATURES, CustomGesture

SPIDER = HandPose(
    {"index": STRAIGHT, "middle": CURLED, "ring": CURLED, "little": STRAIGHT}, thumb_out=58.0, thumb_palmward=5.0
)
THREE = HandPose(
    {"index": STRAIGHT, "middle": STRAIGHT, "ring": STRAIGHT, "little": CURLED},
    thumb_out=22.0,
    thumb_palmward=42.0,
    thumb_flexion=(45.0, 45.0),
)


def examples(pose: HandPose, count: int, seed: int, *, varies_deg: float = 4.0) -> NDArray[np.float64]:
    """(count, 26): a hand that shows the pose while it turns a little."""
    rng = np.random.default_rng(seed)
    hands = [
        hand(
            varied(pose, rng, varies_deg),
            build=random_build(rng),
            rotation=turned(rng.uniform(-25, 25, 3)),
            noise_m=0.003,
            rng=rng,
        )
        for _ in range(count)
    ]
    return features_of([(one, 1.0) for one in hands])[0]


def recorded(name: str, pose: HandPose, *, oriented: bool = False, hand: str = "any") -> CustomGesture:
    """The gesture as ``docs/analysis.md`` tells clients to make it."""
    shown = examples(pose, 60, 1)
    count = 26 if oriented else SHAPE_FEATURES
    mean = shown.mean(0)
    distances = np.sqrt(((shown - mean)[:, :count] ** 2).mean(1))
    radius = max(1.5 * float(np.quantile(distances, 0.95)), 0.25)
    return CustomGesture(name, tuple(mean.tolist()), radius, hand, oriented)  # type: ignore[arg-type]


GESTURES = CustomGestures([recorded("spider", SPIDER), recorded("three", THREE)])


def test_98_of_100_are_right() -> None:
    for name, pose in (("spider", SPIDER), ("three", THREE)):
        found = [GESTURES.nearest(features, left=True)[0] for features in examples(pose, 100, 7)]
        assert found.count(name) >= 98, name


def test_other_gestures_are_rejected() -> None:
    for gesture, pose in GESTURE_POSES.items():
        if gesture == "rock":
            continue  # like the spider, but for the thumb
        found = [GESTURES.nearest(features, left=True)[0] for features in examples(pose, 50, 9)]
        assert found.count(None) >= 49, gesture


def test_without_gestures_there_is_none() -> None:
    assert CustomGestures(()).nearest(np.zeros(26), left=True) == (None, 0.0)


def test_a_gesture_of_one_hand_is_not_shown_by_the_other() -> None:
    gestures = CustomGestures([recorded("spider", SPIDER, hand="right")])
    features = examples(SPIDER, 1, 3)[0]
    assert gestures.nearest(features, left=False)[0] == "spider"
    assert gestures.nearest(features, left=True) == (None, 0.0)


def test_only_an_oriented_gesture_knows_how_a_hand_is_held() -> None:
    upside_down = features_of([(hand(THREE, rotation=turned(np.array([0.0, 0.0, 180.0]))), 1.0)])[0][0]
    assert CustomGestures([recorded("three", THREE)]).nearest(upside_down, left=True)[0] == "three"
    assert CustomGestures([recorded("three", THREE, oriented=True)]).nearest(upside_down, left=True)[0] is None


def test_confidence_is_1_at_the_mean_and_a_half_at_the_radius() -> None:
    mean = np.zeros(26)
    gestures = CustomGestures([CustomGesture("flat", tuple(mean.tolist()), 0.2)])
    assert gestures.nearest(mean, left=True) == ("flat", 1.0)
    name, sure = gestures.nearest(mean + 0.199, left=True)
    assert (name, round(sure, 2)) == ("flat", 0.5)
    assert gestures.nearest(mean + 0.22, left=True) == (None, 0.0)
    assert gestures.nearest(mean + 0.22, left=True, before="flat")[0] == "flat", "it is held a little further"
