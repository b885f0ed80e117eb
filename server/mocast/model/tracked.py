"""Tracked people: frozen records of arrays, in the spaces that ``mocast.model`` explains."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Landmarks = NDArray[np.float32]
"""(n, 3) float32: x, y, z."""

Scores = NDArray[np.float32]
"""(n,) float32, 0..1."""

FaceBoxes = NDArray[np.float32]
"""(n, 4) float32, image space: left, top, right and bottom of the faces of all people, from the brows to the chin."""
NO_FACES: Final[FaceBoxes] = np.zeros((0, 4), np.float32)


PartName = Literal["pose", "face", "left_hand", "right_hand"]
PARTS: Final[tuple[PartName, ...]] = ("pose", "face", "left_hand", "right_hand")
"""What may be found of a person: the fields of ``Tracked`` that hold it."""


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """A body of 33 landmarks; indices in ``mocast.model.topology``."""

    image: Landmarks
    "(33, 3) float32, image space."
    world: Landmarks
    "(33, 3) float32, world space, metres."
    visibility: Scores
    "(33,) float32: how likely each landmark is inside the picture and not hidden."


@dataclass(frozen=True, slots=True, eq=False)
class Hand:
    """A hand of 21 landmarks."""

    image: Landmarks
    "(21, 3) float32, image space; z is relative to the wrist."
    world: Landmarks
    "(21, 3) float32, world space, metres, origin at the hand's centre."
    score: float
    "How sure the network is that this is a hand, 0..1."


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face of 478 landmarks: 468 of the mesh, then 5 of each iris (the one at the subject's right eye first)."""

    image: Landmarks
    "(478, 3) float32, image space."


@dataclass(frozen=True, slots=True, eq=False)
class Tracked:
    """One person in one frame, and all that was found of them. A part that is not there is ``None``."""

    frame: int
    "The number of the frame that it was found in."
    pts: int
    "That frame's RTP timestamp, 90 kHz, unwrapped."
    decoded_at_ns: int
    "When that frame was decoded, on the monotonic clock."
    size_wh: tuple[int, int]
    "Width and height of that frame in pixels."
    tracked_at_ns: int = 0
    "When the tracker was done with it, on the monotonic clock."
    tracking_ns: int = 0
    "How long the tracker took."
    pose: Pose | None = None
    face: Face | None = None
    left_hand: Hand | None = None
    right_hand: Hand | None = None
    person: int = 0
    "Index of the person, 0..15: the same for as long as the stream lasts, also when people cross, leave and return."
    others: "tuple[Tracked, ...]" = ()
    "Other people in the same frame, by rising index; empty where one person is tracked."
    next_is_light: bool = False
    """Whether the tracker takes less for the next frame if that comes soon, as most of what it found is slow enough to
    be extrapolated. Said only where there is no time for all frames."""

    @property
    def delay_ms(self) -> int:
        """Whole milliseconds from decoded to tracked, not negative."""
        return max(round((self.tracked_at_ns - self.decoded_at_ns) / 1e6), 0)

    @property
    def people(self) -> "tuple[Tracked, ...]":
        """This person and the others in the frame."""
        return (self, *self.others)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found of this person."""
        return self.pose is None and self.face is None and self.left_hand is None and self.right_hand is None
