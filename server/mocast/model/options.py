"""What a session may choose: tracker, quality, pace and how its picture is drawn."""

from dataclasses import dataclass, field
from typing import Literal

TrackerName = Literal["holistic", "pose", "hands", "face"]
Quality = Literal["exact", "balanced", "fast"]
Pace = Literal["sync", "smooth"]
"""``sync``: a returned picture carries its own landmarks. ``smooth``: every input frame, landmarks predicted to it."""
OverlayName = Literal["classic", "limbs", "rainbow", "mesh", "contours"]
Smoothing = Literal["responsive", "balanced", "smooth"]
"""Of the rig: less delay, or a calmer avatar."""
BodyMode = Literal["auto", "full", "half"]
"""What of the body the rig follows: all of it, the upper half (seated), or whichever the picture shows."""
Background = Literal["video", "dim", "black"]
Privacy = Literal["off", "blur", "pixelate"]


@dataclass(frozen=True, slots=True)
class DrawOptions:
    """How the returned picture looks."""

    overlay: tuple[OverlayName, ...] = ("limbs", "rainbow", "contours")
    "Drawn in this order."
    hud: bool = False
    "Figures (fps, tracking ms, delay) in the top 20 rows."
    confidence: float = 0.5
    "A joint below this visibility is not drawn, nor are its bones; 0..1."
    line_width: float = 1.0
    "Multiplies the width that fits the picture's size; 0.25..4."
    opacity: float = 1.0
    "Of the overlays over the picture, 0..1."
    background: Background = "video"
    privacy: Privacy = "off"
    mirror: bool = False
    "Whether the finished picture is flipped left to right. Landmarks never are."


@dataclass(frozen=True, slots=True)
class RigOptions:
    """How the rig follows the subject."""

    smoothing: Smoothing = "balanced"
    body: BodyMode = "auto"


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """Everything about a session that its client may choose while it lives."""

    tracker: TrackerName = "holistic"
    quality: Quality = "balanced"
    pace: Pace = "sync"
    draw: DrawOptions = field(default_factory=DrawOptions)
    rig: RigOptions = field(default_factory=RigOptions)
