"""What a limit of memory does to a server with one session: ``python -m bench.memory_limit [--clip FILE]``.

Each server runs in a control group of its own (version 1 or 2; takes root's rights) without swap, from a copy of this
Python environment, of whose files the kernel holds nothing at first: so all that it reads counts for its group, as in a
container, but for Python itself and the C library. The session is measured, uses every tracker in every quality, and is
measured again a minute later, when unused networks were given back. The first start finds no compiled networks.

What is read again comes from the disk of ``--out``, as much at a time as its read-ahead says, which is told below the
table: with megabytes in place of Linux's 128 KB, code that is needed pushes out other code that is.
"""

import argparse
import asyncio
import os
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

from bench import processes
from bench.clips import YuvPicture, yuv_pictures
from bench.journey import Journey
from bench.memory import GIVEN_BACK_S, PICTURES, use_all
from bench.memory_group import MemoryGroup, forget_files, memory_group
from bench.peers import Camera, connected
from bench.report import parser, percentiles, save, table

LIMITS_MB = (0.0, 400.0, 350.0, 300.0, 280.0, 260.0)
SETTLE_S = 4.0
LONG_S = 3_600.0
HEAD = (
    "limit MB",
    "start",
    "ready after s",
    "frames/s",
    "p95 ms",
    "pages read again a second",
    "all used: anonymous MB",
    "a minute later: frames/s",
    "p95 ms",
    "pages read again a second",
    "anonymous MB",
    "files MB",
    "killed",
    "",
)


@dataclass(frozen=True, slots=True)
class Served:
    """A session's frames for some seconds."""

    fps: float
    p95_ms: float
    pages_read_a_second: float

    def cells(self) -> list[str]:
        """Return it as cells of a table."""
        return [f"{self.fps:.1f}", f"{self.p95_ms:.0f}", f"{self.pages_read_a_second:.0f}"]


@dataclass(slots=True)
class Run:
    """A server's start, and its session."""

    limit_mb: float
    is_first_start: bool
    ready_s: float | None = None
    at_first: Served | None = None
    used_mb: dict[str, float] | None = None
    "Of the group, when every tracker and quality was used."
    later: Served | None = None
    memory_mb: dict[str, float] | None = None
    "Of the group, a minute later."
    killed: int = 0
    end: str = ""
    "How it ended, if not when all was measured."

    def row(self) -> list[str]:
        """Return it as a line of the table."""
        memory = self.memory_mb
        return [
            f"{self.limit_mb:.0f}" if self.limit_mb else "none",
            "first" if self.is_first_start else "later",
            "" if self.ready_s is None else f"{self.ready_s:.1f}",
            *(self.at_first.cells() if self.at_first else [""] * 3),
            f"{self.used_mb['anonymous']:.0f}" if self.used_mb else "",
            *(self.later.cells() if self.later else [""] * 3),
            *([f"{memory['anonymous']:.0f}", f"{memory['files']:.0f}"] if memory else [""] * 2),
            str(self.killed),
            self.end,
        ]


def main() -> None:
    options = parser(__doc__, seconds=10)
    options.add_argument("--limits", type=float, nargs="+", default=LIMITS_MB, help="in MB; 0: none")
    options.add_argument("--no-first-start", action="store_true", help="leave out the runs that have to compile")
    options.add_argument("--at-first", action="store_true", help="leave out what comes after a session's first seconds")
    options.add_argument(
        "--flags", nargs="*", default=[], metavar="FLAG", help="what else the server is told, without --"
    )
    arguments = options.parse_args()
    processes.pin_client()
    pictures = yuv_pictures(arguments.clip, PICTURES)
    arguments.out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=arguments.out, prefix="memory_limit-") as folder:
        environment = Path(folder) / "environment"
        shutil.copytree(sys.prefix, environment, symlinks=True)
        runs = [run for limit in arguments.limits for run in both_starts(arguments, limit, environment, pictures)]
    text = f"{table(HEAD, [run.row() for run in runs])}\n\nRead-ahead of the disk: {read_ahead_kb(arguments.out)} KB."
    save(arguments.out, "memory_limit", [], text, [asdict(run) for run in runs])


def read_ahead_kb(folder: Path) -> int:
    """Return how much the kernel reads at a time from a folder's disk."""
    disk = folder.stat().st_dev
    return int(Path(f"/sys/class/bdi/{os.major(disk)}:{os.minor(disk)}/read_ahead_kb").read_text())


def both_starts(
    arguments: argparse.Namespace, limit_mb: float, environment: Path, pictures: list[YuvPicture]
) -> list[Run]:
    """Return a first start's run and a later one's, whose networks are all compiled, without a limit if need be."""
    cache = environment / "compiled"
    shutil.rmtree(cache, ignore_errors=True)
    runs = []
    if not arguments.no_first_start:
        runs.append(run(arguments, limit_mb, environment, pictures, is_first_start=True))
        print(runs[-1].row(), flush=True, file=sys.stderr)
    if arguments.no_first_start or runs[-1].later is None:
        fill(arguments, environment)
    runs.append(run(arguments, limit_mb, environment, pictures, is_first_start=False))
    print(runs[-1].row(), flush=True, file=sys.stderr)
    return runs


def fill(arguments: argparse.Namespace, environment: Path) -> None:
    """Have all networks compiled."""
    flags = ["--cache-dir", str(environment / "compiled"), "--warm", "holistic,pose,hands,face"]
    with processes.mocast_server(arguments.out / "mocast.log", *flags):
        pass


def run(
    arguments: argparse.Namespace,
    limit_mb: float,
    environment: Path,
    pictures: list[YuvPicture],
    *,
    is_first_start: bool,
) -> Run:
    """Start a server in a group, and have a session with it."""
    found = Run(limit_mb, is_first_start)
    forget_files(environment)
    log = arguments.out / f"memory_limit-{limit_mb:.0f}-{'first' if is_first_start else 'later'}.log"
    flags = ["--cache-dir", str(environment / "compiled"), *(f"--{flag}" for flag in arguments.flags)]
    with memory_group(limit_mb or None) as group:
        begun_s = time.monotonic()
        python = group.entering([str(environment / "bin" / "python")])
        try:
            with processes.mocast_server(log, *flags, python=python) as server:
                found.ready_s = time.monotonic() - begun_s
                asyncio.run(session(server, pictures, group, found, arguments))
        except (RuntimeError, aiohttp.ClientError, OSError) as error:
            last = str(error).splitlines()[-1] if str(error) else repr(error)
            found.end = "the server was killed" if group.is_empty() and group.killed() else last[-200:]
        found.killed = group.killed()
    return found


async def session(
    server: processes.Served,
    pictures: Sequence[YuvPicture],
    group: MemoryGroup,
    found: Run,
    arguments: argparse.Namespace,
) -> None:
    """Publish, and note what comes back at first and later. Raises ``RuntimeError`` when the server is gone."""
    camera = Camera(pictures, seconds=LONG_S)
    async with connected(server.url, camera) as peer:

        async def measured() -> Served:
            begun_s, read = time.monotonic(), group.pages_read_again()
            await asyncio.sleep(arguments.seconds)
            until_s, read = time.monotonic(), group.pages_read_again() - read
            return served(peer.journey(), begun_s, until_s, read)

        await asyncio.sleep(SETTLE_S)
        found.at_first = await measured()
        if not arguments.at_first:
            await use_all(peer)
            found.used_mb = group.memory_mb()
            await asyncio.sleep(GIVEN_BACK_S)
            found.later = await measured()
        found.memory_mb = group.memory_mb()


def served(journey: Journey, begun_s: float, until_s: float, pages_read: int) -> Served:
    """Return what a journey was like in a part of its time."""
    part_s = begun_s - journey.sent_at_s[0], until_s - journey.sent_at_s[0]
    delays_ms = journey.delays_ms(after_s=part_s[0], until_s=part_s[1])
    seconds = until_s - begun_s
    return Served(len(delays_ms) / seconds, percentiles(delays_ms)[1], pages_read / seconds)


if __name__ == "__main__":
    main()
