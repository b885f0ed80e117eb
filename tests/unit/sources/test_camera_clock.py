"""A camera's time goes on, whatever its timestamps do."""

import pytest
from tests.fakes import SettableClock

from mocast.sources.camera_clock import FRAME_S, CameraClock


def test_timestamps_count_from_the_first_and_may_go_back_as_b_frames_do() -> None:
    stream = CameraClock(SettableClock().monotonic)
    assert [stream.seconds(time_s) for time_s in (1000.0, 1000.2, 1000.1, 1000.3)] == pytest.approx([0, 0.2, 0.1, 0.3])


def test_a_leap_goes_by_the_time_that_has_passed() -> None:
    clock = SettableClock()
    stream = CameraClock(clock.monotonic)
    stream.seconds(50.0)
    clock.now += 2.0
    assert stream.seconds(0.5) == pytest.approx(2.0)
    clock.now += 0.1
    assert stream.seconds(0.6) == pytest.approx(2.1)


def test_a_file_that_begins_again_goes_on_a_frame_later() -> None:
    clock = SettableClock()
    stream = CameraClock(clock.monotonic)
    stream.seconds(0.0)
    assert stream.seconds(2.0) == pytest.approx(2.0)
    assert stream.seconds(1.9) == pytest.approx(1.9)
    stream.restart()
    clock.now += 0.3
    assert stream.seconds(0.0) == pytest.approx(2.0 + FRAME_S)
    assert stream.seconds(0.1) == pytest.approx(2.1 + FRAME_S)


def test_frames_without_a_timestamp_have_the_time_at_which_they_come() -> None:
    clock = SettableClock()
    stream = CameraClock(clock.monotonic)
    assert stream.seconds(None) == 0
    clock.now += 0.5
    assert stream.seconds(None) == pytest.approx(0.5)
    clock.now += 0.5
    assert stream.seconds(7.0) == pytest.approx(1.0)
    clock.now += 0.5
    assert stream.seconds(7.4) == pytest.approx(1.4)
