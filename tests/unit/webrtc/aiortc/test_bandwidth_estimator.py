"""The estimate of a client's bitrate is aiortc's own, with less work, and has an upper bound."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from aiortc.rate import RateCounter, RemoteBitrateEstimator

from mocast.webrtc.aiortc.bandwidth_estimator import BoundedEstimator, ReceivedRate

MOST = 20_000_000


def bursts(seed: int) -> Iterator[dict[str, int]]:
    """Frames at 30 per second and some jitter, a pause, then a line that fills up."""
    rng = random.Random(seed)
    sent_ms = arrived_ms = 1_000.0
    for number in range(600):
        sent_ms += 33.3 + (5_000 if number == 300 else 0)
        arrived_ms = max(arrived_ms, sent_ms + rng.uniform(0, 8) + max(0, number - 450) * 4)
        yield {
            "abs_send_time": round(sent_ms * 262.144) & 0xFF_FFFF,
            "arrival_time_ms": round(arrived_ms),
            "payload_size": rng.randrange(2_000, 20_000),
            "ssrc": 1,
        }


@pytest.mark.parametrize("seed", range(3))
def test_what_a_client_is_told_is_what_aiortc_would_tell_it(seed: int) -> None:
    ours, theirs = BoundedEstimator(lambda: MOST), RemoteBitrateEstimator()
    told = [(ours.add(**burst), theirs.add(**burst)) for burst in bursts(seed)]
    assert [one for one, _ in told] == [other for _, other in told]
    assert sum(one is not None for one, _ in told) > 20


def test_no_client_is_told_to_send_more_than_it_may() -> None:
    told = [estimate for burst in bursts(0) if (estimate := BoundedEstimator.add(BOUNDED, **burst))]
    assert {bits for bits, _ in told} == {100_000}


BOUNDED = BoundedEstimator(lambda: 100_000)


@pytest.mark.parametrize("pause_ms", [0, 1, 500, 999, 1_000, 1_500, 600_000, 86_400_000])
def test_the_rate_is_aiortcs_also_after_a_pause(pause_ms: int) -> None:
    ours, theirs = ReceivedRate(), RateCounter(1_000)
    counters: tuple[Any, Any] = ours, theirs
    rng, now = random.Random(pause_ms), 10_000
    for step in [*(rng.randrange(40) for _ in range(60)), pause_ms, *(rng.randrange(40) for _ in range(60))]:
        now += step
        rates = [counter.rate(now) for counter in counters]
        assert rates[0] == rates[1]
        for counter in counters:
            counter.add(step * 100 + 1, now)
    assert len(ours._received) <= 61
