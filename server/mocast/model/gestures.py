"""Hand gestures: the names of the built-in ones, the features of a hand, and custom gestures as clients send them."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from annotated_types import Interval, Len, doc

GestureName = Literal["open", "fist", "point", "victory", "thumb_up", "thumb_down", "ok", "rock", "call", "pinch"]
GestureHand = Literal["any", "left", "right"]

HAND_FEATURES: Final[tuple[str, ...]] = (
    *(f"{finger}_knuckle" for finger in ("index", "middle", "ring", "little")),
    *(f"{finger}_bend" for finger in ("index", "middle", "ring", "little")),
    *("thumb_along", "thumb_outward", "thumb_palmward", "thumb_bend"),
    *("thumb_index", "thumb_middle", "thumb_ring", "thumb_little", "index_middle", "middle_ring", "ring_little"),
    *("fingers_aside", "fingers_up", "fingers_forward", "palm_aside", "palm_up", "palm_forward", "thumb_up"),
)
"""The 26 features of a hand, in the order of every array of them; ``mocast.analysis.hand_features`` has their units."""
SHAPE_FEATURES: Final = 19
"""So many of them, the first ones, are the hand's shape; the others are how it is held."""

MOST_CUSTOM_GESTURES: Final = 32


@dataclass(frozen=True, slots=True)
class CustomGesture:
    """A gesture that somebody showed: the mean features of examples, and how far from it a hand is still that."""

    name: Annotated[str, Len(1, 40), doc("What events call it.")]
    features: Annotated[
        tuple[Annotated[float, Interval(ge=-8, le=8)], ...],
        Len(len(HAND_FEATURES), len(HAND_FEATURES)),
        doc("The mean `features` of the examples, as the analysis stream has them."),
    ]
    radius: Annotated[
        float,
        Interval(ge=0.05, le=2),
        doc("A hand whose features' root mean square difference from the mean is larger does not show the gesture."),
    ] = 0.3
    hand: Annotated[GestureHand, doc("Whether either hand may show it, or only one.")] = "any"
    oriented: Annotated[bool, doc("Whether how the hand is held counts, or only its shape.")] = False


@dataclass(frozen=True, slots=True)
class GesturesRequest:
    """The custom gestures of a session, in place of those that it had."""

    gestures: Annotated[tuple[CustomGesture, ...], Len(0, MOST_CUSTOM_GESTURES), doc("None forgets all.")] = ()


@dataclass(frozen=True, slots=True)
class HandGesture:
    """What one hand shows in one frame."""

    gesture: str | None
    "A ``GestureName`` or a custom gesture's name, once it has lasted; ``None``: no gesture."
    confidence: float
    "How sure that is in this frame, 0..1, as an estimate; 0 without a gesture."
    pinch: float
    "How strongly thumb and index finger pinch, 0..1: 0 apart, 1 touching."
    features: tuple[float, ...] | None = None
    "The 26 ``HAND_FEATURES``, where the session's options ask for them."
