"""What each quality does, and what it leaves out. docs/tracking.md has the gain and the error of each saving."""

from dataclasses import dataclass
from typing import Final

from mocast.model.options import Quality


@dataclass(frozen=True, slots=True)
class Plan:
    """How much work a frame is worth."""

    reduced_hands: bool
    "Whether the hands' network computes with 16-bit floats, where that pays and it stays accurate."
    reduced_body: bool
    "The same for the body's landmarks."
    sure_face: float
    "The strain up to which a face that is followed is not detected anew."
    unchecked_face: int
    "At most so many frames in a row."
    sure_hand: float
    "The strain up to which a hand that is followed is not found anew."
    unchecked_hand: int
    "At most so many frames in a row."
    misses: int
    "How many frames in a row a part is looked for in vain before it is looked for less often."
    rest: int
    "At most how many frames a part that was looked for in vain is left alone."
    rest_in_doubt: int
    "How many frames a hand is left alone of which the network is in doubt, and rather sees none."
    sure_at_once: float
    "The flag from which a hand that was not followed is there at once; below, it must be there in the next frame, too."
    spares: bool
    "Whether what has not changed, or moves slowly, is not looked at in every frame."
    calm_body: float
    """Torso lengths per second: a body whose arms move more slowly is looked at in every second frame, and foretold
    in the others. 0: it is looked at in every frame."""
    calm_face: float
    "The same for the face, in its widths per second."
    calm_hand: float
    "The same for a hand, in its sizes per second."

    @property
    def reduced(self) -> bool:
        """Whether any network computes with 16-bit floats."""
        return self.reduced_hands or self.reduced_body


PLANS: Final[dict[Quality, Plan]] = {
    "exact": Plan(
        reduced_hands=False,
        reduced_body=False,
        sure_face=0.9,
        unchecked_face=7,
        sure_hand=0.9,
        unchecked_hand=3,
        misses=3,
        rest=1,
        rest_in_doubt=0,
        sure_at_once=0.5,
        spares=False,
        calm_body=0,
        calm_face=0,
        calm_hand=0,
    ),
    "balanced": Plan(
        reduced_hands=True,
        reduced_body=False,
        sure_face=0.9,
        unchecked_face=7,
        sure_hand=1.0,
        unchecked_hand=3,
        misses=2,
        rest=3,
        rest_in_doubt=0,
        sure_at_once=0.5,
        spares=True,
        calm_body=0.9,
        calm_face=0.2,
        calm_hand=1.8,
    ),
    "fast": Plan(
        reduced_hands=True,
        reduced_body=True,
        sure_face=0.9,
        unchecked_face=14,
        sure_hand=1.0,
        unchecked_hand=7,
        misses=1,
        rest=3,
        rest_in_doubt=1,
        sure_at_once=0.55,
        spares=True,
        calm_body=4.5,
        calm_face=1.5,
        calm_hand=7.5,
    ),
}
