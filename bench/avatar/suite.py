"""What the suites of ``bench.avatar_truth`` share: what was asked for, and errors by solver and by group of bones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.avatar import metrics
from bench.avatar.figures import Panel
from bench.avatar.people import Person, random_person
from bench.avatar.takes import Answer, Take, kalidokits, ours
from bench.report import Figure
from mocast.model.humanoid import HumanoidBone
from mocast.model.options import RigOptions, Smoothing

B = HumanoidBone
PRESETS: tuple[Smoothing, ...] = ("responsive", "balanced", "smooth")
NOISE_M = 0.012
"""Of the noisy runs: 1.2 cm across the picture, 3.6 cm in depth."""
READINGS = ("trunk", "camera")
"""Kalidokit's, of which the better one counts: see ``takes.kalidokits``."""


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


Found = dict[str, dict[str, list[float]]]
"""By solver, by group of bones: errors in degrees."""
Suite = Callable[[Run], list[Section]]


def kind_readings(run: Run, take: Take) -> dict[str, Answer]:
    """Return what Kalidokit makes of a take in the kind reading, with limbs relative to the trunk or to the camera."""
    return {reading: answer for reading, answer in run.kalidokits(take).items() if reading in READINGS}


def compare(run: Run, take: Take, found: Found, options: RigOptions | None = None) -> Panel:
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
    for reading, answer in kind_readings(run, take).items():
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


def best_of(found: Found) -> Found:
    """Merge Kalidokit's readings: for each group of bones the one with the smaller mean."""
    readings = [of for name, of in found.items() if name != "Mocast"]
    if not readings:
        return {"Mocast": found["Mocast"]}
    kind = {
        group: min((of[group] for of in readings), key=lambda errors: float(np.mean(errors or [0.0])))
        for group in metrics.GROUPS
    }
    return {"Mocast": found["Mocast"], "Kalidokit": kind}


def arms_mean(of: dict[str, list[float]]) -> float:
    """Return the mean error of both bones of both arms."""
    return float(np.mean(of["upper arms"] + of["forearms"]))


def median_and_p95(values: Sequence[float]) -> str:
    """Return both as text."""
    return f"{np.median(values):.1f} / {np.percentile(values, 95):.0f}"
