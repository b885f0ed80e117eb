"""A tracker that outlives the failures of what it drives."""

from collections.abc import Callable

from mocast.errors import TrackingError
from mocast.model.frame import Frame
from mocast.model.tracked import Tracked
from mocast.tracking.engines import EngineTracker

MOST_FAILURES = 3
"""In a row. A tracker that fails on three frames one after another, new as it was each time, will fail on the next."""


class ResilientTracker:
    """Drives one tracker of an engine; puts a new one in its place when it fails, and goes on with the next frame.

    Used from one thread at a time.
    """

    def __init__(
        self, build: Callable[[], EngineTracker], *, on_failure: Callable[[TrackingError], None] | None = None
    ) -> None:
        self._build = build
        self._on_failure = on_failure
        self._tracker: EngineTracker | None = build()
        self._in_a_row = 0
        self._is_closed = False
        self.failures = 0
        "How often the engine failed, on a frame or while it was built anew."

    def track(self, frame: Frame) -> Tracked:
        """Return what is in the frame; nothing, where the engine failed on it.

        Raises ``TrackingError`` when it is closed or failed ``MOST_FAILURES`` times in a row.
        """
        if self._is_closed:
            raise TrackingError("the tracker is closed")
        try:
            if self._tracker is None:
                self._tracker = self._build()
            tracked = self._tracker.track(frame)
        except TrackingError as error:
            self._fail(error)
            return Tracked(frame.number, frame.pts, frame.decoded_at_ns, frame.size_wh)
        self._in_a_row = 0
        return tracked

    def close(self) -> None:
        """Close the tracker that it drives. Calling it again does nothing."""
        self._is_closed = True
        tracker, self._tracker = self._tracker, None
        if tracker is not None:
            tracker.close()

    def _fail(self, error: TrackingError) -> None:
        self.failures += 1
        self._in_a_row += 1
        tracker, self._tracker = self._tracker, None
        if tracker is not None:
            tracker.close()
        if self._on_failure is not None:
            self._on_failure(error)
        if self._in_a_row == MOST_FAILURES:
            raise TrackingError(f"the tracker failed {MOST_FAILURES} times in a row: {error}") from error
