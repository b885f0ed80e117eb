"""Re-detection: in which frames the detector runs again to check a tracked region of a hand or face."""

from mocast.tracking.openvino.schedule.quality_profile import RedetectionPolicy


class RedetectionSchedule:
    """Skips re-detections whose outcome can be predicted from the estimated drift.

    MediaPipe detects the hands and the face of a tracked body in every frame, only to see whether their tracked regions
    still hold, which they nearly always do. An estimate of the drift (see ``drift.py``) costs next to nothing. Own
    work.
    """

    def __init__(self, policy: RedetectionPolicy) -> None:
        self._policy = policy
        self._skipped = 0.0

    def is_due(self, drift: float, share: float = 1.0) -> bool:
        """Whether to re-detect in this frame, with this estimated drift. Counts one frame, or a share of one."""
        if drift <= self._policy.max_drift and self._skipped + share <= self._policy.max_skipped:
            self._skipped += share
            return False
        self._skipped = 0
        return True
