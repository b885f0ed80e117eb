"""Whether our tracker finds what MediaPipe finds, and how much faster: ``python -m bench.parity [CLIP] [--json]``.

With ``--rig``: whether an avatar moves as with quality ``exact``; see ``bench.rig_parity``. Without it, pixels:

Runs our holistic tracker and ``mp.solutions.holistic.Holistic(refine_face_landmarks=True)``, as published, on the same
frames in turns (see ``bench.interleaved``), on one core, and compares what they find (see ``bench.errors``).
``--noise`` adds what MediaPipe makes of the same frames with each value of each pixel off by at most one, which nobody
sees: errors below that floor mean nothing. With ``--json`` the last line is one JSON object, among others:

``speedup``                    theirs / ours, time of a frame on the clock; ``processor_speedup``: processor time
``ms``, ``reference_ms``       time of a frame on the clock; ``p95_ms``, ``reference_p95_ms``: 95th percentiles
``pose_p95_pct``               error of the pose's visible landmarks, percent of the torso
``hands_p95_pct``              error of both hands' landmarks, percent of the longer side of the reference's box
``face_p95_pct``               error of the face's, the same; also ``..._median_pct``, ``..._p95_px``, ``..._median_px``
``pose_agreement``             share of frames in which both find the part or neither does; of each part
``false_hands``                frames in which we have a hand that the reference has not
``false_hands_alone``          those of them with no such hand in the reference's frames within 5; ``missed_hands``: the
                               other way round
``pose_world_p95_mm``          error of the visible world landmarks
``hands_world_p95_mm``         the same, against our MediaPipe engine: the solution has none
``pose_stutter_pct``           95th percentile of our landmarks' second difference in percent of theirs; of each part;
                               ``pose_stutter_median_pct``: medians
``noise``                      the same figures of MediaPipe against itself, where asked for
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from bench.clips import SIZE_WH, TICKS, stream
from bench.engines import ENGINE_CHOICES, load, precision_in
from bench.errors import HANDS, NEAR_FRAMES, PARTS, Part, agreement, alone, errors, has, stutter, world_errors_mm
from bench.generated_rigs import report_people
from bench.interleaved import LEAST_FRAMES, Program, Spent, count_of_frames, processor_speedup, run, speedup
from bench.motion import PERIOD_FRAMES, waving
from bench.pinned import pin
from bench.plots import plot_errors
from bench.report import Figure, percentiles, save, table
from bench.rig_parity import gate
from bench.solutions import Holistic, read
from mocast.model.frame import Frame
from mocast.model.options import Quality
from mocast.model.tracked import Tracked
from mocast.tracking.engines import REFERENCE as REFERENCE_ENGINE
from mocast.tracking.engines import Engine, PrecisionSetting
from mocast.tracking.face_task import choose_face_shapes

QUALITIES: tuple[Quality, ...] = get_args(Quality)
ALL = "all"
NOISE = "noise"
OURS, REFERENCE = "ours", "mp.solutions"
SEED = 7
RIG_NOISES = 6
"""Noisy copies of a clip for rigs, unless told otherwise."""

GROUPS: dict[str, tuple[Part, ...]] = {
    "pose": ("pose",),
    "face": ("face",),
    "hands": HANDS,
    "left_hand": ("left_hand",),
    "right_hand": ("right_hand",),
}
"""What figures are made of, by its name in them."""

PANELS = {
    "pose": "error of the pose, of the torso",
    "hands": "of the hands, of their longer side",
    "face": "of the face, of its longer side",
}
PERCENTS = np.arange(0, 100.5, 0.5)

LEAST_SPEEDUP: dict[Quality, float] = {"exact": 1.4, "balanced": 2.0, "fast": 3.0}
MOST_NOISES: dict[Quality, float] = {"exact": 1.0, "balanced": 3.0}
"""Errors' targets, in noise floors; those of ``fast`` are told, not bounded."""

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Compared:
    """Our tracker beside the reference, on the same frames."""

    ours: list[Tracked]
    reference: list[Tracked]
    ours_spent: Spent
    reference_spent: Spent


def main() -> None:
    arguments = options().parse_args()
    cores = pin(1)
    engine_name, engine = load(arguments.engine, precision=arguments.precision)
    qualities = QUALITIES if arguments.quality == ALL else (arguments.quality,)
    if arguments.rig:
        compare_rigs(engine_name, engine, qualities, arguments)
        return
    compared = {quality: compare(engine, quality, arguments) for quality in qualities}
    reference = compared[qualities[0]].reference
    if all(tracked.is_empty for tracked in reference):
        print("Nobody is in these pictures: the times are those of searches in vain.", file=sys.stderr)
    world = graph_tracked(frames(arguments))
    noisy = [solved(noisy_frames(arguments, SEED + number)) for number in range(arguments.noise)]
    floor = noise_floor(noisy, reference, world, arguments) if noisy else None
    found = {quality: result(one, world) for quality, one in compared.items()}
    for quality, one in found.items():
        one |= {"engine": engine_name, "quality": quality, "precision": precision_in(engine_name, engine, quality)}
        one |= {"cores": cores, NOISE: floor}
    engine.close()
    text = report(found, floor)
    if arguments.out is None:
        print(text)
    else:
        lines = {quality: distributions([one.ours], one.reference) for quality, one in compared.items()}
        lines = ({NOISE: distributions(noisy, reference)} if noisy else {}) | lines
        save(arguments.out, "parity", figures(found), text, rounded({"found": found, "distributions": lines}))
        plot_errors(arguments.out / "errors.png", panels(lines), PERCENTS.tolist())
    if arguments.json:
        print(json.dumps(rounded(found if arguments.quality == ALL else found[arguments.quality]), allow_nan=False))


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clip", type=Path, nargs="?", help="a video of a person (default: the moving astronaut)")
    parser.add_argument("--waving", action="store_true", help="show generated motion with hands in place of a clip")
    parser.add_argument("--quality", choices=(*QUALITIES, ALL), default="balanced", help="default: %(default)s")
    parser.add_argument("--engine", choices=ENGINE_CHOICES, default="auto", help="default: %(default)s")
    parser.add_argument("--precision", choices=get_args(PrecisionSetting), default="auto", help="default: %(default)s")
    parser.add_argument("--rig", action="store_true", help="compare rigs with those of quality exact, not pixels")
    parser.add_argument("--people", type=int, default=0, help="with --rig: so many generated people, not a clip")
    parser.add_argument("--frames", type=count_of_frames, help=f"of the clip, {LEAST_FRAMES} or more (default: all)")
    parser.add_argument("--size", type=size, default=SIZE_WH, help="WIDTHxHEIGHT to fit in (default: 640x480)")
    parser.add_argument(
        "--noise",
        type=int,
        nargs="?",
        const=1,
        default=0,
        help="measure the noise floor too, from so many runs (1); with --rig: so many noisy copies (6)",
    )
    parser.add_argument("--json", action="store_true", help="end with a line of JSON")
    parser.add_argument("--out", type=Path, help="folder for parity.json and errors.png (default: none is written)")
    return parser


def size(text: str) -> tuple[int, int]:
    width, height = (int(side) for side in text.split("x"))
    if min(width, height) < 1:
        raise argparse.ArgumentTypeError("a picture has pixels")
    return width, height


def frames(arguments: argparse.Namespace) -> Iterator[Frame]:
    if arguments.waving:
        pictures = waving(arguments.frames or 3 * PERIOD_FRAMES)
        return (Frame(number, number * TICKS, time.monotonic_ns(), rgb) for number, rgb in enumerate(pictures))
    return stream(arguments.clip, arguments.frames, arguments.size)


def noisy_frames(arguments: argparse.Namespace, seed: int) -> Iterator[Frame]:
    """Yield the frames with -1, 0 or 1, each as likely, added to every value."""
    random = np.random.default_rng(seed)
    for frame in frames(arguments):
        noisy = np.clip(frame.rgb + random.integers(-1, 2, frame.rgb.shape, np.int16), 0, 255).astype(np.uint8)
        yield replace(frame, rgb=noisy)


def compare_rigs(name: str, engine: Engine, qualities: Sequence[Quality], arguments: argparse.Namespace) -> None:
    """Print a table for each quality: its rigs beside those of ``exact``, of a clip or of generated people."""
    qualities = [quality for quality in qualities if arguments.quality != ALL or quality != "exact"]
    if arguments.people:
        print(report_people(arguments.people, qualities))
        return
    seeds = range(SEED, SEED + (arguments.noise or RIG_NOISES))
    noisy = [partial(noisy_frames, arguments, seed) for seed in seeds]
    found = gate(engine, qualities, noisy, choose_face_shapes(name, "auto", None))
    print(f"engine {name}; " + ", ".join(f"{one} {precision_in(name, engine, one)}" for one in qualities))
    print(f"\n{found.text()}")
    engine.close()


def compare(engine: Engine, quality: Quality, arguments: argparse.Namespace) -> Compared:
    """Run one of our qualities and the reference in turns."""
    tracker = engine.build("holistic", quality, still=False)
    with Holistic() as solution:
        programs = {REFERENCE: Program(solution.process, read), OURS: Program(tracker.track)}
        runs = run(programs, frames(arguments))
    tracker.close()
    return Compared(runs.results[OURS], runs.results[REFERENCE], runs.spent[OURS], runs.spent[REFERENCE])


def solved(pictures: Iterable[Frame]) -> list[Tracked]:
    """Return what the reference finds, untimed."""
    with Holistic() as solution:
        return [read(frame, solution.process(frame)) for frame in pictures]


def graph_tracked(pictures: Iterable[Frame]) -> list[Tracked]:
    """Return what our own graph of the same networks finds, for the world landmarks of hands."""
    _, engine = load(REFERENCE_ENGINE)
    tracker = engine.build("holistic", "exact", still=False)
    found = [tracker.track(frame) for frame in pictures]
    tracker.close()
    engine.close()
    return found


def noise_floor(
    noisy: list[list[Tracked]], reference: list[Tracked], world: list[Tracked], arguments: argparse.Namespace
) -> Values:
    """Return the same figures of MediaPipe against itself, all noisy runs taken together."""
    together = measures(noisy, reference)
    noisy_world = graph_tracked(noisy_frames(arguments, SEED))
    return together | world_figures("hands_world", world_errors_mm(noisy_world, world, *HANDS)) | {"runs": len(noisy)}


def result(compared: Compared, world: list[Tracked]) -> Values:
    """Return all that is told of one quality."""
    ours, theirs = compared.ours_spent, compared.reference_spent
    return {
        "speedup": speedup(theirs, ours),
        "processor_speedup": processor_speedup(theirs, ours),
        "ms": ours.ms,
        "p95_ms": percentiles(ours.counted())[1],
        "reference_ms": theirs.ms,
        "reference_p95_ms": percentiles(theirs.counted())[1],
        "processor_ms": ours.processor_ms_per_frame,
        "reference_processor_ms": theirs.processor_ms_per_frame,
        **measures([compared.ours], compared.reference),
        **world_figures("hands_world", world_errors_mm(compared.ours, world, *HANDS)),
    }


def measures(runs: Sequence[list[Tracked]], reference: list[Tracked]) -> Values:
    """Return how far some runs on the same frames, taken together, are from the reference."""
    ours, theirs = [one for found in runs for one in found], reference * len(runs)
    values: Values = {"frames": len(reference)}
    for name, parts in GROUPS.items():
        apart = errors(ours, theirs, *parts)
        jumps = stutter(ours, theirs, *parts)
        jumps_median, jumps_p95, _ = percentiles(jumps.ours_px)
        reference_jumps_median, reference_jumps_p95, _ = percentiles(jumps.reference_px)
        (px, px_p95, px_max), (share, share_p95, _) = percentiles(apart.px), percentiles(apart.share)
        values |= {
            f"{name}_median_pct": 100 * share,
            f"{name}_p95_pct": 100 * share_p95,
            f"{name}_median_px": px,
            f"{name}_p95_px": px_p95,
            f"{name}_max_px": px_max,
            f"{name}_stutter_px": jumps_p95,
            f"{name}_reference_stutter_px": reference_jumps_p95,
            f"{name}_stutter_pct": percent(jumps_p95, reference_jumps_p95),
            f"{name}_stutter_median_pct": percent(jumps_median, reference_jumps_median),
        }
    values |= {f"{part}_agreement": agreement(ours, theirs, part) for part in PARTS}
    values |= {f"{part}_reference_frames": sum(has(one, part) for one in reference) for part in PARTS}
    values |= world_figures("pose_world", world_errors_mm(ours, theirs, "pose"))
    return values | {
        "false_hands": float(np.mean([alone(found, reference, *HANDS) for found in runs])),
        "false_hands_alone": float(np.mean([alone(found, reference, *HANDS, near=NEAR_FRAMES) for found in runs])),
        "missed_hands": float(np.mean([alone(reference, found, *HANDS) for found in runs])),
    }


def percent(value: float, whole: float) -> float:
    """Return what percentage of the whole it is; NaN where the whole is nothing."""
    return 100 * value / whole if whole else math.nan


def world_figures(name: str, apart_mm: NDArray[np.float64]) -> Values:
    median, p95, _ = percentiles(apart_mm)
    return {f"{name}_median_mm": median, f"{name}_p95_mm": p95}


def distributions(runs: list[list[Tracked]], reference: list[Tracked]) -> dict[str, list[float]]:
    """Return the errors at each of ``PERCENTS``, in percent of the part's size; nothing for a part that none found."""
    ours = [one for found in runs for one in found]
    shares = {name: errors(ours, reference * len(runs), *GROUPS[name]).share for name in PANELS}
    return {name: np.percentile(100 * share, PERCENTS).tolist() if share.size else [] for name, share in shares.items()}


def panels(lines: Mapping[str, Mapping[str, list[float]]]) -> dict[str, dict[str, list[float]]]:
    """Return the same by the plot's panels; those without a line are left out."""
    by_title = {
        title: {name: errors_pct[part] for name, errors_pct in lines.items() if errors_pct[part]}
        for part, title in PANELS.items()
    }
    return {title: drawn for title, drawn in by_title.items() if drawn}


def figures(found: Mapping[Quality, Values]) -> list[Figure]:
    """Return what has a target: speed, and errors beside the noise floor where it was measured."""
    made = []
    for quality, values in found.items():
        name = f"holistic {quality} on one core, times as fast as mp.solutions"
        made.append(Figure(name, values["speedup"], "times", at_least=LEAST_SPEEDUP[quality]))
        floor = values[NOISE]
        for part in PANELS if floor is not None and quality in MOST_NOISES else ():
            noises = values[f"{part}_p95_pct"] / floor[f"{part}_p95_pct"]
            if math.isfinite(noises):
                name = f"holistic {quality}, error of {part}, p95"
                made.append(Figure(name, noises, "noise floors", at_most=MOST_NOISES[quality]))
        made.append(
            Figure(
                f"holistic {quality}, hands that mp.solutions has not within {NEAR_FRAMES} frames",
                values["false_hands_alone"],
                "",
                at_most=0,
            )
        )
    return made


def report(found: Mapping[Quality, Values], floor: Values | None) -> str:
    """Return the tables."""
    some = next(iter(found.values()))
    present = ", ".join(f"{part} in {some[f'{part}_reference_frames']}".replace("_", " ") for part in PARTS)
    head = ["", *found]
    speed = [
        ["times as fast as mp.solutions", *(f"**{one['speedup']:.2f}**" for one in found.values())],
        ["the same by processor time", *(f"{one['processor_speedup']:.2f}" for one in found.values())],
        ["ms a frame, p95 of frames", *(f"{one['ms']:.1f}, {one['p95_ms']:.1f}" for one in found.values())],
        [
            "mp.solutions', in turns with it",
            *(f"{one['reference_ms']:.1f}, {one['reference_p95_ms']:.1f}" for one in found.values()),
        ],
        ["precision", *(one["precision"] for one in found.values())],
    ]
    columns = ({NOISE: floor} if floor is not None else {}) | dict(found)
    return (
        f"{some['frames']} frames, engine {some['engine']}; mp.solutions finds {present}.\n\n{table(head, speed)}\n\n"
        f"{table(['median, p95', *columns], rows_of_errors(columns))}"
    )


def rows_of_errors(columns: Mapping[str, Values]) -> list[list[str]]:
    """Return a row for each kind of error, a column for each that was compared with the reference."""
    rows: list[list[str]] = []

    def row(name: str, *keys: str, digits: int = 2) -> None:
        texts = ([shown(one.get(key), digits) for key in keys] for one in columns.values())
        rows.append([name, *(", ".join(text) if any(text) else "" for text in texts)])

    row("pose, visible: % of the torso", "pose_median_pct", "pose_p95_pct")
    row("hands: % of the longer side", "hands_median_pct", "hands_p95_pct")
    row("face: % of the longer side", "face_median_pct", "face_p95_pct")
    for name in GROUPS:
        row(f"{name.replace('_', ' ')}: px", f"{name}_median_px", f"{name}_p95_px")
    row("pose, world: mm", "pose_world_median_mm", "pose_world_p95_mm", digits=1)
    row("hands, world: mm", "hands_world_median_mm", "hands_world_p95_mm", digits=1)
    for part in PARTS:
        row(f"{part.replace('_', ' ')}: share of frames where both say the same", f"{part}_agreement", digits=3)
    row(
        f"hands that mp.solutions has not; nor within {NEAR_FRAMES} frames",
        "false_hands",
        "false_hands_alone",
        digits=1,
    )
    row("hands that only mp.solutions has", "missed_hands", digits=1)
    for name in PANELS:
        row(f"{name}: stutter, % of mp.solutions'", f"{name}_stutter_median_pct", f"{name}_stutter_pct", digits=0)
        row(f"{name}: stutter, p95, px; mp.solutions'", f"{name}_stutter_px", f"{name}_reference_stutter_px")
    return rows


def shown(value: float | None, digits: int) -> str:
    return "" if value is None or math.isnan(value) else f"{value:.{digits}f}"


def rounded(value: Any) -> Any:
    """Return it with four decimals and, as JSON has no NaN, ``None`` where there was nothing to measure."""
    if isinstance(value, Mapping):
        return {key: rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 4)
    return value


if __name__ == "__main__":
    main()
