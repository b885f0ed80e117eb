"""The neutral face of a person, estimated from the stream where there is no calibration."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.rigging.face.measures import AVERAGE_MM, MEASURE_COUNT, Measure

_SPREAD_BY_NAME_MM: Final[dict[str, float]] = {
    "EYE_OPEN": 1.6, "LOWER_LID": 0.9, "IRIS_OUT": 1.0, "IRIS_UP": 1.0,
    "BROW_INNER": 2.5, "BROW_MIDDLE": 2.5, "BROW_OUTER": 2.2, "CHEEK": 1.8, "NOSE_WING": 1.8,
    "CORNER_OUT": 2.5, "CORNER_UP": 2.5, "UPPER_SIDE": 2.0, "LOWER_SIDE": 2.5, "UPPER_LIP": 2.0, "LOWER_LIP": 3.0,
    "UPPER_LIP_THICK": 1.3, "LOWER_LIP_THICK": 1.3, "LIPS_APART": 0.8, "LOWER_TEETH": 2.5,
    "CHIN": 5.0, "CHIN_ASIDE": 1.5, "MOUTH_ASIDE": 1.5,
}  # fmt: skip
"""How much neutral faces differ, mm: about the standard deviation of each measure over those faces of
``scripts/face_model.py`` (100 people of scikit-image's ``lfw_subset``) whose mouths are shut."""


def _by_measure(values: dict[str, float]) -> NDArray[np.float64]:
    numbers = np.empty(MEASURE_COUNT)
    for measure in Measure:
        longest = max((name for name in values if measure.name.startswith(name)), key=len)
        numbers[measure] = values[longest]
    return numbers


SPREAD_MM: Final = _by_measure(_SPREAD_BY_NAME_MM)
"""(35,) mm, in the order of ``Measure``."""

MAX_SPREADS_FROM_AVERAGE: Final = 1.5
"""Largest difference, in spreads, of the estimate from the average face. So a smile from the first frame on is still
detected as one."""
_LEAST_MM: Final = AVERAGE_MM - MAX_SPREADS_FROM_AVERAGE * SPREAD_MM
_MOST_MM: Final = AVERAGE_MM + MAX_SPREADS_FROM_AVERAGE * SPREAD_MM
MAX_SPREADS_AT_REST: Final = 1.0
"""A measure further than this, in spreads, from the estimate is an expression, and cannot move the estimate away from
the average face."""
LEARN_FAST_S: Final = 3.0
"""For this long after a face's first frame, the estimate is the mean of all measures and the average face."""
AVERAGE_FACE_S: Final = 2.0
"""The weight of the average face in that mean, as seconds of measures."""
LEARN_SLOWLY_S: Final = 40.0
"""Time constant of the low pass by which the estimate follows later."""
MAX_LEARNING_STEP_S: Final = 0.1
"""Largest weight of a frame, as when it comes after a gap."""


class NeutralFaceEstimate:
    """An estimate of the measures of one person's neutral face."""

    def __init__(self) -> None:
        self.measures: NDArray[np.float64] = AVERAGE_MM.copy()
        "(35,) mm."
        self._seen_s = 0.0

    def learn(self, measures: NDArray[np.float64], step_s: float, is_at_rest: bool) -> None:
        """Learn from the (35,) measures of a frame, ``step_s`` seconds after the last.

        ``is_at_rest``: whether the face shows no strong expression, by the estimate so far.
        """
        step_s = min(step_s, MAX_LEARNING_STEP_S)
        self._seen_s += step_s
        apart = measures - self.measures
        if self._seen_s <= LEARN_FAST_S:
            weight = step_s / (AVERAGE_FACE_S + self._seen_s)
            moved = self.measures + weight * np.minimum(np.maximum(apart, -2 * SPREAD_MM), 2 * SPREAD_MM)
        else:
            # Away from the average face by a face at rest only, or a long smile would become the neutral face; toward
            # it by any face, or a wrong start would last.
            to_average = AVERAGE_MM - self.measures
            away = np.where(np.abs(apart) <= MAX_SPREADS_AT_REST * SPREAD_MM, apart, 0.0) if is_at_rest else 0.0
            toward = np.where(np.abs(apart) < np.abs(to_average), apart, to_average)
            moved = self.measures + (step_s / LEARN_SLOWLY_S) * np.where(apart * to_average > 0, toward, away)
        self.measures = np.minimum(np.maximum(moved, _LEAST_MM), _MOST_MM)
