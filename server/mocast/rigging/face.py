"""Turns the 478 points of a face into what moves an avatar's face: shapes, expressions, gaze and the head's pose."""

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import EXPRESSION_COUNT, SHAPE_COUNT, Expression, Shape
from mocast.model.choices import Smoothing
from mocast.model.rig import HeadPose
from mocast.model.tracked import Face
from mocast.rigging.calibration import Calibration
from mocast.rigging.one_euro import SHAPES, OneEuroFilter

HOLD_S: Final = 0.3
"""How long a face that is not seen any more keeps its last expression."""
EASE_S: Final = 0.5
"""How long it then takes to come to rest."""


class FaceShaper(Protocol):
    """Says how a face is shaped, in place of the geometry; a network, for one."""

    def shape(self, face: Face, size_wh: tuple[int, int]) -> NDArray[np.float32]:
        """Return the (52,) float32 shapes, 0..1, of a face in a picture of that size in pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceState:
    """A face in one frame, smoothed. All values are always there and finite."""

    shapes: NDArray[np.float32]
    "(52,) float32, 0..1. Order: ``Shape``."
    expressions: NDArray[np.float32]
    "(12,) float32, 0..1. Order: ``Expression``."
    gaze_deg: NDArray[np.float32]
    "(2,) float32: yaw (positive to the subject's left) and pitch (up), relative to the head."
    head: HeadPose | None
    "``None`` while no face is seen."
    found: bool
    "Whether a face was seen in this frame."


class FaceSolver:
    """Follows one person's face. Keeps the stream's state; used from one thread at a time."""

    def __init__(self, smoothing: Smoothing = "balanced", shaper: FaceShaper | None = None) -> None:
        self.smoothing: Smoothing = smoothing
        "May be replaced between frames."
        self._shaper = shaper
        self._filter = OneEuroFilter(SHAPES[smoothing])
        self._shapes = np.zeros(SHAPE_COUNT, np.float32)

    def solve(
        self, face: Face | None, size_wh: tuple[int, int], time_s: float, calibration: Calibration | None = None
    ) -> FaceState:
        """Return the face of the next frame, which was captured at ``time_s``; one not seen holds, then rests."""
        if face is not None:
            points = face.image[:, :2] * np.array(size_wh, np.float32)
            height = float(np.linalg.norm(points[10] - points[152])) or 1.0
            shapes = np.zeros(SHAPE_COUNT, np.float32)
            shapes[Shape.JAW_OPEN] = np.clip(np.linalg.norm(points[13] - points[14]) / height * 4, 0, 1)
            for eye, (top, bottom, out, within) in {
                Shape.EYE_BLINK_LEFT: (386, 374, 263, 362),
                Shape.EYE_BLINK_RIGHT: (159, 145, 33, 133),
            }.items():
                width = float(np.linalg.norm(points[out] - points[within])) or 1.0
                openness = float(np.linalg.norm(points[top] - points[bottom])) / width
                shapes[eye] = np.clip((0.25 - openness) / 0.15, 0, 1)
            self._filter.choice = SHAPES[self.smoothing]
            self._shapes = np.clip(self._filter.smooth(shapes, time_s), 0, 1).astype(np.float32)
        expressions = np.zeros(EXPRESSION_COUNT, np.float32)
        expressions[Expression.AA] = self._shapes[Shape.JAW_OPEN]
        expressions[Expression.BLINK_LEFT] = self._shapes[Shape.EYE_BLINK_LEFT]
        expressions[Expression.BLINK_RIGHT] = self._shapes[Shape.EYE_BLINK_RIGHT]
        return FaceState(self._shapes, expressions, np.zeros(2, np.float32), None, face is not None)
