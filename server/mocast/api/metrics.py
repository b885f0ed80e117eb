"""The Prometheus metrics, read at each scrape from counters that are there anyway."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Protocol, TypeVar, get_args

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from mocast.api.connections import Connections
from mocast.api.loop_lag import LoopLag
from mocast.events.event_target import Fate
from mocast.events.event_targets import EventTargets
from mocast.inputs.registry import Inputs
from mocast.jobs.registry import Jobs
from mocast.limiter import Limiter
from mocast.pipeline.fault_counts import FAULT_HELP, FaultCounts
from mocast.pipeline.frame_scheduler import FrameScheduler
from mocast.pipeline.stats import Histogram, publisher_counters, viewer_counters
from mocast.recordings.registry import Recordings
from mocast.rooms.camera_rate import CameraRates
from mocast.rooms.registry import Rooms
from mocast.rooms.room import SourceState

Family = TypeVar("Family", GaugeMetricFamily, CounterMetricFamily)
Label = TypeVar("Label", bound=str)

HELP = {
    "frames_in": "Frames received and decoded",
    "frames_tracked": "Frames that went through a tracker",
    "frames_dropped": "Frames dropped: for a newer one, not decoded after a loss, or failed",
    "frames_sent": "Annotated pictures handed to the encoder",
    "tracker_failures": "Times that a tracker failed and was replaced",
    "audio_packets_in": "Packets of audio received from publishers",
    "audio_packets_dropped": "Packets of audio that were above the limits, or came too late",
    "events_sent": "Events sent to publishers",
    "events_dropped": "Events that publishers were too slow for",
    "viewer_events_sent": "Events sent to viewers and WebSocket readers",
    "viewer_events_dropped": "Events that viewers and WebSocket readers were too slow for",
    "viewer_audio_packets_sent": "Packets of audio sent to viewers",
    "viewer_audio_packets_dropped": "Packets of audio that viewers were too slow for",
}

QUEUES = ("decoder", "frame", "track")
"""A publisher's queues in the order in which a frame passes them: encoded frames for the decoder, decoded ones for the
room's thread, and those for the tracking thread of ``pace=smooth``."""


class Pool(Protocol):
    """The part of ``TrackerPool`` that is needed here."""

    built: int
    failures: int
    hung: int

    @property
    def lent(self) -> int:
        """How many trackers are in use."""

    @property
    def hanging(self) -> int:
        """How many threads of trackers that hung have not returned yet."""


def pool_metrics(pool: Pool, faults: FaultCounts) -> Iterator[Metric]:
    """Yield the counters of the pool, which counts still pictures, too, and of other parts that failed."""
    yield CounterMetricFamily("mocast_trackers_built", "Trackers built", pool.built)
    yield CounterMetricFamily("mocast_trackers_failed", "Times that a tracker failed or was not built", pool.failures)
    yield CounterMetricFamily("mocast_trackers_hung", "Times that a tracker did not return", pool.hung)
    yield GaugeMetricFamily("mocast_trackers_hanging", "Threads that hang in a tracker", pool.hanging)
    for fault, text in FAULT_HELP.items():
        yield CounterMetricFamily(f"mocast_{fault}", text, faults[fault])
    yield GaugeMetricFamily("mocast_trackers_lent", "Trackers in use", pool.lent)


def connections_metrics(connections: Connections) -> Iterator[Metric]:
    """Yield the counts of HTTP connections."""
    yield GaugeMetricFamily("mocast_http_connections", "Connections by HTTP", connections.open)
    yield CounterMetricFamily(
        "mocast_http_connections_refused", "Connections by HTTP above the limits", connections.refused
    )


def strangers_metrics(strangers: Callable[[], int]) -> Iterator[Metric]:
    """Yield how much came to the shared UDP port that belongs to no session."""
    yield CounterMetricFamily("mocast_udp_strangers", "Datagrams at udp_port that belong to no session", strangers())


def build_metrics(describe: Callable[[], Mapping[str, str]]) -> Iterator[Metric]:
    """Yield what runs here: a gauge that is 1, with the answer in its labels."""
    yield InfoMetricFamily("mocast_build", "What runs here", dict(describe()))


def load_metrics(scheduler: FrameScheduler, rates: CameraRates) -> Iterator[Metric]:
    """Yield how many frames are tracked at a time, how long fewer were, and what cameras are asked for."""
    yield GaugeMetricFamily("mocast_slots", "Frames that are tracked at a time at most", scheduler.slots)
    text = "Seconds for which slots were free, of all slots together"
    yield CounterMetricFamily("mocast_slots_free_seconds", text, scheduler.free_s)
    text = "Frames a second that each camera is asked for at most, as there is no time for more; 0: for all that it has"
    yield GaugeMetricFamily("mocast_asked_fps", text, rates.fps or 0)


def limits_metrics(limiter: Limiter, refused: Mapping[str, int]) -> Iterator[Metric]:
    """Yield what is held of each kind, and how often each limit was reached.

    ``refused``: by the limit's name; the names are few and do not depend on clients.
    """
    held = GaugeMetricFamily("mocast_held", "What clients hold, by kind", labels=["kind"])
    yield _labelled(held, {kind: limiter.held(kind) for kind in limiter.kinds})
    most = GaugeMetricFamily("mocast_held_max", "What they may hold at most", labels=["kind"])
    yield _labelled(most, {kind: limiter.most(kind) for kind in limiter.kinds})
    yield _labelled(CounterMetricFamily("mocast_refused", "Times that a limit was reached", labels=["limit"]), refused)
    yield GaugeMetricFamily("mocast_limited_clients", "Clients that the limiter remembers", len(limiter))


def recordings_metrics(recordings: Recordings) -> Iterator[Metric]:
    """Yield how many recordings are kept, and their bytes."""
    yield GaugeMetricFamily("mocast_recordings", "Recordings, the running ones among them", len(recordings.list))
    yield GaugeMetricFamily(
        "mocast_recordings_bytes", "Disk that recordings take, or may if they run", recordings.list.bytes
    )


def jobs_metrics(jobs: Jobs) -> Iterator[Metric]:
    """Yield how many jobs there are, and what they take of the disk."""
    yield _labelled(GaugeMetricFamily("mocast_jobs", "Jobs, by state", labels=["state"]), jobs.list.counts())
    yield GaugeMetricFamily(
        "mocast_jobs_bytes", "Disk that jobs take, or may if their video is still coming", jobs.list.disk_bytes
    )


def events_metrics(events: EventTargets) -> Iterator[Metric]:
    """Yield what became of the events for webhooks and MQTT brokers, by target: ``webhook-1``, ``mqtt-1``."""
    fates: dict[Fate, str] = {
        "delivered": "Events that a target has taken",
        "dropped": "Events that a target was too slow for, or away for too long",
        "failed": "Attempts to deliver an event, or to connect, that failed",
    }
    for fate, text in fates.items():
        family = CounterMetricFamily(f"mocast_target_events_{fate}", text, labels=["target"])
        yield _labelled(family, {target.label: target.count(fate) for target in events.targets})
    waiting = GaugeMetricFamily("mocast_target_events_waiting", "Events that wait for a target", labels=["target"])
    yield _labelled(waiting, {target.label: target.waiting for target in events.targets})


def inputs_metrics(inputs: Inputs) -> Iterator[Metric]:
    """Yield what came in at the operator's inputs, by input: ``vmc-1``, ``ifacialmocap-2``."""
    counted = {
        "datagrams": "Datagrams of an input that were read",
        "poses": "Poses that they held",
        "broken": "Datagrams of an input that are none of its protocol",
        "refused": "Datagrams of others than those who may send",
    }
    statuses = {f"{one.options.kind}-{at}": one.status for at, one in enumerate(inputs.running_inputs, 1)}
    for name, text in counted.items():
        family = CounterMetricFamily(f"mocast_input_{name}", text, labels=["input"])
        yield _labelled(family, {label: getattr(status, name) for label, status in statuses.items()})


def rooms_metrics(rooms: Rooms, lag: LoopLag, labelled_rooms: int = 0) -> Iterator[Metric]:
    """Yield the rooms' own counters, so that counting costs a frame nothing.

    ``labelled_rooms``: how many rooms, the oldest, get metrics of their own, labelled by their names.
    """
    totals = rooms.sessions.totals()
    yield GaugeMetricFamily("mocast_rooms", "Rooms that somebody is in", len(rooms))
    yield GaugeMetricFamily("mocast_sessions", "Publishers connected or connecting", len(rooms.sessions.publishers))
    yield GaugeMetricFamily("mocast_sessions_max", "Publishers at a time at most", rooms.max_sessions)
    yield CounterMetricFamily("mocast_sessions_started", "Publishers taken", rooms.sessions.publishers_started)
    sources = GaugeMetricFamily("mocast_sources", "Cameras that the server opens, by state", labels=["state"])
    states = Counter(room.source.state for room in rooms if room.source is not None)
    yield _labelled(sources, {state: states[state] for state in get_args(SourceState)})
    for name in publisher_counters():
        yield CounterMetricFamily(f"mocast_{name}", HELP.get(name) or _help(name, "publishers"), totals.counts[name])
    yield _histogram("mocast_tracking_seconds", "Time in the tracker for a frame", totals.tracking)
    yield _histogram("mocast_rigging_seconds", "Time to solve a frame's rig", totals.rigging)
    yield _histogram("mocast_analysis_seconds", "Time to analyse a frame", totals.analysis)
    yield _histogram("mocast_delay_seconds", "From a frame decoded to its results ready", totals.delay)
    yield from _viewers(rooms)
    depths = [session.queue_depths for session in rooms.sessions.publishers]
    queues = GaugeMetricFamily("mocast_queue_depth", "Frames that wait, in all sessions", labels=["queue"])
    yield _labelled(queues, {queue: sum(session.get(queue, 0) for session in depths) for queue in QUEUES})
    yield GaugeMetricFamily("mocast_tasks", "Tasks of the event loop", len(asyncio.all_tasks()))
    text = "How late the event loop was at worst in the last 15 to 30 s"
    yield GaugeMetricFamily("mocast_loop_lag_seconds", text, lag.worst_s)
    text = "How late a timer of the event loop fired, ten times a second"
    yield _histogram("mocast_loop_timer_lateness_seconds", text, lag.histogram)
    if labelled_rooms:
        yield from _single_rooms(rooms, labelled_rooms)


def _viewers(rooms: Rooms) -> Iterator[Metric]:
    delivered = rooms.sessions.delivered()
    yield GaugeMetricFamily("mocast_viewers", "Viewers connected or connecting", len(rooms.sessions.viewers))
    yield GaugeMetricFamily("mocast_readers", "WebSocket readers", rooms.sessions.readers)
    yield GaugeMetricFamily("mocast_viewers_max", "Viewers at a time at most", rooms.max_viewers)
    yield CounterMetricFamily("mocast_viewers_started", "Viewers taken", rooms.sessions.viewers_started)
    for name in viewer_counters():
        text = HELP.get(f"viewer_{name}") or _help(name, "viewers")
        yield CounterMetricFamily(f"mocast_viewer_{name}", text, delivered[name])


def _single_rooms(rooms: Rooms, most: int) -> Iterator[Metric]:
    families: list[GaugeMetricFamily | CounterMetricFamily] = [
        GaugeMetricFamily("mocast_room_fps", "Frames tracked per second", labels=["room"]),
        GaugeMetricFamily("mocast_room_delay_p95_seconds", "95th percentile of the delay", labels=["room"]),
        CounterMetricFamily("mocast_room_frames_dropped", "Frames dropped by its publisher", labels=["room"]),
    ]
    for room in islice(rooms, most):
        if room.publisher is not None:
            stats = room.publisher.stats()
            values = stats["fps_tracked"], stats["delay_p95_ms"] / 1e3, stats["frames_dropped"]
            for family, value in zip(families, values, strict=True):
                family.add_metric([room.name], value)
    yield from families


class _Collector(Collector):
    def __init__(self, read: Callable[[], Iterator[Metric]]) -> None:
        self._read = read

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics as they are now."""
        return self._read()


def registry(*reads: Callable[[], Iterator[Metric]]) -> CollectorRegistry:
    """Return a registry of the process's own metrics and of those that ``reads`` yield at each scrape."""
    metrics = CollectorRegistry()
    ProcessCollector(registry=metrics)
    PlatformCollector(registry=metrics)
    GCCollector(registry=metrics)
    for read in reads:
        metrics.register(_Collector(read))
    return metrics


def _help(counter: str, receivers: str) -> str:
    what, _, fate = counter.rpartition("_")
    subject = "Annotated pictures that" if what == "frames" else f"Frames whose {what}"
    return f"{subject} {'were' if fate == 'sent' else 'could not be'} sent to {receivers}"


def _labelled(family: Family, values: Mapping[Label, float]) -> Family:
    """Return a family of one label with the values by it."""
    for label, value in values.items():
        family.add_metric([label], value)
    return family


def _histogram(name: str, text: str, histogram: Histogram) -> HistogramMetricFamily:
    total, buckets = 0, []
    for bound, count in zip([*map(str, histogram.bounds_s), "+Inf"], histogram.counts, strict=True):
        total += count
        buckets.append((bound, total))
    family = HistogramMetricFamily(name, text)
    family.add_metric([], buckets, histogram.sum_s)
    return family
