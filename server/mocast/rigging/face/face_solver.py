"""The face solver: shapes, expressions, gaze and head pose, smoothed, from the 478 landmarks of a face."""

import math
from dataclasses import dataclass
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
_POSITION: Final = slice(SHAPE_COUNT, SHAPE_COUNT + 3)
_ROTATION: Final = slice(_POSITION.stop, _POSITION.stop + 4)
_HEAD: Final = slice(_POSITION.start, _ROTATION.stop)
"""Of what is filtered: the head's position and quaternion, after the shapes."""


def _face_filter(preset: Smoothing) -> OneEuroParams:
    filters = [LID_FILTER[preset] if is_quick else SHAPE_FILTER[preset] for is_quick in _IS_QUICK]
    filters += [HEAD_FILTER[preset]] * (_HEAD.stop - _HEAD.start)
    return OneEuroParams(
        np.array([one.min_cutoff_hz for one in filters]),
        np.array([one.beta for one in filters]),
        np.array([one.speed_cutoff_hz for one in filters]),
    )


_FACE_FILTER: Final[dict[Smoothing, OneEuroParams]] = {preset: _face_filter(preset) for preset in SHAPE_FILTER}
"""One filter for shapes and head: with so few numbers, numpy's cost is per call."""


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
        self._filter = VectorFilter(_FACE_FILTER[smoothing])
        self._measured: NDArray[np.float64] = np.zeros(_HEAD.stop)
        "What was filtered last; of a face that is not seen, the head is held."
        self._has_head = False
        "Whether the head was seen in the last frame."

    def solve(
        self, face: Face | None, size_wh: tuple[int, int], time_s: float, calibration: Calibration | None = None
    ) -> FaceState:
        """Return the face of the next frame, at ``time_s`` of the stream; without one, it is held and then at rest."""
        step_s = 0.0 if self._time_s is None else max(time_s - self._time_s, 0.0)
        self._time_s = time_s
        known = calibration.face if calibration is not None else None
        self.observed = seen = observe(face, size_wh, lambda face: self._by_network(face, size_wh, step_s))
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
        measured_head = None if seen is None else _relative_to_calibration(seen.head, known)
        shapes, head = self._smooth(seen, measured_head, time_s)
        return FaceState(
            shapes=shapes.astype(np.float32),
            expressions=expressions_of(shapes).astype(np.float32),
            gaze_deg=gaze_of(shapes).astype(np.float32),
            head=head,
            found=seen is not None,
            measured_head=measured_head,
        )

    def _by_network(self, face: Face, size_wh: tuple[int, int], step_s: float) -> NDArray[np.float64] | None:
        return None if self._network is None else self._network.of(face, size_wh, step_s)

    def _smooth(
        self, seen: FaceObservation | None, rotation: Quaternions | None, time_s: float
    ) -> tuple[NDArray[np.float64], HeadPose | None]:
        """Return the smoothed shapes, (52,), and the smoothed head; ``rotation``, (4,): the measured one."""
        measured = self._measured.copy()
        measured[:SHAPE_COUNT] = self._presence * self._target
        had_head, self._has_head = self._has_head, seen is not None
        if seen is not None and rotation is not None:
            if not had_head:
                self._filter.forget(_HEAD)
            measured[_POSITION] = seen.placement.seen_position * POSITION_WEIGHT
            # Of both signs of a rotation, the one that is nearer to the last.
            measured[_ROTATION] = -rotation if measured[_ROTATION].dot(rotation) < 0 else rotation
        self._measured, self._filter.params = measured, _FACE_FILTER[self.smoothing]
        smoothed = self._filter.smooth(measured, time_s)
        shapes = smoothed[:SHAPE_COUNT].clip(0.0, 1.0)
        if seen is None:
            return shapes, None
        turn = smoothed[_ROTATION]
        position = (smoothed[_POSITION] / POSITION_WEIGHT).astype(np.float32)
        return shapes, HeadPose(position, (turn / math.sqrt(turn.dot(turn))).astype(np.float32))


def _relative_to_calibration(head: Quaternions, known: FaceCalibration | None) -> Quaternions:
    """Return the head's rotation, (4,), relative to that of the calibration, where the person looked straight ahead."""
    return head if known is None else multiply(known.head * CONJUGATE, head)
