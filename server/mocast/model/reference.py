"""What a person is compared with, as clients send it: a pose, or a motion."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Annotated, Any, Final, TypeGuard

import numpy as np
from annotated_types import Interval, Len, doc
from numpy.typing import NDArray

from mocast.errors import Unprocessable
from mocast.model.topology import POSE_COUNT

FURTHEST_M: Final = 10.0
SHORTEST_S: Final = 0.1
"""What is shorter is a pose: whoever follows a motion compares 15 moments a second."""
LONGEST_S: Final = 30.0
MOST_POSES: Final = 300
"""Of a motion: 10 a second for ``LONGEST_S``. To read more of them would hold the interpreter above 5 ms."""
_POSE_KEYS: Final = {"at", "world", "visibility"}

Metres = Annotated[float, Interval(ge=-FURTHEST_M, le=FURTHEST_M)]


@dataclass(frozen=True, slots=True)
class ReferencePose:
    """A pose that the person is compared with, frame by frame."""

    world: Annotated[
        tuple[Annotated[tuple[Metres, ...], Len(3, 3)], ...],
        Len(POSE_COUNT, POSE_COUNT),
        doc("x, y and z of the 33 landmarks in metres: a pose's `world` in the landmarks' JSON."),
    ]
    visibility: Annotated[
        tuple[Annotated[float, Interval(ge=0, le=1)], ...],
        Len(POSE_COUNT, POSE_COUNT),
        doc("Of each, 0 to 1; those below 0.5 do not count."),
    ]
    mirrored: Annotated[bool, doc("Whether the person is to look like its mirror image.")] = False


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceMotion:
    """A motion that the person follows: poses one after the other."""

    times_s: NDArray[np.float64]
    "(n,) float64, seconds from the first pose, growing."
    world: NDArray[np.float32]
    "(n, 33, 3) float32, metres."
    visibility: NDArray[np.float32]
    "(n, 33) float32, 0..1."
    mirrored: bool = False
    "Whether the person follows as in a mirror."

    def summary(self) -> dict[str, object]:
        """Return what clients are told of it: the poses are theirs."""
        motion = {"poses": len(self.times_s), "seconds": round(float(self.times_s[-1]), 3)}
        return {"motion": motion, "mirrored": self.mirrored}


Reference = ReferencePose | ReferenceMotion


def is_motion(given: object) -> TypeGuard[dict[str, object]]:
    """Return whether a client's JSON is meant as a motion, right or wrong."""
    return isinstance(given, dict) and "motion" in given


def read_motion(given: dict[str, object]) -> ReferenceMotion:
    """Return the motion that a client's JSON holds. Raises ``Unprocessable``.

    Its numbers are read as arrays: 45,000 of them one by one would hold the interpreter for long.
    """
    poses, mirrored = given["motion"], given.get("mirrored", False)
    unknown = given.keys() - {"motion", "mirrored"}
    if unknown or not isinstance(mirrored, bool):
        raise Unprocessable('A motion has "motion", a list of poses, and "mirrored", which is true or false.')
    if not isinstance(poses, list) or not 2 <= len(poses) <= MOST_POSES:
        raise Unprocessable(f"A motion has 2 to {MOST_POSES} poses.")
    if not all(isinstance(pose, dict) and pose.keys() == _POSE_KEYS for pose in poses):
        raise Unprocessable('Each pose of a motion has "at", "world" and "visibility", and nothing else.')
    times_s = _numbers([pose["at"] for pose in poses], (), 0, 1e9)
    times_s -= times_s[0]
    if not (np.diff(times_s) > 0).all() or not SHORTEST_S <= times_s[-1] <= LONGEST_S:
        raise Unprocessable(
            f'The times of a motion, "at" in seconds, grow, by {SHORTEST_S:g} to {LONGEST_S:g} s in all.'
        )
    world = _numbers([pose["world"] for pose in poses], (POSE_COUNT, 3), -FURTHEST_M, FURTHEST_M)
    visibility = _numbers([pose["visibility"] for pose in poses], (POSE_COUNT,), 0, 1)
    return ReferenceMotion(times_s, world.astype(np.float32), visibility.astype(np.float32), mirrored)


def _numbers(lists: list[object], shape: tuple[int, ...], least: float, most: float) -> NDArray[np.float64]:
    """Return (n, *shape) numbers within bounds. Raises ``Unprocessable``."""
    try:
        # Of a type that is given: an array of texts would take the longest one's memory for each of them.
        values = np.array(lists, np.float64)
    except (ValueError, TypeError, OverflowError):  # lists of several lengths, and what is no number
        values = np.array(())
    if (
        values.shape != (len(lists), *shape)
        or not ((values >= least) & (values <= most)).all()
        or not _kinds(lists, len(shape)) <= {int, float}  # texts of numbers are read as such
    ):
        raise Unprocessable(
            "A pose of a motion has its time, 33 times x, y and z in metres (-10 to 10), and 33 visibilities (0 to 1)."
        )
    return values


def _kinds(lists: Iterable[Any], depth: int) -> set[type]:
    """Return the types of what is in lists of lists, that deep."""
    for _ in range(depth):
        lists = chain.from_iterable(lists)
    return set(map(type, lists))
