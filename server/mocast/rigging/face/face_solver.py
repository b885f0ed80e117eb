"""The face solver: shapes, expressions, gaze and head pose, smoothed, from the 478 landmarks of a face."""

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import SHAPE_COUNT, Shape
from mocast.model.options import ExpressionStyle, RigOptions, Smoothing
from mocast.model.quaternions import CONJUGATE, Quaternions, multiply
from mocast.model.rig import HeadPose
from mocast.model.tracked import Face
from mocast.rigging.calibration.calibration import Calibration
from mocast.rigging.calibration.face_calibration import FaceCalibration
from mocast.rigging.face.face_learning import FaceLearning
from mocast.rigging.face.face_observation import FaceObservation, observe
from mocast.rigging.face.face_style import styled
from mocast.rigging.face.gaze import gaze_of
from mocast.rigging.face.network_shapes import FaceShaper, NetworkShapes
from mocast.rigging.face.same_person import SamePerson
from mocast.rigging.face.vrm_expressions import expressions_of
from mocast.rigging.filters.vector_filter import LID_FILTER, SHAPE_FILTER, OneEuroParams, VectorFilter

FACE_HOLD_S: Final = 0.3
"""How long a face that is not seen any more is held."""
FACE_EASE_S: Final = 0.4
"""How long it then takes to ease to rest."""
FACE_RETURN_S: Final = 0.2
"""How long the transition from rest takes when a face is seen again."""
DEFAULT_STYLE: Final[ExpressionStyle] = RigOptions().expression_style
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

    def __init__(
        self,
        smoothing: Smoothing = "balanced",
        shaper: FaceShaper | None = None,
        style: ExpressionStyle = DEFAULT_STYLE,
    ) -> None:
        self.smoothing: Smoothing = smoothing
        "May be replaced between frames."
        self.style: ExpressionStyle = style
        "May be replaced between frames."
        self.observed: FaceObservation | None = None
        "What was measured in the last frame; ``None`` where no face was."
        self._network = None if shaper is None else NetworkShapes(shaper)
        self._person = SamePerson()
        self._average = None if self._network is None else self._network.of_average_face()
        self._learnt = FaceLearning(self._average)
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
        self.observed = seen = self._observed(face, size_wh, step_s)
        if not self._person.may_be_same(None if seen is None else seen.placement, step_s):
            self._learnt.doubt()
        if seen is None:
            self._unseen_s += step_s
            self._presence = math.exp(-max(self._unseen_s - FACE_HOLD_S, 0.0) / (FACE_EASE_S / 3))
        else:
            self._unseen_s = 0.0
            self._presence = min(self._presence + step_s / FACE_RETURN_S, 1.0)
            if self._learnt.is_of_another(seen, step_s):
                self._learnt = FaceLearning(self._average)
            self._target = styled(self._learnt.shapes(seen, known, step_s), self.style)
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

    def _observed(self, face: Face | None, size_wh: tuple[int, int], step_s: float) -> FaceObservation | None:
        seen = observe(face, size_wh)
        if seen is None or face is None or self._network is None:
            return seen
        return replace(seen, network=self._network.of(face, size_wh, step_s))

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
