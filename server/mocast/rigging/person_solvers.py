"""The solvers of several people: one for each, made when they come, as each has filters of their own."""

from collections.abc import Callable
from typing import Final

from mocast.errors import Conflict
from mocast.model.options import RigOptions
from mocast.model.pts import PTS_PER_S
from mocast.model.rig import Rig
from mocast.model.tracked import Tracked
from mocast.rigging.calibration.calibration import Calibration
from mocast.rigging.face.network_shapes import FaceShaper
from mocast.rigging.solver import Solver

FORGOTTEN_TICKS: Final = 300 * PTS_PER_S
"""Five minutes (90 kHz): whoever has not been seen for so long may be somebody else, and begins afresh."""


class PersonSolvers:
    """Solves the rigs of the people of one stream. ``rig`` is called from one thread at a time."""

    def __init__(self, options: RigOptions, face_shaper: FaceShaper | None = None) -> None:
        """``face_shaper`` is shared: it keeps nothing from one face to the next."""
        self._face_shaper = face_shaper
        self._first = Solver(options, face_shaper)
        self._others: dict[int, Solver] = {}
        self._last_pts: dict[int, int] = {}
        self._to_come: dict[int, Calibration] = {}
        "Of people who are not there yet."
        self._newest_pts = 0
        "Of anybody."

    @property
    def options(self) -> RigOptions:
        """How rigs follow. May be replaced from any thread; in use from the next frame on."""
        return self._first.options

    @options.setter
    def options(self, options: RigOptions) -> None:
        self._first.options = options

    def calibration_of(self, person: int) -> Calibration | None:
        """Return a person's calibration; from any thread."""
        solver = self._solver_of(person)
        return self._to_come.get(person) if solver is None else solver.calibration

    def replace_calibration(self, person: int, calibration: Calibration | None) -> None:
        """Use a calibration for a person from the next frame on, or none; from any thread.

        It is that of who has this index now, or has it next, until they have been away for ``FORGOTTEN_TICKS``.
        """
        if calibration is None:
            self._to_come.pop(person, None)
        else:
            self._to_come[person] = calibration
        solver = self._solver_of(person)
        if solver is not None:
            self._to_come.pop(person, None)
            solver.calibration = calibration

    def calibrate(
        self,
        seconds: float = 2.0,
        t_pose: bool = False,
        person: int = 0,
        *,
        on_done: Callable[[Calibration], None],
    ) -> None:
        """Start a calibration of a person; see ``Solver.calibrate``. Raises ``Conflict`` where nobody has the index."""
        solver = self._solver_of(person)
        if solver is None:
            raise Conflict("No face is seen to calibrate.")
        solver.calibrate(seconds, t_pose, on_done=on_done)

    def stop_calibrating(self) -> None:
        """End calibrations without a result; from any thread. Does nothing where none runs."""
        for solver in (self._first, *self._others.copy().values()):
            solver.stop_calibrating()

    def _solver_of(self, person: int) -> Solver | None:
        if person == 0:
            return self._first
        has_gone = self._newest_pts - self._last_pts.get(person, self._newest_pts) > FORGOTTEN_TICKS
        return None if has_gone else self._others.get(person)

    def rig(self, tracked: Tracked) -> Rig:
        """Return the rig of a person in the next frame."""
        self._newest_pts = tracked.pts
        if tracked.person == 0:
            return self._first.rig(tracked)
        last_pts = self._last_pts.get(tracked.person)
        self._last_pts[tracked.person] = tracked.pts
        solver = self._others.get(tracked.person)
        if solver is None or last_pts is None or tracked.pts - last_pts > FORGOTTEN_TICKS:
            solver = Solver(self.options, self._face_shaper)
            self._others[tracked.person] = solver
            pending = self._to_come.pop(tracked.person, None)
            if pending is not None:  # or ``replace_calibration`` has given it one meanwhile, from another thread
                solver.calibration = pending
        solver.options = self.options
        return solver.rig(tracked)
