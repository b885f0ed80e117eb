"""What a second core brings one session: ``python -m bench.cores [--clip FILE] [--frames 96]``.

One engine has one thread and the other two. Both are in one process and take turns on the same frames, so that a
machine whose speed drifts treats them alike; the thread that tracks keeps to one core where the engine has one. The
last line is JSON.
"""

import argparse
import json
import os
from pathlib import Path
from typing import Any, get_args

from bench.clips import stream
from bench.engines import load
from bench.interleaved import BLOCK, Program, Runs, run, speedup
from bench.pinned import pin
from bench.report import percentiles, table
from mocast.model.frame import Frame
from mocast.model.options import Quality
from mocast.model.tracked import Tracked
from mocast.tracking.engines import FAST, Engine, precision_of

QUALITIES: tuple[Quality, ...] = get_args(Quality)
COUNTS = (1, 2)
MOST_SHARE = 0.7
"""Of the time on one core, that a frame may take on two."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clip", type=Path, help="a video of a person (default: the moving astronaut, without hands)")
    parser.add_argument("--frames", type=int, default=6 * BLOCK, help="default: %(default)s")
    arguments = parser.parse_args()
    if pin(max(COUNTS)) < max(COUNTS):
        raise SystemExit(f"this takes {max(COUNTS)} cores")
    alone = load(FAST, threads=1)[1]
    precision = precision_of(alone.choices())
    # The others would measure for themselves, and might not agree.
    engines = {count: load(FAST, threads=count, precision=precision)[1] for count in COUNTS}
    alone.close()
    programs = {(quality, count): program(engines[count], quality, count) for quality in QUALITIES for count in COUNTS}
    runs = run({name(*key): one for key, one in programs.items()}, stream(arguments.clip, arguments.frames))
    for engine in engines.values():
        engine.close()
    found = figures(runs)
    print(report(found))
    print(f"\nprecision: {precision}")
    print(json.dumps({"cores": found, "precision": precision, "frames": arguments.frames}))


def program(engine: Engine, quality: Quality, count: int) -> Program:
    """Return what tracks with this engine, on so many cores."""
    tracker = engine.build("holistic", quality, still=False)
    cores = sorted(os.sched_getaffinity(0))[:count]

    def track(frame: Frame) -> Tracked:
        os.sched_setaffinity(0, cores)
        return tracker.track(frame)

    return Program(track, lambda _frame, _result: None)


def name(quality: str, count: int) -> str:
    return f"{quality} {count}"


def figures(runs: Runs) -> dict[str, dict[str, float]]:
    """Return each quality's time of a frame on one core and on two, and the one as a share of the other."""
    found = {}
    for quality in QUALITIES:
        one, two = (runs.spent[name(quality, count)] for count in COUNTS)
        p95_ms = percentiles(two.counted())[1]
        found[quality] = {"one_ms": one.ms, "two_ms": two.ms, "two_p95_ms": p95_ms, "share": 1 / speedup(one, two)}
    return found


def report(found: dict[str, Any]) -> str:
    """Return a table."""
    rows = [
        [quality, f"{one['one_ms']:.1f}", f"{one['two_ms']:.1f}", f"{one['two_p95_ms']:.1f}", f"{one['share']:.2f}"]
        for quality, one in found.items()
    ]
    return table(["quality", "ms a frame on one core", "on two", "p95", "two over one"], rows)


if __name__ == "__main__":
    main()
