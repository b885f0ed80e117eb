"""How much longer one track is under way than another, by what the client's reports say."""

import pytest

from mocast.webrtc.sender_clock import LEAST_REPORTS, REPORTS, SenderClock

RATE = 1_000
NTP_S = 1 << 32


def reported(at_s: float, timestamp: int, rate: int = RATE, times: int = LEAST_REPORTS) -> SenderClock:
    """A clock that was told so often, once a second, the first time at this time."""
    clock = SenderClock(rate)
    for second in range(times):
        clock.report(round((at_s + second) * NTP_S), (timestamp + second * rate) % 2**32)
    return clock


def test_a_clock_without_some_reports_tells_nothing() -> None:
    clock = reported(100, 0, times=LEAST_REPORTS - 1)
    clock.arrived(0, 5.0)
    clock.report(0, 7)  # what a sender reports before it has sent anything
    clock.arrived(0, 5.0)
    assert clock.lag_s is None


def test_the_lag_is_from_capture_to_arrival_and_timestamps_go_round() -> None:
    clock = reported(100, 2**32 - 500)
    clock.arrived(500, 101.04)
    assert clock.lag_s == pytest.approx(0.04)
    clock.arrived(2**32 - 1_500, 99.04)
    assert clock.lag_s == pytest.approx(0.04)


def test_a_report_of_when_something_late_was_sent_does_not_count() -> None:
    clock = SenderClock(RATE)
    for second in range(REPORTS):
        late_s = 0.3 if second % 3 == 0 else 0.0
        clock.report(round((100 + second + late_s) * NTP_S), second * RATE)
    clock.arrived(9 * RATE, 109.02)
    assert clock.lag_s == pytest.approx(0.02)


def test_the_lag_is_an_average_that_follows() -> None:
    clock = reported(100, 0)
    for number in range(400):
        clock.arrived(33 * number, 100 + 0.033 * number + (0.05 if number % 2 else 0.15))
    assert clock.lag_s == pytest.approx(0.1, abs=0.005)


def test_a_jump_is_taken_over_at_once() -> None:
    clock = reported(100, 0)
    clock.arrived(0, 100.0)
    for second in range(REPORTS):
        clock.report((900 + second) * NTP_S, second * RATE)
    clock.arrived(0, 100.0)
    assert clock.lag_s == pytest.approx(-800)


def test_two_tracks_of_one_client_differ_by_what_one_is_under_way_for_longer() -> None:
    video, audio = reported(77, 12_345, 90_000), reported(78, 4_000_000_000, 48_000)
    video.arrived(12_345 + 90_000, 10.080)
    audio.arrived(4_000_000_000, 10.020)
    assert video.lag_s is not None
    assert audio.lag_s is not None
    assert video.lag_s - audio.lag_s == pytest.approx(0.060)


def test_days_of_reports_and_numbers_that_go_round_do_not_change_it() -> None:
    clock = SenderClock(90_000)
    for minute in range(3 * 24 * 60):
        clock.report(round((100 + 60 * minute) * NTP_S), 60 * minute * 90_000 % 2**32)
    clock.arrived(60 * minute * 90_000 % 2**32, 60 * minute + 0.5)
    assert clock.lag_s == pytest.approx(-99.5, abs=1e-4)
