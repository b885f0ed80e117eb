import math

import numpy as np
import pytest

from mocast.tracking.openvino.graph.region_inference import Outputs
from mocast.tracking.openvino.regions.hand_landmarks import SCORE_OUTPUT, FoundHand, read_hand
from mocast.tracking.openvino.regions.region import Region

SIZE = 224


def outputs(flag: float = 0.9, right: float = 0.2) -> Outputs:
    landmarks = np.full((21, 3), SIZE / 2, np.float32)
    landmarks[1] = 0, 0, 22.4
    world = np.zeros((21, 3), np.float32)
    world[1] = 0.1, 0, 0.03
    return landmarks, np.array(flag, np.float32), np.array(right, np.float32), world


def read(flag: float = 0.9, right: float = 0.2, angle: float = 0) -> FoundHand | None:
    return read_hand(outputs(flag, right), Region(300, 200, 112, angle), SIZE)


def test_landmarks_are_put_where_the_region_is() -> None:
    found = read()
    assert found is not None
    assert found.points[0, :2] == pytest.approx((300, 200))
    assert found.points[1, :2] == pytest.approx((244, 144))
    assert found.world[1] == pytest.approx((0.1, 0, 0.03))
    assert (found.score, found.right) == pytest.approx((0.9, 0.2))


def test_depth_is_on_the_scale_of_x() -> None:
    """A tenth of what the network sees, over its 0.4, of a region of 112 pixels."""
    found = read()
    assert found is not None
    assert found.points[1, 2] == pytest.approx(0.1 / 0.4 * 112)


def test_a_turned_region_turns_landmarks_and_metres() -> None:
    found = read(angle=math.pi / 2)
    assert found is not None
    assert found.points[1, :2] == pytest.approx((356, 144), abs=1e-3)
    assert found.world[1] == pytest.approx((0, 0.1, 0.03), abs=1e-6)


@pytest.mark.parametrize(("flag", "is_there"), [(0.5, False), (0.501, True), (math.nan, False)])
def test_a_hand_is_there_where_the_network_is_surer_than_not(flag: float, is_there: bool) -> None:
    assert (read(flag) is not None) == is_there


def test_a_score_is_a_part_of_one_at_most() -> None:
    found = read(math.nextafter(1, 2) + 1e-6)
    assert found is not None
    assert found.score == 1


@pytest.mark.parametrize("which", [0, 3])
def test_a_hand_that_is_nowhere_is_none(which: int) -> None:
    broken = outputs()
    broken[which][20, 1] = math.nan
    assert read_hand(broken, Region(300, 200, 112, 0), SIZE) is None


def test_the_hand_keeps_what_the_network_overwrites() -> None:
    said = outputs()
    found = read_hand(said, Region(300, 200, 112, 0), SIZE)
    assert found is not None
    for output in said:
        output[...] = 7
    assert found.points[0, :2] == pytest.approx((300, 200))
    assert found.world[1] == pytest.approx((0.1, 0, 0.03))
    assert said[SCORE_OUTPUT] == 7
    assert found.score == pytest.approx(0.9)


def test_the_record_is_in_parts_of_the_picture() -> None:
    found = read()
    assert found is not None
    hand = found.hand((640, 480))
    assert hand.image[1] == pytest.approx((244 / 640, 144 / 480, 28 / 640))
    assert hand.image.dtype == np.float32
    assert hand.score == pytest.approx(0.9)
