"""How fast the engine is, alone: ``python -m bench.engine [CLIP] [--cores 1 2] [--sessions 8] [--frames N] [--json]``.

``--isa all`` measures something else, by instruction set: each form of each network (``bench.isa``), and whole frames
of ``holistic`` beside ``mp.solutions``, whose own choice of instructions nothing limits.

Where a frame's time goes (``bench.stages``), what a second core brings (``bench.cores``), all trackers beside
``mp.solutions`` in turns on one core and on two (``bench.tracking``), and one to eight sessions in one process
(``bench.sessions``), each in a process of its own, one after the other. ``--json`` ends with a line of JSON.
"""

import argparse
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench import isa
from bench.cores import MOST_SHARE
from bench.interleaved import BLOCK, count_of_frames
from bench.plots import LoadLine, plot_load
from bench.report import REPOSITORY, Figure, save, table
from mocast.tracking.engines import FAST, REFERENCE

MOST_SESSIONS = 8
LIMIT_S = 600
"""Of each process; far above what it takes."""

RUNS = ((FAST, "exact"), (FAST, "balanced"), (FAST, "fast"), (REFERENCE, "balanced"))
"""Whose sessions are measured: engine and quality."""

FPS = 30
SLOWER_FPS = 15
"""Of a few cameras more, for the plot: loads between those of whole cameras."""

LEAST_FPS, MOST_DELAY_MS = 25, 120
"""What a session must have at least, and how late its frames may be, to count as served."""

Found = dict[str, Any]
Runs = dict[tuple[str, str, int], Found]
"""Engine, quality and cores → what ``bench.sessions`` found."""


def main() -> None:
    arguments = options().parse_args()
    if arguments.isa:
        instruction_sets(arguments)
        return
    clip = ["--clip", str(arguments.clip)] if arguments.clip else []
    frames = ["--frames", str(arguments.frames)]
    stages, stages_text = ran("stages", *clip, *frames)
    tracked = {cores: ran("tracking", *clip, *frames, "--cores", str(cores)) for cores in arguments.cores}
    second_core, second_text = ran("cores", *clip, *frames) if {1, 2} <= set(arguments.cores) else (None, "")
    runs = {
        (engine, quality, cores): ran(
            "sessions",
            *(engine, quality, str(cores), *clip, "--seconds", str(arguments.seconds)),
            *("--loads", *offered(arguments.sessions)),
        )[0]
        for cores in arguments.cores
        for engine, quality in RUNS
    }
    text = "\n\n".join(
        [
            f"**A frame of `holistic`, one core**\n\n{stages_text}",
            *([f"**What a second core brings one session of `holistic`**\n\n{second_text}"] if second_core else []),
            *(f"**All trackers, {cores_in_words(cores)}**\n\n{one[1]}" for cores, one in tracked.items()),
            *(f"**Sessions of `holistic`, {cores_in_words(cores)}**\n\n{of_runs(runs, cores)}" for cores in tracked),
        ]
    )
    tracking = [one for one, _ in tracked.values()]
    data = {"stages": stages, "second_core": second_core, "tracking": tracking, "sessions": list(runs.values())}
    if arguments.out is None:
        print(text)
    else:
        save(arguments.out, "engine", list(figures(runs, second_core)), text, data)
        plot_load(arguments.out / "load.png", lines(runs))
    if arguments.json:
        print(json.dumps(data))


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clip", type=Path, nargs="?", help="a video of a person (default: the moving astronaut)")
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 2], help="default: 1 2")
    parser.add_argument("--sessions", type=int, default=MOST_SESSIONS, help="at most (default: %(default)s)")
    parser.add_argument(
        "--frames", type=count_of_frames, default=8 * BLOCK, help="tracked by each alone (default: %(default)s)"
    )
    parser.add_argument("--seconds", type=float, default=4, help="of each load of sessions (default: %(default)s)")
    parser.add_argument("--isa", nargs="+", choices=["all", *isa.FLAGS], help="what each instruction set takes")
    parser.add_argument("--json", action="store_true", help="end with a line of JSON")
    parser.add_argument("--out", type=Path, help="folder for engine.json and load.png (default: none is written)")
    return parser


def instruction_sets(arguments: argparse.Namespace) -> None:
    """Print what each form of each network, and each quality's frame, takes with each instruction set that is here."""
    here = isa.shown_here()
    wanted = list(isa.FLAGS) if "all" in arguments.isa else arguments.isa
    limits = {name: {"ONEDNN_MAX_CPU_ISA": name} for name in wanted if name in here} or {"its own": {}}
    of_sets = {name: ran("isa", **limit)[0] for name, limit in limits.items()}
    print(isa.report(of_sets, [name for name in wanted if name not in here]), flush=True)
    clip = ["--clip", str(arguments.clip)] if arguments.clip else []
    holistic = ("tracking", *clip, "--frames", str(arguments.frames), "--engine", FAST, "--tracker", "holistic")
    frames = {name: ran(*holistic, **limit)[0] for name, limit in limits.items()}
    print(f"\n{isa.report_frames(frames)}")
    if arguments.json:
        print(json.dumps({"isa": of_sets, "frames": frames}))


def ran(module: str, *arguments: str, **environment: str) -> tuple[Found, str]:
    """Run a bench in a process of its own; return its last line's JSON and the text above it."""
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{module}", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        timeout=LIMIT_S,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"bench.{module} failed")  # and said why
    text, _, last = done.stdout.strip().rpartition("\n")
    found: Found = json.loads(last)
    return found, text.strip()


def offered(most: int) -> list[str]:
    """Return the loads, ``SESSIONSxFPS``, fewest sessions first."""
    return [
        f"{sessions}x{fps}"
        for sessions in range(1, most + 1)
        for fps in (SLOWER_FPS, FPS)
        if fps == FPS or sessions in (1, 3, 5)
    ]


def at_full_rate(loads: Sequence[Found]) -> list[Found]:
    return [load for load in loads if load["fps_each"] == FPS]


def of_runs(runs: Runs, cores: int) -> str:
    """Return a table: a row for each number of sessions, a column for each engine and quality."""
    chosen = {f"{engine} {quality}": run for (engine, quality, at), run in runs.items() if at == cores}
    full = [at_full_rate(run["loads"]) for run in chosen.values()]
    rows = [
        [each[0]["sessions"], *(f"{load['fps']:.0f}, {load['p50_ms']:.0f}, {load['p95_ms']:.0f}" for load in each)]
        for each in zip(*full, strict=True)
    ]
    rows.append(["MB for each more", *(f"{memory_each_more(run['loads']):.1f}" for run in chosen.values())])
    rows.append(["precision", *(run["precision"] for run in chosen.values())])
    return table(["sessions (frames/s in all; delay p50, p95 ms)", *chosen], rows)


def memory_each_more(loads: Sequence[Found]) -> float:
    """Return how much memory each session after the first adds, in MB; NaN where there was only one."""
    full = at_full_rate(loads)
    more = full[-1]["sessions"] - full[0]["sessions"]
    return (full[-1]["memory_mb"] - full[0]["memory_mb"]) / more if more else float("nan")


def served(loads: Sequence[Found]) -> int:
    """Return how many sessions all get ``LEAST_FPS`` with a 95th percentile of at most ``MOST_DELAY_MS``."""
    good = (
        load for load in at_full_rate(loads) if load["slowest_fps"] >= LEAST_FPS and load["p95_ms"] <= MOST_DELAY_MS
    )
    return max((load["sessions"] for load in good), default=0)


def figures(runs: Runs, second_core: Found | None) -> Iterator[Figure]:
    """Yield what has a target, and how many sessions can be had."""
    for quality, one in second_core["cores"].items() if second_core is not None else ():
        name = f"holistic {quality} alone, time of a frame on two cores over that on one"
        yield Figure(name, one["share"], "", at_most=MOST_SHARE)
    for (engine, quality, cores), run in runs.items():
        where = f"{engine} {quality}, {cores_in_words(cores)}"
        name = f"sessions with {LEAST_FPS} frames/s within {MOST_DELAY_MS} ms, tracking alone, {where}"
        yield Figure(name, served(run["loads"]), "")
        more = memory_each_more(run["loads"])
        if (engine, quality) == (FAST, "balanced") and not math.isnan(more):
            yield Figure(f"memory of each more session, tracking alone, {where}", more, "MB", at_most=5)


def lines(runs: Runs) -> dict[str, dict[str, LoadLine]]:
    """Return the plot's panels, one for each number of cores."""
    panels: dict[str, dict[str, LoadLine]] = {}
    for (engine, quality, cores), run in runs.items():
        name = quality if engine == FAST else f"{engine} engine"
        points = sorted((load["sessions"] * load["fps_each"], load["p95_ms"], load["fps"]) for load in run["loads"])
        fps, delay_ms, tracked = zip(*points, strict=True)
        shares = [one / offered for one, offered in zip(tracked, fps, strict=True)]
        panels.setdefault(cores_in_words(cores), {})[name] = fps, delay_ms, shares
    return panels


def cores_in_words(cores: int) -> str:
    return {1: "one core", 2: "two cores"}.get(cores, f"{cores} cores")


if __name__ == "__main__":
    main()
