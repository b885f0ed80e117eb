"""Measures what the rig costs: ``python -m bench.rig [--clip FILE] [--frames 300]``.

Frames are tracked first. Then each is rigged on one core, and the core's time is what counts, as others may be at work.
The parts are timed in a second pass: their clocks cost as much as small parts do. The legs are below most pictures, so
a synthetic person is rigged, too, who has all parts but the face.
"""

import argparse
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import thread_time_ns
from typing import Any

import numpy as np
from tests.unit.rigging.skeletons import posed, tracked

from bench import engines
from bench.clips import rgb_pictures, there_and_back
from bench.report import OUT, Figure, percentiles, save, table
from mocast.model.frame import Frame
from mocast.model.options import RigOptions
from mocast.model.tracked import Tracked
from mocast.rigging import solver
from mocast.rigging.body import body_solver, bone_filter, feet_solver, visibility
from mocast.rigging.face import face_solver
from mocast.rigging.face.network_shapes import FaceShaper
from mocast.tracking.engines import AUTO
from mocast.tracking.face_task import choose_face_shapes

WARM_UP = 30
"""Frames at the start that do not count."""
PASSES = 3
"""Over the same frames; a frame's time is its shortest, as what disturbs it is no part of it."""
PARTS: dict[str, tuple[object, str]] = {
    "face": (face_solver.FaceSolver, "solve"),
    "body, measured": (body_solver.BodySolver, "measure"),
    "held and eased": (visibility.PartGate, "update"),
    "smoothed": (bone_filter.BoneFilter, "smooth"),
    "feet": (feet_solver.FeetSolver, "solve"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what the rig costs.")
    parser.add_argument("--clip", type=Path, help="a video of a person (default: the moving astronaut, without hands)")
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--out", type=Path, default=OUT, help="folder for results (default: %(default)s)")
    arguments = parser.parse_args()
    sequences = {
        "a clip" if arguments.clip else "the astronaut": tracked_frames(arguments.clip, arguments.frames),
        "a whole body without a face": synthetic_frames(arguments.frames),
    }
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    rows, figures = [], []
    network = choose_face_shapes(AUTO, "auto", None)
    cases = [(name, frames, None) for name, frames in sequences.items()]
    if network is not None:
        name, frames = next(iter(sequences.items()))
        cases.append((f"{name}, with the network of face shapes", frames, network))
    for name, frames, face_shaper in cases:
        whole = times_ms(frames, face_shaper)
        if face_shaper is None:
            figures.append(Figure(f"rig of {name}, median", percentiles(whole)[0], "ms", at_most=1.2))
        rows.append([name, "all", *cells(whole)])
        rows += [[name, part, *cells(spent)] for part, spent in parts_ms(frames, face_shaper).items()]
    text = table(["rigged", "part", "mean CPU ms", "median", "p95", "max"], rows)
    save(arguments.out, "rig", figures, text, {"rows": rows})


def tracked_frames(clip: Path | None, count: int) -> list[Tracked]:
    """Return what the holistic tracker finds, there and back so that nobody jumps."""
    pictures = rgb_pictures(clip, count)
    tracker = engines.load(AUTO, threads=1)[1].build("holistic", "balanced", still=False)
    try:
        return [
            tracker.track(Frame(number, number * 3000, 0, pictures[there_and_back(number, len(pictures))]))
            for number in range(count)
        ]
    finally:
        tracker.close()


def synthetic_frames(count: int) -> list[Tracked]:
    """Return a person who waves with both arms and lifts a leg."""
    angles = 30 * np.sin(2 * np.pi * np.arange(count) / 60)
    return [
        tracked(
            posed(
                left_upper_arm=(0, 0, angle - 40),
                left_lower_arm=(0, -60, 0),
                right_lower_arm=(0, 60 + angle, 0),
                left_upper_leg=(-40 + angle, 0, 0),
                left_lower_leg=(50, 0, 0),
            ),
            pts=number * 3000,
        )
        for number, angle in enumerate(angles)
    ]


def times_ms(frames: list[Tracked], face_shaper: FaceShaper | None = None) -> list[float]:
    """Return each frame's processor time in the whole rig."""
    passes = []
    for _ in range(PASSES):
        rigger, times = solver.Solver(RigOptions(), face_shaper), []
        for frame in frames:
            began = thread_time_ns()
            rigger.rig(frame)
            times.append((thread_time_ns() - began) / 1e6)
        passes.append(times[WARM_UP:])
    return np.min(passes, axis=0).tolist()


def parts_ms(frames: list[Tracked], face_shaper: FaceShaper | None = None) -> dict[str, list[float]]:
    """Return the processor time of each part in each frame."""
    with timed() as spent:
        rigger = solver.Solver(RigOptions(), face_shaper)
        for frame in frames:
            rigger.rig(frame)
    return {part: times[WARM_UP:] for part, times in spent.items()}


@contextmanager
def timed() -> Iterator[dict[str, list[float]]]:
    """Time ``PARTS`` meanwhile."""
    spent: defaultdict[str, list[float]] = defaultdict(list)

    def watched(part: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            began = thread_time_ns()
            try:
                return work(*args, **kwargs)
            finally:
                spent[part].append((thread_time_ns() - began) / 1e6)

        return run

    unwatched = {part: getattr(owner, name) for part, (owner, name) in PARTS.items()}
    for part, (owner, name) in PARTS.items():
        setattr(owner, name, watched(part, unwatched[part]))
    try:
        yield spent
    finally:
        for part, (owner, name) in PARTS.items():
            setattr(owner, name, unwatched[part])


def cells(times: list[float]) -> list[str]:
    return [f"{value:.2f}" for value in (np.mean(times), *percentiles(times))]


if __name__ == "__main__":
    main()
