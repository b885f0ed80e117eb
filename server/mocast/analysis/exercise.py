"""Exercises as data: what of the body moves in a repetition, what else must be so, and what advice there is."""

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from mocast.analysis.body_points import MEASURES, POINT_NAMES, has_two_sides

_STRICT: Final = ConfigDict(extra="forbid", allow_inf_nan=False)

Sides = Literal["mean", "both", "either", "each", "difference"]
When = Literal["always", "end"]
Phase = Literal["out", "hold", "back"]


def _known(name: str) -> str:
    if name not in POINT_NAMES:
        raise PydanticCustomError("point", "Input should be one of {names}", {"names": ", ".join(POINT_NAMES)})
    return name


Point = Annotated[str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(POINT_NAMES)})]
"""``hip``: each side's own. ``hips``: the middle of both. ``left_hip``: that one."""

Name = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$", description="Small letters, digits and underscores; 32 at most.")
]


@dataclass(frozen=True, kw_only=True)  # no slots, as properties that each frame asks for are cached
class Measure:
    """One number of the body: exactly one of ``angle``, ``lean``, ``distance``, ``height`` and ``drop``."""

    __pydantic_config__ = _STRICT

    angle: Annotated[
        tuple[Point, Point, Point] | None, Field(description="Degrees at the second of three points, 0 to 180.")
    ] = None
    lean: Annotated[
        tuple[Point, Point] | None,
        Field(description="Degrees between the line from the first point to the second and straight up, 0 to 180."),
    ] = None
    distance: Annotated[
        tuple[Point, Point] | None,
        Field(description="How far two points are apart, in lengths of the trunk (from hips to shoulders)."),
    ] = None
    height: Annotated[
        tuple[Point, Point] | None,
        Field(description="How much higher the first point is than the second, in lengths of the trunk."),
    ] = None
    drop: Annotated[
        tuple[Point, Point] | None,
        Field(
            description="By how much less the first point is above the second than while the body stands, as a share "
            "of that: 0 standing, 1 as high as the second. The body stands where it was highest in the last minute."
        ),
    ] = None
    sides: Annotated[
        Sides,
        Field(
            description="What of left and right counts, where points are each side's own. `mean`: their mean. `both`: "
            "the side that is less far. `either`: the one that is farther. `each`: sides count by themselves; what "
            "they do at the same time is one repetition. `difference`: how far they are from each other."
        ),
    ] = "mean"

    def __post_init__(self) -> None:
        if sum(getattr(self, name) is not None for name in MEASURES) != 1:
            raise ValueError("A measure is exactly one of angle, lean, distance, height and drop")
        if self.sides != "mean" and not self.has_two_sides:
            raise ValueError('"sides" is for points that each side has one of')

    @cached_property
    def kind(self) -> str:
        """Which of ``MEASURES`` it is."""
        return next(name for name in MEASURES if getattr(self, name) is not None)

    @cached_property
    def points(self) -> tuple[str, ...]:
        """The points that it is of."""
        points: tuple[str, ...] = getattr(self, self.kind)
        return points

    @property
    def has_two_sides(self) -> bool:
        """Whether the left and the right have one each."""
        return any(has_two_sides(point) for point in self.points)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What else must be so for a repetition, or while a pose is held, to count."""

    __pydantic_config__ = _STRICT

    measure: Measure
    at_least: float | None = None
    at_most: float | None = None
    when: Annotated[
        When,
        Field(
            description="`always`: all the time, but for half a second. `end`: half of the time that it is at its end."
        ),
    ] = "always"

    def __post_init__(self) -> None:
        if self.at_least is None and self.at_most is None:
            raise ValueError("A need has at_least, at_most or both")

    def is_met(self, value: float) -> bool:
        """Return whether a value of its measure is in the range."""
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """Advice on a repetition: given where a measure, at the end of the movement, or the time of a phase is off."""

    __pydantic_config__ = _STRICT

    hint: Annotated[Name, Field(description="What apps know it by.")]
    say: Annotated[str, Field(min_length=1, max_length=200, description="What people read.")]
    measure: Annotated[Measure | None, Field(description="The mean of it while the repetition is at its end.")] = None
    seconds: Annotated[
        Phase | None, Field(description="Of the way out, at the end, or back, in place of a measure.")
    ] = None
    above: float | None = None
    below: float | None = None

    def __post_init__(self) -> None:
        if (self.measure is None) == (self.seconds is None):
            raise ValueError("A hint is of a measure or of seconds")
        if self.above is None and self.below is None:
            raise ValueError("A hint has above, below or both")

    def applies(self, value: float) -> bool:
        """Return whether a value is above or below what it should be."""
        return (self.above is not None and value > self.above) or (self.below is not None and value < self.below)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """An exercise. One with a ``measure`` is counted in repetitions; one without is held, and its seconds count."""

    __pydantic_config__ = _STRICT

    exercise: Annotated[Name, Field(description="Its name in options and events.")]
    title: Annotated[str, Field(max_length=80, description="What people read.")] = ""
    measure: Annotated[Measure | None, Field(description="What moves in a repetition.")] = None
    start: Annotated[
        float | None,
        Field(description="The measure where repetitions begin and end, which a body at rest is beyond."),
    ] = None
    end: Annotated[float | None, Field(description="The measure that a whole repetition reaches.")] = None
    hysteresis: Annotated[
        float,
        Field(
            gt=0,
            le=0.5,
            description="The share of the way from start to end, and back, that has to be gone to count as one.",
        ),
    ] = 0.2
    shortest_s: Annotated[float, Field(gt=0, le=60, description="What is shorter does not count.")] = 0.4
    longest_s: Annotated[float, Field(gt=0, le=600, description="Nor does a repetition that takes longer.")] = 20.0
    needs: tuple[Need, ...] = ()
    hints: Annotated[tuple[Hint, ...], Field(description="The first that applies is given.")] = ()

    def __post_init__(self) -> None:
        if (self.measure is None) != (self.start is None) or (self.measure is None) != (self.end is None):
            raise ValueError("Repetitions have measure, start and end; what is held has none of them")
        if self.measure is None and (not self.needs or self.hints or any(need.when == "end" for need in self.needs)):
            raise ValueError("What is held has needs, which are always, and no hints")
        if self.measure is not None and self.start == self.end:
            raise ValueError("start and end should differ")
        if self.measure is not None and self.measure.sides == "difference":
            raise ValueError("A repetition is not measured by a difference of sides")
        if any(need.measure.sides == "each" for need in self.needs):
            raise ValueError('"each" is for what moves in a repetition')
        if any(hint.measure and hint.measure.sides not in ("mean", "difference") for hint in self.hints):
            raise ValueError("A hint is of the mean of both sides, or of their difference")
