"""The canvas of the overlays: a picture, its drawing options and the session's stats."""

from dataclasses import dataclass

from mocast.model.analysis import AngleName, ExerciseState
from mocast.model.frame import RgbImage
from mocast.model.options import DrawOptions


@dataclass(frozen=True, slots=True)
class HudStats:
    """Live stats of a session, for the HUD."""

    fps: float
    "Frames tracked per second."
    tracking_ms: float
    "Time in the tracker, smoothed over about a second."
    delay_ms: float
    "From decoded to drawn, of this frame."
    angles: tuple[tuple[AngleName, float], ...] = ()
    "Joint angles that are to be shown, degrees; NaN where one is not known."
    exercises: tuple[ExerciseState, ...] = ()
    "Exercises whose counts, or seconds, are to be shown."
    people: int = 1
    "People in the picture; shown where they are more than one."


@dataclass(frozen=True, slots=True)
class Canvas:
    """A picture to draw on, in place."""

    rgb: RgbImage
    "(height, width, 3) uint8; overlays change it."
    options: DrawOptions
    stats: HudStats | None = None
    "``None`` for still pictures."
    person: int = 0
    "Whose landmarks are drawn: each index has colours of its own."
