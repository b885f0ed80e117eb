"""What both hands of a person show: gestures, pinches and a zoom."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.analysis.custom_gestures import CustomGestures
from mocast.analysis.debounce import Debounced
from mocast.analysis.hand_features import features_of
from mocast.analysis.hand_gestures import GESTURES, confidences, pinch_strength, shown
from mocast.analysis.hanging_arms import hangs_down
from mocast.analysis.observation import Observation
from mocast.analysis.presence import HANDS_GONE_S, Presence
from mocast.analysis.two_hand_zoom import TwoHandZoom
from mocast.model.gestures import HAND_FEATURES, HandGesture
from mocast.model.tracked import Hand

SMOOTH_S: Final = 0.1
"""Time constant of the features' low pass: one wrong frame is no other gesture."""
FORGET_S: Final = 0.25
"""A hand that was not seen for so long begins anew."""
SHOWN_S: Final = 0.3
"""How long a hand must show a gesture before it counts: less is a shape on the way to another one."""
GONE_S: Final = 0.25
"""How long it must not show it before that is over."""
SIDES: Final = ("left", "right")

HandParts = tuple[HandGesture | None, HandGesture | None, float | None]


class Hands:
    """The hands of one person."""

    def __init__(self) -> None:
        self.custom = CustomGestures(())
        "May be replaced from any thread; in use from the next frame on."
        self._sides = tuple(_Side(side) for side in SIDES)
        self._zoom = TwoHandZoom()
        self._presence = Presence(HANDS_GONE_S)

    def update(self, seen: Observation) -> HandParts:
        """Return what the left and the right hand show, ``None`` for one that is not seen, and the zoom."""
        custom = self.custom
        tracked = seen.tracked
        hands = tracked.left_hand, tracked.right_hand
        if self._presence.update(hands[0] is not None or hands[1] is not None, seen.now_s):
            seen.happened("hands_lost")
        self._measure(hands, seen)
        left, right = (state.update(hand, custom, seen) for state, hand in zip(self._sides, hands, strict=True))
        pinches = left.pinch if left is not None else 0.0, right.pinch if right is not None else 0.0
        return left, right, self._zoom.update(hands, pinches, tracked.size_wh)

    def _measure(self, hands: tuple[Hand | None, Hand | None], seen: Observation) -> None:
        """Give each side the features of its hand, and how sure each gesture is; both hands at once."""
        found = [(state, hand) for state, hand in zip(self._sides, hands, strict=True) if hand is not None]
        for state in self._sides:
            state.features = None
        if not found:
            return
        measured, are_valid = features_of([(hand, state.sign) for state, hand in found])
        for (state, _), features, is_valid in zip(found, measured, are_valid.tolist(), strict=True):
            if is_valid:
                state.smooth(features, seen)
        smoothed = np.array([state.smoothed for state, _ in found])
        for (state, _), confidence in zip(found, confidences(smoothed), strict=True):
            state.confidence = confidence


class _Side:
    """The state of one hand."""

    def __init__(self, name: str) -> None:
        self.sign: Final = 1.0 if name == "left" else -1.0
        self.features: NDArray[np.float64] | None = None
        "(26,) in this frame; ``None`` where the hand is not seen."
        self.smoothed: NDArray[np.float64] = np.zeros(len(HAND_FEATURES))
        self.confidence: NDArray[np.float64] = np.zeros(len(GESTURES))
        self._name = name
        self._gesture: Debounced[str | None] = Debounced(None, lambda shown: GONE_S if shown is None else SHOWN_S)
        self._seen_s = -math.inf

    def smooth(self, features: NDArray[np.float64], seen: Observation) -> None:
        """Take the features of the next frame."""
        self.features = features
        weight = 1.0
        if seen.now_s - self._seen_s <= FORGET_S:
            weight -= math.exp(-(seen.now_s - self._seen_s) / SMOOTH_S)
        self.smoothed = self.smoothed + weight * (features - self.smoothed)
        self._seen_s = seen.now_s

    def update(self, hand: Hand | None, custom: CustomGestures, seen: Observation) -> HandGesture | None:
        """Return what the hand shows; ``None`` where it is not seen."""
        name, sure, is_custom = self._shown(custom, hangs=hangs_down(seen.tracked.pose, left=self.sign > 0))
        if self._gesture.update(name, seen.now_s) and name is not None:
            seen.happened("gesture", name=name, hand=self._name, confidence=round(sure, 2), custom=is_custom)
        if hand is None:
            return None
        features = self.features
        return HandGesture(
            self._gesture.value,
            sure if name == self._gesture.value else 0.0,
            0.0 if features is None else pinch_strength(features),
            tuple(features.tolist()) if features is not None and seen.options.hand_features else None,
        )

    def _shown(self, custom: CustomGestures, hangs: bool) -> tuple[str | None, float, bool]:
        """Return the gesture in this frame, how sure it is and whether it is a custom one."""
        if self.features is None:
            return None, 0.0, False
        before = self._gesture.value
        name, sure = custom.nearest(self.smoothed, left=self.sign > 0, before=before)
        if name is not None:
            return name, sure, True
        return (None, 0.0, False) if hangs else (*shown(self.confidence, before), False)
