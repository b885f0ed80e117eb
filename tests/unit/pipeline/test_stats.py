"""What a room counts, and how rates and times are worked out."""

import threading
from collections import Counter
from itertools import count

import pytest
from tests.fakes import SettableClock

from mocast.pipeline import stats
from mocast.pipeline.stats import BUCKETS_S, Histogram, PublisherStats, Rate, Totals, publisher_counters


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SettableClock:
    clock = SettableClock()
    monkeypatch.setattr(stats, "time", clock)
    return clock


def test_a_rate_is_that_of_the_last_seconds(clock: SettableClock) -> None:
    rate = Rate()
    assert rate.per_second() == 0
    for _ in range(120):
        rate.tick()
        clock.now += 1 / 30
    assert rate.per_second() == pytest.approx(30, rel=0.03)
    clock.now += 2 * stats.WINDOW_S
    assert rate.per_second() == 0, "a stream that has stopped shows no rate"


def test_a_rate_falls_while_nothing_comes(clock: SettableClock) -> None:
    rate = Rate()
    for _ in range(30):
        rate.tick()
        clock.now += 1 / 30
    clock.now += 1
    assert rate.per_second() == pytest.approx(14.5, abs=0.5)


def test_a_time_falls_into_the_first_bucket_that_is_not_below_it() -> None:
    histogram = Histogram()
    for seconds in (0.0, BUCKETS_S[0], BUCKETS_S[0] * 1.001, BUCKETS_S[-1] * 2):
        histogram.observe(seconds)
    assert histogram.counts[0] == 2
    assert histogram.counts[1] == 1
    assert histogram.counts[-1] == 1
    assert histogram.sum_s == pytest.approx(BUCKETS_S[0] * 2.001 + BUCKETS_S[-1] * 2)


def test_totals_add_up_every_counter_and_histogram() -> None:
    sums, numbers = Totals(), count(1)
    for _ in range(2):
        one = Totals(Counter({name: next(numbers) for name in publisher_counters()}))
        one.tracking.observe(0.02)
        one.delay.observe(0.2)
        sums.add(one)
    n = len(publisher_counters())
    assert [sums.counts[name] for name in publisher_counters()] == [i + 1 + (i + 1 + n) for i in range(n)]
    assert sum(sums.tracking.counts) == sum(sums.delay.counts) == 2
    assert sums.delay.sum_s == pytest.approx(0.4)


def test_every_event_shows_in_the_snapshot(clock: SettableClock) -> None:
    statistics = PublisherStats()
    for evicted in (False, True):
        statistics.received(evicted=evicted)
        clock.now += 0.1
    for tracking_s in (0.01, 0.03, 0.5):
        statistics.tracked(tracking_s, (640, 480))
        statistics.delayed(2 * tracking_s)
    statistics.sent()
    statistics.dropped()
    statistics.delivered("landmarks", dropped=False)
    statistics.delivered("landmarks", dropped=True)
    statistics.delivered("rigs", dropped=False)
    statistics.delivered("rigs", dropped=True)
    statistics.audio_received(dropped=False)
    statistics.audio_received(dropped=True)
    statistics.tracker_failed()
    snapshot = statistics.snapshot()
    assert {name: snapshot[name] for name in publisher_counters()} == {
        "frames_in": 2,
        "frames_tracked": 3,
        "frames_dropped": 2,
        "frames_sent": 1,
        "landmarks_sent": 1,
        "landmarks_dropped": 1,
        "rigs_sent": 1,
        "rigs_dropped": 1,
        "analyses_sent": 0,
        "analyses_dropped": 0,
        "events_sent": 0,
        "events_dropped": 0,
        "audio_packets_in": 2,
        "audio_packets_dropped": 1,
        "tracker_failures": 1,
    }
    assert (snapshot["tracking_ms"], snapshot["delay_ms"]) == (30, 60), "medians, which one slow frame does not move"
    assert snapshot["delay_p95_ms"] > 60
    assert (snapshot["width"], snapshot["height"]) == (640, 480)
    assert snapshot["fps_in"] == pytest.approx(5, abs=0.1)


def test_no_count_is_lost_between_threads() -> None:
    statistics = PublisherStats()

    def work() -> None:
        for _ in range(2_000):
            statistics.received(evicted=True)
            statistics.tracked(0.01, (64, 48))
            statistics.snapshot()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (
        statistics.totals.counts["frames_in"]
        == statistics.totals.counts["frames_dropped"]
        == statistics.totals.counts["frames_tracked"]
        == 8_000
    )
    assert sum(statistics.totals.tracking.counts) == 8_000
