"""A body's posture: a frozen record of one frame."""

from dataclasses import dataclass
from typing import Literal

PostureName = Literal["upright", "forward_head", "slouch"]


@dataclass(frozen=True, slots=True)
class Posture:
    """How a person holds themselves in one frame, smoothed. All of it is an estimate."""

    posture: PostureName | None
    "What has lasted, compared with the person's own best posture; ``None`` before that is known."
    neck_forward_deg: float
    "From the vertical, forward, of the line from the middle of the shoulders to that of the ears."
    trunk_forward_deg: float | None
    "The same from the hips to the shoulders; ``None`` where the hips are not seen."
    neck_height: float
    "The ears' height above the shoulders, in distances between the shoulders."
