"""What a room counts and times, cheap enough for every frame."""

import threading
import time
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, field, fields
from statistics import median

WINDOW_S = 3.0
"""Rates and medians look back this far: long enough to be calm, short enough to show a change at once."""

BUCKETS_S = (0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0)


class Rate:
    """Events per second over the last ``WINDOW_S`` seconds."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=512)

    def tick(self) -> None:
        """One event, now."""
        self._times.append(time.monotonic())

    def per_second(self) -> float:
        """Events per second; 0 when there were fewer than two."""
        recent = [at for at in tuple(self._times) if at > time.monotonic() - WINDOW_S]
        if len(recent) < 2:
            return 0.0
        return (len(recent) - 1) / max(time.monotonic() - recent[0], 1e-3)


@dataclass(slots=True)
class Histogram:
    """Times in the buckets that Prometheus is told; the last bucket is open."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))
    sum_s: float = 0.0

    def observe(self, seconds: float) -> None:
        """Count one time."""
        self.counts[bisect_left(BUCKETS_S, seconds)] += 1
        self.sum_s += seconds

    def add(self, other: "Histogram") -> None:
        """Take over another's counts."""
        self.counts = [mine + theirs for mine, theirs in zip(self.counts, other.counts, strict=True)]
        self.sum_s += other.sum_s


@dataclass(slots=True)
class Totals:
    """What is counted over a room's life, and summed over all rooms for the metrics."""

    frames_in: int = 0
    frames_tracked: int = 0
    frames_dropped: int = 0
    frames_sent: int = 0
    landmarks_sent: int = 0
    landmarks_dropped: int = 0
    rigs_sent: int = 0
    rigs_dropped: int = 0
    tracker_failures: int = 0
    tracking: Histogram = field(default_factory=Histogram)
    rigging: Histogram = field(default_factory=Histogram)
    delay: Histogram = field(default_factory=Histogram)

    def add(self, other: "Totals") -> None:
        """Take over another's counts."""
        for name in COUNTERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.tracking.add(other.tracking)
        self.rigging.add(other.rigging)
        self.delay.add(other.delay)


COUNTERS = (
    "frames_in",
    "frames_tracked",
    "frames_dropped",
    "frames_sent",
    "landmarks_sent",
    "landmarks_dropped",
    "rigs_sent",
    "rigs_dropped",
    "tracker_failures",
)


class PublisherStats:
    """The live stats of one room. Written by the decoder's, the room's and the loop's thread, read by any."""

    def __init__(self) -> None:
        self.totals = Totals()
        self.size_wh = (0, 0)
        self._lock = threading.Lock()
        self._in, self._tracked, self._out = Rate(), Rate(), Rate()
        self._tracking_s: deque[float] = deque(maxlen=64)
        self._rigging_s: deque[float] = deque(maxlen=64)
        self._delay_s: deque[float] = deque(maxlen=64)

    def received(self, *, evicted: bool) -> None:
        """A frame was decoded; ``evicted``: one that waited was dropped for it."""
        with self._lock:
            self.totals.frames_in += 1
            self.totals.frames_dropped += evicted
            self._in.tick()

    def tracked(self, tracking_s: float, size_wh: tuple[int, int]) -> None:
        """A frame went through the tracker in that time."""
        with self._lock:
            self.totals.frames_tracked += 1
            self.totals.tracking.observe(tracking_s)
            self._tracking_s.append(tracking_s)
            self._tracked.tick()
            self.size_wh = size_wh

    def rigged(self, rigging_s: float) -> None:
        """A frame's rig was solved in that time."""
        with self._lock:
            self.totals.rigging.observe(rigging_s)
            self._rigging_s.append(rigging_s)

    def delayed(self, delay_s: float) -> None:
        """A frame's results are ready, that long after it was decoded."""
        with self._lock:
            self.totals.delay.observe(delay_s)
            self._delay_s.append(delay_s)

    def sent(self) -> None:
        """A picture went to the encoder."""
        with self._lock:
            self.totals.frames_sent += 1
            self._out.tick()

    def dropped(self) -> None:
        """A frame was not decoded, work on it failed, or its picture was replaced before the encoder took it."""
        with self._lock:
            self.totals.frames_dropped += 1

    def landmarks(self, *, dropped: bool) -> None:
        """A frame's landmarks were sent, or dropped because the channel was full."""
        with self._lock:
            if dropped:
                self.totals.landmarks_dropped += 1
            else:
                self.totals.landmarks_sent += 1

    def rigs(self, *, dropped: bool) -> None:
        """A frame's rig was sent, or dropped because the channel was full."""
        with self._lock:
            if dropped:
                self.totals.rigs_dropped += 1
            else:
                self.totals.rigs_sent += 1

    def tracker_failed(self) -> None:
        """The engine failed on a frame and was replaced."""
        with self._lock:
            self.totals.tracker_failures += 1

    @property
    def fps_tracked(self) -> float:
        """Frames tracked per second."""
        return self._tracked.per_second()

    @property
    def tracking_ms(self) -> float:
        """Median time in the tracker over the last frames."""
        return 1e3 * median(self._tracking_s) if self._tracking_s else 0.0

    def snapshot(self) -> dict[str, float | int]:
        """Return the stats as the API shows them (``docs/http-api.md``)."""
        with self._lock:
            totals = self.totals
            return {
                "fps_in": round(self._in.per_second(), 1),
                "fps_tracked": round(self._tracked.per_second(), 1),
                "fps_out": round(self._out.per_second(), 1),
                "tracking_ms": round(self.tracking_ms, 1),
                "rigging_ms": round(1e3 * median(self._rigging_s), 2) if self._rigging_s else 0.0,
                "delay_ms": round(1e3 * median(self._delay_s), 1) if self._delay_s else 0.0,
                **{name: getattr(totals, name) for name in COUNTERS},
                "width": self.size_wh[0],
                "height": self.size_wh[1],
            }


@dataclass(slots=True)
class Deliveries:
    """What viewers were sent, and what they lost by being slow: frames of video, landmarks, rigs."""

    frames_sent: int = 0
    frames_dropped: int = 0
    landmarks_sent: int = 0
    landmarks_dropped: int = 0
    rigs_sent: int = 0
    rigs_dropped: int = 0

    def add(self, other: "Deliveries") -> None:
        """Take over another's counts."""
        for name in DELIVERIES:
            setattr(self, name, getattr(self, name) + getattr(other, name))


DELIVERIES = tuple(field.name for field in fields(Deliveries))


class ViewerStats:
    """The live stats of one viewer; on the event loop only."""

    def __init__(self) -> None:
        self.totals = Deliveries()
        self._frames, self._landmarks, self._rigs = Rate(), Rate(), Rate()

    def frames(self, *, dropped: bool) -> None:
        """A picture was sent, or dropped because the viewer cannot keep up."""
        if dropped:
            self.totals.frames_dropped += 1
        else:
            self.totals.frames_sent += 1
            self._frames.tick()

    def landmarks(self, *, dropped: bool) -> None:
        """A frame's landmarks were sent, or dropped."""
        if dropped:
            self.totals.landmarks_dropped += 1
        else:
            self.totals.landmarks_sent += 1
            self._landmarks.tick()

    def rigs(self, *, dropped: bool) -> None:
        """A frame's rig was sent, or dropped."""
        if dropped:
            self.totals.rigs_dropped += 1
        else:
            self.totals.rigs_sent += 1
            self._rigs.tick()

    def snapshot(self) -> dict[str, float | int]:
        """Return the stats as the API shows them (``docs/http-api.md``)."""
        return {
            "fps_video": round(self._frames.per_second(), 1),
            "fps_landmarks": round(self._landmarks.per_second(), 1),
            "fps_rig": round(self._rigs.per_second(), 1),
            **{name: getattr(self.totals, name) for name in DELIVERIES},
        }
