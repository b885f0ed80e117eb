"""Whether an avatar moves as it would with quality ``exact``: ``python -m bench.parity --rig``.

A quality and ``exact`` track the same frames in turns; the rigs that a live room makes of both, smoothed as by default,
are compared. Pixels may be off where no avatar shows it, and a rig may be off where pixels hardly are.

*The noise floor* is ``exact`` against itself, with every value of every pixel off by at most one: where a hand is
blurred or seen from its edge, that alone turns its bones by 90°. So what is limited is what a quality adds to it:

- **off**: the share of bones and frames that are more than ``MOST_DEG`` from ``exact``, less that of the noise floor.
  5 points are a 95th percentile of 3°, where the floor is nothing. The same of shapes of the face, by ``MOST_SHAPE``.
- **jitter**, **stutter**: median and 95th percentile of bones' second difference, |ω(t + 1) - ω(t)|, beside that of
  ``exact``, noisy or not. What is below ``UNSEEN_DEG`` nobody sees.
- **hands**: the share of frames in which only one of both has a hand, less that of the noise floor; and how often hands
  come and go.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.avatar.metrics import GROUPS as BONE_GROUPS
from bench.avatar.metrics import errors_deg, turned_of
from bench.interleaved import Program, Spent, processor_speedup, run
from bench.report import Figure, percentiles, table, verdict_cells
from mocast.model.frame import Frame
from mocast.model.options import Quality, RigOptions
from mocast.model.quaternions import CONJUGATE, multiply, to_vectors
from mocast.model.rig import Rig
from mocast.model.tracked import Tracked
from mocast.rigging.face.network_shapes import FaceShaper
from mocast.rigging.solver import Solver
from mocast.tracking.engines import Engine

MOST_DEG: Final = 3.0
MOST_SHAPE: Final = 0.05
MOST_POINTS: Final = 5.0
"""Of percent: how much larger than the noise floor's a share may be."""
MOST_JITTER: Final = 1.1
"""Of that of ``exact``."""
UNSEEN_DEG: Final = 0.1
"""Degrees a frame²: on a head of 12 cm, a tenth of a pixel where a body is 500 pixels high."""
USED_SHAPE: Final = 0.05
"""A shape that never gets above this with ``exact`` is not compared: errors of nothing would hide those of others."""

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "trunk": ("pelvis", "chest"),
    "head": ("neck and head",),
    "arms": ("upper arms", "forearms"),
    "hands": ("hands",),
    "fingers": ("fingers",),
    "legs": ("thighs", "shanks", "feet"),
}
"""What is reported together, of the groups of ``bench.avatar.metrics``: in avatar space, of limbs the direction."""


@dataclass(frozen=True, slots=True, eq=False)
class Animation:
    """What an avatar shows of one run."""

    local: NDArray[np.float64]
    "(n, 55, 4): each bone relative to its parent."
    turned: NDArray[np.float64]
    "(n, 55, 4): in avatar space."
    shapes: NDArray[np.float64]
    "(n, 52), 0..1."
    hands: NDArray[np.bool_]
    "(n, 2): whether the left and the right hand are followed."

    def jumps_deg(self, bones: Sequence[int]) -> NDArray[np.float64]:
        """Return the length of these bones' second difference, (n - 2, bones) degrees a frame²."""
        local = self.local[:, bones]
        steps = multiply(local[1:], local[:-1] * CONJUGATE)
        steps = np.degrees(to_vectors(steps * np.where(steps[..., 3:] < 0, -1.0, 1.0)))
        return np.asarray(np.linalg.norm(np.diff(steps, axis=0), axis=-1))


def animation(rigs: Sequence[Rig]) -> Animation:
    """Return what an avatar shows of these rigs."""
    local = np.stack([rig.rotations for rig in rigs]).astype(np.float64)
    shapes = np.stack([rig.shapes for rig in rigs]).astype(np.float64)
    return Animation(local, turned_of(local), shapes, np.array([[r.found.left_hand, r.found.right_hand] for r in rigs]))


def rigged(frames: Iterable[Tracked], shaper: FaceShaper | None = None) -> Animation:
    """Return what an avatar shows of these frames, in a live room with the default options."""
    solver = Solver(RigOptions(), shaper)
    return animation([solver.rig(frame) for frame in frames])


@dataclass(frozen=True, slots=True)
class Measure:
    """One row: a quality beside the noise floor, and whether it is within its limit."""

    figure: Figure
    noise: float
    "The same of the noise floor."
    detail: str = ""
    "What else is told: the median and the 95th percentile."


def measures(ours: Animation, exact: Animation, noisy: Sequence[Animation]) -> list[Measure]:
    """Return how a run is beside ``exact``; ``noisy``: ``exact`` on the same frames with noise, at least one run."""
    rows = []
    for name, groups in GROUPS.items():
        bones = [bone for group in groups for bone in BONE_GROUPS[group]]
        if np.ptp(exact.local[:, bones], axis=0).max() < 1e-6:
            continue  # at rest: not in the picture
        rows.append(_off(f"{name}: off by more than {MOST_DEG:g}°", ours, exact, noisy, _angles(groups), MOST_DEG, "°"))
        for word, rank in (("jitter", 0), ("stutter", 1)):
            rows.append(_jumps(f"{name}: {word}, p{95 if rank else 50}", ours, [exact, *noisy], bones, rank))
    used = exact.shapes.max(0) > USED_SHAPE
    if used.any():
        name = f"face shapes: off by more than {MOST_SHAPE:g}"
        rows.append(_off(name, ours, exact, noisy, lambda a, b: np.abs(a.shapes - b.shapes)[:, used], MOST_SHAPE, ""))
    return rows + _presence(ours, exact, noisy)


def _angles(groups: Sequence[str]) -> Callable[[Animation, Animation], NDArray[np.float64]]:
    def apart(one: Animation, other: Animation) -> NDArray[np.float64]:
        found = errors_deg(one.turned, other.turned)
        return np.concatenate([found[group] for group in groups], axis=1)

    return apart


def _off(  # noqa: PLR0917
    name: str,
    ours: Animation,
    exact: Animation,
    noisy: Sequence[Animation],
    apart: Callable[[Animation, Animation], NDArray[np.float64]],
    most: float,
    unit: str,
) -> Measure:
    errors = apart(ours, exact)
    noise = 100 * float(np.mean([apart(one, exact) > most for one in noisy]))
    median, p95, _ = percentiles(errors)
    share = 100 * float(np.mean(errors > most))
    return Measure(
        Figure(name, share, "%", at_most=round(noise + MOST_POINTS, 1)), noise, f"{median:.2g}{unit}, {p95:.2g}{unit}"
    )


def _jumps(name: str, ours: Animation, exact: Sequence[Animation], bones: Sequence[int], rank: int) -> Measure:
    reference = max(percentiles(one.jumps_deg(bones))[rank] for one in exact)
    jump = percentiles(ours.jumps_deg(bones))[rank]
    most = round(max(MOST_JITTER * reference, UNSEEN_DEG), 3)
    return Measure(Figure(name, jump, "°", at_most=most), reference)


def _presence(ours: Animation, exact: Animation, noisy: Sequence[Animation]) -> list[Measure]:
    def apart(one: Animation) -> float:
        return 100 * float(np.mean(one.hands != exact.hands))

    def changes(one: Animation) -> float:
        return float((one.hands[1:] != one.hands[:-1]).sum())

    noise = float(np.mean([apart(one) for one in noisy]))
    most = max(changes(one) for one in (exact, *noisy))
    missed = 100 * float(np.mean(exact.hands & ~ours.hands))
    rows = [
        Measure(
            Figure("hands: frames in which only one has it", apart(ours), "%", at_most=round(noise + MOST_POINTS, 1)),
            noise,
            f"{missed:.1f} % missed",
        ),
        Measure(Figure("hands: come or go", changes(ours), "times", at_most=round(MOST_JITTER * most)), most),
    ]
    return rows if exact.hands.any() or ours.hands.any() else []


def report(rows: Sequence[Measure]) -> str:
    """Return a table in Markdown."""
    cells = ((verdict_cells(row.figure), row) for row in rows)
    return table(
        ["measure", "found", "median, p95", "noise floor", "limit", ""],
        ([name, found, row.detail, f"{row.noise:.3g}", limit, is_met] for (name, found, limit, is_met), row in cells),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Gate:
    """What was found of some qualities of one engine on a clip."""

    found: Mapping[Quality, list[Measure]]
    speed: Mapping[Quality, float]
    "Times as fast as ``exact``, by processor time, in turns with it."
    frames: int

    def text(self) -> str:
        """Return a table for each quality."""
        return "\n\n".join(
            f"**{quality}**: {verdict(rows)}; {self.frames} frames, {self.speed[quality]:.2f} times as fast as exact"
            f"\n\n{report(rows)}"
            for quality, rows in self.found.items()
        )


def verdict(rows: Sequence[Measure]) -> str:
    """Return how many of the limits are missed."""
    missed = sum(not row.figure.is_met for row in rows)
    return "all met" if not missed else f"{missed} of {len(rows)} missed"


def gate(
    engine: Engine,
    qualities: Sequence[Quality],
    frames: Callable[[], Iterable[Frame]],
    noisy: Sequence[Callable[[], Iterable[Frame]]],
    shaper: FaceShaper | None = None,
) -> Gate:
    """Run ``exact`` and some qualities in turns on the same frames, and ``exact`` on each noisy copy of them."""
    exact, spent = _tracked(engine, ("exact", *qualities), frames())
    reference = rigged(exact["exact"], shaper)
    floor = [rigged(_tracked(engine, ("exact",), copy())[0]["exact"], shaper) for copy in noisy]
    return Gate(
        {quality: measures(rigged(exact[quality], shaper), reference, floor) for quality in qualities},
        {quality: processor_speedup(spent["exact"], spent[quality]) for quality in qualities},
        len(reference.local),
    )


def _tracked(
    engine: Engine, qualities: Sequence[Quality], frames: Iterable[Frame]
) -> tuple[dict[str, list[Tracked]], dict[str, Spent]]:
    trackers = {quality: engine.build("holistic", quality, still=False) for quality in dict.fromkeys(qualities)}
    try:
        runs = run({quality: Program(tracker.track) for quality, tracker in trackers.items()}, frames)
    finally:
        for tracker in trackers.values():
            tracker.close()
    return runs.results, runs.spent
