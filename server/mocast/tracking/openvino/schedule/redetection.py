"""When a tracked region is compared with where its part is detected anew."""

from mocast.tracking.openvino.schedule.quality_profile import RedetectionPolicy


class RedetectionSchedule:
    """Skips re-detections whose outcome is foreseeable from the drift.

    MediaPipe detects the hands and the face of a tracked body in every frame, only to see whether their tracked regions
    still hold, which they nearly always do. An estimate of the drift (see ``drift.py``) costs next to nothing. Own
    work.
    """

    def __init__(self, policy: RedetectionPolicy) -> None:
        self._policy = policy
        self._skipped = 0

    def is_due(self, drift: float) -> bool:
        """Whether to detect in this frame, in which the drift is estimated to be that. Counts one frame."""
        if drift <= self._policy.max_drift and self._skipped < self._policy.max_skipped:
            self._skipped += 1
            return False
        self._skipped = 0
        return True
