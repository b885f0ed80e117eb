"""Dynamic time warping: which moment of one motion is which of another, however fast each is done.

Sakoe and Chiba, "Dynamic programming algorithm optimization for spoken word recognition" (1978), symmetric form without
a slope constraint: a step to the next moment of both counts twice, so that every path's weights sum to n + m.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Costs = NDArray[np.float32]
"""(n, m) float32: how unlike moment i of one is to moment j of the other; infinite outside of the band."""

DIAGONAL_WEIGHT: Final = 2.0


def band(count: int, other_count: int, share: float) -> NDArray[np.bool_]:
    """Return which (n, m) pairs lie within ``share`` of the longer one's length of the straight line."""
    line = np.arange(count) * ((other_count - 1) / max(count - 1, 1))
    half_width = max(share * max(count, other_count), 1.0, (other_count - 1) / max(count - 1, 1))
    if count == 1:
        half_width = other_count
    return np.asarray(np.abs(line[:, None] - np.arange(other_count)) <= half_width)


def banded_costs(
    count: int, other_count: int, share: float, cost_of: Callable[[int, slice], NDArray[np.float32]]
) -> Costs:
    """Return the costs within the band; ``cost_of``: those of moment i with a range of the other's."""
    inside = band(count, other_count, share)
    costs = np.full((count, other_count), np.inf, np.float32)
    for row in range(count):
        columns = np.flatnonzero(inside[row])
        within = slice(int(columns[0]), int(columns[-1]) + 1)
        costs[row, within] = cost_of(row, within)
    return costs


def warping_path(costs: Costs) -> NDArray[np.intp]:
    """Return the (k, 2) pairs of the cheapest path from the first pair to the last.

    Sums are made along anti-diagonals, whose cells do not depend on each other.
    """
    n, m = costs.shape
    # sums[k, i + 1] is that of the pair (i, k - 2 - i); the margins are infinite.
    skewed = np.full((n + m + 1, n + 1), np.inf)
    rows = np.arange(n)
    for i in rows:
        skewed[i + 2 : i + 2 + m, i + 1] = costs[i]
    sums = np.full_like(skewed, np.inf)
    sums[2, 1] = DIAGONAL_WEIGHT * skewed[2, 1]
    for k in range(3, n + m + 1):
        straight = np.minimum(sums[k - 1, 1:], sums[k - 1, :-1])
        cost = skewed[k, 1:]
        sums[k, 1:] = np.minimum(straight + cost, sums[k - 2, :-1] + DIAGONAL_WEIGHT * cost)
    return _traced(sums, skewed, n, m)


def weights_of(path: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return (k,) how much each pair of a path counts: the first one and steps of both twice."""
    steps = np.diff(path, axis=0, prepend=path[:1] - 1)
    return np.asarray(steps.sum(1), np.float64)


def _traced(sums: NDArray[np.float64], costs: NDArray[np.float64], n: int, m: int) -> NDArray[np.intp]:
    """The path, from its end."""
    i, j = n - 1, m - 1
    path = [(i, j)]
    while i or j:
        k = i + j + 2
        cost = costs[k, i + 1]
        candidates = (
            (sums[k - 2, i] + DIAGONAL_WEIGHT * cost, i - 1, j - 1),
            (sums[k - 1, i] + cost, i - 1, j),
            (sums[k - 1, i + 1] + cost, i, j - 1),
        )
        _, i, j = min(one for one in candidates if one[1] >= 0 and one[2] >= 0)
        path.append((i, j))
    return np.array(path[::-1], np.intp)
