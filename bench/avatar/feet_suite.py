"""The suite of feet: planted ones that slide or float, jumps, and steps nearer."""

import numpy as np

from bench.avatar import metrics
from bench.avatar.motions import MOTIONS
from bench.avatar.suite import NOISE_M, Run, Section, median_and_p95
from bench.avatar.takes import PRELUDE_S, film, ours, random_camera
from bench.report import Figure, table
from mocast.model.options import RigOptions

FEET = ("stance", "walk", "walk aside", "step nearer", "jump", "crouch", "kneel")
MOVES = {"jump": metrics.rise_cm, "step nearer": metrics.nearer_cm}
FLOATS_CM = 100 * metrics.FLOAT_M


def feet(run: Run) -> list[Section]:
    """Planted feet, jumps, steps."""
    rows, moves, figures = [], [], []
    for noise_m in (0.0, 0.5 * NOISE_M):
        noise = f"{100 * noise_m:g} cm"
        every: list[metrics.Feet] = []
        for name in FEET:
            found, moved = _measured(run, name, noise_m)
            every += found
            rows.append([name, noise, *_cells(found)])
            if moved:
                moves.append([name, noise, *(" ".join(f"{cm:.0f}" for cm in of) for of in zip(*moved, strict=True))])
        slide, floating = _joined(every, "slide_cm_s"), (_joined(every, "height_cm") > FLOATS_CM).mean()
        rows.append(["all", noise, median_and_p95(slide), "", f"{100 * floating:.1f}%", ""])
        figures += [
            Figure(f"feet slide, noise {noise}, median", float(np.median(slide)), "cm/s", at_most=3),
            Figure(f"feet slide, noise {noise}, p95", float(np.percentile(slide, 95)), "cm/s", at_most=15),
        ]
    head = ["motion", "noise", "slide cm/s median / p95", "drift over a stance cm", "over 3 cm", "soles from … to cm"]
    moves_head = ["motion", "noise", "shown cm, by person", "truth cm, at the avatar's size"]
    return [
        Section("Planted feet of the default avatar", table(head, rows), figures),
        Section("Jumps and steps", table(moves_head, moves), []),
    ]


def _measured(run: Run, name: str, noise_m: float) -> tuple[list[metrics.Feet], list[tuple[float, float]]]:
    """Return each person's feet in a motion, and of jumps and steps how far they went, cm: shown, and in truth."""
    every, moved = [], []
    for number, person in enumerate(run.persons(5)):
        rng = run.rng(number)
        camera = random_camera(rng, person, yaw_deg=30, pitch_deg=10, room_m=1.2)
        take = film(MOTIONS[name], person, camera, noise_m=noise_m, rng=rng, prelude_s=PRELUDE_S)
        answer = ours(take, RigOptions(body="full"))
        every.append(metrics.feet(answer, take))
        if name in MOVES:
            moved.append(MOVES[name](answer, take))
    return every, moved


def _cells(every: list[metrics.Feet]) -> list[str]:
    slide, drift, height = (_joined(every, name) for name in ("slide_cm_s", "drift_cm", "height_cm"))
    floating = f"{100 * (height > FLOATS_CM).mean():.0f}%"
    return [median_and_p95(slide), median_and_p95(drift), floating, f"{height.min():.0f} … {height.max():.0f}"]


def _joined(every: list[metrics.Feet], name: str) -> metrics.Series:
    return np.concatenate([getattr(one, name) for one in every])
