"""The real tracking engine, with the processor time that its callers spend in it."""

import threading
import time
from collections import defaultdict

from mocast.model.choices import Quality, TrackerName
from mocast.model.frame import Frame
from mocast.model.tracked import Tracked
from mocast.tracking.engines import EngineTracker, load_engine

spent_s: defaultdict[int, float] = defaultdict(float)
"""The system's number of a thread → its own processor seconds within ``track``. MediaPipe's threads are not in it."""


class TimedEngine:
    """Builds MediaPipe's trackers, timed."""

    def __init__(self, *, threads: int | None = None) -> None:
        self._engine = load_engine("mediapipe", threads=threads)

    def build(self, tracker: TrackerName, quality: Quality, *, still: bool) -> "TimedTracker":
        """Return the real tracker, timed."""
        return TimedTracker(self._engine.build(tracker, quality, still=still))

    def close(self) -> None:
        """Close the real engine."""
        self._engine.close()


class TimedTracker:
    """Hands everything on to a tracker."""

    def __init__(self, tracker: EngineTracker) -> None:
        self._tracker = tracker
        self.close = tracker.close

    def track(self, frame: Frame) -> Tracked:
        """Track, and add the time that it took this thread to ``spent_s``."""
        began_s = time.thread_time()
        try:
            return self._tracker.track(frame)
        finally:
            spent_s[threading.get_native_id()] += time.thread_time() - began_s
