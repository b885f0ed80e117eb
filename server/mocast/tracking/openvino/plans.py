"""What each quality does, and what it leaves out. docs/tracking.md has the gain and the error of each saving."""

from dataclasses import dataclass
from typing import Final

from mocast.model.choices import Quality
from mocast.tracking.openvino.convert import NetworkName


@dataclass(frozen=True, slots=True)
class Plan:
    """How much work a frame is worth."""

    hand: NetworkName
    "The network for a hand's landmarks."
    reduced: bool
    "Whether networks compute with 16-bit floats, where that pays and they stay accurate."
    calm_face: float
    "The strain up to which a face that is followed is not detected anew."
    unchecked_face: int
    "At most so many frames in a row."
    calm_hand: float
    "The strain up to which a hand that is followed is not found anew."
    unchecked_hand: int
    "At most so many frames in a row."
    wrist: float
    "The visibility of the pose's wrist from which a hand that is not followed is looked for."
    misses: int
    "How many frames in a row a part is looked for in vain before it is looked for less often."
    rest: int
    "At most how many frames a part that was looked for in vain is left alone."
    steps: bool
    "Whether a body that moves slowly is looked at in every second frame only, and foretold in the others."
    calm_motion: float
    "The speed, in widths of the face per second, up to which a face is foretold in every second frame."


PLANS: Final[dict[Quality, Plan]] = {
    "exact": Plan(
        "hand_landmark",
        reduced=False,
        calm_face=0.9,
        unchecked_face=7,
        calm_hand=0.9,
        unchecked_hand=3,
        wrist=0.1,
        misses=3,
        rest=1,
        steps=False,
        calm_motion=0.0,
    ),
    "balanced": Plan(
        "hand_landmark",
        reduced=True,
        calm_face=0.9,
        unchecked_face=7,
        calm_hand=0.9,
        unchecked_hand=7,
        wrist=0.5,
        misses=2,
        rest=3,
        steps=False,
        calm_motion=0.3,
    ),
    "fast": Plan(
        "hand_landmark_lite",
        reduced=True,
        calm_face=0.9,
        unchecked_face=14,
        calm_hand=1.0,
        unchecked_hand=3,
        wrist=0.5,
        misses=1,
        rest=3,
        steps=True,
        calm_motion=0.9,
    ),
}
