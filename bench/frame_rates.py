"""What 60 frames a second cost over 30: ``python -m bench.frame_rates [--tracker holistic] [--precision auto]``.

The same generated motion, of a person who sways and waves as fast as people sign, comes at 60 and at 30 frames a
second. Each quality tracks both in turns, a second of motion at a time, on one core; the figure is the median of the
seconds' ratios of processor time. The first second is left out. Errors are those against ``exact`` at the same rate, as
95th percentiles in percent of the part's size (see ``bench.errors``). The last line is JSON.
"""

import argparse
import json
import time
from collections.abc import Sequence
from typing import get_args

import numpy as np

from bench.engines import load
from bench.errors import HANDS, Part, errors
from bench.motion import waving
from bench.pinned import pin
from bench.report import table
from mocast.model.frame import Frame, RgbImage
from mocast.model.options import Quality, TrackerName
from mocast.model.tracked import Tracked
from mocast.tracking.engines import FAST, Engine, PrecisionSetting

RATES = (30, 60)
"""Frames a second. The last one is that of the pictures."""
CLOCK_HZ = 90_000
SKIPPING: tuple[Quality, ...] = ("exact", "balanced", "fast")
GROUPS: dict[str, tuple[Part, ...]] = {"pose": ("pose",), "hands": HANDS, "face": ("face",)}

Row = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=4, help="of motion (default: %(default)s)")
    parser.add_argument("--tracker", choices=get_args(TrackerName), default="holistic")
    parser.add_argument("--precision", choices=get_args(PrecisionSetting), default="auto", help="default: %(default)s")
    arguments = parser.parse_args()
    pin(1)
    engine = load(FAST, threads=1, precision=arguments.precision)[1]
    pictures = list(waving(RATES[1] * arguments.seconds, speed=RATES[0] / RATES[1]))
    found = {quality: tracked(engine, arguments.tracker, quality, pictures) for quality in SKIPPING}
    engine.close()
    rows = {quality: row(*found[quality], found["exact"][0]) for quality in SKIPPING}
    names = list(next(iter(rows.values())))
    print(table(["", *names], [[quality, *one.values()] for quality, one in rows.items()]))
    print(json.dumps({"frame_rates": rows, "tracker": arguments.tracker, "precision": arguments.precision}))


Found = tuple[dict[int, list[Tracked]], dict[int, list[float]]]
"""By the rate: what was found, and the processor time of each second, ms."""


def tracked(engine: Engine, tracker: TrackerName, quality: Quality, pictures: Sequence[RgbImage]) -> Found:
    """Return what a quality finds at each rate, and what it takes."""
    trackers = {rate: engine.build(tracker, quality, still=False) for rate in RATES}
    found: dict[int, list[Tracked]] = {rate: [] for rate in RATES}
    spent_ms: dict[int, list[float]] = {rate: [] for rate in RATES}
    for second in range(len(pictures) // RATES[1]):
        for rate in RATES[:: -1 if second % 2 else 1]:
            shown = pictures[second * RATES[1] : (second + 1) * RATES[1] : RATES[1] // rate]
            began_s = time.process_time()
            for rgb in shown:
                number = len(found[rate])
                found[rate].append(trackers[rate].track(Frame(number, number * CLOCK_HZ // rate, 0, rgb)))
            spent_ms[rate].append(1e3 * (time.process_time() - began_s))
    for one in trackers.values():
        one.close()
    return found, spent_ms


def row(found: dict[int, list[Tracked]], spent_ms: dict[int, list[float]], exact: dict[int, list[Tracked]]) -> Row:
    """Return a quality's figures."""
    slow_ms, fast_ms = (np.array(spent_ms[rate][1:]) for rate in RATES)
    figures = {"processor time, 60 over 30": round(float(np.median(fast_ms / slow_ms)), 2)}
    for rate in RATES:
        for group, parts in GROUPS.items():
            share = errors(found[rate], exact[rate], *parts).share
            figures[f"{group} at {rate}"] = round(float(100 * np.percentile(share, 95)), 2) if share.size else 0.0
    return figures


if __name__ == "__main__":
    main()
