"""Average precision and recall, on people whose similarities are worked out by hand."""

import math

import numpy as np
import pytest
from bench.oks import Found, Labelled, accuracy, pairs, similarity

SIGMAS = np.array([0.05, 0.05])
"""With an area of 100, a point that is off by d pixels is alike by exp(-d²/2): (2 · 0.05)² · 100 · 2 = 2."""
BOX = np.array([0.0, 0.0, 10.0, 10.0])


def labelled(picture: int = 1, *, seen: tuple[int, int] = (2, 2), is_crowd: bool = False) -> Labelled:
    points = np.array([[2.0, 2.0, seen[0]], [8.0, 8.0, seen[1]]])
    return Labelled(picture, points, BOX, 100.0, is_crowd)


def found(picture: int = 1, *, off_px: float = 0.0, score: float = 0.5) -> Found:
    return Found(picture, np.array([[2.0 + off_px, 2.0], [8.0, 8.0 + off_px]]), score)


def test_similarity_falls_with_the_square_of_the_distance_over_the_persons_size():
    assert similarity(found(), labelled(), SIGMAS) == pytest.approx(1)
    assert similarity(found(off_px=1), labelled(), SIGMAS) == pytest.approx(math.exp(-0.5))
    assert similarity(found(off_px=2), labelled(), SIGMAS) == pytest.approx(math.exp(-2))


def test_points_count_where_they_are_labelled():
    off = Found(1, np.array([[2.0, 2.0], [8.0, 9.0]]), 0.5)
    assert similarity(off, labelled(seen=(2, 0)), SIGMAS) == pytest.approx(1)
    assert similarity(off, labelled(seen=(0, 1)), SIGMAS) == pytest.approx(math.exp(-0.5))


def test_a_point_that_was_not_found_adds_nothing():
    half = Found(1, np.array([[2.0, 2.0], [np.nan, np.nan]]), 0.5)
    assert similarity(half, labelled(), SIGMAS) == pytest.approx(0.5)


def test_people_without_labels_are_as_near_as_their_doubled_box():
    inside = Found(1, np.array([[-10.0, 5.0], [20.0, 5.0]]), 0.5)
    outside = Found(1, np.array([[-11.0, 5.0], [20.0, 21.0]]), 0.5)
    assert similarity(inside, labelled(seen=(0, 0)), SIGMAS) == pytest.approx(1)
    assert similarity(outside, labelled(seen=(0, 0)), SIGMAS) == pytest.approx(math.exp(-0.5))


def test_who_is_found_exactly_is_found_at_every_threshold():
    one = accuracy([found()], [labelled()], SIGMAS)
    assert (one.ap, one.ap50, one.ap75, one.ar) == pytest.approx((1, 1, 1, 1))


def test_who_is_found_roughly_is_found_up_to_a_threshold():
    roughly = found(off_px=math.sqrt(-2 * math.log(0.72)))  # counts at 0.5, 0.55, 0.6, 0.65 and 0.7
    one = accuracy([roughly], [labelled()], SIGMAS)
    assert (one.ap, one.ap50, one.ap75, one.ar) == pytest.approx((0.5, 1, 0, 0.5))


def test_who_is_not_found_costs_recall():
    one = accuracy([found(1)], [labelled(1), labelled(2)], SIGMAS)
    assert (one.ap, one.ar) == pytest.approx((51 / 101, 0.5))  # the recalls 0, 0.01, ... 0.5


def test_nobody_who_is_called_surer_costs_precision():
    people = [labelled(1), labelled(2)]
    nobody = found(2, off_px=50, score=0.9)
    one = accuracy([found(1, score=0.8), nobody], people, SIGMAS)
    assert (one.ap, one.ar) == pytest.approx((0.5 * 51 / 101, 0.5))
    last = accuracy([found(1, score=0.8), found(2, off_px=50, score=0.1)], people, SIGMAS)
    assert last.ap == pytest.approx(51 / 101)


def test_a_person_who_is_found_twice_is_right_once():
    twice = [found(score=0.4), found(score=0.6)]
    assert accuracy(twice, [labelled()], SIGMAS).ap == pytest.approx(1)
    surer_wrong = [found(1, score=0.4), found(1, score=0.6), found(2, score=0.3)]
    # Right, wrong, right: precisions 1, 1/2, 2/3, so 2/3 for recalls above one half.
    assert accuracy(surer_wrong, [labelled(1), labelled(2)], SIGMAS).ap == pytest.approx((51 + 50 * 2 / 3) / 101)


@pytest.mark.parametrize("other", [labelled(2, seen=(0, 0)), labelled(2, is_crowd=True)])
def test_people_to_be_ignored_are_neither_missed_nor_wrong(other: Labelled):
    assert accuracy([found(1)], [labelled(1), other], SIGMAS).ap == pytest.approx(1)
    assert accuracy([found(1, score=0.1), found(2, score=0.9)], [labelled(1), other], SIGMAS).ap == pytest.approx(1)


def test_a_part_that_was_not_found_is_nobody():
    missing = Found(2, np.full((2, 2), np.nan), 0.9)
    assert accuracy([found(1), missing], [labelled(1)], SIGMAS).ap == pytest.approx(1)


def test_nobody_labelled_is_no_accuracy():
    assert math.isnan(accuracy([found()], [], SIGMAS).ap)


def test_nobody_found_is_zero():
    one = accuracy([], [labelled()], SIGMAS)
    assert (one.ap, one.ar) == (0, 0)


def test_the_surest_chooses_the_most_alike_first():
    people = [labelled(), labelled()]
    assert pairs(np.array([[0.6, 0.9], [0.7, 0.8]]), people, 0.5) == [1, 0]
    assert pairs(np.array([[0.6, 0.9], [0.4, 0.8]]), people, 0.5) == [1, None]
