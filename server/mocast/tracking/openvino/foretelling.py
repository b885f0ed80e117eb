"""Says where a body is in a frame in which it is not looked at."""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mocast.model.topology import PoseLandmark

TRUST: Final = 0.75
"""How much of the measured velocity is believed. Of 0, 0.25, 0.5, 0.75 and 1 it has the smallest errors and the
smoothest motion; see docs/tracking.md."""
HORIZON_US: Final = 100_000
"""Nothing is foretold for longer than this after the last look."""
CALM: Final = 3.0
"""Torso lengths per second: a body of which a joint of the arms moves faster is looked at in every frame."""
_SEEN: Final = 0.3
"""The visibility from which a joint counts for that."""

_P = PoseLandmark
_JOINTS: Final = [_P.LEFT_SHOULDER, _P.RIGHT_SHOULDER, _P.LEFT_ELBOW, _P.RIGHT_ELBOW, _P.LEFT_WRIST, _P.RIGHT_WRIST]
_SHOULDERS: Final = [_P.LEFT_SHOULDER, _P.RIGHT_SHOULDER]
_HIPS: Final = [_P.LEFT_HIP, _P.RIGHT_HIP]


class SeenBody(NamedTuple):
    """A body as the network sees it, before it is smoothed."""

    points: NDArray[np.float32]
    "(35, 3) float32, pixels: the pose's 33, the middle of the hips, and the rim of the circle around the body."
    world: NDArray[np.float32]
    "(33, 3) float32, metres."
    visibility: NDArray[np.float32]
    "(33,) float32, 0..1."


class Foretelling:
    """Moves a body on in a straight line, for one frame after each look.

    What it says is smoothed like what is seen: so the motion has no step where the next look corrects it.
    """

    def __init__(self) -> None:
        self._before: tuple[int, SeenBody] | None = None
        "The last look but one: its time and what was seen."
        self._last: tuple[int, SeenBody] | None = None
        self._has_foretold = False
        "Since the last look."

    def foretell(self, time_us: int) -> SeenBody | None:
        """Return the body at that time; ``None`` where it must be looked at."""
        if self._before is None or self._last is None or self._has_foretold:
            return None
        (then_us, one), (now_us, two) = self._before, self._last
        if time_us - now_us > HORIZON_US or _speed(one, two, now_us - then_us) > CALM:
            return None
        self._has_foretold = True
        step = np.float32(TRUST * (time_us - now_us) / (now_us - then_us))
        points, world = (new + step * (new - old) for old, new in ((one.points, two.points), (one.world, two.world)))
        return SeenBody(points, world, two.visibility)

    def saw(self, body: SeenBody, time_us: int) -> None:
        """Remember a look."""
        self._before, self._last, self._has_foretold = self._last, (time_us, body), False

    def forget(self) -> None:
        """Start afresh: the body is lost."""
        self._before = self._last = None


def _speed(one: SeenBody, two: SeenBody, elapsed_us: int) -> float:
    """Return that of the fastest joint that is seen, in torso lengths per second."""
    flat = two.points[:, :2]
    torso = math.dist(flat[_SHOULDERS].mean(0), flat[_HIPS].mean(0))
    way = np.linalg.norm(flat[_JOINTS] - one.points[_JOINTS, :2], axis=1)
    way[two.visibility[_JOINTS] < _SEEN] = 0
    return float(way.max()) / max(torso, 1e-6) * 1e6 / elapsed_us
