"""The estimate of the bitrate that a client's link carries (REMB): aiortc's, bounded, with less work for each frame."""

from collections import deque
from collections.abc import Callable
from typing import Any, Final

from aiortc.rate import MIN_FRAME_PERIOD_HISTORY_LENGTH, OveruseEstimator, RemoteBitrateEstimator

RATE_WINDOW_MS: Final = 1000


class BoundedEstimator(RemoteBitrateEstimator):
    """aiortc's estimator of the client's bitrate, which does not tell it to send more than it may just then."""

    def __init__(self, most_bits_per_s: Callable[[], int]) -> None:
        super().__init__()
        self._most_bits_per_s = most_bits_per_s
        inside: Any = self
        inside.incoming_bitrate = ReceivedRate()
        inside.estimator = FramePeriodEstimator()

    def add(self, *args: Any, **burst: Any) -> tuple[int, list[int]] | None:
        """Take a burst; return what to tell the client, and of which sources, where it is time to."""
        estimate = super().add(*args, **burst)
        return estimate and (min(estimate[0], self._most_bits_per_s()), estimate[1])


class ReceivedRate:
    """Bits per second over the last ``RATE_WINDOW_MS``; gives what aiortc's ``RateCounter`` does.

    That one goes from millisecond to millisecond: 33 steps for each frame, and some millions after a pause, for which
    it holds the loop.
    """

    def __init__(self) -> None:
        self._received: deque[tuple[int, int]] = deque()
        "Time in ms and bytes, the oldest first."
        self._total = 0
        self._origin_ms: int | None = None
        "The first millisecond of the window, which begins with the first bytes."

    def add(self, size: int, now_ms: int) -> None:
        """Count bytes."""
        if self._origin_ms is None:
            self._origin_ms = now_ms
        self._forget(now_ms)
        self._received.append((now_ms, size))
        self._total += size

    def rate(self, now_ms: int) -> int | None:
        """Return bits per second; ``None`` where nothing came, or in its first millisecond."""
        if self._origin_ms is None:
            return None
        origin_ms = self._forget(now_ms)
        window_ms = now_ms - origin_ms + 1
        return round(8000 * self._total / window_ms) if self._received and window_ms > 1 else None

    def reset(self) -> None:
        """Begin anew."""
        self._received.clear()
        self._total, self._origin_ms = 0, None

    def _forget(self, now_ms: int) -> int:
        """Forget what is older than the window; return when that begins."""
        origin_ms = max(self._origin_ms or 0, now_ms - RATE_WINDOW_MS + 1)
        self._origin_ms = origin_ms
        received = self._received
        while received and received[0][0] < origin_ms:
            self._total -= received.popleft()[1]
        return origin_ms


class FramePeriodEstimator(OveruseEstimator):
    """aiortc's Kalman filter; looks for the shortest frame period of the last 60 in one call."""

    def update_min_frame_period(self, ts_delta: float) -> float:
        """Note a period, in ms; return the shortest of those that are kept, this one included."""
        history = self.ts_delta_hist
        if len(history) >= MIN_FRAME_PERIOD_HISTORY_LENGTH:
            history.pop(0)
        history.append(ts_delta)
        return min(history)
