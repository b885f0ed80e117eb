"""How long pictures take to the viewers now."""

import pytest
from tests.fakes import SettableClock

from mocast.rooms.picture_delay import FORGET_S, MOST_ON_THE_WAY, WINDOW, PictureDelay


def show(delay: PictureDelay, clock: SettableClock, pts: int, takes_s: float) -> None:
    delay.arrived(pts)
    clock.now += takes_s
    delay.left(pts)
    clock.now += max(0.0, 1 / 30 - takes_s)


def test_single_late_pictures_do_not_move_it_and_a_lasting_change_does() -> None:
    clock = SettableClock()
    delay = PictureDelay(clock.monotonic)
    assert delay.seconds == 0
    show(delay, clock, 0, 0.3)
    assert delay.seconds == pytest.approx(0.3)
    for number in range(1, 20):
        show(delay, clock, 3_000 * number, 0.027)
    assert delay.seconds == pytest.approx(0.027)
    show(delay, clock, 60_000, 0.1)
    assert delay.seconds == pytest.approx(0.027)
    for number in range(21, 21 + WINDOW):
        show(delay, clock, 3_000 * number, 0.06)
    assert delay.seconds == pytest.approx(0.06)


def test_pictures_that_were_dropped_on_the_way_do_not_count() -> None:
    clock = SettableClock()
    delay = PictureDelay(clock.monotonic)
    delay.arrived(0)
    show(delay, clock, 3_000, 0.03)
    assert delay.seconds == pytest.approx(0.03)


def test_a_picture_that_nobody_has_seen_arrive_says_nothing() -> None:
    clock = SettableClock()
    delay = PictureDelay(clock.monotonic)
    for number in range(MOST_ON_THE_WAY + 1):
        delay.arrived(number)
    delay.left(0)
    delay.left(999)
    assert delay.seconds == 0


def test_there_is_no_delay_where_no_picture_is_sent_and_the_next_says_it_anew() -> None:
    clock = SettableClock()
    delay = PictureDelay(clock.monotonic)
    show(delay, clock, 0, 0.09)
    clock.now += FORGET_S + 0.1
    assert delay.seconds == 0
    show(delay, clock, 3_000, 0.03)
    assert delay.seconds == pytest.approx(0.03)
