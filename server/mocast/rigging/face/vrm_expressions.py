"""VRM's preset expressions, estimated from ARKit's shapes by rules of our own.

An avatar uses either shapes or expressions, so an expression combines several shapes: ``aa`` is the whole of a wide
open mouth. Vowels describe the lips' shape, not what is said. ``relaxed`` stays 0, as it cannot be told from a neutral
face; ``angry`` and ``sad`` need two parts of the face to agree, as brows alone mislead.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import EXPRESSION_COUNT, Expression, Shape
from mocast.model.names import both_sides

JAW_GAIN: Final = 1.6
"""Gain of ``jawOpen`` for vowels: speech opens the jaw by less than half of its range."""
S = Shape
E = Expression

_PAIRED: Final = {
    "smile": "MOUTH_SMILE",
    "stretch": "MOUTH_STRETCH",
    "frown": "MOUTH_FROWN",
    "upper": "MOUTH_UPPER_UP",
    "lower": "MOUTH_LOWER_DOWN",
    "brow_down": "BROW_DOWN",
    "brow_up": "BROW_OUTER_UP",
    "wide": "EYE_WIDE",
    "squint": "EYE_SQUINT",
    "sneer": "NOSE_SNEER",
    "press": "MOUTH_PRESS",
}
_PAIRS: Final = {name: both_sides(Shape, stem) for name, stem in _PAIRED.items()}
"""The shapes of both sides."""
_SINGLE: Final = (
    *(S.JAW_OPEN, S.MOUTH_CLOSE, S.MOUTH_FUNNEL, S.MOUTH_PUCKER, S.BROW_INNER_UP),
    *(S.EYE_BLINK_LEFT, S.EYE_BLINK_RIGHT),
)


def expressions_of(shapes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the (12,) expressions, 0..1, of (52,) shapes. The five vowels together are at most 1."""
    values = shapes.tolist()  # plain numbers: numpy would take longer for each of them than this does for all
    means = {name: 0.5 * (values[left] + values[right]) for name, (left, right) in _PAIRS.items()}
    jaw_open, closed, funnel, pucker, brow_in, *blinks = (values[shape] for shape in _SINGLE)
    jaw = min(max((jaw_open - closed) * JAW_GAIN, 0.0), 1.0)
    teeth = min(means["upper"] + means["lower"], 1.0)

    found = [0.0] * EXPRESSION_COUNT
    found[E.AA] = jaw * (1 - max(funnel, pucker))
    found[E.OH] = jaw * funnel
    found[E.OU] = max(pucker, funnel * (1 - jaw))
    # A smile alone is happy, not a vowel: the lips must be apart.
    found[E.EE] = max(means["smile"], means["stretch"]) * teeth * (1 - jaw)
    found[E.IH] = teeth * (1 - jaw) * (1 - max(means["smile"], means["stretch"])) * 0.5
    vowels = found[E.AA : E.OH + 1]
    at_most_one = max(sum(vowels), 1.0)
    found[E.AA : E.OH + 1] = [vowel / at_most_one for vowel in vowels]

    found[E.BLINK_LEFT], found[E.BLINK_RIGHT] = blinks
    found[E.HAPPY] = _ramp(means["smile"], 0.2, 0.8)
    brows_up = (means["brow_up"] + brow_in) / 2
    found[E.SURPRISED] = _ramp(brows_up, 0.3, 0.8) * (0.4 + 0.6 * max(_ramp(means["wide"], 0.1, 0.6), jaw))
    tension = max(means["squint"], means["sneer"], means["press"], means["frown"])
    found[E.ANGRY] = _ramp(means["brow_down"], 0.4, 0.9) * _ramp(tension, 0.2, 0.7) * (1 - found[E.HAPPY])
    found[E.SAD] = _ramp(means["frown"], 0.3, 0.8) * _ramp(brow_in, 0.15, 0.5) * (1 - found[E.HAPPY])
    return np.array(found)


def _ramp(value: float, begin: float, end: float) -> float:
    return min(max((value - begin) / (end - begin), 0.0), 1.0)
