"""Association of bodies that were detected with people who were lost."""

import numpy as np

from mocast.tracking.openvino.regions.person_matching import Arrival, Remembered, assign, cost, gain_of_exchange
from mocast.tracking.openvino.regions.torso import Colours, Torso

SECOND_US = 1_000_000


def plain(lightness: float, a: float, b: float) -> Colours:
    return np.tile(np.float32((lightness, a, b)), (5, 1))


RED, BLUE, GREEN = plain(120, 190, 170), plain(90, 130, 80), plain(140, 80, 170)


def torso(x: float, size: float = 100) -> Torso:
    return Torso(x, 100, x, 100 + size)


def test_new_people_get_the_free_indices_from_left_to_right() -> None:
    arrivals = [Arrival(torso(x), colours) for x, colours in ((100, RED), (300, BLUE), (500, GREEN))]
    assert assign(arrivals, [(0, None), (1, None), (3, None)]) == [(0, True), (1, True), (3, True)]


def test_whoever_returns_elsewhere_is_known_by_the_clothes() -> None:
    known = [(0, Remembered(torso(100), RED, 20 * SECOND_US)), (1, Remembered(torso(500), BLUE, 20 * SECOND_US))]
    arrivals = [Arrival(torso(100), BLUE), Arrival(torso(500), RED)]
    assert assign(arrivals, known) == [(1, False), (0, False)]


def test_in_the_same_clothes_place_and_size_decide() -> None:
    lost_us = SECOND_US // 2
    known = [(0, Remembered(torso(100), RED, lost_us)), (1, Remembered(torso(200, size=220), RED, lost_us))]
    assert assign([Arrival(torso(190, size=200), RED)], known) == [(1, False)]
    assert assign([Arrival(torso(110), RED)], known) == [(0, False)]


def test_somebody_in_other_clothes_is_new_while_an_index_is_free() -> None:
    left = Remembered(torso(100), RED, 60 * SECOND_US)
    assert assign([Arrival(torso(100), BLUE)], [(0, left), (1, None)]) == [(1, True)]


def test_without_a_free_index_somebody_new_takes_that_of_whoever_has_left() -> None:
    left = Remembered(torso(100), RED, 60 * SECOND_US)
    assert assign([Arrival(torso(100), BLUE)], [(1, left)]) == [(1, True)]


def test_nobody_arrives() -> None:
    assert assign([], [(0, None), (1, None)]) == []


def test_where_somebody_was_lost_matters_less_with_time() -> None:
    here, there = Arrival(torso(100), None), Arrival(torso(400), None)
    for seconds, is_known in ((0.2, True), (10, False)):
        lost = Remembered(torso(100), None, round(seconds * SECOND_US))
        assert (cost(there, lost) - cost(here, lost) > 0.5) is is_known


def test_two_fit_better_the_other_way_round() -> None:
    assert gain_of_exchange(RED, own=BLUE, others=RED, seen_of_other=BLUE) > 100
    assert gain_of_exchange(RED, own=RED, others=BLUE, seen_of_other=BLUE) < -100
    assert gain_of_exchange(RED, own=RED, others=RED, seen_of_other=RED) == 0
    assert gain_of_exchange(BLUE, own=RED, others=BLUE) > 50, "the other one is lost"
