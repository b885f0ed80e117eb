"""A room's clock: frame numbers and pts that continue from one publisher to the next."""

import threading
import time

TICKS_PER_S = 90_000
"""RTP's clock for video (RFC 3551, section 5)."""

FRAME_TICKS = 3_000
"""One frame at 30 fps: the least step to the next publisher's first frame."""


class RoomClock:
    """Counts a room's frames and maps its publishers' pts to the room's own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = 0
        self._last_pts: int | None = None
        self._last_at_ns = 0
        self._current: Segment | None = None

    def begin(self) -> "Segment":
        """Return the segment of another publisher. Its first frame ends the segment before."""
        return Segment(self)

    def _map(self, segment: "Segment", pts: int) -> tuple[int, int] | None:
        now = time.monotonic_ns()
        with self._lock:
            if segment.ended:
                return None
            if self._current is not segment:
                self._enter(segment, pts, now)
            number, self._number = self._number, self._number + 1
            mapped = pts + (segment.offset or 0)
            self._last_pts, self._last_at_ns = max(mapped, self._last_pts or 0), now
            return number, mapped

    def _enter(self, segment: "Segment", pts: int, now_ns: int) -> None:
        """Set the offset: a room begins at 0; between two publishers' frames the pts advances by the time that has
        passed."""
        if self._current is not None:
            self._current.ended = True
        self._current = segment
        if self._last_pts is None:
            segment.offset = -pts
            return
        elapsed = (now_ns - self._last_at_ns) * TICKS_PER_S // 1_000_000_000
        segment.offset = self._last_pts + max(elapsed, FRAME_TICKS) - pts


class Segment:
    """One publisher's part of a room's time."""

    def __init__(self, clock: RoomClock) -> None:
        self.ended = False
        "Whether another publisher's frames have come since."
        self.offset: int | None = None
        "Ticks that are added to this publisher's pts; ``None`` before its first frame."
        self._clock = clock

    def map(self, pts: int) -> tuple[int, int] | None:
        """Return a frame's number and pts in the room; ``None`` where the segment has ended. From any thread."""
        return self._clock._map(self, pts)
