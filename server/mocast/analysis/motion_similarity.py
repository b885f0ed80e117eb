"""How alike two motions are: 0 to 100, for the whole body and each limb, however fast each is done.

Both are resampled to the same rate, aligned by dynamic time warping within a band, and compared pair by pair as poses
are. Limbs count by how much they move in the reference, so that legs that stand still do not hide arms that are wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.analysis.pose_similarity import BONES_OF_LIMB, LIMBS, Directions, limb_scores
from mocast.analysis.time_warping import banded_costs, warping_path, weights_of
from mocast.model.analysis import Limb, Similarity

FPS: Final = 15.0
"""What motions are resampled to; a body hardly moves faster than 5 Hz."""
MOST_FRAMES: Final = 900
"""Of each motion: longer ones, than a minute, are resampled more coarsely. So the cost is bounded: 0.2 s."""
BAND: Final = 0.2
"""How far ahead or behind one may be, as a share of the longer one's length."""
LEAST_WEIGHT: Final = 0.2
"""Of a limb that does not move, where the one that moves most has 1."""
UNKNOWN_COST: Final = 50.0
"""Of two moments that have no limb in common."""


@dataclass(frozen=True, slots=True, eq=False)
class BodyMotion:
    """Poses one after the other."""

    times_s: NDArray[np.float64]
    "(n,) float64, growing."
    directions: NDArray[np.float32]
    "(n, 12, 3) float32: each pose's bones, as ``bone_directions`` returns them."

    @classmethod
    def of(cls, times_s: Sequence[float], poses: Sequence[Directions]) -> "BodyMotion":
        """Return a motion of one pose or more. Times that do not grow are left out with their poses."""
        times = np.asarray(times_s, np.float64)
        grows = np.concatenate([[True], times[1:] > np.maximum.accumulate(times)[:-1]])
        return cls(times[grows], np.stack(poses)[grows])

    @property
    def seconds(self) -> float:
        """From the first to the last pose."""
        return float(self.times_s[-1] - self.times_s[0])


@dataclass(frozen=True, slots=True)
class MotionSimilarity(Similarity):
    """How alike two motions are."""

    tempo: float
    "How many times as fast as the reference it was done, on the whole."


def compare_motions(reference: BodyMotion, motion: BodyMotion, *, share: float = BAND) -> MotionSimilarity | None:
    """Return how alike two motions are; ``None`` where no bone is seen in both. ``share``: the band's width."""
    ours, theirs = resampled(reference), resampled(motion)
    weights = movement_weights(ours)

    def cost_of(row: int, columns: slice) -> NDArray[np.float32]:
        return costs_of(limb_scores(ours[row], theirs[columns]), weights)

    path = warping_path(banded_costs(len(ours), len(theirs), share, cost_of))
    scores = limb_scores(ours[path[:, 0]], theirs[path[:, 1]])
    times = np.where(np.isnan(scores), 0.0, weights_of(path)[:, None])
    seen = times.sum(0)
    if not seen.any():
        return None
    limbs = (np.nan_to_num(scores) * times).sum(0) / np.maximum(seen, 1)
    counted = np.where(seen > 0, weights, 0)
    named: dict[Limb, float] = {name: float(limbs[row]) for row, name in enumerate(LIMBS) if seen[row] > 0}
    tempo = reference.seconds / motion.seconds if reference.seconds > 0 and motion.seconds > 0 else 1.0
    return MotionSimilarity(float((limbs * counted).sum() / counted.sum()), named, tempo)


def costs_of(scores: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how unlike moments are, (n,) float32, 0 to 100, of their limbs' (n, 6) scores."""
    known = ~np.isnan(scores)
    total = known @ weights
    means = np.where(known, scores, np.float32(0)) @ weights / np.maximum(total, np.float32(1e-6))
    return np.asarray(np.where(total > 0, 100 - means, UNKNOWN_COST), np.float32)


def movement_weights(directions: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how much each limb counts, (6,) float32, up to 1: how far its bones stray from their mean direction."""
    known = ~np.isnan(directions)
    counts = np.maximum(known.sum(0), 1)
    mean = np.nan_to_num(directions).sum(0) / counts
    strays = (np.where(known, directions - mean, 0) ** 2).sum(-1).sum(0) / counts[:, 0]
    moved = np.sqrt((strays * BONES_OF_LIMB).max(1))
    most = float(moved.max())
    if most < _STILL:
        return np.ones(len(LIMBS), np.float32)
    return np.asarray(np.maximum(moved / most, LEAST_WEIGHT), np.float32)


_STILL: Final = 0.1
"""A motion whose bones stray less, 6 degrees, is a pose that is held: all limbs count alike."""


def resampled(motion: BodyMotion) -> NDArray[np.float32]:
    """Return the motion as (n, 12, 3) at ``FPS``, or with ``MOST_FRAMES``: the pose nearest in time to each moment."""
    count = min(int(motion.seconds * FPS) + 1, MOST_FRAMES)
    times = np.linspace(motion.times_s[0], motion.times_s[-1], count)
    after = np.clip(np.searchsorted(motion.times_s, times), 1, max(len(motion.times_s) - 1, 1))
    after = np.minimum(after, len(motion.times_s) - 1)
    before = np.maximum(after - 1, 0)
    nearer = np.where(times - motion.times_s[before] < motion.times_s[after] - times, before, after)
    return np.asarray(motion.directions[nearer])
