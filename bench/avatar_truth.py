"""The rig against the truth, and Kalidokit beside it: ``python -m bench.avatar_truth [SUITE ...] [--people 12]``.

Generated people of random proportions, in poses within anatomical limits and in motion, before cameras at random
angles; their landmarks, as the tracker gives them, go into Mocast's solver and into Kalidokit 1.1.5 (by node, after
``npm --prefix bench/kalidokit ci --ignore-scripts``; without it, Mocast alone is measured). Suites:

  poses   angular error by group of bones, without noise and with it (one for each person)
  arms    arms by field of view; hands that touch face, throat and chest; hands that clap
  trunk   nods, leans and turns: delay and kept amplitude; jitter at rest; lean of chest and head before tilted cameras
  feet    planted feet that slide or float in walks, crouches, kneels; jumps; steps nearer
  hard    turned by 75°, back view, arms overhead, crossed, behind, sitting, cross-legged, lying
  clips   jitter, flips and lean on clips of people (--clip, more than once)

All people, poses and noise are drawn from ``--seed``: the same numbers on every machine. In code: ``film`` or ``hold``
of ``bench.avatar.takes`` make a take, ``ours`` and ``kalidokits`` solve it, ``bench.avatar.metrics`` compares. A motion
by name, without a suite: ``--motion "touch chin"`` (``--list`` names them). ``--draw FOLDER`` draws poses.
"""

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bench.avatar import kalidokit, metrics
from bench.avatar.figures import Panel, draw, plot_courses, plot_groups
from bench.avatar.motions import MOTIONS, Motion
from bench.avatar.people import Person, average_person, random_person
from bench.avatar.takes import (
    FPS,
    PRELUDE_S,
    Answer,
    Take,
    camera_of,
    film,
    hold,
    kalidokits,
    ours,
    random_camera,
    random_pose,
    smoothed,
    solved,
)
from bench.report import OUT, Figure, save, table
from mocast.model.humanoid import HumanoidBone
from mocast.model.options import RigOptions, Smoothing
from mocast.model.tracked import Tracked

B = HumanoidBone
PRESETS: tuple[Smoothing, ...] = ("responsive", "balanced", "smooth")
NOISE_M = 0.012
"""Of the noisy runs: 1.2 cm across the picture, 3.6 cm in depth."""
READINGS = ("trunk", "camera")
FIELDS_OF_VIEW = (50.0, 60.0, 72.0)
TOUCHES = [name for name in MOTIONS if name.startswith("touch")]
HARD = [
    "turned by 75°",
    "back view",
    "arms overhead",
    "arms crossed",
    "hands behind",
    "hands on hips",
    "sitting",
    "sitting cross-legged",
    "lying",
]


@dataclass(frozen=True, slots=True)
class Run:
    """What was asked for."""

    people: int
    seed: int
    with_kalidokit: bool
    in_view_axes: bool
    clips: tuple[Path, ...]
    draw: Path | None = None
    "Where to draw."

    def rng(self, number: int = 0) -> np.random.Generator:
        return np.random.default_rng([self.seed, number])

    def persons(self, most: int | None = None) -> list[Person]:
        count = self.people if most is None else min(self.people, most)
        return [random_person(self.rng(number)) for number in range(count)]

    def kalidokits(self, take: Take) -> dict[str, Answer]:
        return kalidokits(take.tracked) if self.with_kalidokit else {}


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """What a suite found."""

    title: str
    text: str
    figures: list[Figure]


WORST = 8
"""Random poses that are drawn: those in which Mocast's bones are furthest off."""
Found = dict[str, dict[str, list[float]]]
"""By solver, by group of bones: errors in degrees."""
Suite = Callable[[Run], list[Section]]


def poses(run: Run) -> list[Section]:
    """Angular errors by group of bones."""
    rows, figures, bars = [], [], {}
    for noise_m in (0.0, NOISE_M):
        found: Found = {}
        panels = []
        for number, person in enumerate(run.persons()):
            rng = run.rng(number)
            take = hold(
                person,
                random_pose(person, rng),
                random_camera(rng, person),
                noise_m=noise_m,
                rng=rng,
                in_view_axes=run.in_view_axes,
                prelude_s=PRELUDE_S,
                name=f"person {number}",
            )
            panels.append(_compare(run, take, found))
        if run.draw is not None:
            worst = sorted(panels, key=lambda panel: -panel.off_deg)[:WORST]
            draw(run.draw / f"avatar-worst-{1000 * noise_m:g}mm.png", worst)
        best = _best_of(found)
        label = f"noise {100 * noise_m:g} cm" if noise_m else "no noise"
        bars[label] = {name: {g: float(np.median(of[g])) for g in metrics.GROUPS} for name, of in best.items()}
        for group in metrics.GROUPS:
            cells = [f"{np.median(of[group]):.1f} / {np.percentile(of[group], 95):.0f}" for of in best.values()]
            rows.append([label, group, *cells])
            figures.append(Figure(f"{group}, {label}, mean", float(np.mean(best["Mocast"][group])), "°"))
        means = [_arms_mean(of) for of in best.values()]
        rows.append([label, "arms, mean of both bones", *(f"{mean:.1f}" for mean in means)])
        heads = [float(np.mean(of["neck and head"])) for of in best.values()]
        rows.append([label, "neck and head, mean", *(f"{mean:.1f}" for mean in heads)])
    if run.draw is not None:
        plot_groups(run.draw / "avatar-bones.png", bars)
    head = ["landmarks", "bones", *(f"{name}: median / p95 °" for name in best)]
    return [Section(f"Poses of {run.people} people", table(head, rows), figures)]


def _kinds(run: Run, take: Take) -> dict[str, Answer]:
    return {reading: answer for reading, answer in run.kalidokits(take).items() if reading in READINGS}


def _compare(run: Run, take: Take, found: Found, options: RigOptions | None = None) -> Panel:
    """Add a take's errors to those that were found: Mocast's against the levelled truth, as it levels the camera.

    Kalidokit is compared with that truth and with the one in the camera's ray. Return the last pose, to be drawn.
    """
    levelled, by_ray = take.levelled, take.turned
    mocast = ours(take, options)
    errors = _errors(mocast, take, levelled)
    _add(found, "Mocast", errors)
    truth = take.bodies[-1].local.copy()
    truth[B.HIPS] = levelled[-1, B.HIPS]
    locals_ = {"truth": truth, "Mocast": mocast.local[-1]}
    for reading, answer in _kinds(run, take).items():
        _add(found, reading, _errors(answer, take, by_ray))
        _add(found, f"{reading}, levelled", _errors(answer, take, levelled))
        locals_.setdefault("Kalidokit", answer.local[-1])
    off = float(np.mean([values.mean() for values in errors.values() if values.size]))
    return Panel(f"{take.name}: Mocast is off by {off:.0f}° on average", take.shots[-1].person, locals_, off)


def _add(found: Found, name: str, errors: dict[str, np.ndarray]) -> None:
    for group, values in errors.items():
        found.setdefault(name, {}).setdefault(group, []).extend(values.ravel().tolist())


def _errors(answer: Answer, take: Take, truth: np.ndarray) -> dict[str, np.ndarray]:
    late = take.settled
    errors = metrics.errors_deg(metrics.turned_of(answer.local[late]), truth[late])
    seen = take.shots[-1].tracked
    hands = [seen.left_hand is not None, seen.right_hand is not None]
    if not all(hands):  # what is not tracked is not measured
        bones = metrics.GROUPS["fingers"]
        errors["fingers"] = errors["fingers"][:, [hands[bone >= B.RIGHT_THUMB_METACARPAL] for bone in bones]]
        errors["hands"] = errors["hands"][:, hands]
    if seen.face is None:
        errors["neck and head"] = errors["neck and head"][:, :0]
    return errors


def _best_of(found: Found) -> Found:
    """Merge Kalidokit's readings: for each group of bones the one with the smaller mean."""
    readings = [of for name, of in found.items() if name != "Mocast"]
    if not readings:
        return {"Mocast": found["Mocast"]}
    kind = {
        group: min((of[group] for of in readings), key=lambda errors: float(np.mean(errors or [0.0])))
        for group in metrics.GROUPS
    }
    return {"Mocast": found["Mocast"], "Kalidokit": kind}


def _arms_mean(of: dict[str, list[float]]) -> float:
    return float(np.mean(of["upper arms"] + of["forearms"]))


def arms(run: Run) -> list[Section]:
    """Arms by field of view, touches, claps."""
    rows = []
    for degrees in FIELDS_OF_VIEW:
        for noise_m in (0.0, NOISE_M):
            found: Found = {}
            for number, person in enumerate(run.persons()):
                rng = run.rng(number)
                body = random_pose(person, rng)
                camera = random_camera(rng, person, field_of_view_deg=(degrees, degrees))
                _compare(run, hold(person, body, camera, noise_m=noise_m, rng=rng, prelude_s=PRELUDE_S), found)
            best = _best_of(found)
            rows.append([f"{degrees:g}°", f"{100 * noise_m:g} cm", *(f"{_arms_mean(of):.1f}" for of in best.values())])
    head = ["field of view", "noise", *(f"{name}, mean °" for name in best)]
    fields = Section("Arms by field of view", table(head, rows), [])
    return [fields, *_touches(run), _claps(run)]


def _touches(run: Run) -> list[Section]:
    rows, figures = [], []
    for noise_m in (0.0, 0.5 * NOISE_M):
        for name in TOUCHES:
            own: dict[str, list[float]] = {}
            for number, person in enumerate(run.persons(6)):
                rng = run.rng(number)
                motion = MOTIONS[name]
                camera = random_camera(rng, person, motion.framing, yaw_deg=30, pitch_deg=10)
                take = film(motion, person, camera, noise_m=noise_m, rng=rng, seconds=5.0, prelude_s=PRELUDE_S)
                answer = ours(take)
                own.setdefault("own", []).extend(metrics.touch_errors_cm(answer, take))
                own.setdefault("avatar", []).extend(metrics.touch_errors_cm(answer, take, on_avatar=True))
                for reading, other in _kinds(run, take).items():
                    own.setdefault(reading, []).extend(metrics.touch_errors_cm(other, take))
            theirs = [np.median(own[reading]) for reading in READINGS if reading in own]
            rows.append(
                [
                    name,
                    f"{100 * noise_m:g} cm",
                    _both(own["own"]),
                    _both(own["avatar"]),
                    f"{min(theirs):.0f}" if theirs else "",
                ]
            )
            figures.append(Figure(f"{name}, gap", float(np.median(own["own"])), "cm", at_most=5))
    head = ["touch", "noise", "median / p95 cm", "on the default avatar", "Kalidokit, median"]
    return [Section("Fingertips from where they touch", table(head, rows), figures)]


def _both(values: Sequence[float]) -> str:
    return f"{np.median(values):.1f} / {np.percentile(values, 95):.0f}"


def _claps(run: Run) -> Section:
    rows = []
    for number, person in enumerate(run.persons(6)):
        rng = run.rng(number)
        take = film(MOTIONS["clap"], person, random_camera(rng, person, yaw_deg=30), rng=rng, noise_m=0.5 * NOISE_M)
        shown, true = metrics.hands_apart_cm(ours(take), take)
        rows.append([number, f"{true.min():.0f}", f"{shown.min():.0f}", f"{np.abs(shown - true).mean():.1f}"])
    return Section("Claps", table(["person", "closest, truth cm", "shown cm", "mean error cm"], rows), [])


TRUNK_CASES = (
    ("nod 8° 1 Hz", B.HEAD),
    ("nod 3° 0.5 Hz", B.HEAD),
    ("nod 20° 1 Hz", B.HEAD),
    ("shake 8° 1 Hz", B.HEAD),
    ("tilt 8° 1 Hz", B.HEAD),
    ("lean 5° 1 Hz", B.UPPER_CHEST),
    ("lean 5° 1 Hz, full body", B.UPPER_CHEST),
    ("sway 5° 1 Hz", B.UPPER_CHEST),
)
DRAWN_MOTIONS = ("nod 8° 1 Hz", "nod 3° 0.5 Hz", "lean 5° 1 Hz")
REST_NOISE_M = 0.003
"""Of somebody who stands still before a webcam; see ``clips`` for real ones."""


def trunk(run: Run) -> list[Section]:
    """Delay and kept amplitude of small motions, jitter, lean."""
    return [_responses(run), _jitter(run), _leans(run)]


def _responses(run: Run) -> Section:
    rows, figures, courses = [], [], {}
    person = average_person()
    for name, bone in TRUNK_CASES:
        motion = MOTIONS[name]
        take = film(motion, person, camera_of(person, motion.framing))
        cells = []
        answers = {preset: ours(take, smoothed(preset)) for preset in PRESETS}
        if run.with_kalidokit:
            answers["Kalidokit"] = run.kalidokits(take)["smoothed"]
        for label, answer in answers.items():
            turned = metrics.turned_of(answer.local)[:, bone]
            got = metrics.response(turned, take.turned[:, bone], take.fps, take.hertz)
            cells.append(f"{got.delay_ms:.0f} ms, {100 * got.kept:.0f}%")
            if label == "balanced":
                figures += [
                    Figure(f"{name}: delay", got.delay_ms, "ms"),
                    Figure(f"{name}: kept", 100 * got.kept, "%"),
                ]
        rows.append([name, *cells])
        if name in DRAWN_MOTIONS:
            shown = {"truth": take.turned, "Mocast": metrics.turned_of(answers["balanced"].local)}
            if "Kalidokit" in answers:
                shown["Kalidokit"] = metrics.turned_of(answers["Kalidokit"].local)
            late = slice(-round(2 / take.hertz * take.fps), None)
            courses[name] = {
                label: metrics.course_deg(turned[late, bone], take.turned[late, bone])
                for label, turned in shown.items()
            }
    if run.draw is not None:
        plot_courses(run.draw / "avatar-small-motions.png", courses, FPS)
    return Section("Small motions: delay and kept amplitude", table(["motion", *answers], rows), figures)


def _jitter(run: Run) -> Section:
    rows = []
    person = average_person()
    for framing in ("half", "full"):
        motion = MOTIONS["stance, half body" if framing == "half" else "stance"]
        take = film(motion, person, camera_of(person, framing), noise_m=REST_NOISE_M, rng=run.rng())
        answers = {preset: ours(take, smoothed(preset)) for preset in PRESETS}
        if run.with_kalidokit:
            answers["Kalidokit"] = run.kalidokits(take)["smoothed"]
        for label, answer in answers.items():
            steps = metrics.steps_deg(metrics.turned_of(answer.local[take.settled]))
            cells = [f"{np.median(steps[:, bones]):.2f}" for bones in metrics.GROUPS.values()]
            rows.append([framing, label, *cells])
    return Section(
        f"Jitter at rest, noise {1000 * REST_NOISE_M:g} mm: ° from picture to picture, median",
        table(["picture", "solver", *metrics.GROUPS], rows),
        [],
    )


def _leans(run: Run) -> Section:
    rows = []
    person = average_person()
    for framing in ("half", "full"):
        motion = MOTIONS["stance, half body" if framing == "half" else "stance"]
        for pitch_deg in (-15, 0, 15):
            take = film(motion, person, camera_of(person, framing, pitch_deg=pitch_deg), seconds=2.0)
            frames = _long(take, 40.0)
            answers = {"Mocast": solved(frames)}
            if run.with_kalidokit:
                answers["Kalidokit"] = run.kalidokits(take)["trunk"]
            for label, answer in answers.items():
                turned = metrics.turned_of(answer.local[[45, -1] if label == "Mocast" else [-1, -1]])
                chest, head = (metrics.lean_deg(turned[:, bone]) for bone in (B.UPPER_CHEST, B.HEAD))
                rows.append(
                    [framing, pitch_deg, label, *(f"{-chest[n]:.1f} / {head[n] - chest[n]:.1f}" for n in (0, 1))]
                )
    head = ["picture", "camera above °", "solver", "after 1.5 s: chest leans / head back against it °", "after 40 s"]
    return Section("Somebody upright", table(head, rows), [])


def _long(take: Take, seconds: float) -> list[Tracked]:
    frames = take.tracked
    count = round(seconds * take.fps)
    return [replace(frames[n % len(frames)], pts=n * 3000, frame=n) for n in range(count)]


FEET = ("stance", "walk", "walk aside", "step nearer", "jump", "crouch", "kneel")


def feet(run: Run) -> list[Section]:
    """Planted feet, jumps, steps."""
    rows, rises, figures = [], [], []
    for noise_m in (0.0, 0.5 * NOISE_M):
        slides: list[float] = []
        heights: list[float] = []
        for name in FEET:
            every, moved = [], []
            for number, person in enumerate(run.persons(5)):
                rng = run.rng(number)
                camera = random_camera(rng, person, yaw_deg=30, pitch_deg=10, room_m=1.2)
                take = film(MOTIONS[name], person, camera, noise_m=noise_m, rng=rng, prelude_s=PRELUDE_S)
                answer = ours(take, RigOptions(body="full"))
                every.append(metrics.feet(answer, take))
                if name == "jump":
                    moved.append(metrics.rise_cm(answer, take))
                elif name == "step nearer":
                    moved.append(metrics.nearer_cm(answer, take))
            slide = np.concatenate([one.slide_cm_s for one in every])
            height = np.concatenate([one.height_cm for one in every])
            drift = np.concatenate([one.drift_cm for one in every])
            slides += slide.tolist()
            heights += height.tolist()
            rows.append(
                [
                    name,
                    f"{100 * noise_m:g} cm",
                    _both(slide),
                    _both(drift),
                    f"{100 * (height > 3).mean():.0f}%",
                    f"{height.min():.0f} … {height.max():.0f}",
                ]
            )
            if moved:
                shown, true = np.array(moved).T
                rises.append(
                    [name, f"{100 * noise_m:g} cm", *(" ".join(f"{x:.0f}" for x in of) for of in (shown, true))]
                )
        rows.append(
            ["all", f"{100 * noise_m:g} cm", _both(slides), "", f"{100 * (np.array(heights) > 3).mean():.1f}%", ""]
        )
        figures += [
            Figure(f"feet slide, noise {100 * noise_m:g} cm, median", float(np.median(slides)), "cm/s", at_most=3),
            Figure(
                f"feet slide, noise {100 * noise_m:g} cm, p95", float(np.percentile(slides, 95)), "cm/s", at_most=15
            ),
        ]
    head = ["motion", "noise", "slide cm/s median / p95", "drift over a stance cm", "over 3 cm", "soles from … to cm"]
    moves = table(["motion", "noise", "shown cm, by person", "truth cm, at the avatar's size"], rises)
    return [
        Section("Planted feet of the default avatar", table(head, rows), figures),
        Section("Jumps and steps", moves, []),
    ]


def hard(run: Run) -> list[Section]:
    """Poses that trackers and rigs find hard."""
    rows, panels = [], []
    for name in HARD:
        found: Found = {}
        for number, person in enumerate(run.persons(6)):
            rng = run.rng(number)
            camera = random_camera(rng, person, yaw_deg=20, room_m=0.6)
            take = hold(person, MOTIONS[name].pose(person, 0.0), camera, name=name, prelude_s=PRELUDE_S)
            panel = _compare(run, take, found)
            panels += [panel] if number == 0 else []
        for label, of in _best_of(found).items():
            cells = [f"{np.median(errors):.0f}" if errors else "" for errors in (of[g] for g in metrics.GROUPS)]
            rows.append([name, label, *cells])
    if run.draw is not None:
        draw(run.draw / "avatar-hard-poses.png", panels)
    return [Section("Hard poses, median °", table(["pose", "solver", *metrics.GROUPS], rows), [])]


def clips(run: Run) -> list[Section]:
    """Jitter, flips and lean on clips of people."""
    from bench.avatar.clips import clip_rows  # noqa: PLC0415

    head = [
        "clip",
        "solver",
        "chest leans °",
        "head back against it °",
        "jitter: chest °",
        "head",
        "fingers",
        "palm flips/min",
    ]
    rows = [row for clip in run.clips for row in clip_rows(clip, with_kalidokit=run.with_kalidokit)]
    return [Section("Clips", table(head, rows), [])] if rows else []


SUITES: dict[str, Suite] = {
    "poses": poses,
    "arms": arms,
    "trunk": trunk,
    "feet": feet,
    "hard": hard,
    "clips": clips,
}


def one_motion(run: Run, motion: Motion) -> list[Section]:
    """Compare a motion, for each person."""
    rows = []
    for number, person in enumerate(run.persons()):
        rng = run.rng(number)
        camera = random_camera(rng, person, motion.framing, yaw_deg=30, room_m=0.8)
        found: Found = {}
        _compare(run, film(motion, person, camera, rng=rng, prelude_s=PRELUDE_S), found)
        for label, of in _best_of(found).items():
            rows.append([number, label, *(f"{np.median(e):.1f}" if e else "" for e in of.values())])
    return [Section(f"{motion.name}: median ° of each person", table(["person", "solver", *metrics.GROUPS], rows), [])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"of {', '.join(SUITES)}; all by default")
    parser.add_argument("--people", type=int, default=12, help="generated people (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of people, poses and noise (default: %(default)s)")
    parser.add_argument("--no-kalidokit", action="store_true", help="measure Mocast alone")
    parser.add_argument("--view-axes", action="store_true", help="world landmarks in the camera's axes, not its ray's")
    parser.add_argument("--clip", type=Path, action="append", default=[], help="a video of a person, for clips")
    parser.add_argument("--motion", help="compare this motion only")
    parser.add_argument("--list", action="store_true", help="name the motions")
    parser.add_argument("--draw", type=Path, metavar="FOLDER", help="draw the worst and the hard poses there")
    parser.add_argument("--out", type=Path, default=OUT, help="folder for results (default: %(default)s)")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(MOTIONS))
        return
    for name in arguments.suites:
        if name not in SUITES:
            parser.error(f"No suite is named {name}: choose of {', '.join(SUITES)}.")
    with_kalidokit = not arguments.no_kalidokit and kalidokit.is_installed()
    if not with_kalidokit and not arguments.no_kalidokit:
        print(f"Kalidokit is not installed ({kalidokit.INSTALL}): Mocast alone is measured.\n")
    run = Run(
        arguments.people,
        arguments.seed,
        with_kalidokit,
        arguments.view_axes,
        tuple(arguments.clip),
        arguments.draw,
    )
    sections = list(_run(run, arguments.suites, arguments.motion))
    text = "\n\n".join(f"## {section.title}\n\n{section.text}" for section in sections)
    figures = [figure for section in sections for figure in section.figures]
    save(arguments.out, "avatar_truth", figures, text, {section.title: section.text for section in sections})


def _run(run: Run, names: Iterable[str], motion: str | None) -> Iterable[Section]:
    if motion is not None:
        yield from one_motion(run, MOTIONS[motion])
        return
    for name in names or SUITES:
        yield from SUITES[name](run)


if __name__ == "__main__":
    main()
