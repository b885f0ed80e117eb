"""The gaze off a screen: by known angles, for long enough."""

from mocast.analysis.gaze_on_screen import GazeOnScreen

FPS = 30


def changes(*spans: tuple[float, float, float]) -> list[bool]:
    gaze, found, frame = GazeOnScreen(), [], 0
    for seconds, yaw, pitch in spans:
        for _ in range(round(FPS * seconds)):
            if gaze.update((yaw, pitch), frame / FPS):
                found.append(gaze.is_off)
            frame += 1
    return found


def test_corners_of_a_screen_are_on_it() -> None:
    assert changes((2, 24, 0), (2, -24, -27), (2, 24, -27), (2, 0, 5)) == []


def test_a_look_aside_or_at_the_lap_is_off_until_it_is_back() -> None:
    assert changes((2, 0, -10), (3, 45, -10), (3, 0, -10)) == [True, False]
    assert changes((2, 0, -10), (3, 0, -50), (3, 0, -10)) == [True, False]
    assert changes((2, 0, -10), (3, 0, 30), (3, 0, -10)) == [True, False]


def test_a_glance_is_not() -> None:
    assert changes(*[(0.5, 45, 0), (1.0, 0, 0)] * 5) == []


def test_at_the_limit_it_does_not_flicker() -> None:
    assert changes((1, 0, 0), (1, 31, 0), *[(0.4, 29, 0), (0.4, 31, 0)] * 10) == [True]
