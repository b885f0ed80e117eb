"""The suite of arms: by field of view, hands that touch the body, and hands that clap."""

import numpy as np

from bench.avatar import metrics
from bench.avatar.motions import MOTIONS
from bench.avatar.suite import (
    NOISE_M,
    READINGS,
    Found,
    Run,
    Section,
    arms_mean,
    best_of,
    compare,
    kind_readings,
    median_and_p95,
)
from bench.avatar.takes import PRELUDE_S, film, hold, ours, random_camera, random_pose
from bench.report import Figure, table

FIELDS_OF_VIEW = (50.0, 60.0, 72.0)
TOUCHES = [name for name in MOTIONS if name.startswith("touch")]


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
                compare(run, hold(person, body, camera, noise_m=noise_m, rng=rng, prelude_s=PRELUDE_S), found)
            best = best_of(found)
            rows.append([f"{degrees:g}°", f"{100 * noise_m:g} cm", *(f"{arms_mean(of):.1f}" for of in best.values())])
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
                for reading, other in kind_readings(run, take).items():
                    own.setdefault(reading, []).extend(metrics.touch_errors_cm(other, take))
            theirs = [np.median(own[reading]) for reading in READINGS if reading in own]
            rows.append(
                [
                    name,
                    f"{100 * noise_m:g} cm",
                    median_and_p95(own["own"]),
                    median_and_p95(own["avatar"]),
                    f"{min(theirs):.0f}" if theirs else "",
                ]
            )
            figures.append(Figure(f"{name}, gap", float(np.median(own["own"])), "cm", at_most=5))
    head = ["touch", "noise", "median / p95 cm", "on the default avatar", "Kalidokit, median"]
    return [Section("Fingertips from where they touch", table(head, rows), figures)]


def _claps(run: Run) -> Section:
    rows = []
    for number, person in enumerate(run.persons(6)):
        rng = run.rng(number)
        take = film(MOTIONS["clap"], person, random_camera(rng, person, yaw_deg=30), rng=rng, noise_m=0.5 * NOISE_M)
        shown, true = metrics.hands_apart_cm(ours(take), take)
        rows.append([number, f"{true.min():.0f}", f"{shown.min():.0f}", f"{np.abs(shown - true).mean():.1f}"])
    return Section("Claps", table(["person", "closest, truth cm", "shown cm", "mean error cm"], rows), [])
