"""Many nodes and one Redis: ``python -m bench.cluster day 1 10 --hours 0-24`` and ``python -m bench.cluster latency``.

``day`` simulates the sessions of a day (``bench/cluster_simulation.py``), a crowd at 17:00 and the loss of a zone at
14:00. ``latency`` measures in real time how long it takes to place a room, while all nodes send their heartbeats; where
there are two cores Redis has one to itself, and the nodes have the other.
"""

import argparse
import asyncio
import itertools
import logging
import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from tests.directories import node
from tests.redis_server import RedisServer, find_redis

from bench import processes
from bench.cluster_simulation import (
    SETTLED_S,
    STEP_S,
    Day,
    SimulatedDirectory,
    SimulatedNode,
    Simulation,
    Tally,
    imbalance,
    read_lines_once,
)
from bench.report import percentiles
from mocast.cluster.directory import PROVISIONAL
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


@contextmanager
def redis_url() -> Iterator[str]:
    """A Redis of its own that keeps nothing on the disk."""
    program = find_redis()
    assert program is not None, "redis-server is not to be had"
    with tempfile.TemporaryDirectory() as folder, RedisServer(program, Path(folder)) as server:
        yield server.url


def redis_load(url: str) -> dict[str, float]:
    """What Redis has done: commands with those of scripts, seconds of processor time, bytes."""
    with Redis.from_url(url) as client:
        told: dict[str, Any] = client.info("everything")
        commands = client.info("commandstats")
    return {
        # Where no clock is given each script asks Redis for the time, too.
        "commands": sum(entry["calls"] for entry in commands.values()) + commands["cmdstat_evalsha"]["calls"],
        "cpu_s": told["used_cpu_sys"] + told["used_cpu_user"],
        "out_bytes": told["total_net_output_bytes"],
        "memory_bytes": told["used_memory"],
    }


def simulate(day: Day) -> str:
    """Run a day; return its row."""
    before: dict[str, float] = {}

    async def note() -> None:
        before.update(redis_load(url))

    with redis_url() as url:
        began_s = time.monotonic()
        tally = asyncio.run(Simulation(url, day).run(note))
        load = {name: value - before[name] for name, value in redis_load(url).items()}
        took_s = time.monotonic() - began_s
    return row(day, tally, load, took_s)


def row(day: Day, tally: Tally, load: dict[str, float], took_s: float) -> str:
    minutes, seconds = tally.session_s / 60, 3600 * (day.to_h - day.from_h) - SETTLED_S
    counts = tally.counts
    busy = imbalance(tally, 0.78, 0.82)
    shown = f"{np.median(busy):.2f} / {np.percentile(busy, 95):.2f} / {busy.max():.2f}" if busy is not None else ""
    recovered = tally.recovered_s
    back = ""
    if recovered:
        p50_s, p95_s, most_s = percentiles(recovered)
        back = f"{p50_s:.1f} / {p95_s:.1f} / {most_s:.1f} of {len(recovered)}"
    cells = [
        f"{day.nodes}, {day.from_h:g} to {day.to_h:g} h",
        f"{counts['sessions']:,}",
        f"{counts['blocked']:,} ({counts['blocked'] / max(1, counts['sessions'] + counts['blocked']):.2%})",
        shown,
        back,
        f"{tally.requests / minutes:.1f} / {load['commands'] / minutes:.1f}",
        f"{tally.requests / seconds:.1f}",
        f"{load['cpu_s'] / seconds:.2%}",
        f"{8 * load['out_bytes'] / seconds / 1e6:.2f}",
        f"{took_s:.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


COLUMNS = (
    "nodes, time",
    "sessions",
    "blocked",
    "largest load / mean at 78 to 82%: p50 / p95 / most",
    "rooms of a lost zone elsewhere after s: p50 / p95 / most",
    "Redis a session-minute: requests / commands",
    "requests/s",
    "Redis' core",
    "Mbit/s from Redis",
    "took s",
)


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
            held = await directory.reclaim(each.membership._me.id, dict.fromkeys(each.rooms, PROVISIONAL))
            each.membership._held.update(held or {})  # in one call for all of them, so that no lease ends meanwhile
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
        print(
            simulate(Day(nodes, from_h=from_h, to_h=to_h, loss_at_h=arguments.loss, step_s=arguments.step)), flush=True
        )


if __name__ == "__main__":
    main()
