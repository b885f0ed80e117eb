"""The solvers of several people: one for each, made when they come, as each has filters of their own."""

from collections.abc import Callable
from typing import Final

from mocast.model.options import RigOptions
from mocast.model.rig import Rig
from mocast.model.tracked import Tracked
from mocast.rigging.calibration.calibration import Calibration
from mocast.rigging.face.network_shapes import FaceShaper
from mocast.rigging.solver import Solver

FORGOTTEN_TICKS: Final = 300 * 90_000
"""Five minutes (90 kHz): whoever has not been seen for so long may be somebody else, and begins afresh."""


class PersonSolvers:
    """Solves the rigs of the people of one stream. ``rig`` is called from one thread at a time.

    What is asked of it as a whole, such as a calibration, is person 0's.
    """

    def __init__(self, options: RigOptions, face_shaper: FaceShaper | None = None) -> None:
        """``face_shaper`` is shared: it keeps nothing from one face to the next."""
        self._face_shaper = face_shaper
        self._first = Solver(options, face_shaper)
        self._others: dict[int, Solver] = {}
        self._last_pts: dict[int, int] = {}

    @property
    def options(self) -> RigOptions:
        """How rigs follow. May be replaced from any thread; in use from the next frame on."""
        return self._first.options

    @options.setter
    def options(self, options: RigOptions) -> None:
        self._first.options = options

    @property
    def calibration(self) -> Calibration | None:
        """That of person 0. May be replaced from any thread."""
        return self._first.calibration

    @calibration.setter
    def calibration(self, calibration: Calibration | None) -> None:
        self._first.calibration = calibration

    def calibrate(self, seconds: float = 2.0, t_pose: bool = False, *, on_done: Callable[[Calibration], None]) -> None:
        """Start a calibration of person 0; see ``Solver.calibrate``."""
        self._first.calibrate(seconds, t_pose, on_done=on_done)

    def stop_calibrating(self) -> None:
        """End a calibration without a result; from any thread. Does nothing where none runs."""
        self._first.stop_calibrating()

    def rig(self, tracked: Tracked) -> Rig:
        """Return the rig of a person in the next frame."""
        if tracked.person == 0:
            return self._first.rig(tracked)
        last_pts = self._last_pts.get(tracked.person)
        self._last_pts[tracked.person] = tracked.pts
        solver = self._others.get(tracked.person)
        if solver is None or last_pts is None or tracked.pts - last_pts > FORGOTTEN_TICKS:
            solver = self._others[tracked.person] = Solver(self.options, self._face_shaper)
        solver.options = self.options
        return solver.rig(tracked)
