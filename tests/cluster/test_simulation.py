"""Minutes of many nodes in simulated time, by a real Redis: what is lost with a zone, and how even their loads are."""

import asyncio

from bench.cluster_day import redis_load
from bench.cluster_simulation import RETRY_S, STEP_S, Day, Simulation

from mocast.cluster.directory import LEASE_S
from tests.redis_server import RedisServer


def test_rooms_of_a_lost_zone_are_elsewhere_when_its_leases_have_ended(redis_server: RedisServer) -> None:
    tally = asyncio.run(Simulation(redis_server.url, Day(9, from_h=13.99, to_h=14.02)).run())
    assert len(tally.recovered_s) > 5
    assert max(tally.recovered_s) <= LEASE_S + RETRY_S + 2 * STEP_S
    assert tally.counts["blocked after the loss"] == 0


def test_no_node_has_much_more_than_the_mean_and_redis_little_to_do(redis_server: RedisServer) -> None:
    before: dict[str, float] = {}

    async def note() -> None:
        before.update(redis_load(redis_server.url))

    tally = asyncio.run(Simulation(redis_server.url, Day(12, from_h=19.9, to_h=20.05)).run(note))
    found = [most for _, utilisation, most in tally.samples if 0.75 <= utilisation <= 0.85]
    assert sum(found) / len(found) <= 1.15
    assert tally.counts["blocked"] == 0
    commands = redis_load(redis_server.url)["commands"] - before["commands"]
    assert tally.requests < commands <= 20 * tally.session_s / 60
