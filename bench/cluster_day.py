"""What a simulated day came to: in one piece, or in parts, each of which is kept in a file as soon as it is done.

So a long day may be run whenever there is time, in several processes, and goes on after an interruption.
"""

import itertools
import json
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import uvloop
from redis import Redis
from tests.redis_server import RedisServer, find_redis

from bench.cluster_simulation import BUSIEST_H, HOUR_S, Day, Simulation
from bench.report import percentiles

WARM_UP_S: Final = 300.0
"""Of each part, not counted. It begins with loads that differ by one at most; two fifths of them end in it."""

LONG_STEP_S: Final = 0.5
"""Of parts in which no time below it is measured."""

COLUMNS: Final = (
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


@dataclass(slots=True)
class Outcome:
    """What was counted, over one part of a day or several."""

    seconds: float = 0
    "Of simulated time."
    session_s: float = 0
    sessions: int = 0
    blocked: int = 0
    blocked_after_loss: int = 0
    requests: int = 0
    commands: int = 0
    "With those within scripts."
    cpu_s: float = 0
    "Redis' processor time."
    out_bytes: int = 0
    took_s: float = 0
    samples: list[tuple[float, float, float]] = field(default_factory=list)
    "As ``Tally`` has them."
    recovered_s: list[float] = field(default_factory=list)

    def __iadd__(self, other: "Outcome") -> "Outcome":
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)
        return self

    def imbalance(self, low: float, high: float) -> np.ndarray | None:
        """Return the largest load by the mean whenever the utilisation was in a range; ``None``: it never was."""
        found = [most for _, utilisation, most in self.samples if low <= utilisation <= high]
        return np.array(found) if found else None

    def row(self, title: str) -> str:
        """A row of the table."""
        minutes = self.session_s / 60
        busy = self.imbalance(0.78, 0.82)
        shown = f"{np.median(busy):.2f} / {np.percentile(busy, 95):.2f} / {busy.max():.2f}" if busy is not None else ""
        back = ""
        if self.recovered_s:
            p50_s, p95_s, most_s = percentiles(self.recovered_s)
            back = f"{p50_s:.1f} / {p95_s:.1f} / {most_s:.1f} of {len(self.recovered_s):,}"
        cells = [
            title,
            f"{self.sessions:,}",
            f"{self.blocked:,} ({self.blocked / max(1, self.sessions + self.blocked):.2%})",
            shown,
            back,
            f"{self.requests / minutes:.1f} / {self.commands / minutes:.1f}",
            f"{self.requests / self.seconds:.1f}",
            f"{self.cpu_s / self.seconds:.2%}",
            f"{8 * self.out_bytes / self.seconds / 1e6:.2f}",
            f"{self.took_s:.0f}",
        ]
        return "| " + " | ".join(cells) + " |"


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


def simulate(day: Day) -> Outcome:
    """Run a day, or a part of one."""
    before: dict[str, float] = {}

    async def note() -> None:
        before.update(redis_load(url))

    with redis_url() as url:
        began_s = time.monotonic()
        tally = uvloop.run(Simulation(url, day).run(note))
        load = {name: value - before[name] for name, value in redis_load(url).items()}
        took_s = time.monotonic() - began_s
    return Outcome(
        seconds=HOUR_S * (day.to_h - day.from_h),
        session_s=tally.session_s,
        sessions=tally.counts["sessions"],
        blocked=tally.counts["blocked"],
        blocked_after_loss=tally.counts["blocked after the loss"],
        requests=tally.requests,
        commands=int(load["commands"]),
        cpu_s=load["cpu_s"],
        out_bytes=int(load["out_bytes"]),
        took_s=took_s,
        samples=tally.samples,
        recovered_s=tally.recovered_s,
    )


def parts_of(day: Day, each_h: float) -> list[tuple[float, float]]:
    """Return the parts of a day: first those in which most happens, then such as are spread over it.

    The two after the loss of a zone are one: in the second its nodes are back, and empty.
    """
    count = round((day.to_h - day.from_h) / each_h)
    edges = [day.from_h + index * each_h for index in range(count + 1)]
    edges = [edge for edge in edges if not day.loss_at_h < edge < day.loss_at_h + 2 * each_h]
    turns = (1, 3, 2, 4)

    def turn(part: tuple[float, float]) -> tuple[int, int]:
        index = round((part[0] - day.from_h) / each_h)
        has_news = any(part[0] <= time_h < part[1] for time_h in (day.loss_at_h, day.crowd_at_h, BUSIEST_H))
        return 0 if has_news else turns[index % 4], 11 * (index // 4) % 24

    return sorted(itertools.pairwise(edges), key=turn)


def simulate_parts(day: Day, each_h: float, folder: Path, most_s: float) -> Outcome:
    """Run parts of a day that are not in a folder yet, until a time is over; return what all that are there came to.

    Several processes may do so at a time: each part is claimed by a file first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    give_up = time.monotonic() + most_s
    for from_h, to_h in parts_of(day, each_h):
        path = folder / f"{day.nodes}-{from_h:05.2f}-{to_h:05.2f}.json"
        if path.exists() or time.monotonic() >= give_up:
            continue
        with _claimed(path.with_suffix(".running")) as is_ours:
            if is_ours:
                step_s = day.step_s if from_h <= day.loss_at_h < to_h else max(day.step_s, LONG_STEP_S)
                part = replace(day, from_h=from_h, to_h=to_h, warm_up_s=WARM_UP_S, step_s=step_s)
                written = path.with_suffix(".part")
                written.write_text(json.dumps(asdict(simulate(part))))
                written.replace(path)
    return merged(folder.glob(f"{day.nodes}-*.json"))


def merged(paths: Iterable[Path]) -> Outcome:
    """Add up parts."""
    whole = Outcome()
    for path in sorted(paths):
        whole += Outcome(**json.loads(path.read_text()))
    return whole


@contextmanager
def _claimed(path: Path) -> Iterator[bool]:
    """Whether a part is this process's: one whose process has gone is free."""
    try:
        owner = int(path.read_text())
        os.kill(owner, 0)
    except (FileNotFoundError, ValueError, ProcessLookupError):
        path.write_text(str(os.getpid()))
    else:
        yield False
        return
    try:
        yield True
    finally:
        path.unlink(missing_ok=True)
