"""Heads, eyes, postures and falls of known truth: ``python -m bench.behaviour [--each 40]``.

Faces are the average one, which nods, shakes, looks about or blinks as told, seen by a camera with noise in its pixels;
they are rigged as live ones are. Bodies are skeletons of known pose; fallers are seen from the front.
"""

import argparse
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from tests.faces import SIZE_WH, Grimace, seen, turned
from tests.falling import STANDING, Body, moving, pose_of
from tests.unit.rigging.skeletons import posed, tracked

from bench.report import OUT, Figure, save, table
from mocast.analysis.body_measures import Body as BodyMeasure
from mocast.analysis.falls import Falls
from mocast.analysis.head_measures import Head
from mocast.analysis.observation import Observation
from mocast.model.head import HeadState
from mocast.model.options import AnalysisOptions, RigOptions
from mocast.model.tracked import Face, Tracked
from mocast.rigging.solver import Solver

FPS = 30
NOISE_PX = 0.4
Rng = np.random.Generator


def main() -> None:
    arguments = argparse.ArgumentParser(description="Heads, eyes, postures and falls of known truth.")
    arguments.add_argument("--each", type=int, default=40, help="of each kind (default: %(default)s)")
    arguments.add_argument("--out", type=Path, default=OUT, help="folder for results (default: %(default)s)")
    asked = arguments.parse_args()
    rng = np.random.default_rng(11)
    rows = []
    for name, wanted, made in CASES:
        right = sum(made(rng) == wanted for _ in range(asked.each))
        rows.append([name, ", ".join(wanted) or "nothing", f"{right} of {asked.each}"])
    errors = [blink_error(rng) for _ in range(max(asked.each // 4, 1))]
    off = f"off by {np.mean(np.abs(errors)):.1f} (mean)"
    rows.append(["a minute of 4 to 30 blinks of 0.1 to 0.3 s", "their number", off])
    figures = [Figure("blinks a minute, mean error", float(np.mean(np.abs(errors))), "", at_most=1)]
    save(asked.out, "behaviour", figures, table(["what is shown", "to tell", "right"], rows), {"blinks": errors})


def heads(face: Callable[[float], Face], seconds: float) -> Iterator[tuple[HeadState | None, list[str]]]:
    """What a head does in each frame, and its events."""
    head, solver = Head(), Solver(RigOptions())
    for frame in range(round(FPS * seconds)):
        found = Tracked(frame, frame * 3000, 0, SIZE_WH, face=face(frame / FPS))
        observed = Observation(found, solver.rig(found), AnalysisOptions(), frame / FPS, 1 / FPS)
        yield head.update(observed), [str(event.data.get("name", event.type)) for event in observed.events]


def told(face: Callable[[float], Face], seconds: float) -> list[str]:
    """The events of a head."""
    return [event for _, found in heads(face, seconds) for event in found]


def swung(rng: Rng, *, nods: bool) -> list[str]:
    """What is told of a head that swings three times or more, by 10° to 30° from end to end, at 1.2 to 3 Hz."""
    hz, deg, swings = rng.uniform(1.2, 3.0), rng.uniform(5, 15), int(rng.integers(2, 5))
    yaw, pitch = rng.uniform(-15, 15, 2)

    def face(time_s: float) -> Face:
        at = min(max((time_s - 1) * hz, 0.0), swings)
        swing = deg * math.sin(2 * math.pi * at)
        place = (yaw, pitch + swing) if nods else (yaw + swing, pitch)
        return seen(rotation=turned(*place), noise_px=NOISE_PX, seed=round(time_s * FPS))

    return told(face, 1 + swings / hz + 1)


def looking_about(rng: Rng) -> list[str]:
    """What is told of ten seconds of a head that looks from one place to another, in 0.3 to 0.6 s each."""
    places = rng.uniform((-35, -20), (35, 20), (12, 2))
    starts = np.cumsum(rng.uniform(0.6, 1.6, 11)) + 0.5
    takes = rng.uniform(0.3, 0.6, 11)

    def face(time_s: float) -> Face:
        at = places[0].copy()
        for start, take, before, after in zip(starts, takes, places[:-1], places[1:], strict=True):
            share = min(max((time_s - start) / take, 0.0), 1.0)
            at += (0.5 - 0.5 * math.cos(math.pi * share)) * (after - before)
        return seen(rotation=turned(*at), noise_px=NOISE_PX, seed=round(time_s * FPS))

    return told(face, 10)


def blink_error(rng: Rng) -> float:
    """Blinks that were counted in a minute, less those that there were."""
    starts = np.sort(rng.uniform(1, 59, int(rng.integers(4, 31))))
    starts = starts[np.diff(starts, prepend=-1) > 0.6]
    ends = starts + rng.uniform(0.1, 0.3, len(starts))

    def face(time_s: float) -> Face:
        shut = float(((starts <= time_s) & (time_s < ends)).any())
        return seen(Grimace(shut={"left": shut, "right": shut}), noise_px=NOISE_PX, seed=round(time_s * FPS))

    *_, (state, _) = heads(face, 60)
    return (state.blinks_per_minute or 0.0) - len(starts) if state is not None else math.nan


def bodies(rng: Rng, **degrees: tuple[float, float, float]) -> list[str]:
    """What is told of somebody who sits upright for 8 s, and then for 12 s as told; with 1 cm of noise."""
    yaw, fps = float(rng.uniform(-30, 30)), 10
    arms = {"left_upper_arm": (0.0, 0.0, -75.0), "right_upper_arm": (0.0, 0.0, 75.0), "hips": (0.0, yaw, 0.0)}
    upright, other = posed(**arms), posed(**arms | degrees)
    body, found = BodyMeasure(), []
    for frame in range(20 * fps):
        pose = tracked(upright if frame < 8 * fps else other, noise_m=0.01, rng=rng, hands=False)
        observed = Observation(pose, None, AnalysisOptions(), frame / fps, 1 / fps)
        body.update(observed)
        found += [str(event.data.get("name", event.type)) for event in observed.events]
    return found


def falls(body: Callable[[float], Body], rng: Rng) -> list[str]:
    """What is told of eight seconds of a body; with 1 cm of noise."""
    watch, times_s = Falls(), np.arange(8 * FPS) / FPS
    return ["fall" for time_s in times_s if watch.update(pose_of(body(time_s), rng, 0.01), SIZE_WH, time_s, 1 / FPS)]


def fell(rng: Rng) -> list[str]:
    """Somebody who falls to the side or onto the seat, in 0.5 to 0.9 s."""
    return falls(moving((rng.uniform(0.1, 0.2), rng.uniform(15, 90), 0.08), 3.0, rng.uniform(0.5, 0.9)), rng)


def sat_down(rng: Rng) -> list[str]:
    """Somebody who sits down on a chair, in 0.6 to 1.5 s."""
    return falls(moving((rng.uniform(0.42, 0.55), rng.uniform(0, 35), 0.08), 3.0, rng.uniform(0.6, 1.5)), rng)


def lay_down(rng: Rng) -> list[str]:
    """Somebody who lies down, in 2 to 4 s."""
    return falls(moving((rng.uniform(0.1, 0.2), rng.uniform(70, 90), 0.08), 3.0, rng.uniform(2, 4)), rng)


def squatted(rng: Rng) -> list[str]:
    """Somebody who squats, one to one and a half times a second."""
    depth, hz = rng.uniform(0.3, 0.5), rng.uniform(0.5, 1.0)

    def body(time_s: float) -> Body:
        down = 0.5 - 0.5 * math.cos(2 * math.pi * hz * time_s)
        return STANDING[0] - depth * down, 40 * down, STANDING[2]

    return falls(body, rng)


CASES: tuple[tuple[str, list[str], Callable[[Rng], list[str]]], ...] = (
    ("a head that nods", ["nod"], lambda rng: swung(rng, nods=True)),
    ("a head that shakes", ["shake"], lambda rng: swung(rng, nods=False)),
    ("a head that looks about for 10 s", [], looking_about),
    ("12 s of a back bent by 30°", ["slouch"], lambda rng: bodies(rng, spine=(15, 0, 0), chest=(15, 0, 0))),
    ("12 s of a head forward by 6 cm", ["forward_head"], lambda rng: bodies(rng, neck=(45, 0, 0), head=(-45, 0, 0))),
    ("20 s upright", [], bodies),
    ("a fall", ["fall"], fell),
    ("sitting down on a chair", [], sat_down),
    ("lying down", [], lay_down),
    ("squats", [], squatted),
)
"""What is shown, what is to be told of it, and what is."""


if __name__ == "__main__":
    main()
