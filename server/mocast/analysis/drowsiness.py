"""Yawning, and drowsiness as an estimate: no medical measure, and no safety device.

A yawn is ``jawOpen`` of ``YAWN_OPEN`` or more for ``YAWN_S``: speech opens the mouth for a fraction of a second, a yawn
lasts 4 to 7 s (Provine, "Yawning as a stereotyped action pattern and releasing stimulus", 1986).

The estimate, 0..1, is the largest of three: PERCLOS between 0.075, below which drivers were awake, and 0.3, twice the
0.15 from which they were drowsy (Wierwille and others, 1994; see ``eye_blinks``); how long the eyes are shut at
present, between 0.5 s and 2 s; half of the yawns in five minutes of ``MANY_YAWNS``.
"""

from collections import deque
from typing import Final

from mocast.analysis.debounce import Debounced

YAWN_OPEN: Final = 0.6
YAWN_CLOSED: Final = 0.4
YAWN_S: Final = 1.5
YAWNS_FOR_S: Final = 300.0
MANY_YAWNS: Final = 4
PERCLOS_RANGE: Final = (0.075, 0.3)
SHUT_RANGE_S: Final = (0.5, 2.0)
DROWSY_FROM: Final = 0.6
DROWSY_UNTIL: Final = 0.4
DROWSY_S: Final = 0.5
AWAKE_S: Final = 5.0


class Yawns:
    """Yawns of one face."""

    def __init__(self) -> None:
        self.is_yawning = False
        self._opened_s: float | None = None
        self._ended: deque[float] = deque(maxlen=MANY_YAWNS)

    def update(self, jaw_open: float | None, now_s: float) -> bool:
        """Take the ``jawOpen`` shape of the next frame, ``None`` without a face; return whether a yawn begins."""
        if jaw_open is None or jaw_open < (YAWN_CLOSED if self._opened_s is not None else YAWN_OPEN):
            self._opened_s, self.is_yawning = None, False
            return False
        if self._opened_s is None:
            self._opened_s = now_s
        if self.is_yawning or now_s - self._opened_s < YAWN_S:
            return False
        self.is_yawning = True
        self._ended.append(now_s)
        return True

    def recent(self, now_s: float) -> int:
        """Return the yawns of the last five minutes, at most ``MANY_YAWNS``."""
        return sum(now_s - began_s <= YAWNS_FOR_S for began_s in self._ended)


class Drowsiness:
    """Whether somebody is drowsy, as an estimate."""

    def __init__(self) -> None:
        self.estimate = 0.0
        self._drowsy = Debounced(False, lambda drowsy: DROWSY_S if drowsy else AWAKE_S)

    @property
    def is_drowsy(self) -> bool:
        """Whether the estimate says so for long enough."""
        return self._drowsy.value

    def update(self, perclos: float | None, shut_s: float, yawns: int, now_s: float) -> bool:
        """Take the measures of the next frame; return whether drowsiness begins."""
        self.estimate = max(
            _between(perclos or 0.0, PERCLOS_RANGE), _between(shut_s, SHUT_RANGE_S), 0.5 * yawns / MANY_YAWNS
        )
        limit = DROWSY_UNTIL if self.is_drowsy else DROWSY_FROM
        return self._drowsy.update(self.estimate >= limit, now_s) and self.is_drowsy


def _between(value: float, span: tuple[float, float]) -> float:
    return min(max((value - span[0]) / (span[1] - span[0]), 0.0), 1.0)
