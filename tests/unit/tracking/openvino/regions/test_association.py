import numpy as np
import pytest

from mocast.tracking.openvino.regions.association import associate, overlap
from mocast.tracking.openvino.regions.region import Region

HERE, THERE = Region(100, 100, 80, 0.3), Region(400, 100, 80, -2)


def beside(region: Region, shift: float) -> Region:
    """Return a region moved to the side by a part of its own."""
    return region._replace(x=region.x + shift * region.size)


def counted(one: Region, other: Region) -> float:
    """Return the overlap by counting the pixels of two upright squares."""
    masks = np.zeros((2, 300, 300), bool)
    for mask, region in zip(masks, (one, other), strict=True):
        half = region.size / 2
        left, top, right, bottom = (
            round(v) for v in (region.x - half, region.y - half, region.x + half, region.y + half)
        )
        mask[top:bottom, left:right] = True
    return float((masks[0] & masks[1]).sum() / (masks[0] | masks[1]).sum())


def test_overlap_is_the_shared_part_of_both_as_if_they_were_upright() -> None:
    random = np.random.default_rng(8)
    shared = []
    for _ in range(200):
        one, other = (
            Region(
                *random.integers(100, 200, 2).tolist(), 2 * int(random.integers(5, 50)), float(random.uniform(-3, 3))
            )
            for _ in range(2)
        )
        assert overlap(one, other) == pytest.approx(counted(one, other))
        assert overlap(one, other) == overlap(other, one)
        shared.append(overlap(one, other))
    assert min(shared) == 0
    assert max(shared) > 0.5
    assert overlap(HERE, HERE) == 1


def test_a_found_hand_that_is_followed_is_not_one_more() -> None:
    followed = beside(HERE, 0.3)
    assert associate([HERE, THERE], [followed]) == [THERE, followed]


def test_a_found_hand_beside_a_followed_one_is_one_more() -> None:
    followed = beside(HERE, 0.4)
    assert associate([HERE], [followed]) == [HERE, followed]


def test_of_two_that_follow_one_hand_the_later_stays() -> None:
    again = beside(HERE, 0.1)
    assert associate([], [HERE, again, THERE]) == [again, THERE]
    assert associate([HERE, again], []) == [again]


def test_without_hands_there_are_none() -> None:
    assert associate([], []) == []
