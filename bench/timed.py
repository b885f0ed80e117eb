"""The real tracking engine, with the processor time that its callers spend in it."""

import os
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from mocast.model.frame import Frame
from mocast.model.options import Quality, TrackerName
from mocast.model.tracked import Tracked
from mocast.tracking.engines import (
    AUTO,
    EngineOptions,
    FaceFinder,
    FaceRange,
    NetworkChoice,
    Tracker,
    choose_engine,
)

ENGINE = "MOCAST_ENGINE"
"""Environment variable: the server's setting, which here says what is timed."""

spent_s: defaultdict[int, float] = defaultdict(float)
"""The system's number of a thread → its own processor seconds within ``track``. The engine's own are not in it."""


class TimedEngine:
    """Builds the trackers of the engine that ``ENGINE`` names, timed."""

    def __init__(self, options: EngineOptions) -> None:
        _, self._engine = choose_engine(os.environ.get(ENGINE, AUTO), options)

    def build(self, tracker: TrackerName, quality: Quality, *, still: bool, **live: Any) -> "TimedTracker":
        """Return the real tracker, timed."""
        return TimedTracker(self._engine.build(tracker, quality, still=still, **live))

    def face_finder(self, reach: FaceRange) -> FaceFinder:
        """Return the real finder of faces."""
        return self._engine.face_finder(reach)

    def choices(self) -> Mapping[str, NetworkChoice]:
        """Return what the real engine says."""
        return self._engine.choices()

    def keep(self) -> None:
        """Have the real engine keep its networks."""
        self._engine.keep()

    def describe(self) -> str:
        """Return what the real engine says."""
        return self._engine.describe()

    def close(self) -> None:
        """Close the real engine."""
        self._engine.close()


class TimedTracker:
    """Hands everything on to a tracker."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self.close = tracker.close

    def track(self, frame: Frame) -> Tracked:
        """Track, and add the time that it took this thread to ``spent_s``."""
        began_s = time.thread_time()
        try:
            return self._tracker.track(frame)
        finally:
            spent_s[threading.get_native_id()] += time.thread_time() - began_s
