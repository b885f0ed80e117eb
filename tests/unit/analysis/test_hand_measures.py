"""Hands over many frames: gestures are told once they last, once, and do not flicker."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from tests.hands import GESTURE_POSES, hand
from tests.people import tracked
from tests.unit.rigging.skeletons import posed
from tests.unit.rigging.skeletons import tracked as tracked_skeleton

from mocast.analysis.custom_gestures import CustomGestures
from mocast.analysis.hand_measures import Hands
from mocast.analysis.observation import Observation
from mocast.model.analysis import Event
from mocast.model.gestures import CustomGesture, HandGesture
from mocast.model.options import AnalysisOptions
from mocast.model.tracked import Hand, Tracked

FPS = 30
HANDS = {gesture: hand(pose) for gesture, pose in GESTURE_POSES.items()}
RIGHT = {gesture: hand(pose, left=False) for gesture, pose in GESTURE_POSES.items()}


def watched(
    frames: Iterable[Tracked], hands: Hands | None = None, options: AnalysisOptions | None = None
) -> Iterator[tuple[HandGesture | None, HandGesture | None, float | None, list[Event]]]:
    """What both hands show in each frame, the zoom, and its events."""
    hands = hands or Hands()
    for number, frame in enumerate(frames):
        seen = Observation(frame, None, options or AnalysisOptions(), number / FPS, 1 / FPS)
        yield *hands.update(seen), seen.events


def showing(*spans: tuple[float, str | None]) -> Iterator[Tracked]:
    """A left hand that shows one gesture after the other, each for so many seconds; ``None``: it is not seen."""
    for seconds, gesture in spans:
        for _ in range(round(FPS * seconds)):
            yield tracked(left_hand=None if gesture is None else HANDS[gesture])  # type: ignore[index]


def names(frames: Iterable[Tracked], hands: Hands | None = None) -> list[str]:
    return [str(event.data.get("name", event.type)) for *_, events in watched(frames, hands) for event in events]


def test_each_gesture_that_lasts_is_told_once() -> None:
    assert names(showing((1, "open"), (1, "fist"), (3, "victory"))) == ["open", "fist", "victory"]


def test_a_gesture_on_the_way_is_not_told() -> None:
    assert names(showing((1, "open"), (0.2, "point"), (1, "fist"))) == ["open", "fist"]


def test_one_wrong_frame_in_six_changes_nothing() -> None:
    assert names(showing(*[(0.17, "fist"), (0.034, "pinch")] * 10)) == ["fist"]


def test_a_hand_that_shows_two_in_turns_tells_neither_twice() -> None:
    assert len(names(showing(*[(0.1, "fist"), (0.1, "victory")] * 20))) <= 1


def test_a_gesture_that_comes_again_is_told_again() -> None:
    assert names(showing((1, "ok"), (0.5, None), (1, "ok"))) == ["ok", "ok"]
    assert names(showing((1, "ok"), (0.1, None), (1, "ok"))) == ["ok"], "the tracker lost the hand for a moment"


def test_an_event_says_which_hand_and_how_sure() -> None:
    frames = [tracked(right_hand=RIGHT["thumb_up"])] * FPS
    (event,) = [event for *_, events in watched(frames) for event in events]
    assert event.type == "gesture"
    assert event.data == {"name": "thumb_up", "hand": "right", "confidence": 1.0, "custom": False}


def test_each_hand_has_its_own_gesture() -> None:
    frames = [tracked(left_hand=HANDS["open"], right_hand=RIGHT["rock"])] * FPS
    *_, (left, right, zoom, _) = watched(frames)
    assert left is not None
    assert right is not None
    assert (left.gesture, right.gesture, zoom) == ("open", "rock", None)
    assert (left.confidence, right.pinch) == (1.0, 0.0)


def test_hands_that_are_gone_are_lost_once() -> None:
    assert names(showing((1, "open"), (3, None))) == ["open", "hands_lost"]
    assert names(showing((3, None))) == []
    other = [tracked(right_hand=RIGHT["open"])] * FPS
    assert "hands_lost" not in names([*showing((1, "open")), *other]), "the other hand is there"


def test_both_pinching_hands_zoom() -> None:
    pinch = GESTURE_POSES["pinch"]

    def apart(distance: float) -> Tracked:
        left, right = hand(pinch, at=(0.5 + distance / 2, 0.5)), hand(pinch, left=False, at=(0.5 - distance / 2, 0.5))
        return tracked(left_hand=left, right_hand=right)

    zooms = [zoom for _, _, zoom, _ in watched([apart(0.2 + 0.01 * number) for number in range(21)])]
    assert zooms[0] == 1.0
    assert zooms[-1] is not None
    assert 1.8 < zooms[-1] < 2.2
    assert zooms == sorted(zooms, key=lambda zoom: zoom or 0)


def test_features_are_there_where_they_are_asked_for() -> None:
    (left, *_), *_ = watched([tracked(left_hand=HANDS["open"])])
    assert left is not None
    assert left.features is None
    (left, *_), *_ = watched([tracked(left_hand=HANDS["open"])], options=AnalysisOptions(hand_features=True))
    assert left is not None
    assert left.features is not None
    assert len(left.features) == 26


def test_a_gesture_made_of_features_goes_before_a_built_in_one() -> None:
    options = AnalysisOptions(hand_features=True)
    examples = [left.features for left, *_ in watched(showing((1, "rock")), options=options) if left and left.features]
    mean = tuple(np.mean(examples, axis=0).tolist())
    hands = Hands()
    hands.custom = CustomGestures([CustomGesture("metal", mean)])
    events = [event for *_, events in watched(showing((1, "rock"), (1, "open")), hands) for event in events]
    assert [(event.data["name"], event.data["custom"]) for event in events] == [("metal", True), ("open", False)]


def test_a_hand_at_the_side_shows_nothing() -> None:
    arms = tracked_skeleton(posed(left_upper_arm=(0, 0, -80)), hands=False)
    hanging = [replace(arms, left_hand=HANDS["fist"], right_hand=RIGHT["fist"])] * FPS
    told = [event.data["hand"] for *_, events in watched(hanging) for event in events]
    assert told == ["right"], "that arm is stretched out to the side"


def broken_hands() -> Iterator[Hand]:
    for value in (0.0, np.nan, np.inf):
        world = np.full((21, 3), value, np.float32)
        yield replace(HANDS["open"], world=world, image=world)


def test_what_is_no_hand_shows_nothing() -> None:
    for broken in broken_hands():
        with np.errstate(all="ignore"):
            shown = list(watched([tracked(left_hand=broken, right_hand=broken)] * 20))
        for left, right, zoom, events in shown:
            assert left == right == HandGesture(None, 0.0, 0.0)
            assert (zoom, events) == (None, [])
