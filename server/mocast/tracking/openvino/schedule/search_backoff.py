"""Back-off of searches: the longer a part is not found, the less often it is searched."""

from mocast.tracking.openvino.schedule.quality_profile import BackoffPolicy


class SearchBackoff:
    """Exponential back-off: after some misses in a row, more and more frames are skipped between two searches."""

    def __init__(self, policy: BackoffPolicy) -> None:
        self._policy = policy
        self._misses = 0
        self._wait = 0.0
        "Frames until the next search, which is in the last of them."

    def is_due(self, share: float = 1.0) -> bool:
        """Whether to search in this frame. Counts one frame, or a share of one."""
        self._wait = max(0.0, self._wait - share)
        return self._wait < share / 2 or not self._policy.max_frames

    def reset(self) -> None:
        """Search in every frame from now on, as something was found or the picture has changed."""
        self._misses, self._wait = 0, 0

    def pause(self, frames: int) -> None:
        """Skip the searches of this many frames. Does not count as a miss."""
        self._wait = frames + 1

    def missed(self) -> None:
        """Count a search that found nothing."""
        over = self._misses - self._policy.free_misses + 1
        skipped = min(self._policy.max_frames, self._policy.first_frames * 2 ** min(over, 8)) if over >= 0 else 0
        self._wait = 1 + skipped
        self._misses += 1
