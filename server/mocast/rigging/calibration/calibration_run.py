"""One run of a calibration: from its start until the person was seen for long enough."""

import math
from collections.abc import Callable

from mocast.model.tracked import Tracked
from mocast.rigging.calibration.body_calibration import BodyCalibrator
from mocast.rigging.calibration.calibration import Calibration
from mocast.rigging.calibration.face_calibrator import FaceCalibrator
from mocast.rigging.face.face_observation import FaceObservation


class CalibrationRun:
    """Measures a person over some seconds; where too little was seen, it starts over. Used from one thread."""

    def __init__(self, seconds: float, *, t_pose: bool, on_done: Callable[[Calibration], None]) -> None:
        self.on_done = on_done
        self._seconds = seconds
        self._is_t_pose = t_pose
        self._ends_s = math.inf
        self._start_over()

    def add(self, tracked: Tracked, seen: FaceObservation | None, time_s: float) -> Calibration | None:
        """Take in a frame and what was measured of its face; return the calibration after the last frame of the run."""
        if seen is None:
            return None
        self._ends_s = min(self._ends_s, time_s + self._seconds)
        self._face.add(seen, time_s)
        self._body.add(tracked)
        if time_s < self._ends_s:
            return None
        face = self._face.result()
        body = self._body.result() if self._is_t_pose else None
        if face is None or (self._is_t_pose and body is None):
            self._start_over()
            return None
        return Calibration(face=face, body=body)

    def _start_over(self) -> None:
        self._face = FaceCalibrator()
        self._body = BodyCalibrator()
        self._ends_s = math.inf
