"""What each quality does, and what it leaves out."""

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
    calm: float
    """A follower whose strain (see ``strain.py``) is below this is not checked again at once: it would be kept."""
    unchecked: int
    "At most how many frames in a row such a follower goes without a check."
    patience: int
    "How many frames in a row a part is looked for in vain before it is looked for less often."
    rest: int
    "At most how many frames a part that was looked for in vain is left alone."
    body_every: int
    "The body is looked at in one of so many frames, and its motion foretold in the others."


PLANS: Final[dict[Quality, Plan]] = {
    "exact": Plan("hand_landmark", reduced=False, calm=0.5, unchecked=1, patience=1, rest=0, body_every=1),
    "balanced": Plan("hand_landmark", reduced=True, calm=0.5, unchecked=3, patience=3, rest=3, body_every=1),
    "fast": Plan("hand_landmark_lite", reduced=True, calm=0.7, unchecked=7, patience=2, rest=5, body_every=2),
}
