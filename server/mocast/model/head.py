"""What a head does: a frozen record of one frame."""

from dataclasses import dataclass
from typing import Literal

HeadGesture = Literal["nod", "shake"]


@dataclass(frozen=True, slots=True)
class HeadState:
    """What a person's head does in one frame. All of it is estimated from the face's landmarks."""

    gesture: HeadGesture | None
    "While somebody nods or shakes the head."
    yaw_deg: float
    "Where the head faces: to the subject's left; 0 is into the camera."
    pitch_deg: float
    "Up."
    gaze_yaw_deg: float
    "Where the eyes look, the head's turn among it, to the subject's left."
    gaze_pitch_deg: float
    gaze_off_screen: bool
    "Whether the gaze has been off a screen below the camera for a while, as an estimate."
    blinks_per_minute: float | None
    "Over the last minute; ``None`` before ten seconds of a face."
    perclos: float | None
    "The share of the last minute, 0..1, in which the eyes were shut; ``None`` before ten seconds of a face."
    yawning: bool
    drowsiness: float
    "0..1, as an estimate: no medical measure, and no safety device."
