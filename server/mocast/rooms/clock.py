"""Numbers and times of a room's frames, which keep growing while its publishers come and go."""

import threading
import time

TICKS_PER_S = 90_000
"""RTP's clock for video (RFC 3551, section 5)."""

FRAME_TICKS = 3_000
"""A frame at 30 fps: the least step to the next publisher's first frame."""


class RoomClock:
    """A room's count of frames and its clock. Whoever puts frames of one room together ignores those that go back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = 0
        self._last_pts: int | None = None
        self._last_at_ns = 0
        self._current: Segment | None = None

    def begin(self) -> "Segment":
        """Return the place for another publisher's frames. The first of them ends the segment before."""
        return Segment(self)

    def _place(self, segment: "Segment", pts: int) -> tuple[int, int] | None:
        now = time.monotonic_ns()
        with self._lock:
            if segment.ended:
                return None
            if self._current is not segment:
                self._enter(segment, pts, now)
            number, self._number = self._number, self._number + 1
            placed = pts + segment.offset
            self._last_pts, self._last_at_ns = max(placed, self._last_pts or 0), now
            return number, placed

    def _enter(self, segment: "Segment", pts: int, now_ns: int) -> None:
        """The first frame of a publisher comes as much later than the last one's as the clock says."""
        if self._current is not None:
            self._current.ended = True
        self._current = segment
        if self._last_pts is not None:
            elapsed = (now_ns - self._last_at_ns) * TICKS_PER_S // 1_000_000_000
            segment.offset = self._last_pts + max(elapsed, FRAME_TICKS) - pts


class Segment:
    """One publisher's part of a clock."""

    def __init__(self, clock: RoomClock) -> None:
        self.ended = False
        "Whether another publisher's frames have come since."
        self.offset = 0
        "What is added to this publisher's pts."
        self._timeline = clock

    def place(self, pts: int) -> tuple[int, int] | None:
        """Return a frame's number and pts in the room; ``None`` where the segment has ended. From any thread."""
        return self._timeline._place(self, pts)
