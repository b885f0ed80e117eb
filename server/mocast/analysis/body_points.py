"""Points of a body by name, and what is measured between them: angles, leans, distances, heights and drops."""

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

from mocast.analysis.standing_heights import StandingHeights
from mocast.model.topology import ANKLES, EARS, ELBOWS, HEELS, HIPS, KNEES, SHOULDERS, TOES, WRISTS
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Pose
from mocast.model.visible_landmarks import Flags


def _one(landmark: int) -> tuple[int, int]:
    return int(landmark), int(landmark)


def _middle(pair: Sequence[int]) -> tuple[int, int]:
    left, right = pair
    return int(left), int(right)


_PAIRS: Final = {
    "ear": EARS,
    "shoulder": SHOULDERS,
    "elbow": ELBOWS,
    "wrist": WRISTS,
    "hip": HIPS,
    "knee": KNEES,
    "ankle": ANKLES,
    "heel": HEELS,
    "toe": TOES,
}
_OF_SIDE: Final[dict[str, tuple[tuple[int, int], tuple[int, int]]]] = {
    "nose": (_one(P.NOSE), _one(P.NOSE)),
    **{name: (_one(left), _one(right)) for name, (left, right) in _PAIRS.items()},
    **{f"{name}s": (_middle(pair), _middle(pair)) for name, pair in _PAIRS.items()},
    **{f"left_{name}": (_one(left), _one(left)) for name, (left, _) in _PAIRS.items()},
    **{f"right_{name}": (_one(right), _one(right)) for name, (_, right) in _PAIRS.items()},
}
"""The two landmarks, plain integers, whose middle a point is, for the left and for the right side; twice the same one
where it is a landmark itself."""

POINT_NAMES: Final = tuple(_OF_SIDE)
"""``nose``; ``hip``: each side's own; ``hips``: the middle of both; ``left_hip``, ``right_hip``; and so on."""

Vector = tuple[float, float, float]


def has_two_sides(point: str) -> bool:
    """Return whether it is each side's own."""
    return point in _PAIRS


@cache
def _sides(points: tuple[str, ...]) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Return the landmarks of points, for both sides where one of them is each side's own, or else once."""
    sides = (0, 1) if any(map(has_two_sides, points)) else (0,)
    return tuple(tuple(_OF_SIDE[point][side] for point in points) for side in sides)


class BodyPoints:
    """One pose's points, in world space. Each is computed once. Landmarks may be anything, also not finite."""

    def __init__(self, pose: Pose, are_seen: Flags, standing: StandingHeights | None = None) -> None:
        """``are_seen``: (33,), which landmarks count. ``standing``: of this body in the frames before, for drops."""
        self._standing = standing or StandingHeights()
        self._are_seen: list[bool] = are_seen.tolist()
        self._world: list[list[float]] = pose.world.tolist()
        self._points: dict[tuple[int, int], Vector | None] = {}
        self._values: dict[tuple[str, tuple[str, ...]], tuple[float | None, ...]] = {}

    def measure(self, kind: str, points: tuple[str, ...]) -> tuple[float | None, ...]:
        """Return ``kind`` (of ``MEASURES``) between points: one value, or left and right where sides have their own.

        ``None``: a point is not seen, or it cannot be told.
        """
        key = kind, points
        values = self._values.get(key)
        if values is None:
            sides = enumerate(_sides(points))
            values = self._values[key] = tuple([self._measured(kind, ends, (points, side)) for side, ends in sides])
        return values

    def _measured(self, kind: str, points: Sequence[tuple[int, int]], name: object) -> float | None:
        """``name``: of these points; the standing height that is kept for it takes in one value a frame."""
        vectors = []
        for ends in points:
            vector = self._point(ends)
            if vector is None:
                return None
            vectors.append(vector)
        value = MEASURES[kind](*vectors)
        if kind == "drop" and value is not None and math.isfinite(value):
            value = self._standing.drop(name, value)
        if kind in _IN_TRUNKS and value is not None:
            trunk = self._trunk_m()
            value = None if trunk is None else value / trunk
        return value if value is not None and math.isfinite(value) else None

    def _trunk_m(self) -> float | None:
        hips, shoulders = self._point(_middle(HIPS)), self._point(_middle(SHOULDERS))
        length = _distance(hips, shoulders) if hips and shoulders else 0.0
        return length if length > _SHORTEST_TRUNK_M else None

    def _point(self, ends: tuple[int, int]) -> Vector | None:
        """The middle of two landmarks, if one of them is seen: the other one is a good guess then."""
        if ends not in self._points:
            (ax, ay, az), (bx, by, bz) = self._world[ends[0]], self._world[ends[1]]
            seen = self._are_seen[ends[0]] or self._are_seen[ends[1]]
            self._points[ends] = (0.5 * (ax + bx), 0.5 * (ay + by), 0.5 * (az + bz)) if seen else None
        return self._points[ends]


_SHORTEST_TRUNK_M: Final = 0.05
"""A trunk that is shorter is none that was measured."""


def _between(first: Vector, second: Vector) -> Vector:
    return second[0] - first[0], second[1] - first[1], second[2] - first[2]


def _angle_deg(first: Vector, middle: Vector, last: Vector) -> float | None:
    return _turn_deg(_between(middle, first), _between(middle, last))


def _lean_deg(first: Vector, second: Vector) -> float | None:
    return _turn_deg(_between(first, second), (0.0, -1.0, 0.0))  # y points down


def _distance(first: Vector, second: Vector) -> float:
    return math.hypot(*_between(first, second))


def _height(first: Vector, second: Vector) -> float:
    return second[1] - first[1]


def _turn_deg(u: Vector, v: Vector) -> float | None:
    """Degrees between two vectors, 0 to 180, exact near both ends; ``None`` where one has no length."""
    cross = math.hypot(u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0])
    dot = u[0] * v[0] + u[1] * v[1] + u[2] * v[2]
    return math.degrees(math.atan2(cross, dot)) if cross or dot else None


MEASURES: Final[dict[str, Callable[..., float | None]]] = {
    "angle": _angle_deg,
    "lean": _lean_deg,
    "distance": _distance,
    "height": _height,
    "drop": _height,
}
"""What can be measured, by its name. Distances and heights are in lengths of the trunk, drops are shares of the height
while the body stands."""
_IN_TRUNKS: Final = frozenset({"distance", "height"})
