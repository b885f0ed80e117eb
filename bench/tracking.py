"""Measures trackers against bare MediaPipe: ``python -m bench.tracking [--clip FILE] [--frames 64] [--cores 1]``.

``mp.solutions`` and our engines in all qualities take turns on the same frames (see ``bench.interleaved``). Processor
time compares work, also where others are at work; the time on the clock is what a frame waits. The last line is JSON.

``--waving 1`` shows generated motion of a person with one hand, ``--waving 2`` with both, in place of a clip.

The tracker ``face`` is shown the face and what is around it: its detector overlooks faces that are small in the
picture, and a search in vain is quick.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import cv2
import mediapipe as mp
import numpy as np

from bench.clips import TICKS, stream
from bench.engines import load, precision_in
from bench.interleaved import BLOCK, Program, Spent, count_of_frames, processor_speedup, run, speedup
from bench.motion import waving
from bench.pinned import pin
from bench.report import table
from bench.solutions import Holistic, read
from mocast.errors import TrackingError
from mocast.model.frame import Frame
from mocast.model.options import Quality, TrackerName
from mocast.tracking.engines import FAST, REFERENCE, Engine

BARE = "mp.solutions"
CLOSE: float = 3
"""The side of what is shown around a face, in the face's own longer side."""
QUALITIES: dict[str, tuple[Quality, ...]] = {FAST: get_args(Quality), REFERENCE: ("balanced", "fast")}
"""``exact`` is ``balanced`` in the engine of MediaPipe's graphs."""

Row = dict[str, float]
Rows = dict[str, dict[str, Row]]
"""Tracker → who tracks → figures."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clip", type=Path, help="a video of a person (default: the moving astronaut, without hands)")
    parser.add_argument("--frames", type=count_of_frames, default=4 * BLOCK, help="default: %(default)s")
    parser.add_argument("--cores", type=int, default=1, help="that all of it has (default: %(default)s)")
    parser.add_argument("--engine", nargs="+", choices=QUALITIES, default=list(QUALITIES), help="default: all")
    parser.add_argument("--tracker", nargs="+", choices=get_args(TrackerName), default=get_args(TrackerName))
    parser.add_argument("--waving", type=int, choices=(1, 2), help="hands of generated motion (default: none)")
    arguments = parser.parse_args()
    cores = pin(arguments.cores)
    engines = dict(loaded(arguments.engine))
    rows = {name: figures(measure(name, engines, arguments)) for name in arguments.tracker}
    precision = precision_in(FAST, engines[FAST], "balanced")
    for engine in engines.values():
        engine.close()
    print(report(rows))
    print(f"\nprecision: {precision}")
    print(json.dumps({"tracking": rows, "precision": precision, "cores": cores, "frames": arguments.frames}))


def loaded(names: Iterable[str]) -> Iterable[tuple[str, Engine]]:
    """Yield the engines that load here; another one is told of."""
    for name in names:
        try:
            yield load(name)
        except TrackingError as error:
            print(f"{error}\n")


def bare(name: TrackerName) -> Any:
    """Return the published solution that does the same work."""
    solutions: dict[TrackerName, Callable[[], Any]] = {
        "holistic": lambda: mp.solutions.holistic.Holistic(refine_face_landmarks=True),
        "pose": mp.solutions.pose.Pose,
        "hands": mp.solutions.hands.Hands,
        "face": lambda: mp.solutions.face_mesh.FaceMesh(refine_landmarks=True),
    }
    return solutions[name]()


def measure(name: TrackerName, engines: dict[str, Engine], arguments: argparse.Namespace) -> dict[str, Spent]:
    """Return the time that each took for each frame."""
    solution = bare(name)
    trackers = {
        f"{engine_name} {quality}": engine.build(name, quality, still=False)
        for engine_name, engine in engines.items()
        for quality in QUALITIES[engine_name]
    }
    programs = {BARE: Program(lambda frame: solution.process(frame.rgb), forgotten)}
    programs |= {label: Program(tracker.track, forgotten) for label, tracker in trackers.items()}
    frames = shown(arguments)
    spent = run(programs, close_up(frames) if name == "face" else frames).spent
    solution.close()
    for tracker in trackers.values():
        tracker.close()
    return spent


def shown(arguments: argparse.Namespace) -> Iterator[Frame]:
    """Yield what is tracked, 30 frames a second."""
    if arguments.waving is None:
        return stream(arguments.clip, arguments.frames)
    pictures = waving(arguments.frames, hands=arguments.waving)
    return (Frame(number, number * TICKS, time.monotonic_ns(), rgb) for number, rgb in enumerate(pictures))


def close_up(frames: Iterable[Frame]) -> Iterator[Frame]:
    """Yield what is around the place of the face in the first frame, as high as the frames are.

    Ends the program where no face is in it.
    """
    place: tuple[slice, slice] | None = None
    for frame in frames:
        width, height = frame.size_wh
        if place is None:
            with Holistic() as solution:
                face = read(frame, solution.process(frame)).face
            if face is None:
                raise SystemExit("no face is in the first picture")
            points_px = face.image[:, :2] * (width, height)
            middle = (points_px.max(axis=0) + points_px.min(axis=0)) / 2
            half = CLOSE * np.ptp(points_px, axis=0).max() / 2
            left, top = np.maximum(0, middle - half).astype(int)
            right, bottom = (middle + half).astype(int)
            place = slice(top, bottom), slice(left, right)
        shown = frame.rgb[place]
        size_wh = round(shown.shape[1] * height / shown.shape[0]), height
        yield replace(frame, rgb=np.asarray(cv2.resize(shown, size_wh, interpolation=cv2.INTER_LINEAR), np.uint8))


def forgotten(_frame: object, _result: object) -> None:
    """Keep nothing of what was found."""


def figures(spent: dict[str, Spent]) -> dict[str, Row]:
    return {
        label: {
            "ms": round(one.ms, 1),
            "p95_ms": round(float(np.percentile(one.counted(), 95)), 1),
            "cpu_ms": round(one.processor_ms_per_frame, 1),
            "speedup": round(speedup(spent[BARE], one), 2),
            "processor_speedup": round(processor_speedup(spent[BARE], one), 2),
        }
        for label, one in spent.items()
    }


def report(rows: Rows) -> str:
    """Return a table in Markdown."""
    head = ["tracker", "by", "ms/frame", "p95", "processor ms", "times as fast as mp.solutions", "by processor time"]
    return table(head, ([name, label, *one.values()] for name, by in rows.items() for label, one in by.items()))


if __name__ == "__main__":
    main()
