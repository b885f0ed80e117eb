"""How many of 100 synthetic sets of each exercise are counted right: ``python -m bench.repetitions [--sets 100]``.

A set has 3 to 8 repetitions with half ones, pauses and changes of pace between them; the camera looks from up to 45
degrees aside; landmarks have a tracker's errors (``tests.exercise_motions``). It is right where the count of its
exercise is, and every other exercise's is 0 (a plank on the hands is part of push-ups). Planks are right where each is
found and its seconds are off by less than 1. The last line is JSON.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from tests.counted_repetitions import Counted, count
from tests.exercise_motions import (
    PTS_PER_S,
    REPEATED,
    Camera,
    Errors,
    ExerciseSet,
    Way,
    random_holds,
    random_set,
)

from bench.pinned import pin
from bench.plots import plot_repetitions
from bench.report import table
from mocast.analysis.analyser import Analyser
from mocast.analysis.body_points import BodyPoints
from mocast.analysis.exercise_files import built_in_exercises
from mocast.analysis.standing_heights import StandingHeights
from mocast.model.options import AnalysisOptions
from mocast.model.visible_landmarks import are_visible

PARTS_OF = {"push_up": {"high_plank"}}
"""Exercises that are a part of another one."""
SECONDS_OFF = 1.0

Row = dict[str, int]
EVERY = tuple(built_in_exercises())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=100, help="of each exercise (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="seed of the first (default: %(default)s)")
    parser.add_argument("--only", nargs="+", choices=[*REPEATED, "plank"], default=[*REPEATED, "plank"])
    parser.add_argument("--plot", type=Path, help="draw a set of squats into this file, and measure nothing")
    arguments = parser.parse_args()
    if arguments.plot:
        plot_squats(arguments.plot)
        return
    pin(1)
    seeds = range(arguments.first, arguments.first + arguments.sets)
    rows = {name: measured(random_set, is_counted_right, name, seeds) for name in REPEATED if name in arguments.only}
    if "plank" in arguments.only:
        rows["plank"] = measured(lambda _, seed: random_holds(seed), is_held_right, "plank", seeds)
    head = ["exercise", "sets", "right", "repetitions"]
    print(table(head, [[name, *map(str, row.values())] for name, row in rows.items()]))
    print(json.dumps({"repetitions": rows}))


def measured(
    make: Callable[[str, int], ExerciseSet],
    is_right: Callable[[ExerciseSet, list[Counted]], bool],
    name: str,
    seeds: range,
) -> Row:
    """Return how many sets are right, and of how many repetitions."""
    right, repetitions = 0, 0
    for seed in seeds:
        one = make(name, seed)
        frames = count(one.frames(), EVERY)
        is_fine = is_right(one, frames)
        right += is_fine
        repetitions += one.count
        if not is_fine:
            print(f"{name}, seed {seed}: {one.count} expected, {counts(frames)} counted")
    return {"sets": len(seeds), "right": right, "repetitions": repetitions}


def plot_squats(path: Path) -> None:
    """Draw a set with a half repetition, a pause and one that goes half up and down again."""
    ways = (Way(1.0), Way(0.42), Way(0.95, hold_s=1.0, dips=1), Way(1.0, halfway_s=0.8, pause_s=1.0))
    one = ExerciseSet("squat", ways, 7, camera=Camera(30, fps=25), errors=Errors())
    exercise = built_in_exercises()["squat"]
    analyser = Analyser(AnalysisOptions(exercises=("squat",)))
    standing = StandingHeights()
    times_s, drops, counted = [], [], {}
    for frame in one.frames():
        times_s.append(frame.pts / PTS_PER_S)
        assert frame.pose is not None
        are_seen = are_visible(frame.pose.visibility, frame.pose.image)
        standing.now_s = times_s[-1]
        drops += BodyPoints(frame.pose, are_seen, standing).measure("drop", ("hips", "ankles"))
        for event in analyser.analyse(frame, None).events:
            if event.type == "rep":
                counted[times_s[-1]] = int(event.data["count"])
    thresholds = {"start": exercise.start or 0, "end": exercise.end or 0}
    plot_repetitions(path, (times_s, drops), thresholds, counted, "drop of the hips over the ankles")


def counts(frames: list[Counted]) -> dict[str, int]:
    return {state.exercise: state.count for state in frames[-1].repetitions if state.count}


def is_counted_right(one: ExerciseSet, frames: list[Counted]) -> bool:
    """Whether the exercise has its count, and no other has any."""
    others = PARTS_OF.get(one.exercise, set())
    return {name: many for name, many in counts(frames).items() if name not in others} == {one.exercise: one.count}


def is_held_right(one: ExerciseSet, frames: list[Counted]) -> bool:
    """Whether each plank was told of, with its seconds; they end half a second before they are told of."""
    told = [event.data for frame in frames for event in frame.events if event.type == "rep"]
    return [data["exercise"] for data in told] == ["plank"] * len(one.ways) and all(
        abs(float(data["hold_s"]) - way.hold_s) < SECONDS_OFF for data, way in zip(told, one.ways, strict=True)
    )


if __name__ == "__main__":
    main()
