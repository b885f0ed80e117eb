"""Measures what analysis costs, and how exact angles are: ``python -m bench.analysis [--clip FILE] [--frames 300]``.

A clip, or a synthetic person with all parts, is tracked and rigged first. Then each frame is analysed on one core, and
the core's time is what counts, as others may be at work, also while a reference motion of ``LONGEST_S`` is followed;
each measure is timed in a second pass. Angles are compared with those of the bones of people in random poses, turned by
up to 60°, without noise and with 1 cm of it on each coordinate of each landmark; those of wrists, too, where cameras
have other fields of view, told and not told.
"""

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from time import thread_time_ns
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tests import people
from tests.unit.analysis.true_angles import true_angles
from tests.unit.rigging.skeletons import random_skeleton, tracked

from bench.clips import there_and_back
from bench.report import OUT, Figure, save, table
from bench.rig import PASSES, WARM_UP, cells, synthetic_frames, tracked_frames
from mocast.analysis.analyser import Analyser
from mocast.analysis.body_segments import BodySegments
from mocast.analysis.exercise_files import built_in_exercises
from mocast.analysis.joint_angles import joint_angles
from mocast.model.analysis import ANGLE_NAMES, PAIR_NAMES
from mocast.model.camera_rays import FIELD_OF_VIEW_DEG, picture_scale
from mocast.model.options import AnalysisOptions, RigOptions
from mocast.model.reference import LONGEST_S, MOST_POSES, ReferenceMotion
from mocast.model.rig import Rig
from mocast.model.topology import POSE_COUNT
from mocast.model.tracked import Tracked
from mocast.rigging.field_of_view import at_assumed_view
from mocast.rigging.solver import Solver

Seen = Sequence[tuple[Tracked, Rig]]

EXERCISES = tuple(built_in_exercises())
WRISTS = [ANGLE_NAMES.index("left_wrist"), ANGLE_NAMES.index("right_wrist")]
NOISES_M = {"exact": 0.0, "1 cm": 0.01}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what the analysis costs, and how exact joint angles are.")
    parser.add_argument("--clip", type=Path, help="a video of a person (default: a synthetic one with all parts)")
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--people", type=int, default=2000, help="whose angles are compared (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=OUT, help="folder for results (default: %(default)s)")
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    seen = rigged(arguments.clip, arguments.frames)
    counted = {"one exercise": EXERCISES[:1], f"{len(EXERCISES)} exercises": EXERCISES}
    wholes = {name: times_ms(seen, exercises) for name, exercises in counted.items()}
    wholes["one exercise and a reference motion"] = times_ms(seen, EXERCISES[:1], reference_of(seen))
    rows = [[f"all, {name}", *cells(whole)] for name, whole in wholes.items()]
    rows += [[part, *cells(spent)] for part, spent in parts_ms(seen, EXERCISES[:1]).items()]
    figures = [
        Figure(f"analysis of a frame, {name}, mean", float(np.mean(whole)), "ms", at_most=0.5)
        for name, whole in wholes.items()
    ]
    texts = [table(["analysed", "CPU ms: mean", "median", "p95", "max"], rows)]
    errors = {name: errors_deg(noise_m, arguments.people) for name, noise_m in NOISES_M.items()}
    for (name, found), most in zip(errors.items(), (3.0, 6.0), strict=True):
        figures.append(Figure(f"joint angles, {name}, median error", float(np.median(found)), "°", at_most=most))
    texts += [accuracy(errors), other_cameras(arguments.people)]
    texts.append(
        table(["figure", "", "target"], [[one.name, f"{one.value:.2f} {one.unit}", one.target] for one in figures])
    )
    save(arguments.out, "analysis", figures, "\n\n".join(texts), {"rows": rows})


def rigged(clip: Path | None, count: int) -> Seen:
    """Return frames of a person with their rigs; of the synthetic one with body, hands and face."""
    solver = Solver(RigOptions())
    frames = (
        tracked_frames(clip, count)
        if clip is not None
        else [replace(frame, face=people.face()) for frame in synthetic_frames(count)]
    )
    return [(frame, solver.rig(frame)) for frame in frames]


def reference_of(seen: Seen) -> ReferenceMotion:
    """Return the longest motion that may be followed, with as many poses as it may have."""
    bodies = [frame.pose for frame, _ in seen if frame.pose is not None]
    poses = [bodies[there_and_back(3 * number, len(bodies))] for number in range(MOST_POSES)]
    return ReferenceMotion(
        np.linspace(0, LONGEST_S, MOST_POSES),
        np.stack([pose.world for pose in poses]),
        np.stack([pose.visibility for pose in poses]),
    )


def times_ms(seen: Seen, exercises: tuple[str, ...], reference: ReferenceMotion | None = None) -> list[float]:
    """Return each frame's processor time in the whole analysis: the shortest of some passes."""
    passes = []
    for _ in range(PASSES):
        analyser, times = Analyser(AnalysisOptions(exercises=exercises)), []
        analyser.reference = reference
        for tracked_, rig in seen:
            began = thread_time_ns()
            analyser.analyse(tracked_, rig)
            times.append((thread_time_ns() - began) / 1e6)
        passes.append(times[WARM_UP:])
    return np.min(passes, axis=0).tolist()


def parts_ms(seen: Seen, exercises: tuple[str, ...]) -> dict[str, list[float]]:
    """Return the processor time of each measure in each frame."""
    analyser, spent = Analyser(AnalysisOptions(exercises=exercises)), dict[str, list[float]]()
    for name, measure in vars(analyser).items():
        if hasattr(measure, "update") and not isinstance(measure, dict):
            times = spent[name.strip("_")] = []
            setattr(analyser, name, SimpleNamespace(update=_timed(measure.update, times)))
    for tracked_, rig in seen:
        analyser.analyse(tracked_, rig)
    return {part: times[WARM_UP:] for part, times in spent.items()}


def _timed(update: Callable[..., Any], times: list[float]) -> Callable[..., Any]:
    def run(*given: Any) -> Any:
        began = thread_time_ns()
        try:
            return update(*given)
        finally:
            times.append((thread_time_ns() - began) / 1e6)

    return run


def errors_deg(
    noise_m: float, count: int, camera_deg: float = FIELD_OF_VIEW_DEG, told_deg: float = FIELD_OF_VIEW_DEG
) -> NDArray[np.float64]:
    """Return (count, 20): how far the angles of people in random poses are from the truth.

    Of a camera of another field of view, which is told or not.
    """
    rng, are_seen, found = np.random.default_rng(5), np.ones(POSE_COUNT, bool), []
    for _ in range(count):
        body = random_skeleton(rng)
        person = tracked(body, noise_m=noise_m, hand_noise_m=noise_m, rng=rng)
        person = at_assumed_view(person, 1 / picture_scale(camera_deg))
        assert person.pose is not None
        hands = person.left_hand, person.right_hand
        segments = BodySegments(person.pose, hands, are_seen, person.size_wh, scale=picture_scale(told_deg))
        found.append(joint_angles(segments)[0] - true_angles(body))
    return np.abs((np.array(found) + 180) % 360 - 180)


def other_cameras(count: int) -> str:
    """Return the table of wrists' errors, exact landmarks, for cameras of other fields of view."""
    rows = []
    for camera_deg in (50.0, 72.0):
        for name, told_deg in (("told", camera_deg), ("not told", FIELD_OF_VIEW_DEG)):
            found = errors_deg(0.0, count, camera_deg, told_deg)[:, WRISTS]
            rows.append([f"{camera_deg:g}°, {name}", *(f"{np.percentile(found, share):.1f}" for share in (50, 90))])
    return table(["field of view", "wrist: median °", "90%"], rows)


def accuracy(errors: dict[str, NDArray[np.float64]]) -> str:
    """Return the table of errors; left and right count as one joint."""
    rows = []
    for name in (*PAIR_NAMES, *ANGLE_NAMES[2 * len(PAIR_NAMES) :]):
        columns = [index for index, angle in enumerate(ANGLE_NAMES) if angle.split("_", 1)[-1] == name or angle == name]
        shown = [np.percentile(found[:, columns], share) for found in errors.values() for share in (50, 90)]
        rows.append([name, *(f"{value:.1f}" for value in shown)])
    head = [f"{noise}, {what} °" for noise in errors for what in ("median", "90%")]
    return table(["angle", *head], rows)


if __name__ == "__main__":
    main()
