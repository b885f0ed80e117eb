"""The face solver: shapes, expressions, gaze and head pose, smoothed, from the 478 landmarks of a face."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import SHAPE_COUNT, Shape
from mocast.model.options import Smoothing
from mocast.model.quaternions import CONJUGATE, Quaternions, multiply
from mocast.model.rig import HeadPose
from mocast.model.tracked import Face
from mocast.rigging.calibration.calibration import Calibration
from mocast.rigging.calibration.face_calibration import FaceCalibration
from mocast.rigging.face.arkit_shapes import equalise_blinks, shapes_of
from mocast.rigging.face.face_observation import FaceObservation, observe
from mocast.rigging.face.gaze import gaze_of
from mocast.rigging.face.neutral_face import NeutralFaceEstimate
from mocast.rigging.face.vrm_expressions import expressions_of
from mocast.rigging.filters.vector_filter import LID_FILTER, SHAPE_FILTER, OneEuroParams, VectorFilter

FACE_HOLD_S: Final = 0.3
"""How long a face that is not seen any more is held..."""
FACE_EASE_S: Final = 0.4
"""...and how long it then takes to ease to rest."""
FACE_RETURN_S: Final = 0.2
"""How long the transition from rest takes when a face is seen again."""
MAX_RESTING_SHAPE: Final = 0.3
"""A face with no shape above this counts as at rest: the neutral face is estimated from it."""
HEAD_FILTER: Final[dict[Smoothing, OneEuroParams]] = {
    "responsive": OneEuroParams(min_cutoff_hz=3.0, beta=6.0),
    "balanced": OneEuroParams(min_cutoff_hz=1.5, beta=5.0),
    "smooth": OneEuroParams(min_cutoff_hz=0.8, beta=4.0),
}
"""Of the head's position and its quaternion, which are smoothed as one vector of 7 numbers: a third of the cost of a
``RotationFilter``, and no visible difference for rotations as small as a head's."""
POSITION_WEIGHT: Final = 4.0
"""Quaternion units per metre: 3 cm of position weigh as much as a turn of 14°."""

_IS_QUICK: Final = np.array([shape.name.startswith(("EYE_BLINK", "EYE_LOOK")) for shape in Shape])
_ALL_SHAPES: Final[dict[Smoothing, OneEuroParams]] = {
    preset: OneEuroParams(
        np.where(_IS_QUICK, LID_FILTER[preset].min_cutoff_hz, SHAPE_FILTER[preset].min_cutoff_hz),
        np.where(_IS_QUICK, LID_FILTER[preset].beta, SHAPE_FILTER[preset].beta),
        np.where(_IS_QUICK, LID_FILTER[preset].speed_cutoff_hz, SHAPE_FILTER[preset].speed_cutoff_hz),
    )
    for preset in SHAPE_FILTER
}
"""One filter for all shapes: with so few numbers, numpy's cost is per call."""
_EXPRESSIVE: Final = np.array([shape for shape in Shape if not shape.name.startswith("EYE_LOOK")])


class FaceShaper(Protocol):
    """A network that computes a face's blend shapes, in place of the geometry here."""

    def shape(self, face: Face, size_wh: tuple[int, int]) -> NDArray[np.float32]:
        """Return the (52,) float32 shapes, 0..1, of a face in a picture of ``size_wh`` pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceState:
    """A face in one frame. All values are always there and finite."""

    shapes: NDArray[np.float32]
    "(52,) float32, 0..1, smoothed. Order: ``Shape``."
    expressions: NDArray[np.float32]
    "(12,) float32, 0..1, smoothed. Order: ``Expression``."
    gaze_deg: NDArray[np.float32]
    "(2,) float32, smoothed: yaw (positive to the subject's left) and pitch (up), relative to the head."
    head: HeadPose | None
    "Smoothed; ``None`` while no face is seen."
    found: bool
    "Whether a face was seen in this frame."
    measured_head: Quaternions | None = None
    "(4,) float64: the rotation of ``head`` before smoothing; bones have a filter of their own."


class FaceSolver:
    """Solves one person's face in consecutive frames of a stream. Used from one thread at a time."""

    def __init__(self, smoothing: Smoothing = "balanced", shaper: FaceShaper | None = None) -> None:
        self.smoothing: Smoothing = smoothing
        "May be replaced between frames."
        self.observed: FaceObservation | None = None
        "What was measured in the last frame; ``None`` where no face was."
        self._shaper = shaper
        self._neutral = NeutralFaceEstimate()
        self._time_s: float | None = None
        self._unseen_s = 0.0
        self._presence = 1.0  # 0: at rest, as nothing is seen
        self._target: NDArray[np.float64] = np.zeros(SHAPE_COUNT)
        self._shapes_filter = VectorFilter(_ALL_SHAPES[smoothing])
        self._head_filter = VectorFilter(HEAD_FILTER[smoothing])
        self._last_head: Quaternions | None = None

    def solve(
        self, face: Face | None, size_wh: tuple[int, int], time_s: float, calibration: Calibration | None = None
    ) -> FaceState:
        """Return the face of the next frame, at ``time_s`` of the stream; without one, it is held and then at rest."""
        step_s = 0.0 if self._time_s is None else max(time_s - self._time_s, 0.0)
        self._time_s = time_s
        known = calibration.face if calibration is not None else None
        self.observed = seen = observe(face, size_wh)
        if seen is None or face is None:
            self._unseen_s += step_s
            self._presence = math.exp(-max(self._unseen_s - FACE_HOLD_S, 0.0) / (FACE_EASE_S / 3))
        else:
            self._unseen_s = 0.0
            self._presence = min(self._presence + step_s / FACE_RETURN_S, 1.0)
            self._target = self._shapes(face, size_wh, seen, known, step_s)
        shapes = self._smooth(self._presence * self._target, time_s)
        measured_head = None if seen is None else _relative_to_calibration(seen.head, known)
        return FaceState(
            shapes=shapes.astype(np.float32),
            expressions=expressions_of(shapes).astype(np.float32),
            gaze_deg=gaze_of(shapes).astype(np.float32),
            head=self._head(seen, measured_head, time_s),
            found=seen is not None,
            measured_head=measured_head,
        )

    def _shapes(
        self,
        face: Face,
        size_wh: tuple[int, int],
        seen: FaceObservation,
        known: FaceCalibration | None,
        step_s: float,
    ) -> NDArray[np.float64]:
        if self._shaper is not None:
            shapes = np.nan_to_num(self._shaper.shape(face, size_wh).astype(np.float64), posinf=1.0, neginf=0.0)
            return np.clip(shapes, 0.0, 1.0)
        if known is not None:
            shapes = shapes_of(seen.measures, known.neutral, seen.yaw_deg, known.shut_eyes_mm)
            equalise_blinks(shapes, seen.placement.px_per_mm)
            return _scaled_to_reach(shapes, known.reach)
        shapes = shapes_of(seen.measures, self._neutral.measures, seen.yaw_deg)
        equalise_blinks(shapes, seen.placement.px_per_mm)
        self._neutral.learn(seen.measures, step_s, is_at_rest=bool(shapes[_EXPRESSIVE].max() <= MAX_RESTING_SHAPE))
        return shapes

    def _smooth(self, target: NDArray[np.float64], time_s: float) -> NDArray[np.float64]:
        self._shapes_filter.params = _ALL_SHAPES[self.smoothing]
        return self._shapes_filter.smooth(target, time_s).clip(0.0, 1.0)

    def _head(self, seen: FaceObservation | None, rotation: Quaternions | None, time_s: float) -> HeadPose | None:
        if seen is None or rotation is None:
            self._head_filter.forget()
            self._last_head = None
            return None
        if self._last_head is not None and self._last_head @ rotation < 0:
            rotation = -rotation  # the same rotation, with the sign that is nearer to the last one
        self._last_head = rotation
        self._head_filter.params = HEAD_FILTER[self.smoothing]
        pose = np.concatenate([seen.placement.seen_position * POSITION_WEIGHT, rotation])
        pose = self._head_filter.smooth(pose, time_s)
        turn = pose[3:] / math.sqrt(pose[3:] @ pose[3:])
        return HeadPose((pose[:3] / POSITION_WEIGHT).astype(np.float32), turn.astype(np.float32))


def _relative_to_calibration(head: Quaternions, known: FaceCalibration | None) -> Quaternions:
    """Return the head's rotation, (4,), relative to that of the calibration, where the person looked straight ahead."""
    return head if known is None else multiply(known.head * CONJUGATE, head)


def _scaled_to_reach(shapes: NDArray[np.float64], reach: Mapping[Shape, float]) -> NDArray[np.float64]:
    """Scale shapes, in place, so that the person's calibrated maximum becomes 1; return them."""
    for shape, most in reach.items():
        shapes[shape] = min(shapes[shape] / most, 1.0)
    return shapes
