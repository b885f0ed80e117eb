"""Measures trackers against bare MediaPipe: ``python -m bench.tracking [--clip FILE] [--frames 60] [--threads 1]``.

All of them see a frame before any sees the next, so that a machine whose speed drifts treats them alike. Processor time
compares work, also where others are at work; the time on the clock is what a frame waits (pin it to one core, or leave
it free with ``--threads 3``). The last line is JSON.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import mediapipe as mp
import numpy as np
from numpy.typing import NDArray

from bench.clips import rgb_pictures
from mocast.model.choices import Quality, TrackerName
from mocast.model.frame import Frame, RgbImage
from mocast.tracking.pool import TrackerPool

QUALITIES: tuple[Quality, ...] = ("balanced", "fast")
"""``exact`` is ``balanced`` in this engine."""

WARM_UP = 5
"""Frames at the start that do not count."""

BARE = "mp.solutions"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--clip", type=Path, help="a video of a person (default: the moving astronaut, who has no hands)"
    )
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    pool = TrackerPool(threads=arguments.threads)
    rows = {name: medians(measure(candidates(name, pool), arguments)) for name in get_args(TrackerName)}
    pool.close()
    print(table(rows))
    print(json.dumps({"tracking": rows, "threads": arguments.threads, "frames": arguments.frames}))


Candidate = Callable[[Frame], object]


def candidates(name: TrackerName, pool: TrackerPool) -> dict[str, Candidate]:
    """Return what is to be measured: bare MediaPipe and our tracker in its qualities."""
    solutions: dict[TrackerName, Callable[[], object]] = {
        "holistic": lambda: mp.solutions.holistic.Holistic(refine_face_landmarks=True),
        "pose": mp.solutions.pose.Pose,
        "hands": mp.solutions.hands.Hands,
        "face": lambda: mp.solutions.face_mesh.FaceMesh(refine_landmarks=True),
    }
    bare = solutions[name]()
    return {
        BARE: lambda frame: bare.process(frame.rgb),  # type: ignore[attr-defined]
        **{quality: pool.acquire(name, quality).track for quality in QUALITIES},
    }


def measure(trackers: dict[str, Candidate], arguments: argparse.Namespace) -> dict[str, NDArray[np.float64]]:
    """Return the milliseconds that each took for each frame, (frames, 2): on the clock and of the processors."""
    spent: dict[str, list[tuple[float, float]]] = {label: [] for label in trackers}
    for number, rgb in enumerate(pictures(arguments)):
        frame = Frame(number, number * 3000, time.monotonic_ns(), rgb)
        for label, track in trackers.items():
            clock, processor = time.perf_counter(), time.process_time()
            track(frame)
            spent[label].append((1e3 * (time.perf_counter() - clock), 1e3 * (time.process_time() - processor)))
    return {label: np.array(values[WARM_UP:]) for label, values in spent.items()}


def pictures(arguments: argparse.Namespace) -> list[RgbImage]:
    return rgb_pictures(arguments.clip, arguments.frames + WARM_UP)


def medians(spent: dict[str, NDArray[np.float64]]) -> dict[str, dict[str, float]]:
    return {
        label: {
            "ms": round(float(np.median(values[:, 0])), 1),
            "p95_ms": round(float(np.percentile(values[:, 0], 95)), 1),
            "cpu_ms": round(float(np.median(values[:, 1])), 1),
            "ratio": round(float(np.median(values[:, 1] / spent[BARE][:, 1])), 2),
        }
        for label, values in spent.items()
    }


def table(rows: dict[TrackerName, dict[str, dict[str, float]]]) -> str:
    """Return a table in Markdown."""
    head = "| tracker | by | ms/frame, median | p95 | processor ms | of mp.solutions' |"
    lines = [head, "| --- | --- | --- | --- | --- | --- |"]
    for name, by in rows.items():
        lines += [f"| {name} | {label} | {' | '.join(map(str, one.values()))} |" for label, one in by.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
