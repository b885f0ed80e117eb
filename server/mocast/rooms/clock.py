"""A room's clock: frame numbers and pts that continue from one publisher to the next."""

import threading
import time

from mocast.model.pts import PTS_PER_S

MOST_TICKS_BACK = PTS_PER_S
"""Further back than B-frames reach, whose order of sending is not that of showing."""

MOST_TICKS_AHEAD = 10 * PTS_PER_S
"""Beyond the time that has passed: frames that waited on their way come all at once."""

FRAME_TICKS = 3_000
"""One frame at 30 fps: the least step to the next publisher's first frame."""


class RoomClock:
    """Counts a room's frames and maps its publishers' pts to the room's own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = 0
        self._last_pts: int | None = None
        self._last_at_ns = 0
        self._told_pts: int | None = None
        "Of the last ``tick``: no frame may be before it, however long it was under way."
        self._current: Segment | None = None

    def begin(self) -> "Segment":
        """Return the segment of another publisher. Its first frame ends the segment before."""
        return Segment(self)

    def tick(self) -> tuple[int, int]:
        """Return the next number, and the pts of now, for what no publisher's frame belongs to. From any thread."""
        now = time.monotonic_ns()
        with self._lock:
            pts = 0 if self._last_pts is None else self._last_pts + max(self._elapsed(now), 1)
            number, self._number = self._number, self._number + 1
            self._last_pts, self._last_at_ns, self._told_pts = pts, now, pts
            return number, pts

    def _map(self, segment: "Segment", pts: int) -> tuple[int, int] | None:
        now = time.monotonic_ns()
        with self._lock:
            if segment.ended:
                return None
            if self._current is not segment:
                self._enter(segment)
                self._set_offset(segment, pts, now)
            elif self._has_restarted(pts + (segment.offset or 0), now):
                self._set_offset(segment, pts, now)
            number, self._number = self._number, self._number + 1
            mapped = pts + (segment.offset or 0)
            if self._told_pts is not None and mapped <= self._told_pts:
                mapped = self._told_pts = self._told_pts + 1
            self._last_pts, self._last_at_ns = max(mapped, self._last_pts or 0), now
            return number, mapped

    def _enter(self, segment: "Segment") -> None:
        if self._current is not None:
            self._current.ended = True
        self._current = segment

    def _has_restarted(self, mapped: int, now_ns: int) -> bool:
        """Whether the publisher's own clock was set: an encoder that starts anew does that, and some programs."""
        step = mapped - (self._last_pts or 0)
        return step < -MOST_TICKS_BACK or step > self._elapsed(now_ns) + MOST_TICKS_AHEAD

    def _set_offset(self, segment: "Segment", pts: int, now_ns: int) -> None:
        """A room begins at 0. Between two publishers, or a publisher's two clocks, pts advances by the time between."""
        goes_on_at = 0 if self._last_pts is None else self._last_pts + max(self._elapsed(now_ns), FRAME_TICKS)
        segment.offset = goes_on_at - pts

    def _elapsed(self, now_ns: int) -> int:
        """Ticks since the last frame."""
        return (now_ns - self._last_at_ns) * PTS_PER_S // 1_000_000_000


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
