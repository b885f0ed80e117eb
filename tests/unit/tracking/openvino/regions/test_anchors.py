import numpy as np
import pytest
from numpy.typing import NDArray

from mocast.tracking.openvino.regions.anchors import anchors
from mocast.tracking.openvino.regions.detection import FACE_ANCHORS, PALM_ANCHORS, POSE_ANCHORS


@pytest.mark.parametrize(
    ("grid", "cells"),
    [
        (POSE_ANCHORS, [(28, 2), (14, 2), (7, 6)]),
        (FACE_ANCHORS, [(16, 2), (8, 6)]),
        (PALM_ANCHORS, [(24, 2), (12, 6)]),
    ],
)
def test_every_cell_of_a_networks_grids_has_its_anchors(
    grid: NDArray[np.float32], cells: list[tuple[int, int]]
) -> None:
    expected = []
    for count, times in cells:
        for row in range(count):
            for column in range(count):
                expected += [((column + 0.5) / count, (row + 0.5) / count)] * times
    np.testing.assert_allclose(grid, expected, atol=1e-7)


def test_a_grid_that_does_not_fit_reaches_over_the_edge() -> None:
    assert anchors(100, (64,)).tolist() == [[x, y] for y in (0.25, 0.75) for x in (0.25, 0.75) for _ in (0, 1)]


def test_a_stride_that_comes_again_later_is_another_layer() -> None:
    assert anchors(8, (8, 4, 8)).tolist() == [
        *[[0.5, 0.5]] * 2,
        *([x, y] for y in (0.25, 0.75) for x in (0.25, 0.75) for _ in (0, 1)),
        *[[0.5, 0.5]] * 2,
    ]


def test_no_one_can_change_a_shared_grid() -> None:
    with pytest.raises(ValueError, match="read-only"):
        FACE_ANCHORS[0, 0] = 1
