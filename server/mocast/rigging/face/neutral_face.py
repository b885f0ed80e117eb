"""Learns a face at rest from the stream, where nobody calibrated it."""

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
"""How much faces at rest differ, in mm: about the standard deviation over the faces of ``scripts/face_model.py`` whose
mouths are shut."""


def _by_measure(values: dict[str, float]) -> NDArray[np.float64]:
    numbers = np.empty(MEASURE_COUNT)
    for measure in Measure:
        longest = max((name for name in values if measure.name.startswith(name)), key=len)
        numbers[measure] = values[longest]
    return numbers


SPREAD_MM: Final = _by_measure(_SPREAD_BY_NAME_MM)
"""(35,) mm."""

MAX_SPREADS_FROM_AVERAGE: Final = 1.5
"""Times the spread: a resting face is never taken to differ more from the average one. So who smiles from the first
frame on is still seen to smile."""
MAX_SPREADS_AT_REST: Final = 1.0
"""Times the spread: what is farther from the learnt face is an expression, and only teaches that the resting face is
nearer to the average one."""
LEARN_FAST_S: Final = 3.0
"""Of a face being seen: so long is everything believed, and the estimate is a mean of what was seen."""
AVERAGE_FACE_S: Final = 2.0
"""The average face counts as if it had been seen so long."""
LEARN_SLOWLY_S: Final = 40.0
"""Later, the estimate follows as a low pass of this time constant."""
MAX_LEARNING_STEP_S: Final = 0.1


class NeutralFaceEstimate:
    """The measures of one person's face at rest, as far as known."""

    def __init__(self) -> None:
        self.measures: NDArray[np.float64] = AVERAGE_MM.copy()
        "(35,) mm."
        self._seen_s = 0.0

    def learn(self, measures: NDArray[np.float64], step_s: float, is_at_rest: bool) -> None:
        """Take in the (35,) measures of a frame, ``step_s`` seconds after the last.

        ``is_at_rest``: whether the face, compared with the estimate, shows no strong expression.
        """
        step_s = min(step_s, MAX_LEARNING_STEP_S)
        self._seen_s += step_s
        apart = measures - self.measures
        if self._seen_s <= LEARN_FAST_S:
            weight = step_s / (AVERAGE_FACE_S + self._seen_s)
            moved = self.measures + weight * np.clip(apart, -2 * SPREAD_MM, 2 * SPREAD_MM)
        else:
            # Away from the average face only by a face at rest, or a long smile would become the resting face. Toward
            # it by any, or a face that was taken wrongly at the start would stay that.
            to_average = AVERAGE_MM - self.measures
            away = (
                np.where(np.abs(apart) <= MAX_SPREADS_AT_REST * SPREAD_MM, apart, 0.0)
                if is_at_rest
                else np.zeros(MEASURE_COUNT)
            )
            toward = np.where(np.abs(apart) < np.abs(to_average), apart, to_average)
            moved = self.measures + (step_s / LEARN_SLOWLY_S) * np.where(apart * to_average > 0, toward, away)
        self.measures = np.clip(
            moved, AVERAGE_MM - MAX_SPREADS_FROM_AVERAGE * SPREAD_MM, AVERAGE_MM + MAX_SPREADS_FROM_AVERAGE * SPREAD_MM
        )
