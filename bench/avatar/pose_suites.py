"""The suites of poses: random ones within anatomical limits, and those that trackers and rigs find hard."""

import numpy as np

from bench.avatar import metrics
from bench.avatar.figures import draw, plot_groups
from bench.avatar.motions import MOTIONS
from bench.avatar.suite import NOISE_M, Found, Run, Section, arms_mean, best_of, compare
from bench.avatar.takes import PRELUDE_S, hold, random_camera, random_pose
from bench.report import Figure, table

WORST = 8
"""Random poses that are drawn: those in which Mocast's bones are furthest off."""
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
            panels.append(compare(run, take, found))
        if run.draw is not None:
            worst = sorted(panels, key=lambda panel: -panel.off_deg)[:WORST]
            draw(run.draw / f"avatar-worst-{1000 * noise_m:g}mm.png", worst)
        best = best_of(found)
        label = f"noise {100 * noise_m:g} cm" if noise_m else "no noise"
        bars[label] = {name: {g: float(np.median(of[g])) for g in metrics.GROUPS} for name, of in best.items()}
        for group in metrics.GROUPS:
            cells = [f"{np.median(of[group]):.1f} / {np.percentile(of[group], 95):.0f}" for of in best.values()]
            rows.append([label, group, *cells])
            figures.append(Figure(f"{group}, {label}, mean", float(np.mean(best["Mocast"][group])), "°"))
        means = [arms_mean(of) for of in best.values()]
        rows.append([label, "arms, mean of both bones", *(f"{mean:.1f}" for mean in means)])
        heads = [float(np.mean(of["neck and head"])) for of in best.values()]
        rows.append([label, "neck and head, mean", *(f"{mean:.1f}" for mean in heads)])
    if run.draw is not None:
        plot_groups(run.draw / "avatar-bones.png", bars)
    head = ["landmarks", "bones", *(f"{name}: median / p95 °" for name in best)]
    return [Section(f"Poses of {run.people} people", table(head, rows), figures)]


def hard(run: Run) -> list[Section]:
    """Poses that trackers and rigs find hard."""
    rows, panels = [], []
    for name in HARD:
        found: Found = {}
        for number, person in enumerate(run.persons(6)):
            rng = run.rng(number)
            camera = random_camera(rng, person, yaw_deg=20, room_m=0.6)
            take = hold(person, MOTIONS[name].pose(person, 0.0), camera, name=name, prelude_s=PRELUDE_S)
            panel = compare(run, take, found)
            panels += [panel] if number == 0 else []
        for label, of in best_of(found).items():
            cells = [f"{np.median(errors):.0f}" if errors else "" for errors in (of[g] for g in metrics.GROUPS)]
            rows.append([name, label, *cells])
    if run.draw is not None:
        draw(run.draw / "avatar-hard-poses.png", panels)
    return [Section("Hard poses, median °", table(["pose", "solver", *metrics.GROUPS], rows), [])]
