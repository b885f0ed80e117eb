"""Frames returned per second, and how late, for each tracker beside bare MediaPipe: ``python -m bench.throughput``.

Server and bare MediaPipe have the same one core, one after the other; the camera sends 30 frames per second. One case
has a server with all cores, the client among them, and one the engine ``mediapipe``.
"""

import argparse
import asyncio
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from bench import processes
from bench.bare import bare_ms
from bench.clips import yuv_pictures
from bench.journey import Journey
from bench.peers import journey
from bench.report import Figure, parser, percentiles, save, shown, table
from mocast.tracking.engines import REFERENCE

SETTLE_S = 2.0
"""Left out of the rates: trackers whose networks nobody used before are slow at first."""

PICTURES = 300
CONNECT_S = 2.0
"""Of each session that only times its first picture."""

HEAD = ("", "frames/s", "p50 ms", "p95 ms", "max ms", "dropped", "bare MediaPipe: frames/s", "p50 ms", "p95 ms")


@dataclass(frozen=True, slots=True)
class Case:
    """What one row measures."""

    tracker: str
    quality: str
    returns: str = "video"
    engine: str | None = None
    "Which, if not the one that the others have."
    has_all_cores: bool = False

    @property
    def name(self) -> str:
        more = ["return=none"] if self.returns == "none" else []
        more += [f"{self.engine} engine"] if self.engine else []
        more += ["all cores"] if self.has_all_cores else []
        return ", ".join([f"{self.tracker} {self.quality}", *more])


CASES = (
    Case("holistic", "balanced"),
    Case("holistic", "exact"),
    Case("holistic", "fast"),
    Case("holistic", "balanced", "none"),
    Case("holistic", "balanced", has_all_cores=True),
    Case("holistic", "balanced", engine=REFERENCE),
    Case("pose", "balanced"),
    Case("hands", "balanced"),
    Case("hands", "fast"),
    Case("face", "balanced"),
)


def main() -> None:
    options = parser(__doc__, seconds=12)
    options.add_argument("--connects", type=int, default=5, help="sessions that time the first picture (default: 5)")
    arguments = options.parse_args()
    processes.pin_client()
    runs, ceilings, first_ms = measured(arguments)
    rows = [row(case, run, ceilings[case.tracker, case.quality]) for case, run in runs.items()]
    first = f"First annotated picture after the POST (holistic): {np.median(first_ms):.0f} ms"
    text = f"{table(HEAD, rows)}\n\n{first}, median of {len(first_ms)}; at most {max(first_ms):.0f} ms."
    data = {case.name: run.delays_ms(after_s=SETTLE_S).tolist() for case, run in runs.items()}
    save(arguments.out, "throughput", figures(runs, first_ms), text, data)


def measured(
    arguments: argparse.Namespace,
) -> tuple[dict[Case, Journey], dict[tuple[str, str], NDArray[np.float64]], list[float]]:
    """Run all cases on a server for each kind; bare MediaPipe takes its turn before the first that it belongs to."""
    pictures = yuv_pictures(arguments.clip, PICTURES)
    runs: dict[Case, Journey] = {}
    ceilings: dict[tuple[str, str], NDArray[np.float64]] = {}
    first_ms: list[float] = []
    with processes.mocast_server(arguments.out / "mocast.log") as server:
        for _ in range(arguments.connects):
            first = asyncio.run(journey(server.url, pictures, seconds=CONNECT_S))
            first_ms.append(first.first_return_ms())
    for kind, cases in groupby(CASES, key=lambda case: (case.engine, case.has_all_cores)):
        with started(arguments, *kind) as server:
            for case in cases:
                what = case.tracker, case.quality
                if what not in ceilings:
                    ceilings[what] = bare_ms(arguments, *what)
                query = {"tracker": case.tracker, "quality": case.quality, "returns": case.returns}
                runs[case] = asyncio.run(journey(server.url, pictures, seconds=arguments.seconds + SETTLE_S, **query))
    return runs, ceilings, first_ms


def started(
    arguments: argparse.Namespace, engine: str | None, has_all_cores: bool
) -> AbstractContextManager[processes.Served]:
    """Return a server that is about to start."""
    cores = processes.ALL_CORES if has_all_cores else (processes.SERVER_CORE,)
    flags = ["--engine", engine] if engine else []
    return processes.mocast_server(arguments.out / "mocast.log", *flags, cores=cores)


def row(case: Case, run: Journey, bare: NDArray[np.float64]) -> list[str]:
    delays = shown(run.delays_ms(after_s=SETTLE_S))
    ceiling = [f"{1e3 / bare.mean():.1f}", *shown(bare)[:2]]
    return [case.name, f"{run.fps_returned(after_s=SETTLE_S):.1f}", *delays, str(run.dropped()), *ceiling]


def figures(runs: dict[Case, Journey], first_ms: list[float]) -> list[Figure]:
    """Return what has a target."""
    delay_ms = {case: percentiles(run.delays_ms(after_s=SETTLE_S))[1] for case, run in runs.items()}
    balanced, fast = Case("holistic", "balanced"), Case("holistic", "fast")
    two_cores, pose = Case("holistic", "balanced", has_all_cores=True), Case("pose", "balanced")
    targets = {balanced: (27.0, 80.0), fast: (29.5, 55.0), two_cores: (29.5, 55.0), pose: (29.5, 70.0)}
    found = []
    for case, (least_fps, most_ms) in targets.items():
        fps = runs[case].fps_returned(after_s=SETTLE_S)
        found.append(Figure(f"{case.name}, returned", fps, "frames/s", at_least=least_fps))
        found.append(Figure(f"{case.name}, round trip p95", delay_ms[case], "ms", at_most=most_ms))
    return [*found, Figure("first annotated picture after the POST", float(np.median(first_ms)), "ms", at_most=500)]


if __name__ == "__main__":
    main()
