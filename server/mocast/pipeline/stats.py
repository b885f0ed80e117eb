"""Counters and timings of publishers and viewers, cheap enough for every frame."""

import math
import threading
import time
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Collection
from dataclasses import dataclass, field
from statistics import median

from mocast.wire.stream_kinds import STREAMS

WINDOW_S = 3.0
"""The window of rates and medians: long enough for stable values, short enough to show a change at once."""

BUCKETS_S = (0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0)


class Rate:
    """Events per second over the last ``WINDOW_S`` seconds."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=512)

    def tick(self) -> None:
        """Count an event that happens now."""
        self._times.append(time.monotonic())

    def per_second(self) -> float:
        """Events per second; 0 when there were fewer than two."""
        recent = [at for at in tuple(self._times) if at > time.monotonic() - WINDOW_S]
        if len(recent) < 2:
            return 0.0
        return (len(recent) - 1) / max(time.monotonic() - recent[0], 1e-3)


@dataclass(slots=True)
class Histogram:
    """A Prometheus histogram of times; the last bucket has no upper bound."""

    bounds_s: tuple[float, ...] = BUCKETS_S
    counts: list[int] = field(init=False)
    sum_s: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds_s) + 1)

    def observe(self, seconds: float) -> None:
        """Count one time."""
        self.counts[bisect_left(self.bounds_s, seconds)] += 1
        self.sum_s += seconds

    def add(self, other: "Histogram") -> None:
        """Take over another's counts."""
        self.counts = [mine + theirs for mine, theirs in zip(self.counts, other.counts, strict=True)]
        self.sum_s += other.sum_s


AUDIO_COUNTERS = ("audio_packets_in", "audio_packets_dropped")
"""The counters of a publisher's audio."""

FRAME_COUNTERS = ("frames_in", "frames_tracked", "frames_dropped", "frames_sent")
"""The counters of a publisher's frames."""


def publisher_counters() -> tuple[str, ...]:
    """Return the names of a publisher's counters, those of its own channels' messages included."""
    return (*FRAME_COUNTERS, *_delivery_counters(), *AUDIO_COUNTERS, "tracker_failures")


def viewer_counters() -> tuple[str, ...]:
    """Return the names of a viewer's counters: frames of video, packets of audio, and messages of each stream."""
    return ("frames_sent", "frames_dropped", "audio_packets_sent", "audio_packets_dropped", *_delivery_counters())


def _delivery_counters() -> tuple[str, ...]:
    counters = (*(kind.counter for kind in STREAMS.values()), "events")
    return tuple(f"{counter}_{fate}" for counter in counters for fate in ("sent", "dropped"))


@dataclass(slots=True)
class Totals:
    """Counters and histograms of a publisher's session, and their sums over all sessions for the metrics."""

    counts: Counter[str] = field(default_factory=Counter)
    tracking: Histogram = field(default_factory=Histogram)
    rigging: Histogram = field(default_factory=Histogram)
    analysis: Histogram = field(default_factory=Histogram)
    delay: Histogram = field(default_factory=Histogram)

    def add(self, other: "Totals") -> None:
        """Take over another's counts."""
        self.counts.update(other.counts)
        self.tracking.add(other.tracking)
        self.rigging.add(other.rigging)
        self.analysis.add(other.analysis)
        self.delay.add(other.delay)


class PublisherStats:
    """Statistics of one publisher. Written by the decoder's, the room's and the event loop's thread."""

    def __init__(self) -> None:
        self.totals = Totals()
        self.size_wh = (0, 0)
        self._lock = threading.Lock()
        self._in, self._tracked, self._out = Rate(), Rate(), Rate()
        self._tracking_s: deque[float] = deque(maxlen=64)
        self._rigging_s: deque[float] = deque(maxlen=64)
        self._analysis_s: deque[float] = deque(maxlen=64)
        self._delay_s: deque[float] = deque(maxlen=64)

    def received(self, *, evicted: bool) -> None:
        """Count a decoded frame; ``evicted``: an older one was dropped for it."""
        with self._lock:
            self.totals.counts["frames_in"] += 1
            self.totals.counts["frames_dropped"] += evicted
            self._in.tick()

    def tracked(self, tracking_s: float, size_wh: tuple[int, int]) -> None:
        """Count a frame that went through the tracker in that time."""
        with self._lock:
            self.totals.counts["frames_tracked"] += 1
            self.totals.tracking.observe(tracking_s)
            self._tracking_s.append(tracking_s)
            self._tracked.tick()
            self.size_wh = size_wh

    def rigged(self, rigging_s: float) -> None:
        """Time a frame's rig."""
        with self._lock:
            self.totals.rigging.observe(rigging_s)
            self._rigging_s.append(rigging_s)

    def analysed(self, analysis_s: float) -> None:
        """Time a frame's analysis."""
        with self._lock:
            self.totals.analysis.observe(analysis_s)
            self._analysis_s.append(analysis_s)

    def delayed(self, delay_s: float) -> None:
        """Time a frame from its decoding until its results were ready."""
        with self._lock:
            self.totals.delay.observe(delay_s)
            self._delay_s.append(delay_s)

    def sent(self) -> None:
        """Count a picture that went to the encoder."""
        with self._lock:
            self.totals.counts["frames_sent"] += 1
            self._out.tick()

    def dropped(self) -> None:
        """Count a frame that was not decoded, that failed, or whose picture was replaced before it was encoded."""
        with self._lock:
            self.totals.counts["frames_dropped"] += 1

    def delivered(self, counter: str, dropped: bool) -> None:
        """Count a frame's messages of a stream (``StreamKind.counter``): sent, or dropped as the channel was full."""
        with self._lock:
            self.totals.counts[f"{counter}_{'dropped' if dropped else 'sent'}"] += 1

    def audio_received(self, *, dropped: bool) -> None:
        """Count a packet of audio; ``dropped``: it was above the limits, or came too late."""
        with self._lock:
            self.totals.counts["audio_packets_in"] += 1
            self.totals.counts["audio_packets_dropped"] += dropped

    def tracker_failed(self) -> None:
        """Count a failure of the engine, after which the tracker was replaced."""
        with self._lock:
            self.totals.counts["tracker_failures"] += 1

    @property
    def fps_tracked(self) -> float:
        """Frames tracked per second."""
        return self._tracked.per_second()

    @property
    def tracking_ms(self) -> float:
        """Median time in the tracker over the last frames."""
        return 1e3 * median(self._tracking_s) if self._tracking_s else 0.0

    def snapshot(self) -> dict[str, float | int]:
        """Return them as the API shows them (``docs/http-api.md``)."""
        with self._lock:
            return {
                "fps_in": round(self._in.per_second(), 1),
                "fps_tracked": round(self._tracked.per_second(), 1),
                "fps_out": round(self._out.per_second(), 1),
                "tracking_ms": round(self.tracking_ms, 1),
                "rigging_ms": round(1e3 * median(self._rigging_s), 2) if self._rigging_s else 0.0,
                "analysis_ms": round(1e3 * median(self._analysis_s), 2) if self._analysis_s else 0.0,
                "delay_ms": round(1e3 * median(self._delay_s), 1) if self._delay_s else 0.0,
                "delay_p95_ms": round(1e3 * _percentile_95(self._delay_s), 1),
                **{name: self.totals.counts[name] for name in publisher_counters()},
                "width": self.size_wh[0],
                "height": self.size_wh[1],
            }


def _percentile_95(times_s: Collection[float]) -> float:
    """The time that 95% of them do not exceed; 0 where there are none."""
    return sorted(times_s)[math.ceil(0.95 * len(times_s)) - 1] if times_s else 0.0


class ViewerStats:
    """Statistics of one viewer: what was sent, and what was dropped. On the event loop only."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._rates: defaultdict[str, Rate] = defaultdict(Rate)

    def delivered(self, counter: str, dropped: bool) -> None:
        """Count a frame of video (``frames``) or of a stream (``StreamKind.counter``), or a packet of audio
        (``audio_packets``): sent, or dropped."""
        self.counts[f"{counter}_{'dropped' if dropped else 'sent'}"] += 1
        if not dropped:
            self._rates[counter].tick()

    def snapshot(self) -> dict[str, float | int]:
        """Return them as the API shows them (``docs/http-api.md``)."""
        rates = {"video": "frames"} | {kind.name: kind.counter for kind in STREAMS.values()}
        return {
            **{f"fps_{name}": round(self._rates[counter].per_second(), 1) for name, counter in rates.items()},
            **{name: self.counts[name] for name in viewer_counters()},
        }
