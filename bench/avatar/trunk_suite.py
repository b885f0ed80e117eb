"""The suite of the trunk: delay and kept amplitude of small motions, jitter at rest, and how somebody upright leans."""

from dataclasses import replace

import numpy as np

from bench.avatar import metrics
from bench.avatar.figures import plot_courses
from bench.avatar.motions import MOTIONS
from bench.avatar.people import average_person
from bench.avatar.suite import PRESETS, B, Run, Section
from bench.avatar.takes import FPS, Take, camera_of, film, ours, smoothed, solved
from bench.report import Figure, table
from mocast.model.tracked import Tracked

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
    groups = {name: bones for name, bones in metrics.GROUPS.items() if name != "neck and head"}
    groups |= {"neck": [B.NECK], "head": [B.HEAD]}
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
            cells = [f"{np.median(steps[:, bones]):.3f}" for bones in groups.values()]
            rows.append([framing, label, *cells])
    return Section(
        f"Jitter at rest, noise {1000 * REST_NOISE_M:g} mm: ° from picture to picture, median",
        table(["picture", "solver", *groups], rows),
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
