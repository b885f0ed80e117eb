"""Rigs of generated people by quality, beside those of ``exact``: ``python -m bench.parity --rig --people 2``.

Their landmarks are known, so no network runs (see ``bench.generated_networks``): what is measured is what a quality
skips and extrapolates, in motions that clips of signing do not have. There is no noise floor: both see the same.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from bench.avatar.camera import Shot
from bench.avatar.motions import MOTIONS
from bench.avatar.people import random_person
from bench.avatar.takes import film, random_camera
from bench.generated_networks import tracked_shots
from bench.report import table
from bench.rig_parity import Animation, Measure, measures, report, rigged, verdict
from mocast.model.options import Quality
from mocast.tracking.openvino.schedule.quality_profile import PROFILES

MOTION_NAMES: Final = (
    "stance",
    "nod 8° 1 Hz",
    "shake 8° 1 Hz",
    "lean 5° 1 Hz",
    "walk",
    "step nearer",
    "jump",
    "crouch",
    "kneel",
    "clap",
    "touch chin, half body",
    "arms overhead",
)
"""Of ``bench.avatar.motions``: those that move, and a person who only stands."""
SECONDS: Final = 4.0
NOISE_M: Final = 0.002
"""Of the body's landmarks, across the picture; a hand's are 0.3 mm. Own choice: little beside what is skipped."""


def report_people(count: int, qualities: Sequence[Quality]) -> str:
    """Return tables of each quality: all motions of so many people together, and each motion."""
    exact: dict[str, list[Animation]] = {}
    found: dict[Quality, dict[str, list[Animation]]] = {quality: {} for quality in qualities}
    for name, shots in takes(count):
        exact.setdefault(name, []).append(rigged(tracked_shots(shots, PROFILES["exact"])))
        for quality, animations in found.items():
            animations.setdefault(name, []).append(rigged(tracked_shots(shots, PROFILES[quality])))
    everything = joined([one for animations in exact.values() for one in animations])
    texts = []
    for quality, animations in found.items():
        rows = measures([joined([one for by in animations.values() for one in by])], [everything])
        frames = len(everything.local)
        head = f"**{quality}**, generated people: {verdict(rows)}; {frames} frames of {len(exact)} motions"
        each = {name: measures([joined(by)], [joined(exact[name])]) for name, by in animations.items()}
        texts.append(f"{head}\n\n{report(rows)}\n\n{by_motion(each)}")
    return "\n\n".join(texts)


def takes(count: int) -> Iterator[tuple[str, list[Shot]]]:
    """Yield each motion by each person before a camera of their own."""
    for number in range(count):
        person = random_person(np.random.default_rng([1, number]))
        for place, name in enumerate(MOTION_NAMES):
            rng = np.random.default_rng([1, number, place])
            motion = MOTIONS[name]
            camera = random_camera(rng, person, motion.framing, yaw_deg=30, room_m=0.8)
            yield name, film(motion, person, camera, noise_m=NOISE_M, rng=rng, seconds=SECONDS).shots


def joined(animations: Sequence[Animation]) -> Animation:
    """Return several animations one after another."""
    return Animation(
        np.concatenate([one.local for one in animations]),
        np.concatenate([one.turned for one in animations]),
        np.concatenate([one.shapes for one in animations]),
        np.concatenate([one.hands for one in animations]),
    )


def by_motion(rows: dict[str, list[Measure]]) -> str:
    """Return a table of the shares of bones that are off, and of what else is missed, in each motion."""
    off = {
        name: {row.name.partition(":")[0]: row.found for row in of if ": off by" in row.name}
        for name, of in rows.items()
    }
    groups = [group for group in max(off.values(), key=len) if group != "face shapes"]
    return table(
        ["motion: % off by more than 3°", *groups],
        ([name, *(f"{of[group]:.1f}" if group in of else "" for group in groups)] for name, of in off.items()),
    )
