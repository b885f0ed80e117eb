"""A tracker that replaces its engine's tracker when that fails or hangs."""

from collections.abc import Callable
from typing import Final

from mocast.errors import TrackerHung, TrackingError
from mocast.model.frame import Frame
from mocast.model.tracked import Tracked
from mocast.tracking.engines import Tracker
from mocast.tracking.tracker_thread import TIMEOUT_S, TrackerThread

MAX_FAILURES: Final = 3
"""Failures in a row after which it gives up: when three new trackers have failed on their first frame, so will the next
one. Own choice."""


class ResilientTracker:
    """Uses one tracker of an engine, and builds a new one for the next frame when it fails, or does not return.

    Used from one thread at a time.
    """

    def __init__(
        self,
        build: Callable[[], Tracker],
        *,
        on_failure: Callable[[TrackingError], None] | None = None,
        on_hang: Callable[[TrackerThread], None] | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """``on_failure`` is called at every failure; ``on_hang`` gets the thread that does not return in time."""
        self._build = build
        self._on_failure = on_failure
        self._on_hang = on_hang
        self._timeout_s = timeout_s
        self._tracker: TrackerThread | None = self._start()
        self._in_a_row = 0
        self._is_closed = False
        self.failures = 0
        "How often a tracker failed or hung, on a frame or while it was built."

    def track(self, frame: Frame) -> Tracked:
        """Return what is in the frame, or an empty record where the engine failed on it.

        Raises ``TrackingError`` when it is closed or failed ``MAX_FAILURES`` times in a row.
        """
        if self._is_closed:
            raise TrackingError("the tracker is closed")
        try:
            if self._tracker is None:
                self._tracker = self._start()
            tracked = self._tracker.track(frame)
        except TrackingError as error:
            self._fail(error)
            return Tracked(frame.number, frame.pts, frame.decoded_at_ns, frame.size_wh)
        self._in_a_row = 0
        return tracked

    def close(self) -> None:
        """Close the engine's tracker. Calling it again does nothing."""
        self._is_closed = True
        self._drop(has_hung=False)

    def _start(self) -> TrackerThread:
        return TrackerThread(self._build(), self._timeout_s)

    def _fail(self, error: TrackingError) -> None:
        self.failures += 1
        self._in_a_row += 1
        self._drop(has_hung=isinstance(error, TrackerHung))
        if self._on_failure is not None:
            self._on_failure(error)
        if self._in_a_row == MAX_FAILURES:
            raise TrackingError(f"the tracker failed {MAX_FAILURES} times in a row: {error}") from error

    def _drop(self, *, has_hung: bool) -> None:
        tracker, self._tracker = self._tracker, None
        if tracker is None:
            return
        if has_hung:
            tracker.abandon()
        if (has_hung or not tracker.close()) and self._on_hang is not None:
            self._on_hang(tracker)
