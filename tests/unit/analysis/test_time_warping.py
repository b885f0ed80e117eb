"""Dynamic time warping against an enumeration of all paths, and on courses whose warping is known."""

from itertools import product

import numpy as np
import pytest

from mocast.analysis.time_warping import band, banded_costs, warping_path, weights_of


def cheapest(costs: np.ndarray) -> float:
    """The sum of the cheapest path, by looking at every one."""
    n, m = costs.shape
    sums = np.full((n, m), np.inf)
    for i, j in product(range(n), range(m)):
        ways = [2 * costs[0, 0]] if i == j == 0 else []
        ways += [sums[i - 1, j] + costs[i, j]] if i else []
        ways += [sums[i, j - 1] + costs[i, j]] if j else []
        ways += [sums[i - 1, j - 1] + 2 * costs[i, j]] if i and j else []
        sums[i, j] = min(ways)
    return float(sums[-1, -1])


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (6, 1), (5, 7), (12, 9)])
def test_the_path_is_the_cheapest_and_has_every_moment(shape: tuple[int, int]) -> None:
    costs = np.random.default_rng(sum(shape)).random(shape).astype(np.float32)
    path = warping_path(costs)
    weights = weights_of(path)
    assert (weights * costs[path[:, 0], path[:, 1]]).sum() == pytest.approx(cheapest(costs), rel=1e-5)
    assert weights.sum() == sum(shape)
    assert [sorted(set(path[:, axis])) for axis in (0, 1)] == [list(range(count)) for count in shape]


def test_a_course_is_found_again_at_another_pace() -> None:
    course = np.sin(np.linspace(0, 7, 60))
    slower = np.sin(7 * np.linspace(0, 1, 100) ** 1.3)
    path = warping_path(np.abs(course[:, None] - slower).astype(np.float32))
    assert np.abs(course[path[:, 0]] - slower[path[:, 1]]).max() < 0.15


@pytest.mark.parametrize("counts", [(1, 9), (9, 1), (2, 50), (40, 3), (30, 30), (30, 45)])
def test_the_band_holds_both_ends_and_no_gap(counts: tuple[int, int]) -> None:
    inside = band(*counts, 0.1)
    assert inside[0, 0]
    assert inside[-1, -1]
    costs = banded_costs(*counts, 0.1, lambda _, columns: np.ones(columns.stop - columns.start, np.float32))
    path = warping_path(costs)
    assert np.isfinite(costs[path[:, 0], path[:, 1]]).all()


def test_outside_of_the_band_nothing_is_computed() -> None:
    computed = []

    def cost_of(row: int, columns: slice) -> np.ndarray:
        computed.append(columns.stop - columns.start)
        return np.zeros(columns.stop - columns.start, np.float32)

    banded_costs(100, 100, 0.1, cost_of)
    assert max(computed) == 21
