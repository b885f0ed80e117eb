"""Which posture somebody has, compared with their own best one, long enough to say so."""

import math
from dataclasses import replace
from typing import Final

from mocast.analysis.debounce import Debounced
from mocast.analysis.posture_angles import PostureAngles
from mocast.model.posture import PostureName

FORWARD_DEG: Final = 14.0
TRUNK_DEG: Final = 14.0
HEIGHT_SHARE: Final = 0.8
LEAST_HEIGHT: Final = 0.1
"""Of a neck, in distances between the shoulders, to compare with."""
BACK: Final = 0.6
"""A posture is over where the lean is below this share of its limit."""
SMOOTH_S: Final = 0.5
"""Time constant of the low pass on the angles."""
FIRST_S: Final = 0.8
"""Time constant of the best posture while it is learnt: the first frames are often wrong."""
BEST_RISE_S: Final = 4.0
BEST_FALL_S: Final = 1200.0
"""Time constants with which the best posture follows a better and a worse one: a slouch of an hour is still one."""
LEARN_S: Final = 3.0
"""So long a body must be seen before its posture is judged."""
BAD_S: Final = 4.0
UPRIGHT_S: Final = 1.5
"""How long a posture must last: leaning over for a cup is none."""


class PostureWatch:
    """The posture of one person."""

    def __init__(self) -> None:
        self.angles: PostureAngles | None = None
        "Smoothed; ``None`` while shoulders and ears are not seen."
        self._best: PostureAngles | None = None
        self._seen_s = 0.0
        self._posture: Debounced[PostureName] = Debounced(
            "upright", lambda posture: UPRIGHT_S if posture == "upright" else BAD_S
        )

    @property
    def posture(self) -> PostureName | None:
        """The posture that lasted; ``None`` before it can be told."""
        return self._posture.value if self._seen_s >= LEARN_S else None

    def update(self, angles: PostureAngles | None, now_s: float, step_s: float) -> bool:
        """Take the angles of the next frame, ``None`` where they are not known; return whether the posture changes."""
        if angles is None:
            self.angles = None
            self._posture.interrupt()
            return False
        self._seen_s += step_s
        smoothed = _nearer(self.angles, angles, step_s, SMOOTH_S, SMOOTH_S)
        # Hips that are not seen any more lean no more.
        self.angles = angles = (
            smoothed if angles.trunk_forward_deg is not None else replace(smoothed, trunk_forward_deg=None)
        )
        if self._seen_s < LEARN_S:
            self._best = _nearer(self._best, angles, step_s, FIRST_S, FIRST_S)
            return False
        self._best = best = _nearer(self._best, angles, step_s, BEST_RISE_S, BEST_FALL_S)
        return self._posture.update(self._present(angles, best), now_s)

    def _present(self, angles: PostureAngles, best: PostureAngles) -> PostureName:
        was = self._posture.value
        neck_deg = angles.neck_forward_deg - best.neck_forward_deg
        trunk_deg = 0.0
        if angles.trunk_forward_deg is not None and best.trunk_forward_deg is not None:
            trunk_deg = angles.trunk_forward_deg - best.trunk_forward_deg
        lower = 1.0 - angles.neck_height / max(best.neck_height, LEAST_HEIGHT)
        # A trunk that leans takes the neck with it.
        forward_head = (neck_deg - max(trunk_deg, 0.0)) / FORWARD_DEG
        slouch = max(trunk_deg / TRUNK_DEG, lower / (1.0 - HEIGHT_SHARE))
        if max(slouch, forward_head) <= (1.0 if was == "upright" else BACK):
            return "upright"
        return "slouch" if slouch > forward_head else "forward_head"


def _nearer(
    before: PostureAngles | None, now: PostureAngles, step_s: float, better_s: float, worse_s: float
) -> PostureAngles:
    """Return ``before`` brought nearer to ``now``, by the one time constant where that is better, or else the other."""
    if before is None:
        return now
    better, worse = 1.0 - math.exp(-step_s / better_s), 1.0 - math.exp(-step_s / worse_s)

    def nearer(old: float | None, new: float | None, sign: float) -> float | None:
        if old is None or new is None:
            return new if old is None else old
        return old + (new - old) * (better if (new - old) * sign > 0 else worse)

    neck = nearer(before.neck_forward_deg, now.neck_forward_deg, -1.0)
    height = nearer(before.neck_height, now.neck_height, 1.0)
    return PostureAngles(
        now.neck_forward_deg if neck is None else neck,
        nearer(before.trunk_forward_deg, now.trunk_forward_deg, -1.0),
        now.neck_height if height is None else height,
    )
