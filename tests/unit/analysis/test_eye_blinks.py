"""Blinks of known number and length."""

import pytest

from mocast.analysis.eye_blinks import EyeBlinks

FPS = 30


def watched(
    eyes: EyeBlinks, seconds: float, *, every_s: float, shut_s: float, begin_s: float = 0.0, level: float = 1.0
) -> int:
    """Blinks that are counted while the eyes shut every so often, for so long."""
    blinks = 0
    for frame in range(round(FPS * seconds)):
        time_s = begin_s + frame / FPS
        shut = level if frame / FPS % every_s < shut_s - 1e-6 else 0.05
        blinks += eyes.update(shut, time_s, 1 / FPS)
    return blinks


@pytest.mark.parametrize("every_s", [2.0, 4.0, 12.0])
def test_the_rate_is_blinks_a_minute(every_s: float) -> None:
    eyes = EyeBlinks()
    assert watched(eyes, 60, every_s=every_s, shut_s=0.2) == 60 / every_s
    assert eyes.per_minute == pytest.approx(60 / every_s, rel=0.05)
    assert eyes.perclos == pytest.approx(0.2 / every_s, rel=0.1)


def test_it_is_that_of_the_last_minute() -> None:
    eyes = EyeBlinks()
    watched(eyes, 90, every_s=1.5, shut_s=0.2)
    assert watched(eyes, 61, every_s=100, shut_s=0, begin_s=90) == 0
    assert eyes.per_minute == 0
    assert eyes.perclos == 0


def test_there_is_no_rate_before_ten_seconds_of_a_face() -> None:
    eyes = EyeBlinks()
    watched(eyes, 9, every_s=2, shut_s=0.2)
    assert eyes.per_minute is None
    for frame in range(FPS * 20):
        eyes.update(None, 9 + frame / FPS, 1 / FPS)
    assert eyes.per_minute is None, "time without a face does not count"
    watched(eyes, 2, every_s=2, shut_s=0.2, begin_s=29)
    assert eyes.per_minute == pytest.approx(60 * 6 / 11, rel=0.1)


def test_eyes_that_stay_shut_do_not_blink() -> None:
    eyes = EyeBlinks()
    assert watched(eyes, 30, every_s=5, shut_s=1.0) == 0
    assert eyes.perclos == pytest.approx(0.2, rel=0.1)


def test_narrowed_eyes_do_not_blink() -> None:
    assert watched(EyeBlinks(), 30, every_s=2, shut_s=0.2, level=0.45) == 0


def test_eyes_that_are_shut_know_how_long() -> None:
    eyes = EyeBlinks()
    for frame in range(FPS * 3):
        eyes.update(0.9, frame / FPS, 1 / FPS)
    assert eyes.shut_s == pytest.approx(3, abs=0.1)
    eyes.update(None, 3.0, 1 / FPS)
    assert eyes.shut_s == 0, "a face that is gone has no shut eyes"


def test_a_long_gap_forgets_all() -> None:
    eyes = EyeBlinks()
    watched(eyes, 30, every_s=2, shut_s=0.2)
    eyes.update(0.0, 500.0, 1.0)
    assert eyes.per_minute is None
