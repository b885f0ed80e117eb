"""A tracker on a thread of its own, so that a call that hangs in native code holds nobody but this thread."""

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Final

import structlog

from mocast.errors import TrackerHung, TrackingError
from mocast.model.frame import Frame
from mocast.model.tracked import Tracked
from mocast.tracking.engines import Tracker

WAITS: Final = 4
"""Parts that a time limit is waited for in. A process that was stopped for a minute (SIGSTOP, a paused container) finds
one of them over when it goes on, and not all."""

log = structlog.get_logger(__name__)


class TrackerThread:
    """Tracks on its own thread, one frame at a time, each within a time limit.

    A native call can be neither interrupted nor killed: after ``TrackerHung`` the thread is left alone. Should its call
    return, it drops the result, closes the tracker and ends.
    """

    def __init__(self, tracker: Tracker, timeout_s: float) -> None:
        """``timeout_s``: the limit of each call."""
        self._tracker = tracker
        self._timeout_s = timeout_s
        self._frames: SimpleQueue[Frame | None] = SimpleQueue()
        self._results: SimpleQueue[Tracked | Exception] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="mocast-tracker", daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether its thread exists: after ``close`` and ``TrackerHung`` only while its call has not returned."""
        return self._thread.is_alive()

    def track(self, frame: Frame) -> Tracked:
        """Return what is in the frame. Raises what the tracker raises, and ``TrackerHung`` where it does not return.

        After either it must be closed.
        """
        self._frames.put(frame)
        result = self._within_limit(self._results.get)
        if isinstance(result, Exception):
            raise result
        return result

    def close(self) -> bool:
        """Close the tracker and end the thread; return false where that takes too long and is left to itself."""
        self._frames.put(None)
        for _ in range(WAITS):
            self._thread.join(self._timeout_s / WAITS)
        return not self._thread.is_alive()

    def abandon(self) -> None:
        """Have the thread end when its call returns; does not wait."""
        self._frames.put(None)

    def _within_limit(self, get: Callable[[bool, float], Tracked | Exception]) -> Tracked | Exception:
        began = time.monotonic()
        for _ in range(WAITS):
            try:
                return get(True, self._timeout_s / WAITS)
            except Empty:
                continue
        raise TrackerHung(f"the tracker did not return within {time.monotonic() - began:.1f} s")

    def _run(self) -> None:
        try:
            while (frame := self._frames.get()) is not None:
                self._results.put(self._attempt(frame))
                del frame  # or its pixels would be kept until the next one
        finally:
            try:
                self._tracker.close()
            except Exception:
                log.exception("tracker could not be closed")

    def _attempt(self, frame: Frame) -> Tracked | Exception:
        try:
            return self._tracker.track(frame)
        except TrackingError as error:
            return error
        except Exception as error:
            log.exception("tracker failed unexpectedly")
            failure = TrackingError(f"the tracker failed: {error!r}")
            failure.__cause__ = error
            return failure
