import numpy as np
import pytest
from bench.journey import Journey

NEVER = np.nan


def journey(returned_after_s: list[float], every_s: float = 0.1) -> Journey:
    """Frames sent every tenth of a second from second 100 on, each back after so long."""
    sent_at_s = 100 + every_s * np.arange(len(returned_after_s))
    return Journey(99.5, sent_at_s, sent_at_s + returned_after_s)


def test_frames_lost_on_the_way_are_dropped_and_those_at_the_end_are_waiting():
    run = journey([0.05, NEVER, NEVER, 0.05, NEVER])
    assert (run.dropped(), run.waiting()) == (2, 1)


def test_nothing_dropped_where_nothing_ever_came():
    run = journey([NEVER] * 3)
    assert (run.dropped(), run.waiting()) == (0, 3)


def test_delays_are_those_of_the_frames_that_came_back_in_that_part_of_the_run():
    run = journey([0.05, 0.06, 0.50, NEVER, 0.07])
    assert run.delays_ms() == pytest.approx([50, 60, 500, 70])
    assert run.delays_ms(after_s=0.2) == pytest.approx([500, 70])
    assert run.delays_ms(until_s=0.2) == pytest.approx([50, 60])


def test_rates_count_frames_in_the_time_in_which_the_camera_sent():
    run = journey([0.05] * 10 + [5.0])  # the last one is back long after the end
    assert run.fps_sent() == pytest.approx(10)
    assert run.fps_returned() == pytest.approx(10)
    assert run.fps_returned(after_s=0.5) == pytest.approx(10)


def test_the_first_picture_is_timed_from_the_post_of_the_offer():
    assert journey([NEVER, 0.05]).first_return_ms() == pytest.approx(650)
