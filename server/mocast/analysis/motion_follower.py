"""Where in a reference motion a person is, live: a left-to-right model of its moments, and the best path through them.

Each moment of the motion, 15 a second, is a state; a pose that is unlike it costs. From one moment of the stream to the
next a path stays, goes on by one state or by two (twice as fast), and rarely begins anew: the Viterbi algorithm
(Rabiner, "A tutorial on hidden Markov models", 1989), as for following gestures in Bevilacqua et al., "Continuous
realtime gesture following and recognition", 2010. It is the live form of dynamic time warping with these three steps.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.analysis.motion_similarity import FPS, BodyMotion, costs_of, movement_weights, resampled
from mocast.analysis.pose_similarity import LIMBS, Directions, limb_scores
from mocast.model.analysis import FollowedMotion, Limb

STEP_S: Final = 1 / FPS
_DUE_S: Final = STEP_S * (1 - 1e-6)
"""Frames that come so often make a step each, whatever their times are rounded to."""
MOST_STEPS: Final = 8
"""For one frame: after a longer gap nobody knows what happened in it."""
BEGIN_COST: Final = 600.0
"""Of beginning anew before the end: two seconds of poses that are 20 points worse than the first one."""
RESTS: Final = 3.0
"""Points by which a pose differs at most from the first or last one before the motion begins, or after it ends."""
OTHER_PACE_COST: Final = 1.0
"""Of staying, and of going on twice as fast: where moments are alike a path goes on at the reference's own pace."""
LEAST_SCORE: Final = 60.0
"""Of a motion that counts as done; below it is another one that happens to end alike."""

_SUMS: Final = slice(0, len(LIMBS))
_COUNTS: Final = slice(len(LIMBS), 2 * len(LIMBS))
_STEPS: Final = 2 * len(LIMBS)


class MotionFollower:
    """Follows one person through one reference motion, again and again."""

    def __init__(self, reference: BodyMotion) -> None:
        self._poses = resampled(reference)
        self._weights = movement_weights(self._poses)
        self._poses = self._poses[self._moving()]
        self._count = 0
        self._last: float | None = None
        self._tempo: float | None = None
        self._begin()

    def _moving(self) -> slice:
        """Return which moments the motion has without the rest before and after it, whose moments are all alike."""
        starts, ends = (costs_of(limb_scores(self._poses, self._poses[at]), self._weights) for at in (0, -1))
        moved = np.flatnonzero(starts > RESTS), np.flatnonzero(ends > RESTS)
        if not len(moved[0]) or not len(moved[1]):
            return slice(None)
        begin, end = max(int(moved[0][0]) - 1, 0), int(moved[1][-1]) + 2
        return slice(begin, end) if begin < end - 1 else slice(None)  # so slow that most is like the first and the last

    def _begin(self) -> None:
        """Wait at the first moment."""
        states = len(self._poses)
        self._sums = np.full(states, np.inf)
        self._sums[0] = 0.0
        self._paths = np.zeros((2 * len(LIMBS) + 1, states))
        "Of each state's best path: the sums of its limbs' scores, of how many frames, and its steps."
        self._owed_s = STEP_S
        "Of the stream's time: what no step was made for yet."

    def follow(self, pose: Directions, step_s: float) -> tuple[FollowedMotion | None, bool]:
        """Return how alike the next frame's pose is, and whether the motion ended with it.

        ``step_s``: since the frame before. ``None`` where no limb is seen that the reference has, too.
        """
        self._owed_s = min(self._owed_s + step_s, MOST_STEPS * STEP_S)
        scores = None
        if self._owed_s >= _DUE_S:
            scores = limb_scores(self._poses, pose)
            costs = costs_of(scores, self._weights)
            while self._owed_s >= _DUE_S:
                self._owed_s -= STEP_S
                self._step(scores, costs)
        at = int(np.argmin(self._sums))
        score = self._mean_score(at)
        is_at_end = at >= len(self._poses) - 2 and at > 0
        has_ended = is_at_end and score is not None and score >= LEAST_SCORE
        if has_ended:
            self._count += 1
            self._last, self._tempo = score, (len(self._poses) - 1) / max(float(self._paths[_STEPS, at]), 1.0)
        found = self._found(at, score, limb_scores(self._poses[at], pose) if scores is None else scores[at])
        if is_at_end:
            self._begin()
        return found, has_ended

    def _step(self, scores: NDArray[np.float32], costs: NDArray[np.float32]) -> None:
        """Extend each state's best path by one step."""
        sums = self._sums
        reached = np.full((3, len(sums)), np.inf)  # by staying, by going on, and by going on twice as fast
        np.add(sums, OTHER_PACE_COST, out=reached[0])
        reached[2, 2:] = reached[0, :-2]
        reached[1, 1:] = sums[:-1]
        reached[0, 0] = sums[0]
        before = np.arange(len(sums)) - reached.argmin(0)
        new = reached.min(0)
        least = new.min()
        new[0] = min(new[0], least + BEGIN_COST)
        self._sums = new - least + costs
        known = ~np.isnan(scores)
        self._paths = self._paths.take(before, axis=1)
        self._paths[_SUMS] += np.where(known, scores, np.float32(0)).T
        self._paths[_COUNTS] += known.T
        self._paths[_STEPS] += 1
        self._paths[:, 0] = 0  # who waits at the first moment has not begun

    def _mean_score(self, at: int) -> float | None:
        """Return how alike the best path to a state is, 0 to 100: limbs count as they move in the reference."""
        sums, counts = self._paths[_SUMS, at], self._paths[_COUNTS, at]
        weights = np.where(counts > 0, self._weights, 0)
        if not weights.any():
            return None
        return float((sums / np.maximum(counts, 1) * weights).sum() / weights.sum())

    def _found(self, at: int, so_far: float | None, scores: NDArray[np.float32]) -> FollowedMotion | None:
        limbs: dict[Limb, float] = {
            name: float(score) for name, score in zip(LIMBS, scores, strict=True) if not np.isnan(score)
        }
        if not limbs:
            return None
        return FollowedMotion(
            score=100 - float(costs_of(scores, self._weights)),
            limbs=limbs,
            progress=at / max(len(self._poses) - 1, 1),
            so_far=so_far,
            count=self._count,
            last=self._last,
            tempo=self._tempo,
        )
