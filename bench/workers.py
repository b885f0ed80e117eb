"""Where one process ends, and what a second one adds: ``python -m bench.workers --clip FILE [--rooms 1 2 4 8 12 16]``.

Tracking is replayed, so that what is left is what the event loop, the interpreter's lock and the codecs take. Rooms are
fed by films that the server opens itself (``sources``), each with a rig that goes to an app by OSC; no client runs.

- ``profile``: one process, more and more rooms: frames tracked a second, processor time, the share of the event loop's
  thread, and that of the interpreter's lock, which py-spy samples where it is installed (``pip install py-spy``).
- ``network``: the same of real WebRTC sessions, which come with packets and encryption; clients have the other core.
- ``workers``: one process and two, in turns, with more and more rooms in each: at how many all frames are tracked.
"""

import argparse
import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import processes
from bench.clips import yuv_pictures
from bench.peers import Camera, connected
from bench.replay import RECORDING, record
from bench.report import Figure, parser, save, table
from bench.rooms import APART, rolled

PICTURES = 90
SETTLE_S = 3.0
FPS = 30.0
LEAST_SHARE = 0.9
"""Of the films' frames: a process that tracks fewer has too many rooms."""
SAMPLES_PER_S = 200
ALL = processes.ALL_CORES
WAYS = {
    "one process": [ALL],
    "one on a core": [ALL[:1]],
    "two processes": [ALL, ALL],
    "two, a core each": [ALL[:1], ALL[-1:]],
}
"""What is compared: the cores of each process."""


@dataclass(frozen=True, slots=True)
class Load:
    """What so many rooms took of a process, in cores."""

    rooms: int
    fps: float
    "Tracked in all."
    cpu: float
    loop: float
    "The event loop's thread."
    lock: float
    "The interpreter's lock was held; NaN where it was not sampled."

    def cells(self) -> list[object]:
        """A row."""
        return [self.rooms, f"{self.fps:.0f}", f"{self.cpu:.2f}", f"{self.loop:.2f}", f"{self.lock:.2f}"]


def main() -> None:
    options = parser(__doc__, seconds=6)
    options.formatter_class = argparse.RawDescriptionHelpFormatter
    options.add_argument("--rooms", type=int, nargs="+", default=[1, 2, 4, 8, 12, 16])
    options.add_argument("--sessions", type=int, nargs="+", default=[1, 2, 3], help="of the part network")
    options.add_argument("--each", type=int, nargs="+", default=[5, 6, 7], help="rooms, of the part workers")
    options.add_argument("--ways", nargs="+", choices=WAYS, default=[*WAYS], help="of the part workers")
    options.add_argument("--rounds", type=int, default=3, help="of the part workers (default: %(default)s)")
    options.add_argument("--parts", nargs="+", default=["profile", "network", "workers"])
    arguments = options.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    texts: list[str] = []
    figures: list[Figure] = []
    head = ["rooms", "frames/s in all", "cores", "event loop", "interpreter's lock"]
    with tempfile.TemporaryDirectory() as folder, _drain() as port:
        os.environ[RECORDING] = str(Path(folder) / "replay")
        record(Path(os.environ[RECORDING]), arguments.clip, PICTURES)
        if "profile" in arguments.parts:
            loads = [_films(arguments, [count], port, [processes.ALL_CORES])[0] for count in arguments.rooms]
            texts.append(table(head, [load.cells() for load in loads]))
            kept = [load.rooms for load in loads if load.fps >= LEAST_SHARE * FPS * load.rooms]
            figures.append(Figure("rooms that one process keeps up with", max(kept, default=0), ""))
        if "network" in arguments.parts:
            sessions = [_sessions(arguments, count) for count in arguments.sessions]
            texts.append(table(["sessions", *head[1:]], [load.cells() for load in sessions]))
        if "workers" in arguments.parts:
            text, compared = _compared(arguments, port)
            texts.append(text)
            figures += compared
    save(arguments.out, "workers", figures, "\n\n".join(texts), {})


def _compared(arguments: argparse.Namespace, port: int) -> tuple[str, list[Figure]]:
    """Run each way with so many rooms in each process; return a table of what they track, and how many keep up."""
    shares: dict[tuple[int, str], list[float]] = {}
    for _ in range(arguments.rounds):
        for rooms in arguments.each:
            for way in arguments.ways:
                places = WAYS[way]
                loads = _films(arguments, [rooms] * len(places), port, places)
                shares.setdefault((rooms, way), []).append(sum(load.fps for load in loads) / len(loads) / FPS / rooms)
    found = {key: median(values) for key, values in shares.items()}
    tracked = {(rooms, way): FPS * rooms * len(WAYS[way]) * share for (rooms, way), share in found.items()}
    rows = [
        [rooms, *(f"{tracked[rooms, way]:.0f} of {FPS * rooms * len(WAYS[way]):.0f}" for way in arguments.ways)]
        for rooms in arguments.each
    ]
    figures = []
    for way in arguments.ways:
        kept = [len(WAYS[way]) * rooms for rooms in arguments.each if found[rooms, way] >= LEAST_SHARE]
        figures.append(Figure(f"rooms that {way} keep up with", max(kept, default=0), ""))
        figures.append(
            Figure(f"most frames a second of {way}", max(tracked[rooms, way] for rooms in arguments.each), "")
        )
    return table(["rooms in each", *(f"{way}, frames/s" for way in arguments.ways)], rows), figures


def _films(
    arguments: argparse.Namespace, counts: Sequence[int], port: int, places: Sequence[Sequence[int]]
) -> list[Load]:
    """Run a process for each number of rooms, each on its cores, at the same time."""
    with ExitStack() as stack:
        served = [
            stack.enter_context(
                processes.server(
                    ["-m", "bench.server", "replay", "--settings", json.dumps(_settings(arguments.clip, count, port))],
                    arguments.out / "workers.log",
                    cores=cores,
                )
            )
            for count, cores in zip(counts, places, strict=True)
        ]
        time.sleep(SETTLE_S)
        before = [(_tracked(one), one.cpu_s(), _loop_s(one)) for one in served]
        began_s = time.monotonic()
        locks = _lock_shares(served, arguments.seconds)
        seconds = time.monotonic() - began_s
        after = [(_tracked(one), one.cpu_s(), _loop_s(one)) for one in served]
    loads = [
        Load(count, *((now - then) / seconds for now, then in zip(end, start, strict=True)), lock)
        for count, start, end, lock in zip(counts, before, after, locks, strict=True)
    ]
    print(*(load.cells() for load in loads), flush=True)
    return loads


def _sessions(arguments: argparse.Namespace, count: int) -> Load:
    """Run so many WebRTC sessions on a process that has a core of its own."""
    processes.pin_client()
    pictures = yuv_pictures(arguments.clip, PICTURES)
    command = ["-m", "bench.server", "replay", "--settings", json.dumps({"max_sessions": count})]
    with processes.server(command, arguments.out / "workers.log") as served:

        async def run() -> Load:
            async with AsyncExitStack() as stack:
                seconds = SETTLE_S + arguments.seconds + 2
                for number in range(count):
                    camera = Camera(rolled(pictures, APART * number), seconds=seconds)
                    room = connected(
                        served.url, camera, room=f"bench-{number}", channels=("landmarks", "rig"), returns="none"
                    )
                    await stack.enter_async_context(room)
                await asyncio.sleep(SETTLE_S)
                before = _tracked(served), served.cpu_s(), _loop_s(served)
                began_s = time.monotonic()
                (lock,) = await asyncio.to_thread(_lock_shares, [served], arguments.seconds)
                spent = time.monotonic() - began_s
                after = await asyncio.to_thread(_tracked, served), served.cpu_s(), _loop_s(served)
            return Load(count, *((now - then) / spent for now, then in zip(after, before, strict=True)), lock)

        return asyncio.run(run())


def _settings(clip: Path, rooms: int, port: int) -> dict[str, object]:
    names = [f"room-{number}" for number in range(rooms)]
    return {
        "sources": " ".join(f"{name}={clip}#loop=true" for name in names),
        "outputs": " ".join(f"osc://127.0.0.1:{port}?room={name}" for name in names),
        "max_connections": 64,
    }


@contextmanager
def _drain() -> Iterator[int]:
    """An app that the rigs go to, and that reads none of them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as app:
        app.bind(("127.0.0.1", 0))
        yield app.getsockname()[1]


def _tracked(served: processes.Served) -> float:
    with urllib.request.urlopen(f"{served.url}/metrics", timeout=30) as answer:
        found = re.search(r"^mocast_frames_tracked_total (\S+)$", answer.read().decode(), re.MULTILINE)
    assert found is not None
    return float(found[1])


def _loop_s(served: processes.Served) -> float:
    """Processor time of the event loop's thread, which is the process's first."""
    return served.cpu_s_by_thread()[served.pid]


def _lock_shares(served: Sequence[processes.Served], seconds: float) -> list[float]:
    """Return for which part of these seconds the interpreter's lock of each process was held."""
    program = shutil.which("py-spy")
    if program is None:
        time.sleep(seconds)
        return [float("nan")] * len(served)
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / str(one.pid) for one in served]
        rate = ["--gil", "--nonblocking", "--rate", str(SAMPLES_PER_S), "--duration", str(round(seconds))]
        samplers = [
            subprocess.Popen(
                [program, "record", *rate, "--format", "raw", "--output", str(file), "--pid", str(one.pid)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for one, file in zip(served, files, strict=True)
        ]
        for sampler in samplers:
            sampler.wait()
        return [_held(file) / (SAMPLES_PER_S * round(seconds)) for file in files]


def _held(samples: Path) -> int:
    return sum(int(line.rpartition(" ")[2]) for line in samples.read_text().splitlines()) if samples.exists() else 0


if __name__ == "__main__":
    main()
