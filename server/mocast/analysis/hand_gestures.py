"""Hand gestures: which of ten a hand shows, by rules on its features.

Each feature that matters becomes a *condition* from 0 (no) to 1 (yes) by a ramp between two values of it. A gesture
requires some conditions to be met and others not to be; the confidence that it is shown is that of the requirement that
is met worst (the minimum, as in fuzzy logic: Zadeh, "Fuzzy sets", 1965). A hand that meets none by a half shows no
gesture: a finger that is neither straight nor curled is neither in the rules. The ramps are our own choice, made on
synthetic hands and on what people show to a camera; the accuracy is in ``docs/analysis.md``.
"""

from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from mocast.analysis.hand_features import Features
from mocast.model.gestures import HAND_FEATURES, GestureName

GESTURES: Final[tuple[GestureName, ...]] = get_args(GestureName)

SHOWN_FROM: Final = 0.5
"""Least confidence from which a hand begins to show a gesture."""
SHOWN_UNTIL: Final = 0.3
"""Least confidence of a gesture that a hand shows already."""

_FOUR: Final = ("index", "middle", "ring", "little")
_RAMPS: Final[dict[str, tuple[float, float]]] = {
    # A finger's whole flexion, or 1.3 times that of its bend: of a claw the knuckle is stretched and the bend is not.
    **{f"{finger}_straight": (1.05, 0.5) for finger in _FOUR},
    **{f"{finger}_curled": (1.15, 1.75) for finger in _FOUR},
    # Outward of the index finger's knuckle.
    "thumb_out": (0.15, 0.55),
    "thumb_up": (0.1, 0.5),
    "thumb_down": (-0.1, -0.5),
    # The gap between the tips of thumb and index finger.
    "touching": (0.55, 0.25),
    # The gap between the tips of index and middle finger.
    "spread": (0.2, 0.36),
    # The index finger's whole flexion: in a fist the thumb may lie on it.
    "index_free": (2.0, 1.6),
    # The mean flexion of the three other fingers.
    "others_straight": (1.1, 0.6),
}
"""Each condition's ramp: the values at which it is 0 and 1."""
_RULES: Final[dict[GestureName, str]] = {
    "open": "index_straight middle_straight ring_straight little_straight !touching",
    "fist": "index_curled middle_curled ring_curled little_curled !thumb_out",
    "point": "index_straight middle_curled ring_curled little_curled",
    "victory": "index_straight middle_straight ring_curled little_curled spread",
    "thumb_up": "index_curled middle_curled ring_curled little_curled thumb_out thumb_up",
    "thumb_down": "index_curled middle_curled ring_curled little_curled thumb_out thumb_down",
    "ok": "touching index_free others_straight",
    "rock": "index_straight middle_curled ring_curled little_straight",
    "call": "index_curled middle_curled ring_curled little_straight thumb_out",
    "pinch": "touching index_free !others_straight",
}
"""What each gesture requires; what has an exclamation mark must not be met."""

_CONDITIONS: Final = tuple(_RAMPS)
_FROM: Final = np.array([ramp[0] for ramp in _RAMPS.values()])
_SLOPE: Final = np.array([1.0 / (ramp[1] - ramp[0]) for ramp in _RAMPS.values()])
_BEND_WEIGHT: Final = 1.3


def _measured() -> NDArray[np.float64]:
    """Return the (26, 15) table that takes features to what the ramps are of."""
    table = np.zeros((len(HAND_FEATURES), len(_RAMPS)))

    def add(condition: str, *features: str, weight: float = 1.0) -> None:
        for feature in features:
            table[HAND_FEATURES.index(feature), _CONDITIONS.index(condition)] = weight

    for finger in _FOUR:
        for condition in ("straight", "curled"):
            add(f"{finger}_{condition}", f"{finger}_knuckle", f"{finger}_bend")
    for finger in _FOUR[1:]:
        add("others_straight", f"{finger}_knuckle", f"{finger}_bend", weight=1 / 3)
    add("index_free", "index_knuckle", "index_bend")
    add("thumb_out", "thumb_outward")
    add("thumb_up", "thumb_up")
    add("thumb_down", "thumb_up")
    add("touching", "thumb_index")
    add("spread", "index_middle")
    return table


def _requirements() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the (10, 15) factors and offsets that take conditions to how well each requirement is met."""
    factors, offsets = np.zeros((len(_RULES), len(_CONDITIONS))), np.ones((len(_RULES), len(_CONDITIONS)))
    for row, gesture in enumerate(GESTURES):
        for word in _RULES[gesture].split():
            column = _CONDITIONS.index(word.removeprefix("!"))
            factors[row, column], offsets[row, column] = (-1.0, 1.0) if word.startswith("!") else (1.0, 0.0)
    return factors, offsets


_MEASURED: Final = _measured()
_FACTORS, _OFFSETS = _requirements()
_THUMB_INDEX: Final = HAND_FEATURES.index("thumb_index")

PINCH_APART: Final = 0.8
PINCH_SHUT: Final = 0.25
"""Gaps between the tips of thumb and index finger, in palm lengths, at which the pinch's strength is 0 and 1: landmarks
lie within the finger tips, about a tenth of a palm apart when these touch, and trackers leave as much again."""


def confidences(features: Features) -> NDArray[np.float64]:
    """Return how sure it is that each of n hands shows each gesture, (n, 10), 0..1. Order: ``GESTURES``."""
    conditions = _conditions(features)
    met = conditions[:, None] * _FACTORS + _OFFSETS
    least: NDArray[np.float64] = met.min(-1)
    return least


def _conditions(features: Features) -> NDArray[np.float64]:
    measured = features @ _MEASURED
    measured[:, :4] = np.maximum(measured[:, :4], _BEND_WEIGHT * features[:, 4:8])
    conditions: NDArray[np.float64] = np.minimum(np.maximum((measured - _FROM) * _SLOPE, 0.0), 1.0)
    return conditions


def pinch_strength(features: NDArray[np.float64]) -> float:
    """Return how strongly one hand pinches, 0..1, by its (26,) features: 0 for fingers apart, 1 for touching ones.

    A curled index finger pinches nothing, however near the thumb is.
    """
    near = (PINCH_APART - features[_THUMB_INDEX]) / (PINCH_APART - PINCH_SHUT)
    free = (_RAMPS["index_free"][0] - features[0] - features[4]) * _SLOPE_FREE
    return float(min(max(near, 0.0), 1.0) * min(max(free, 0.0), 1.0))


_SLOPE_FREE: Final = 1.0 / (_RAMPS["index_free"][0] - _RAMPS["index_free"][1])


def shown(confidence: NDArray[np.float64], before: str | None) -> tuple[GestureName | None, float]:
    """Return the gesture that a hand shows, by its (10,) confidences, and how sure that is; ``None`` for no gesture.

    ``before``: the gesture that it showed in the last frame, which needs less.
    """
    best = int(confidence.argmax())
    if confidence[best] >= SHOWN_FROM:
        return GESTURES[best], float(confidence[best])
    if before in GESTURES:
        kept = GESTURES.index(before)
        if confidence[kept] >= SHOWN_UNTIL:
            return GESTURES[kept], float(confidence[kept])
    return None, 0.0
