"""What is learnt of one person's face while it is live, and the shapes that follow from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import Shape
from mocast.rigging.calibration.face_calibration import FaceCalibration
from mocast.rigging.face.arkit_shapes import EYES, equalise_blinks, lips_apart, shapes_of, shut_lips
from mocast.rigging.face.face_observation import FaceObservation
from mocast.rigging.face.gaze import GazeHold, angles_of, set_look_shapes
from mocast.rigging.face.lid_range import LidRange
from mocast.rigging.face.measures import AVERAGE_MM
from mocast.rigging.face.network_shapes import RestingShapes, above_rest
from mocast.rigging.face.neutral_face import MAX_LEARNING_STEP_S, SPREAD_MM, NeutralFaceEstimate
from mocast.rigging.face.shape_fusion import correction
from mocast.rigging.face.shape_range import ShapeRange

MAX_RESTING_SHAPE: Final = 0.3
"""A face with no shape above this counts as at rest: its neutral face is estimated from it."""
_EXPRESSIVE: Final = np.array([shape for shape in Shape if not shape.name.startswith("EYE_LOOK")])
_NOTHING: Final[Mapping[Shape, float]] = {}
STALE_S: Final = 0.25
"""For so long a correction by the network holds without another; then it has failed."""
DOUBT_S: Final = 0.4
"""How long a face is looked at before it is decided whose it is."""
ANOTHER: Final = 0.85
"""A face counts as another person's where its distance from the average face is less than this part of that from the
learnt one: two people differ by more from each other than from the average."""


@dataclass(slots=True)
class _Doubt:
    learnt: NDArray[np.float64]
    "(35,) mm: the neutral face before the doubt began."
    seen_s: float = 0.0
    from_learnt: float = 0.0
    from_average: float = 0.0


class FaceLearning:
    """One person's resting face and ranges, estimated from the stream. What a calibration knows is not estimated."""

    def __init__(self, average: NDArray[np.float64] | None = None) -> None:
        """``average``: the network's (52,) shapes of the average face; ``None`` without a network."""
        self._neutral = NeutralFaceEstimate()
        self._resting = RestingShapes(average)
        self._lids = LidRange()
        self._range = ShapeRange()
        self._gaze = GazeHold()
        self._correction: NDArray[np.float64] | None = None
        self._since_network_s = 0.0
        self._doubt: _Doubt | None = None

    def doubt(self) -> None:
        """Have ``is_of_another`` decide over the next frames: the face was gone, or is elsewhere."""
        self._doubt = _Doubt(self._neutral.measures.copy())

    def is_of_another(self, seen: FaceObservation, step_s: float) -> bool:
        """Return whether the face that is back turned out to be another person's: what was learnt is to be thrown away.

        That is so where over ``DOUBT_S`` it was nearer to the average face than to the one that was learnt.
        """
        doubt = self._doubt
        if doubt is None:
            return False
        doubt.seen_s += min(step_s, MAX_LEARNING_STEP_S)
        doubt.from_learnt += _distance(seen.measures, doubt.learnt)
        doubt.from_average += _distance(seen.measures, AVERAGE_MM)
        if doubt.seen_s < DOUBT_S:
            return False
        self._doubt = None
        return doubt.from_average < ANOTHER * doubt.from_learnt

    def shapes(self, seen: FaceObservation, known: FaceCalibration | None, step_s: float) -> NDArray[np.float64]:
        """Return the (52,) shapes, 0..1, of the next frame, ``step_s`` seconds after the last, and learn from it."""
        neutral = self._neutral.measures if known is None else known.neutral
        geometry = self._geometry(seen, known, neutral)
        is_at_rest = bool(geometry[_EXPRESSIVE].max() <= MAX_RESTING_SHAPE)
        if known is None:
            self._neutral.learn(seen.measures, step_s, is_at_rest)
            self._lids.learn(seen.measures[EYES] / np.maximum(neutral[EYES], 1.0), step_s)
        reach = _NOTHING if known is None else known.reach
        shapes = _scaled_to_reach(geometry, reach)
        self._correct(shapes, seen.network, known, step_s, is_at_rest)
        self._range.scale(shapes, step_s, reach)
        shut_lips(shapes, lips_apart(seen.measures - neutral))
        set_look_shapes(shapes, self._gaze.held(angles_of(shapes), seen.placement.px_per_mm, step_s))
        return shapes

    def _geometry(
        self, seen: FaceObservation, known: FaceCalibration | None, neutral: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        shut_mm = None if known is None else known.shut_eyes_mm
        if shut_mm is None:
            shut_mm = self._lids.shut * neutral[EYES]
        shapes = shapes_of(seen.measures, neutral, seen.yaw_deg, shut_mm)
        equalise_blinks(shapes, seen.placement.px_per_mm)
        return shapes

    def _correct(
        self,
        shapes: NDArray[np.float64],
        network: NDArray[np.float64] | None,
        known: FaceCalibration | None,
        step_s: float,
        is_at_rest: bool,
    ) -> None:
        """Correct shapes by geometry, in place, by the network's, or by those of the last frames that had some."""
        self._since_network_s += step_s
        if network is not None:
            wanted = self._above_rest(network, known, min(self._since_network_s, STALE_S), is_at_rest)
            self._correction, self._since_network_s = correction(shapes, wanted), 0.0
        elif self._since_network_s > STALE_S:
            self._correction = None
        if self._correction is not None:
            shapes += self._correction
            shapes.clip(0.0, 1.0, out=shapes)

    def _above_rest(
        self, found: NDArray[np.float64], known: FaceCalibration | None, step_s: float, is_at_rest: bool
    ) -> NDArray[np.float64]:
        if known is None or known.network is None:
            self._resting.learn(found, step_s, is_at_rest)
            return above_rest(found, self._resting.values)
        return _scaled_to_reach(above_rest(found, known.network.at_rest), known.network.reach)


def _scaled_to_reach(shapes: NDArray[np.float64], reach: Mapping[Shape, float]) -> NDArray[np.float64]:
    """Scale shapes, in place, so that the person's calibrated maximum becomes 1; return them."""
    for shape, most in reach.items():
        shapes[shape] = min(shapes[shape] / most, 1.0)
    return shapes


def _distance(measures: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return how far two faces' measures are apart, in spreads; a measure counts as two at most: an expression."""
    return float(np.minimum(np.abs(measures - other) / SPREAD_MM, 2.0).sum())
