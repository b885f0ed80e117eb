"""Whether an avatar moves as it would with quality ``exact``: ``python -m bench.parity --rig``.

A quality and ``exact`` track the same frames in turns; the rigs that a live room makes of both, smoothed as by default,
are compared. Pixels may be off where no avatar shows it, and a rig may be off where pixels hardly are.

Where a hand is blurred or seen from its edge, noise that nobody sees turns its bones by 90°, and whoever follows it
goes another way from there on, so one run tells little. ``exact`` and the quality both track several copies of the
clip, with every value of every pixel off by at most one, and what is limited is what the quality adds:

- **off**: the share of bones and frames in which they are more than ``MOST_DEG`` apart, mean of all pairs of a copy
  tracked by the quality and another one tracked by ``exact``, less that of all pairs of copies tracked by ``exact``.
  5 points are a 95th percentile of 3°, where the latter is nothing. The same of shapes of the face, by ``MOST_SHAPE``.
- **jitter**, **stutter**: median and 95th percentile of bones' second difference, |ω(t + 1) - ω(t)|, beside that of
  ``exact``. What is below ``UNSEEN_DEG`` nobody sees.
- **hands**: the share of frames in which only one of both has a hand, by the same pairs; and how often hands come and
  go.

A limit is met or missed where the interval of 95 % over copies is on one side of it, and open where it is not: then
more copies decide (``--noise``).
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from bench.avatar.metrics import GROUPS as BONE_GROUPS
from bench.avatar.metrics import errors_deg, turned_of
from bench.interleaved import Program, Spent, processor_speedup, run
from bench.report import percentiles, table
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

LEAST_COPIES: Final = 3
"""With fewer there is no interval."""
STUDENT_95: Final = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26)
"""Two-sided quantiles of Student's distribution of 1 to 9 degrees of freedom; for more the last one, which is wider."""

Verdict = Literal["met", "missed", "open"]

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
    """One row: a quality beside ``exact``, and whether it is within its limit."""

    name: str
    unit: str
    found: float
    "Of the quality."
    exact: float
    "The same of ``exact``."
    limit: float
    "What the quality may have at most."
    margin: float = 0.0
    "Half the width of the interval of 95 % of ``found - limit``; 0 of a single run."
    detail: str = ""
    "What else is told: the median and the 95th percentile."

    @property
    def beyond(self) -> float:
        """How far the quality is beyond its limit; below 0 where it is within."""
        return self.found - self.limit

    @property
    def verdict(self) -> Verdict:
        """Whether the whole interval is within the limit or beyond it; open where the limit is inside."""
        if self.beyond + self.margin <= 0:
            return "met"
        return "missed" if self.beyond - self.margin > 0 else "open"

    @property
    def cells(self) -> tuple[str, ...]:
        """The row of a table."""
        beyond = f"{self.beyond:+.3g} ± {self.margin:.2g}" if self.margin else f"{self.beyond:+.3g}"
        told = f"{self.found:.3g} {self.unit}"
        return self.name, told, self.detail, f"{self.exact:.3g}", f"≤ {self.limit:.3g}", beyond, self.verdict


Statistic = Callable[[Sequence[int]], tuple[float, float, float]]
"""Returns a measure over some copies of a clip, by their numbers: of the quality, of ``exact``, and the limit."""


def measured(name: str, unit: str, statistic: Statistic, copies: int, detail: str = "") -> Measure:
    """Return a measure over so many copies, with its interval by leaving out each copy once.

    Source: Efron, "The Jackknife, the Bootstrap and Other Resampling Plans", 1982, chapter 3.
    """
    found, exact, limit = statistic(range(copies))
    if copies == 1:
        return Measure(name, unit, found, exact, limit, detail=detail)
    if copies < LEAST_COPIES:
        return Measure(name, unit, found, exact, limit, math.inf, detail)
    left_out = [statistic([one for one in range(copies) if one != out]) for out in range(copies)]
    beyond = np.array([one - most for one, _, most in left_out])
    deviation = math.sqrt((copies - 1) * float(np.mean((beyond - beyond.mean()) ** 2)))
    margin = STUDENT_95[min(copies - 2, len(STUDENT_95) - 1)] * deviation
    return Measure(name, unit, found, exact, limit, margin, detail)


def measures(ours: Sequence[Animation], exact: Sequence[Animation]) -> list[Measure]:
    """Return how runs of a quality are beside runs of ``exact`` on the same noisy copies of a clip, one each for each.

    Of a single copy, both are of the same.
    """
    rows = []
    for name, groups in GROUPS.items():
        bones = [bone for group in groups for bone in BONE_GROUPS[group]]
        if max(np.ptp(one.local[:, bones], axis=0).max() for one in exact) < 1e-6:
            continue  # at rest: not in the picture
        rows.append(_off(f"{name}: off by more than {MOST_DEG:g}°", ours, exact, _angles(groups), MOST_DEG, "°"))
        for word, rank in (("jitter", 0), ("stutter", 1)):
            rows.append(_jumps(f"{name}: {word}, p{95 if rank else 50}", ours, exact, bones, rank))
    used = np.max([one.shapes.max(0) for one in exact], axis=0) > USED_SHAPE
    if used.any():
        name = f"face shapes: off by more than {MOST_SHAPE:g}"
        rows.append(_off(name, ours, exact, lambda a, b: np.abs(a.shapes - b.shapes)[:, used], MOST_SHAPE, ""))
    return rows + _presence(ours, exact)


def _angles(groups: Sequence[str]) -> Callable[[Animation, Animation], NDArray[np.float64]]:
    def apart(one: Animation, other: Animation) -> NDArray[np.float64]:
        found = errors_deg(one.turned, other.turned)
        return np.concatenate([found[group] for group in groups], axis=1)

    return apart


def _off(  # noqa: PLR0917
    name: str,
    ours: Sequence[Animation],
    exact: Sequence[Animation],
    apart: Callable[[Animation, Animation], NDArray[np.float64]],
    most: float,
    unit: str,
) -> Measure:
    median, p95, _ = percentiles(apart(ours[0], exact[-1]))

    def share(one: Animation, other: Animation) -> float:
        return 100 * float(np.mean(apart(one, other) > most))

    return _shares(name, ours, exact, share, f"{median:.2g}{unit}, {p95:.2g}{unit}")


def _shares(
    name: str,
    ours: Sequence[Animation],
    exact: Sequence[Animation],
    share: Callable[[Animation, Animation], float],
    detail: str,
) -> Measure:
    """Return the mean share of a quality's copies beside all others of ``exact``, and of those beside each other."""
    of_ours, of_exact = (np.array([[share(one, other) for other in exact] for one in runs]) for runs in (ours, exact))

    def mean(copies: Sequence[int]) -> tuple[float, float, float]:
        chosen = np.ix_(copies, copies)
        others = ~np.eye(len(copies), dtype=bool) if len(copies) > 1 else np.ones((1, 1), bool)
        found, noise = (float(shares[chosen][others].mean()) for shares in (of_ours, of_exact))
        return found, noise, noise + MOST_POINTS

    return measured(name, "%", mean, len(ours), detail)


def _jumps(
    name: str, ours: Sequence[Animation], exact: Sequence[Animation], bones: Sequence[int], rank: int
) -> Measure:
    found, reference = (np.array([percentiles(one.jumps_deg(bones))[rank] for one in runs]) for runs in (ours, exact))
    return _beside(name, "°", found, reference, UNSEEN_DEG)


def _beside(name: str, unit: str, found: NDArray[Any], exact: NDArray[Any], least: float = 0.0) -> Measure:
    """Return the copies' mean beside that of ``exact``, of which it may be ``MOST_JITTER``, or so much."""

    def mean(copies: Sequence[int]) -> tuple[float, float, float]:
        of_exact = float(exact[copies].mean())
        return float(found[copies].mean()), of_exact, max(MOST_JITTER * of_exact, least)

    return measured(name, unit, mean, len(found))


def _presence(ours: Sequence[Animation], exact: Sequence[Animation]) -> list[Measure]:
    def share(one: Animation, other: Animation) -> float:
        return 100 * float(np.mean(one.hands != other.hands))

    def changes(runs: Sequence[Animation]) -> NDArray[Any]:
        return np.array([(one.hands[1:] != one.hands[:-1]).sum() for one in runs])

    if not any(one.hands.any() for one in (*exact, *ours)):
        return []
    missed = 100 * float(np.mean([other.hands & ~one.hands for one in ours for other in exact]))
    return [
        _shares("hands: frames in which only one has it", ours, exact, share, f"{missed:.1f} % missed"),
        _beside("hands: come or go", "times", changes(ours), changes(exact)),
    ]


def report(rows: Sequence[Measure]) -> str:
    """Return a table in Markdown."""
    head = ["measure", "found", "median, p95", "`exact`, as noisy", "limit", "beyond it, 95 %", ""]
    return table(head, (row.cells for row in rows))


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
    """Return how many of the limits are missed, and how many more runs would have to decide."""
    counts = Counter(row.verdict for row in rows)
    told = [f"{counts[word]} of {len(rows)} {word}" for word in ("missed", "open") if counts[word]]
    return ", ".join(told) or "all met"


def gate(
    engine: Engine,
    qualities: Sequence[Quality],
    noisy: Sequence[Callable[[], Iterable[Frame]]],
    shaper: FaceShaper | None = None,
) -> Gate:
    """Run ``exact`` and some qualities in turns on each noisy copy of a clip."""
    found: dict[Quality, list[Animation]] = {quality: [] for quality in ("exact", *qualities)}
    speeds: dict[Quality, list[float]] = {quality: [] for quality in qualities}
    for copy in noisy:
        tracked, spent = _tracked(engine, ("exact", *qualities), copy())
        for quality, animations in found.items():
            animations.append(rigged(tracked[quality], shaper))
        for quality in qualities:
            speeds[quality].append(processor_speedup(spent["exact"], spent[quality]))
    return Gate(
        {quality: measures(found[quality], found["exact"]) for quality in qualities},
        {quality: float(np.median(each)) for quality, each in speeds.items()},
        len(found["exact"][0].local),
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
