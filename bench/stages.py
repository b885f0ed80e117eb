"""Where a frame's time goes in the engine ``openvino``: ``python -m bench.stages [--clip FILE] [--frames 128]``.

On one core, the holistic tracker in all its qualities and ``mp.solutions`` in turns. The networks' requests and the
function that cuts their pictures are wrapped from outside, so nothing is measured, and nothing slower, in use. The last
line is JSON.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from bench.clips import stream
from bench.engines import load, precision_in
from bench.interleaved import BLOCK, Program, Runs, run, speedup
from bench.pinned import pin
from bench.report import table
from bench.solutions import Holistic
from mocast.model.frame import Frame
from mocast.model.options import Quality
from mocast.tracking.engines import FAST, Tracker
from mocast.tracking.openvino.graph import region_inference

QUALITIES: tuple[Quality, ...] = get_args(Quality)
BARE = "mp.solutions"
CROPS = "crops"
REST = "all else"

Stages = dict[str, tuple[float, float]]
"""Stage → milliseconds a frame, and how often it runs for a frame."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clip", type=Path, help="a video of a person (default: the moving astronaut, without hands)")
    parser.add_argument("--frames", type=int, default=8 * BLOCK)
    arguments = parser.parse_args()
    pin(1)
    stages, runs, precision = measured(arguments)
    print(f"{report(stages, runs)} precision: {precision}.")
    totals = {name: one.ms for name, one in runs.spent.items()}
    print(json.dumps({"stages": stages, "ms": totals, "precision": precision, "frames": arguments.frames}))


class Watch:
    """Adds up what each stage of the frame in work takes."""

    def __init__(self) -> None:
        self.spent_s: defaultdict[str, float] = defaultdict(float)
        self.count: defaultdict[str, int] = defaultdict(int)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        began_s = time.perf_counter()
        try:
            yield
        finally:
            self.spent_s[name] += time.perf_counter() - began_s
            self.count[name] += 1

    def read(self) -> dict[str, tuple[float, int]]:
        """Return the seconds and runs of each stage since it was last read."""
        spent = {name: (seconds, self.count[name]) for name, seconds in self.spent_s.items()}
        self.spent_s.clear()
        self.count.clear()
        return spent


class WatchedRequest:
    """A request whose runs are timed."""

    def __init__(self, request: Any, name: str, watch: Watch) -> None:
        self._request = request
        self._name = name
        self._watch = watch

    def run(self) -> Any:
        with self._watch.stage(self._name):
            return self._request.run()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._request, name)


class WatchedNetworks:
    """Networks whose requests are timed."""

    def __init__(self, networks: Any, watch: Watch) -> None:
        self._networks = networks
        self._watch = watch

    def request(self, name: str, precision: str = "f32") -> WatchedRequest:
        return WatchedRequest(self._networks.request(name, precision), name, self._watch)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._networks, name)


def watched_crop(watch: Watch, crop: Callable[..., Any]) -> Callable[..., Any]:
    def timed(*arguments: Any, **named: Any) -> Any:
        with watch.stage(CROPS):
            return crop(*arguments, **named)

    return timed


def measured(arguments: argparse.Namespace) -> tuple[dict[str, Stages], Runs, bool]:
    """Return the stages of each quality, the whole of it beside ``mp.solutions``, and the precision of ``balanced``."""
    watch = Watch()
    region_inference.crop = watched_crop(watch, region_inference.crop)
    engine: Any = load(FAST)[1]
    engine._networks = WatchedNetworks(engine._networks, watch)
    spent: dict[str, list[dict[str, tuple[float, int]]]] = {quality: [] for quality in QUALITIES}

    def program(quality: Quality) -> Program:
        tracker: Tracker = engine.build("holistic", quality, still=False)

        def process(frame: Frame) -> None:
            watch.read()
            tracker.track(frame)
            spent[quality].append(watch.read())

        return Program(process)

    with Holistic() as solution:
        programs = {quality: program(quality) for quality in QUALITIES}
        runs = run({BARE: Program(solution.process), **programs}, stream(arguments.clip, arguments.frames))
    precision = precision_in(FAST, engine, "balanced")
    engine.close()
    return {quality: stages(spent[quality], runs.spent[quality].clock_ms) for quality in QUALITIES}, runs, precision


def stages(spent: list[dict[str, tuple[float, int]]], whole_ms: NDArray[np.float64]) -> Stages:
    """Return what each stage takes of a frame, in the mean of the frames that count, and what is left over."""
    counted, whole = spent[BLOCK:], float(np.mean(whole_ms[BLOCK:]))
    names = sorted({name for frame in counted for name in frame})
    means = {name: np.mean([frame.get(name, (0.0, 0)) for frame in counted], axis=0) for name in names}
    found = {name: (1e3 * float(seconds), float(runs)) for name, (seconds, runs) in means.items()}
    return found | {REST: (whole - sum(ms for ms, _ in found.values()), 1.0)}


def report(found: Mapping[str, Stages], runs: Runs) -> str:
    """Return a table, the stages that take longest first."""
    names = sorted({name for one in found.values() for name in one}, key=lambda name: _most(found, name), reverse=True)
    rows = [[label(name), *(cell(one.get(name)) for one in found.values())] for name in names]
    rows.append(["**whole frame**", *(f"**{runs.spent[quality].ms:.1f}**" for quality in found)])
    rows.append(
        [f"times as fast as {BARE}", *(f"{speedup(runs.spent[BARE], runs.spent[quality]):.2f}" for quality in found)]
    )
    head = table(["ms a frame (runs a frame)", *found], rows)
    return f"{head}\n\n{BARE} takes {runs.spent[BARE].ms:.1f} ms in turns with them."


def _most(found: Mapping[str, Stages], name: str) -> float:
    return max(one.get(name, (0.0, 0.0))[0] for one in found.values())


def label(name: str) -> str:
    return name.replace("_", " ")


def cell(stage: tuple[float, float] | None) -> str:
    return "" if stage is None else f"{stage[0]:.2f} ({stage[1]:.2g})"


if __name__ == "__main__":
    main()
