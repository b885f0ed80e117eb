"""Many nodes and one Redis: ``python -m bench.cluster day 1 10 --hours 0-24`` and ``python -m bench.cluster latency``.

``day`` simulates the sessions of a day (``bench/cluster_simulation.py``), a crowd at 17:00 and the loss of a zone at
14:00. ``day 1000 --keep FOLDER`` does so in parts of a quarter of an hour, each kept as soon as it is done; run again
it goes on, and what it prints is what all that are there came to. ``latency`` measures in real time how long it takes
to place a room, while all nodes send their heartbeats; where there are two cores Redis has one to itself, and the nodes
have the other.
"""

import argparse
import asyncio
import itertools
import logging
import multiprocessing
import os
import time
from pathlib import Path

import structlog
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from tests.directories import node

from bench import processes
from bench.cluster_day import COLUMNS, redis_load, redis_url, simulate, simulate_parts
from bench.cluster_simulation import STEP_S, Day, SimulatedDirectory, SimulatedNode, read_lines_once
from bench.report import percentiles
from mocast.cluster.membership import RENEW_S, Membership
from mocast.cluster.redis_directory import PREFIX, RedisDirectory

PLACES = 16
TOGETHER = 2
"""Heartbeats that one process sends at a time: one by one they would take a third of the core that is measured on."""
LONG_S = 60.0
"""The lease where one process has the heartbeats of all nodes: on a busy machine they are late."""
BEHIND = 10
"""Niceness of the process that is all other nodes: they would be other machines."""
ROOMS_KEY = f"{PREFIX}:rooms"


def beat(url: str, nodes: int, rooms: int) -> None:
    """In a process of its own, until it is killed: all nodes, with their rooms, send heartbeats at their times."""

    async def run() -> None:
        read_lines_once()
        day = Day(nodes, places=PLACES)
        directory = SimulatedDirectory(url, time.time, LONG_S)
        await directory.load()
        made = [SimulatedNode(i, day, directory, time.monotonic) for i in range(nodes)]
        for each in made:
            await each.membership.renew()
            each.rooms.update(f"room-{each.number}-{room}" for room in range(rooms // nodes))
            await each.hold_all()
        pause_s = TOGETHER * RENEW_S / nodes
        for turn in itertools.count():
            due_s = time.monotonic()
            if turn == 1:
                with Redis.from_url(url) as client:
                    client.set("ready", 1)
            for first in range(0, nodes, TOGETHER):
                due_s += pause_s
                await asyncio.sleep(max(0.0, due_s - time.monotonic()))
                await asyncio.gather(*(each.membership.beat() for each in made[first : first + TOGETHER]))

    be_quiet()
    os.nice(BEHIND)
    asyncio.run(run())


def be_quiet() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


async def place(url: str, count: int) -> list[float]:
    """Place rooms, a hundred a second at most; return the milliseconds that each took."""
    membership = Membership(RedisDirectory(url, lease_s=LONG_S), lambda: node("measuring", PLACES), lambda _: None)
    async with AsyncRedis.from_url(url) as client:
        while not await client.exists("ready"):  # noqa: ASYNC110 (another process sets it)
            await asyncio.sleep(0.1)
        await membership.renew()
        print(f"{len(membership.nodes)} nodes, {await client.hlen(ROOMS_KEY)} rooms")
    took_ms = []
    for i in range(count):
        if i % 200 == 0:  # every two seconds
            await membership.renew()
        began_s = time.perf_counter()
        await membership.acquire(f"new-{i}")
        took_ms.append(1e3 * (time.perf_counter() - began_s))
        await asyncio.sleep(0.01)
    return took_ms


def latency(nodes: int, rooms: int, count: int) -> None:
    with redis_url() as url:
        with Redis.from_url(url) as client:
            os.sched_setaffinity(client.info("server")["process_id"], {processes.SERVER_CORE})
        processes.pin_client()
        others = multiprocessing.get_context("spawn").Process(target=beat, args=(url, nodes, rooms))
        others.start()
        try:
            took_ms = asyncio.run(place(url, count))
            memory_mb = redis_load(url)["memory_bytes"] / 1e6
        finally:
            others.kill()
            others.join()
        p50_ms, p95_ms, most_ms = percentiles(took_ms)
        print(f"placing a room, ms: p50 {p50_ms:.2f}, p95 {p95_ms:.2f}, most {most_ms:.2f} (target: p95 ≤ 5)")
        print(f"Redis: {memory_mb:.1f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_subparsers(dest="part", required=True)
    day = parts.add_parser("day")
    day.add_argument("nodes", type=int, nargs="+")
    day.add_argument("--hours", default="0-24", help="the part of the day, such as 19.5-20.5")
    day.add_argument("--loss", type=float, default=14, help="the hour at which a zone is lost; 24: never")
    day.add_argument("--step", type=float, default=STEP_S, help="seconds of simulated time in which all is at once")
    day.add_argument("--keep", type=Path, metavar="FOLDER", help="run the day in parts, and keep each there")
    day.add_argument("--part-h", type=float, default=0.25, help="hours of each part (default: %(default)s)")
    day.add_argument("--most", type=float, default=1e9, help="seconds after which no other part is begun")
    timed = parts.add_parser("latency")
    timed.add_argument("--nodes", type=int, default=1000)
    timed.add_argument("--rooms", type=int, default=10_000)
    timed.add_argument("--count", type=int, default=1000)
    arguments = parser.parse_args()
    be_quiet()
    if arguments.part == "latency":
        latency(arguments.nodes, arguments.rooms, arguments.count)
        return
    from_h, to_h = map(float, arguments.hours.split("-"))
    print("| " + " | ".join(COLUMNS) + " |\n|" + " --- |" * len(COLUMNS))
    for nodes in arguments.nodes:
        day = Day(nodes, from_h=from_h, to_h=to_h, loss_at_h=arguments.loss, step_s=arguments.step)
        if arguments.keep is None:
            print(simulate(day).row(f"{nodes}, {from_h:g} to {to_h:g} h"), flush=True)
        else:
            outcome = simulate_parts(day, arguments.part_h, arguments.keep, arguments.most)
            print(outcome.row(f"{nodes}, {outcome.seconds / 3600:g} h of {from_h:g} to {to_h:g}"), flush=True)


if __name__ == "__main__":
    main()
