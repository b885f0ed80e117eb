"""The calibration of a face over some seconds: neutral first, then the range of eyes, jaw and mouth."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import Shape
from mocast.model.quaternions import Quaternions, normalised
from mocast.rigging.calibration.face_calibration import (
    CALIBRATED_SHAPES,
    MIN_REACH,
    FaceCalibration,
    NetworkCalibration,
)
from mocast.rigging.face.arkit_shapes import EYES, shapes_of
from mocast.rigging.face.face_observation import FaceObservation
from mocast.rigging.face.network_shapes import MOST_AT_REST, above_rest

REST_S: Final = 2.0
"""For this long the face is taken to be neutral; later frames measure only its range."""
LONGEST_REST_S: Final = 4.0
"""Where that is too few frames, as a busy server tracks few a second, it is for longer, but not for more than this: the
median stays that of a neutral face while most of its frames are."""
MIN_FACE_FRAMES: Final = 10
"""Frames with a neutral face that a calibration needs."""
SHUT_EYE_SHARE: Final = 0.7
"""The eyes count as shut where their least opening was below this share of the opening at rest."""
_MAX_FRAMES: Final = 3600
"""Frames that are used, at most: a minute at 60 fps."""


class FaceCalibrator:
    """Measures a face over the frames of a calibration. Used from one thread."""

    def __init__(self) -> None:
        self._started_s: float | None = None
        self._rest_count = 0
        self._measures: list[NDArray[np.float64]] = []
        self._heads: list[Quaternions] = []
        self._network: list[NDArray[np.float64] | None] = []

    def add(self, seen: FaceObservation, time_s: float) -> None:
        """Take in the face of a frame at ``time_s`` of the stream."""
        if self._started_s is None:
            self._started_s = time_s
        if len(self._measures) < _MAX_FRAMES:
            self._measures.append(seen.measures)
            self._heads.append(seen.head)
            self._network.append(seen.network)
            is_short = self._rest_count < MIN_FACE_FRAMES
            if time_s - self._started_s <= (LONGEST_REST_S if is_short else REST_S):
                self._rest_count += 1

    def result(self) -> FaceCalibration | None:
        """Return the calibration; ``None`` where a face was seen in too few frames."""
        if self._rest_count < MIN_FACE_FRAMES:
            return None
        measures = np.stack(self._measures)
        rest, heads = measures[: self._rest_count], np.stack(self._heads[: self._rest_count])
        neutral = np.median(rest, axis=0)  # a blink does not move it: eyes are open for most of the time
        shut = np.quantile(measures[:, EYES], 0.02, axis=0)
        is_shut = bool((shut < SHUT_EYE_SHARE * neutral[EYES]).all())
        return FaceCalibration(
            neutral=neutral,
            head=normalised((heads * np.sign(heads @ heads[0])[:, None]).mean(axis=0)),
            # With a margin: most blinks do not go as far as the farthest.
            shut_eyes_mm=shut + 0.1 * (neutral[EYES] - shut) if is_shut else None,
            reach=_reach(np.stack([shapes_of(frame, neutral, 0.0) for frame in measures])),
            network=self._network_result(),
        )

    def _network_result(self) -> NetworkCalibration | None:
        rest = [shapes for shapes in self._network[: self._rest_count] if shapes is not None]
        if len(rest) < MIN_FACE_FRAMES:
            return None
        at_rest = np.minimum(np.median(rest, axis=0), MOST_AT_REST)
        found = np.stack([shapes for shapes in self._network if shapes is not None])
        return NetworkCalibration(at_rest, _reach(above_rest(found, at_rest)))


def _reach(shapes: NDArray[np.float64]) -> dict[Shape, float]:
    """Return the most that was made of ``CALIBRATED_SHAPES`` in (n, 52) shapes."""
    most = np.quantile(shapes[:, CALIBRATED_SHAPES], 0.95, axis=0)
    return {shape: float(reach) for shape, reach in zip(CALIBRATED_SHAPES, most, strict=True) if reach >= MIN_REACH}
