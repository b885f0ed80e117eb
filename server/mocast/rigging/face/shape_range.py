"""The range of a person's strongest expressions, learnt while live, where no calibration has it."""

from collections.abc import Collection
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import Shape

RANGES: Final = ((Shape.JAW_OPEN,), (Shape.MOUTH_SMILE_LEFT, Shape.MOUTH_SMILE_RIGHT), (Shape.MOUTH_PUCKER,))
"""Shapes whose range is learnt; both sides of a smile together, or a crooked one would become straight."""
LEARN_FROM: Final = 0.3
"""Only values above this count: less is no attempt at the expression."""
QUANTILE: Final = 0.9
"""What is learnt: the value below which the expression is for nine tenths of its time."""
LEARN_S: Final = 8.0
"""Seconds of the expression in which the range would rise from 0 to 1; it falls at a ninth of that speed."""
LEAST: Final = 0.65
"""Least range: a shape is amplified by half at most, however shy the person."""


class ShapeRange:
    """The ranges of one person. They begin with 1, which changes nothing."""

    def __init__(self) -> None:
        self._most = [1.0] * len(RANGES)

    def scale(self, shapes: NDArray[np.float64], step_s: float, calibrated: Collection[Shape]) -> None:
        """Learn from (52,) shapes ``step_s`` seconds after the last, and scale them, in place; not ``calibrated`` ones.

        A running quantile: it moves up by ``QUANTILE`` where a value is above it, down by the rest where it is below.
        """
        for number, group in enumerate(RANGES):
            value = max(float(shapes[shape]) for shape in group)
            if value <= LEARN_FROM or any(shape in calibrated for shape in group):
                continue
            most = self._most[number]
            step = step_s / LEARN_S * (QUANTILE if value > most else QUANTILE - 1.0)
            self._most[number] = most = min(max(most + step, LEAST), 1.0)
            if most < 1.0:
                for shape in group:
                    shapes[shape] = min(float(shapes[shape]) * _gain(float(shapes[shape]), most), 1.0)


def _gain(value: float, most: float) -> float:
    """Return 1 at ``LEARN_FROM``, so that nothing jumps there, and 1 / ``most`` at ``most``."""
    share = min(max((value - LEARN_FROM) / (most - LEARN_FROM), 0.0), 1.0)
    return 1.0 + share * (1.0 / most - 1.0)
