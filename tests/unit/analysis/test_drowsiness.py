"""Yawns and drowsiness of known measures."""

from mocast.analysis.drowsiness import MANY_YAWNS, YAWNS_FOR_S, Drowsiness, Yawns

FPS = 30


def yawns(yawning: Yawns, *spans: tuple[float, float], begin_s: float = 0.0) -> int:
    """Yawns that begin while the jaw is open by so much for so long."""
    begun, frame = 0, 0
    for seconds, jaw_open in spans:
        for _ in range(round(FPS * seconds)):
            begun += yawning.update(jaw_open, begin_s + frame / FPS)
            frame += 1
    return begun


def test_a_long_wide_mouth_is_one_yawn() -> None:
    yawning = Yawns()
    assert yawns(yawning, (2, 0.0), (4, 0.9), (2, 0.0)) == 1
    assert not yawning.is_yawning
    assert yawning.recent(8.0) == 1
    assert yawning.recent(9.0 + YAWNS_FOR_S) == 0


def test_speech_and_surprise_are_none() -> None:
    assert yawns(Yawns(), *[(0.2, 0.7), (0.2, 0.1)] * 30) == 0
    assert yawns(Yawns(), (1.0, 1.0), (1.0, 0.0)) == 0
    assert yawns(Yawns(), (10, 0.5)) == 0


def test_a_mouth_that_trembles_at_the_limit_yawns_once() -> None:
    assert yawns(Yawns(), (1, 0.7), *[(0.1, 0.5), (0.1, 0.65)] * 20) == 1


def test_yawns_are_counted_up_to_many() -> None:
    yawning = Yawns()
    for number in range(MANY_YAWNS + 3):
        yawns(yawning, (3, 0.9), (1, 0.0), begin_s=10.0 * number)
    assert yawning.recent(75.0) == MANY_YAWNS


def begins(*spans: tuple[float, float | None, float, int]) -> int:
    drowsiness, begun, frame = Drowsiness(), 0, 0
    for seconds, perclos, shut_s, yawned in spans:
        for _ in range(round(FPS * seconds)):
            begun += drowsiness.update(perclos, shut_s, yawned, frame / FPS)
            frame += 1
    return begun


def test_eyes_that_are_often_shut_are_drowsy_once() -> None:
    assert begins((10, 0.02, 0.0, 0), (20, 0.3, 0.0, 0), (10, 0.2, 0.0, 0)) == 1


def test_eyes_that_stay_shut_are() -> None:
    assert begins((5, None, 0.0, 0), (3, None, 2.5, 0)) == 1


def test_yawns_alone_are_not_enough() -> None:
    assert begins((60, 0.02, 0.0, MANY_YAWNS)) == 0


def test_somebody_awake_is_not_drowsy() -> None:
    assert begins((600, 0.05, 0.2, 1)) == 0


def test_the_estimate_goes_from_0_to_1() -> None:
    drowsiness = Drowsiness()
    drowsiness.update(None, 0.0, 0, 0.0)
    assert drowsiness.estimate == 0.0
    drowsiness.update(0.5, 9.0, MANY_YAWNS, 0.1)
    assert drowsiness.estimate == 1.0
