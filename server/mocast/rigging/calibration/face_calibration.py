"""A face's calibration: its neutral measures, its shut eyes (for blinks), and the range of jaw and mouth."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mocast.errors import Unprocessable
from mocast.model.blendshapes import SHAPE_COUNT, SHAPE_NAMES, Shape
from mocast.rigging.calibration.json_numbers import object_of, rotation_json, rotation_of, vector_of
from mocast.rigging.face.measures import AVERAGE_MM, MEASURE_COUNT, Measure
from mocast.rigging.face.network_shapes import MOST_AT_REST

MAX_FROM_AVERAGE_MM: Final = 40.0
"""Largest plausible difference, in any measure, of a neutral face from the average one, scaled to its size."""
CALIBRATED_SHAPES: Final = (Shape.JAW_OPEN, Shape.MOUTH_SMILE_LEFT, Shape.MOUTH_SMILE_RIGHT, Shape.MOUTH_PUCKER)
"""Shapes whose range is calibrated."""
MIN_REACH: Final = 0.35
"""The range of a shape that stayed below this is not calibrated: the person did not make it."""
MEASURE_NAMES: Final = tuple(measure.name.lower() for measure in Measure)


@dataclass(frozen=True, slots=True, eq=False)
class NetworkCalibration:
    """What the network computes of one person's face."""

    at_rest: NDArray[np.float64]
    "(52,) 0..``MOST_AT_REST``: of the neutral face."
    reach: Mapping[Shape, float] = field(default_factory=dict)
    "The most that was reached of ``CALIBRATED_SHAPES`` above that, 0..1; only of shapes that were tried."

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values, by the shapes' names; resting values of 0 are left out."""
        named = zip(SHAPE_NAMES, self.at_rest.tolist(), strict=True)
        return {
            "rest": {name: round(value, 4) for name, value in named if value >= 0.0001},
            "reach": _reach_json(self.reach),
        }

    @classmethod
    def from_json(cls, value: object) -> "NetworkCalibration":
        """Return the calibration that ``to_json`` returned. Raises ``Unprocessable`` on anything else."""
        parts = object_of(value, "face.network", {"rest", "reach"})
        rest = parts["rest"]
        if not isinstance(rest, dict) or not rest.keys() <= set(SHAPE_NAMES):
            raise Unprocessable("The calibration's face.network.rest must be an object of shapes' names.")
        at_rest = vector_of([rest.get(name, 0.0) for name in SHAPE_NAMES], "face.network.rest", SHAPE_COUNT, 1.0)
        if (at_rest < 0).any():
            raise Unprocessable("The calibration's face.network.rest must be 0 to 1.")
        reach = _reach(parts["reach"], "face.network.reach")
        return cls(np.minimum(at_rest, MOST_AT_REST), reach)


@dataclass(frozen=True, slots=True, eq=False)
class FaceCalibration:
    """What was measured of one person's face."""

    neutral: NDArray[np.float64]
    "(35,) mm: the measures of the neutral face, eyes open. Order: ``Measure``."
    head: NDArray[np.float64]
    "(4,) x, y, z, w: the head's rotation meanwhile, relative to the ray to it: what counts as straight ahead."
    shut_eyes_mm: NDArray[np.float64] | None = None
    "(2,): ``EYE_OPEN`` of the shut left and right eye; ``None`` where the person did not shut them."
    reach: Mapping[Shape, float] = field(default_factory=dict)
    "The most that was reached of ``CALIBRATED_SHAPES``, uncalibrated, 0..1; only of shapes that were tried."
    network: NetworkCalibration | None = None
    "Where the network of blend shapes was in use meanwhile."

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values: measures and shapes by name, in millimetres and 0..1."""
        return {
            "neutral": {name: round(float(mm), 3) for name, mm in zip(MEASURE_NAMES, self.neutral, strict=True)},
            "head": rotation_json(self.head),
            "shut_eyes": None if self.shut_eyes_mm is None else [round(float(mm), 3) for mm in self.shut_eyes_mm],
            "reach": _reach_json(self.reach),
            "network": None if self.network is None else self.network.to_json(),
        }

    @classmethod
    def from_json(cls, value: object) -> "FaceCalibration":
        """Return the calibration that ``to_json`` returned. Raises ``Unprocessable`` on anything else.

        Earlier versions had no ``network``.
        """
        whole = {"network": None, **value} if isinstance(value, dict) else value
        parts = object_of(whole, "face", {"neutral", "head", "shut_eyes", "reach", "network"})
        by_name = object_of(parts["neutral"], "face.neutral", set(MEASURE_NAMES))
        neutral = vector_of([by_name[name] for name in MEASURE_NAMES], "face.neutral", MEASURE_COUNT, 1000.0)
        if np.abs(neutral - AVERAGE_MM).max() > MAX_FROM_AVERAGE_MM:
            raise Unprocessable("The calibration's face.neutral is not a face.")
        shut = parts["shut_eyes"]
        return cls(
            neutral=neutral,
            head=rotation_of(parts["head"], "face.head"),
            shut_eyes_mm=None if shut is None else vector_of(shut, "face.shut_eyes", 2, MAX_FROM_AVERAGE_MM),
            reach=_reach(parts["reach"], "face.reach"),
            network=None if parts["network"] is None else NetworkCalibration.from_json(parts["network"]),
        )


def _reach_json(reach: Mapping[Shape, float]) -> dict[str, float]:
    return {SHAPE_NAMES[shape]: round(most, 4) for shape, most in reach.items()}


def _reach(value: object, what: str) -> dict[Shape, float]:
    names = {SHAPE_NAMES[shape]: shape for shape in CALIBRATED_SHAPES}
    if not isinstance(value, dict) or not value.keys() <= names.keys():
        raise Unprocessable(f"The calibration's {what} must be an object with no names but {', '.join(names)}.")
    numbers = vector_of(list(value.values()), what, len(value), 1.0)
    if (numbers < MIN_REACH).any():
        raise Unprocessable(f"The calibration's {what} must be {MIN_REACH} to 1.")
    return {names[name]: float(number) for name, number in zip(value, numbers, strict=True)}
