"""Where a source's own camera stands relative to the room's: a phone beside the screen sees every head turned."""

import math
from typing import Final

import numpy as np

from mocast.model.quaternions import CONJUGATE, IDENTITY, Quaternions, multiply, nlerp

TIME_CONSTANT_S: Final = 4.0
"""Slow beside any nod, fast beside a phone that is put elsewhere."""


class HeadAlignment:
    """Learns the mean turn between two cameras from heads that both see, and turns the one's heads into the other's."""

    def __init__(self) -> None:
        self._turn: Quaternions = IDENTITY
        self._learnt_at_s: float | None = None

    def learn(self, head: Quaternions, reference: Quaternions, now_s: float) -> None:
        """Learn from one moment: the (4,) rotation of the source's head, and of the same head by the room's camera."""
        seen = multiply(reference, head * CONJUGATE)
        if self._learnt_at_s is None:
            self._turn = seen
        else:
            step_s = max(now_s - self._learnt_at_s, 0.0)
            self._turn = nlerp(self._turn, seen, 1.0 - math.exp(-step_s / TIME_CONSTANT_S))
        self._learnt_at_s = now_s

    def aligned(self, head: Quaternions) -> Quaternions:
        """Return a head's (4,) rotation as the room's camera would see it."""
        return np.asarray(multiply(self._turn, head))
