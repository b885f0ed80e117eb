"""Says where a face is in a frame in which it is not looked at."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

TRUST: Final = 0.75
"""How much of the measured motion is believed; see ``foretelling.py``."""
HORIZON_US: Final = 100_000
"""Nothing is foretold for longer than this after the last look."""
_MESH: Final = 468
"""The landmarks after these are the irises', which move by themselves."""

Points = NDArray[np.float32]


class MovingFace:
    """Moves a face on as a whole, for one frame after each look: shifted, turned and scaled, its features kept."""

    def __init__(self, calm: float) -> None:
        """``calm``: widths of the face per second; one whose landmarks move faster is looked at in every frame."""
        self._calm = calm
        self._before: tuple[int, Points] | None = None
        self._last: tuple[int, Points] | None = None
        self._has_foretold = False

    def foretell(self, time_us: int) -> Points | None:
        """Return the (478, 3) landmarks in pixels at that time; ``None`` where the face must be looked at."""
        if self._before is None or self._last is None or self._has_foretold:
            return None
        (then_us, old), (now_us, new) = self._before, self._last
        elapsed_us = now_us - then_us
        width = float(np.ptp(new[:, 0]))
        speed = float(np.percentile(np.abs(new[:, :2] - old[:, :2]).max(1), 95)) * 1e6 / elapsed_us
        if time_us - now_us > HORIZON_US or not speed < self._calm * width:
            return None
        self._has_foretold = True
        return _moved_on(old, new, TRUST * (time_us - now_us) / elapsed_us)

    def saw(self, face: Points, time_us: int) -> None:
        """Remember a look."""
        self._before, self._last, self._has_foretold = self._last, (time_us, face), False

    def forget(self) -> None:
        """Start afresh: the face is lost."""
        self._before = self._last = None


def _moved_on(old: Points, new: Points, step: float) -> Points:
    """Return ``new``, moved once more by the part ``step`` of the similarity that moved ``old`` to ``new``.

    Points of the plane are complex numbers here; a similarity is z → a·z + b, and the best ``a`` in the sense of least
    squares is that of Umeyama (1991).
    """
    was, became = (points[:_MESH, 0] + 1j * points[:_MESH, 1] for points in (old, new))
    middle, to = was.mean(), became.mean()
    was, became = was - middle, became - to
    turn = 1 + step * (np.vdot(was, became) / max(np.vdot(was, was).real, 1e-9) - 1)
    around = new[:, 0] + 1j * new[:, 1] - to
    placed = turn * around + to + step * (to - middle)
    moved = new.copy()
    moved[:, 0], moved[:, 1] = placed.real, placed.imag
    return moved
