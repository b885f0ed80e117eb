"""What both hands of a person show: gestures, pinches and a zoom."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.analysis.custom_gestures import CustomGestures
from mocast.analysis.debounce import Debounced
from mocast.analysis.hand_features import features_of
from mocast.analysis.hand_gestures import confidences, pinch_strength, shown
from mocast.analysis.observation import Observation
from mocast.analysis.presence import HANDS_GONE_S, Presence
from mocast.analysis.two_hand_zoom import TwoHandZoom
from mocast.model.gestures import HandGesture
from mocast.model.tracked import Hand

SHOWN_S: Final = 0.35
"""How long a hand must show a gesture before it counts: less is a shape on the way to another one."""
GONE_S: Final = 0.25
"""How long it must not show it before that is over."""
SIDES: Final = ("left", "right")


class Hands:
    """The hands of one person."""

    def __init__(self) -> None:
        self.custom = CustomGestures(())
        "May be replaced from any thread; in use from the next frame on."
        self._sides = tuple(_Side() for _ in SIDES)
        self._zoom = TwoHandZoom()
        self._presence = Presence(HANDS_GONE_S)

    def update(self, seen: Observation) -> tuple[HandGesture | None, HandGesture | None, float | None]:
        """Return what the left and the right hand show, ``None`` for one that is not seen, and the zoom."""
        custom = self.custom
        tracked = seen.tracked
        hands = tracked.left_hand, tracked.right_hand
        if self._presence.update(hands[0] is not None or hands[1] is not None, seen.now_s):
            seen.happened("hands_lost")
        found = [(side, hand) for side, hand in enumerate(hands) if hand is not None]
        shapes: dict[int, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
        if found:
            features, are_valid = features_of([(hand, -1.0 if side else 1.0) for side, hand in found])
            sure = confidences(features)
            shapes = {side: (features[row], sure[row]) for row, (side, _) in enumerate(found) if are_valid[row]}
        parts = [
            state.update(side, hands[side], shapes.get(side), custom, seen) for side, state in enumerate(self._sides)
        ]
        pinches = tuple(part.pinch if part is not None else 0.0 for part in parts)
        zoom = self._zoom.update(hands, (pinches[0], pinches[1]), tracked.size_wh)
        return parts[0], parts[1], zoom


class _Side:
    """The state of one hand."""

    def __init__(self) -> None:
        self._gesture: Debounced[str | None] = Debounced(None, lambda shown: GONE_S if shown is None else SHOWN_S)
        self._before: str | None = None

    def update(
        self,
        side: int,
        hand: Hand | None,
        shape: tuple[NDArray[np.float64], NDArray[np.float64]] | None,
        custom: CustomGestures,
        seen: Observation,
    ) -> HandGesture | None:
        """Return what the hand shows; ``shape``: its features and confidences, ``None`` where it has none."""
        name: str | None = None
        sure, pinch = 0.0, 0.0
        is_custom = False
        if shape is not None:
            features, confidence = shape
            pinch = pinch_strength(features)
            name, sure = custom.nearest(features, left=not side, before=self._before)
            is_custom = name is not None
            if name is None:
                name, sure = shown(confidence, self._before)
        self._before = name
        if self._gesture.update(name, seen.now_s) and name is not None:
            seen.happened("gesture", name=name, hand=SIDES[side], confidence=round(sure, 2), custom=is_custom)
        if hand is None:
            return None
        wants_features = seen.options.hand_features and shape is not None
        return HandGesture(
            self._gesture.value,
            sure if name is not None and name == self._gesture.value else 0.0,
            pinch,
            tuple(shape[0].tolist()) if wants_features and shape is not None else None,
        )
