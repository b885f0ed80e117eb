"""The network's shapes of one person: what is done where it fails, and what of them is its bias."""

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.faces import SIZE_WH, seen

from mocast.errors import TrackingError
from mocast.model.blendshapes import SHAPE_COUNT, Shape
from mocast.model.tracked import Face
from mocast.rigging.face.network_shapes import MOST_AT_REST, NetworkShapes, RestingShapes, above_rest

SMILE = Shape.MOUTH_SMILE_LEFT


class Failing:
    """A network that fails for its first runs."""

    def __init__(self, failures: int) -> None:
        self.left, self.runs = failures, 0

    def shape(self, _face: Face, _size_wh: tuple[int, int]) -> NDArray[np.float32]:
        self.runs += 1
        if self.left:
            self.left -= 1
            raise TrackingError("no memory")
        return np.full(SHAPE_COUNT, 0.5, np.float32)


def test_a_network_that_fails_is_tried_again_ever_more_seldom_and_used_once_it_works() -> None:
    shaper = Failing(4)
    network = NetworkShapes(shaper)
    found = [network.of(seen(), SIZE_WH, 0.1) for _ in range(300)]
    is_there = np.array([shapes is not None for shapes in found])
    assert not is_there[:150].any(), "1 + 2 + 4 + 8 s"
    assert is_there[-100:].all()
    assert shaper.runs == 4 + is_there.sum()


def test_at_30_frames_a_second_it_runs_in_every_second_one_and_at_15_in_each() -> None:
    for fps, runs in ((60, 20), (30, 30), (15, 30)):
        shaper = Failing(0)
        network = NetworkShapes(shaper)
        for _ in range(2 * min(fps, 30) if fps < 60 else 60):
            network.of(seen(), SIZE_WH, 1 / fps)
        assert shaper.runs == pytest.approx(runs, abs=1)


def test_what_is_no_number_becomes_one() -> None:
    class Odd:
        def shape(self, _face: Face, _size_wh: tuple[int, int]) -> NDArray[np.float32]:
            return np.array([np.nan, np.inf, -np.inf, 3.0, -1.0, *[0.5] * (SHAPE_COUNT - 5)], np.float32)

    shapes = NetworkShapes(Odd()).of(seen(), SIZE_WH, 0.1)
    assert shapes is not None
    assert shapes[:6].tolist() == [0, 1, 0, 1, 0, 0.5]


def taught(resting: RestingShapes, value: float, seconds: float, *, is_at_rest: bool) -> float:
    for _ in range(round(30 * seconds)):
        resting.learn(np.full(SHAPE_COUNT, value), 1 / 30, is_at_rest)
    return float(resting.values[SMILE])


def test_a_bias_is_learnt_in_seconds() -> None:
    assert taught(RestingShapes(), 0.3, 3, is_at_rest=True) == pytest.approx(0.3, abs=0.06)


def test_an_expression_is_no_bias_from_the_start_or_later() -> None:
    assert taught(RestingShapes(), 0.9, 3, is_at_rest=False) == 0
    resting = RestingShapes()
    taught(resting, 0.1, 5, is_at_rest=True)
    assert taught(resting, 0.3, 300, is_at_rest=False) == pytest.approx(0.1, abs=0.02)
    assert taught(resting, 0.95, 300, is_at_rest=True) == pytest.approx(0.1, abs=0.02)


def test_what_was_learnt_of_a_face_that_was_not_at_rest_is_unlearnt() -> None:
    resting = RestingShapes()
    assert taught(resting, 0.5, 3, is_at_rest=False) > 0.3
    assert taught(resting, 0.0, 40, is_at_rest=False) < 0.01


def test_it_never_takes_a_shape_away() -> None:
    resting = RestingShapes()
    for value in np.arange(0, 1, 0.2):
        assert taught(resting, value, 60, is_at_rest=True) <= MOST_AT_REST
    assert above_rest(np.ones(SHAPE_COUNT), resting.values).min() == pytest.approx(1)
