"""How many of 100 synthetic sets of each exercise are counted right: ``python -m bench.repetitions [--sets 100]``.

A set has 3 to 8 repetitions with half ones, pauses and changes of pace between them; the camera looks from up to 45
degrees aside; landmarks have a tracker's errors (``tests.exercise_motions``). It is right where the count of its
exercise is, and every other exercise's is 0 (a plank on the hands is part of push-ups). Planks are right where each is
found and its seconds are off by less than 1. The last line is JSON.
"""

import argparse
import json
from collections.abc import Callable

from tests.exercise_motions import REPEATED, ExerciseSet, random_holds, random_set

from bench.pinned import pin
from bench.report import table
from mocast.analysis.analyser import Analyser
from mocast.analysis.exercise_files import built_in_exercises
from mocast.model.analysis import Analysis
from mocast.model.options import AnalysisOptions

PARTS_OF = {"push_up": {"high_plank"}}
"""Exercises that are a part of another one."""
SECONDS_OFF = 1.0

Row = dict[str, int]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=100, help="of each exercise (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="seed of the first (default: %(default)s)")
    parser.add_argument("--only", nargs="+", choices=[*REPEATED, "plank"], default=[*REPEATED, "plank"])
    arguments = parser.parse_args()
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
    is_right: Callable[[ExerciseSet, list[Analysis]], bool],
    name: str,
    seeds: range,
) -> Row:
    """Return how many sets are right, and of how many repetitions."""
    right, repetitions = 0, 0
    for seed in seeds:
        one = make(name, seed)
        analyser = Analyser(AnalysisOptions(exercises=tuple(built_in_exercises())))
        analyses = [analyser.analyse(frame, None) for frame in one.frames()]
        is_fine = is_right(one, analyses)
        right += is_fine
        repetitions += one.count
        if not is_fine:
            print(f"{name}, seed {seed}: {one.count} expected, {counts(analyses)} counted")
    return {"sets": len(seeds), "right": right, "repetitions": repetitions}


def counts(analyses: list[Analysis]) -> dict[str, int]:
    return {state.exercise: state.count for state in analyses[-1].repetitions if state.count}


def is_counted_right(one: ExerciseSet, analyses: list[Analysis]) -> bool:
    """Whether the exercise has its count, and no other has any."""
    others = PARTS_OF.get(one.exercise, set())
    return {name: count for name, count in counts(analyses).items() if name not in others} == {one.exercise: one.count}


def is_held_right(one: ExerciseSet, analyses: list[Analysis]) -> bool:
    """Whether each plank was told of, with its seconds; they end half a second before they are told of."""
    told = [event.data for analysis in analyses for event in analysis.events if event.type == "rep"]
    return [data["exercise"] for data in told] == ["plank"] * len(one.ways) and all(
        abs(float(data["hold_s"]) - way.hold_s) < SECONDS_OFF for data, way in zip(told, one.ways, strict=True)
    )


if __name__ == "__main__":
    main()
