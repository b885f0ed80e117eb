"""What Prometheus is told of rooms that a test holds still."""

import threading
from collections import Counter
from functools import partial
from types import SimpleNamespace

import pytest
from tests.fakes import CentreTracker, FakeTrackers, make_limiter
from tests.peers import Peer
from tests.polling import until
from tests.rooms import open_rooms, publish, subscribe

from mocast.api.loop_lag import LoopLag
from mocast.api.metrics import QUEUES, build_metrics, limits_metrics, pool_metrics, registry, rooms_metrics
from mocast.limiter import LIMIT_NAMES, Client
from mocast.model.frame import Frame
from mocast.model.tracked import Tracked
from mocast.pipeline.fault_counts import FaultCounts
from mocast.rooms.registry import Rooms


class HeldTrackers(FakeTrackers):
    """Their trackers finish no frame before they are let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Event()

    def acquire(self, *args, **kwargs) -> CentreTracker:  # type: ignore[no-untyped-def]
        tracker = super().acquire(*args, **kwargs)
        track = tracker.track

        def held(frame: Frame) -> Tracked:
            self.let.wait()
            return track(frame)

        tracker.track = held  # type: ignore[method-assign]
        return tracker


def depths(rooms: Rooms) -> dict[str, float | None]:
    """The depth that is told of each queue."""
    metrics = registry(partial(rooms_metrics, rooms, LoopLag()))
    return {queue: metrics.get_sample_value("mocast_queue_depth", {"queue": queue}) for queue in QUEUES}


async def test_viewers_and_readers_are_counted_apart_and_what_they_got_outlives_them() -> None:
    async with open_rooms() as rooms:
        metrics = registry(partial(rooms_metrics, rooms, LoopLag()))
        viewer = Peer(video=False, rig="")
        side = await subscribe(rooms, viewer)
        with rooms.lease_reader("room") as (room, statistics):
            statistics.delivered("rigs", dropped=True)
            assert metrics.get_sample_value("mocast_rooms") == 1
            assert metrics.get_sample_value("mocast_viewers") == 1
            assert metrics.get_sample_value("mocast_readers") == 1
            assert room.snapshot()["readers"] == 1
        await rooms.sessions.end(side.id, "the client left")
        assert metrics.get_sample_value("mocast_rooms") == 0
        assert metrics.get_sample_value("mocast_viewers_started_total") == 1
        assert metrics.get_sample_value("mocast_viewer_rigs_dropped_total") == 1
        await viewer.close()


def test_the_pools_own_counters_are_told() -> None:
    metrics = registry(
        partial(pool_metrics, SimpleNamespace(built=5, failures=2, hung=1, hanging=1, lent=1), FaultCounts())
    )
    assert metrics.get_sample_value("mocast_trackers_built_total") == 5
    assert metrics.get_sample_value("mocast_trackers_failed_total") == 2
    assert metrics.get_sample_value("mocast_trackers_hung_total") == 1
    assert metrics.get_sample_value("mocast_trackers_hanging") == 1
    assert metrics.get_sample_value("mocast_trackers_lent") == 1
    assert metrics.get_sample_value("mocast_encoders_failed_total") == 0


def test_what_is_held_and_which_limit_was_reached_is_told_by_kind_alone() -> None:
    limiter, refused = make_limiter(sessions=3), Counter(dict.fromkeys(LIMIT_NAMES, 0))
    limiter.take("sessions", Client("192.0.2.1", "anna"))
    refused["sessions_address"] += 2
    metrics = registry(partial(limits_metrics, limiter, refused))
    assert metrics.get_sample_value("mocast_held", {"kind": "sessions"}) == 1
    assert metrics.get_sample_value("mocast_held_max", {"kind": "sessions"}) == 3
    assert metrics.get_sample_value("mocast_refused_total", {"limit": "sessions_address"}) == 2
    assert metrics.get_sample_value("mocast_refused_total", {"limit": "viewers_server"}) == 0
    assert metrics.get_sample_value("mocast_limited_clients") == 2
    assert "anna" not in str(list(metrics.collect()))


def test_what_runs_is_told_in_labels() -> None:
    labels = {"version": "1.2", "engine": "openvino", "precision": "bf16"}
    metrics = registry(partial(build_metrics, lambda: labels))
    assert metrics.get_sample_value("mocast_build_info", labels) == 1


@pytest.mark.parametrize(("most", "named"), [(0, []), (1, ["older"]), (9, ["older", "younger"])])
async def test_rooms_are_named_only_where_the_operator_wants_it_and_no_more_than_that(
    most: int, named: list[str]
) -> None:
    peers = Peer(), Peer()
    async with open_rooms() as rooms:
        for peer, name in zip(peers, ("older", "younger"), strict=True):
            await publish(rooms, peer, name)
            await peer.until(lambda peer=peer: len(peer.frames) >= 2)
        metrics = registry(partial(rooms_metrics, rooms, LoopLag(), most))
        samples = [sample for family in metrics.collect() for sample in family.samples]
        assert sorted({s.labels["room"] for s in samples if "room" in s.labels}) == named
        for name in named:
            assert metrics.get_sample_value("mocast_room_fps", {"room": name}) > 0
            assert metrics.get_sample_value("mocast_room_delay_p95_seconds", {"room": name}) > 0
            assert metrics.get_sample_value("mocast_room_frames_dropped_total", {"room": name}) is not None
        assert ("older" in str(samples)) == bool(named)
        for peer in peers:
            await peer.close()


async def test_each_queue_has_a_depth_of_its_own() -> None:
    peer, trackers = Peer(), HeldTrackers()
    async with open_rooms(trackers) as rooms:
        assert depths(rooms) == dict.fromkeys(QUEUES, 0)
        try:
            session = await publish(rooms, peer)
            assert set(session.queue_depths) == set(QUEUES)
            await until(lambda: depths(rooms) == {"decoder": 0, "frame": 1, "track": 0})
        finally:
            trackers.let.set()
        await peer.close()
