"""Head gestures on heads that swing by known angles."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from mocast.analysis.head_gestures import HeadGestures

Angles = tuple[float, float]
"""Yaw and pitch, degrees."""


def begun(
    head: Callable[[float], Angles | None], *, seconds: float = 6.0, fps: float = 30.0, noise_deg: float = 0.3
) -> list[str]:
    """The gestures that begin in so many seconds of that head."""
    rng = np.random.default_rng(2)
    gestures, found = HeadGestures(), []
    for frame in range(round(fps * seconds)):
        angles = head(frame / fps)
        if angles is not None:
            yaw, pitch = angles + rng.normal(0, noise_deg, 2)
            angles = float(yaw), float(pitch)
        if gestures.update(angles, frame / fps):
            found.append(str(gestures.gesture))
    return found


def swinging(hz: float, deg: float, begin_s: float = 1.0, swings: float = 6) -> Callable[[float], float]:
    """An angle that swings from top to bottom by ``deg``, so many times, and rests before and after."""

    def angle(time_s: float) -> float:
        periods = min(max((time_s - begin_s) * hz, 0.0), swings / 2)
        return deg / 2 * (math.cos(2 * math.pi * periods) - 1)

    return angle


@pytest.mark.parametrize("hz", [1.2, 2.0, 3.5])
@pytest.mark.parametrize("deg", [9.0, 20.0])
@pytest.mark.parametrize("fps", [15.0, 30.0, 60.0])
def test_a_nod_and_a_shake_begin_once(hz: float, deg: float, fps: float) -> None:
    angle = swinging(hz, deg)
    assert begun(lambda t: (2.0, angle(t)), fps=fps) == ["nod"]
    assert begun(lambda t: (angle(t), -5.0), fps=fps) == ["shake"]


def test_two_nods_with_a_pause_are_two() -> None:
    first, second = swinging(2.0, 12, 1.0), swinging(2.0, 12, 4.5)
    assert begun(lambda t: (0.0, first(t) + second(t)), seconds=8) == ["nod", "nod"]


@pytest.mark.parametrize(
    "head",
    [
        lambda t: (0.0, 0.0),
        lambda t: (0.0, 25 * math.sin(t)),
        lambda t: (30 * math.sin(1.5 * t), 0.0),
        lambda t: (0.0, -20.0 if 1 < t < 1.8 else 0.0),
        lambda t: (2 * math.sin(2 * math.pi * 3 * t), 1.5 * math.sin(2 * math.pi * 2 * t)),
    ],
    ids=["still", "looks up and down", "looks about", "looks down once", "talks"],
)
def test_a_head_that_only_looks_about_shows_none(head: Callable[[float], Angles]) -> None:
    assert begun(head, seconds=12) == []


def test_a_head_that_circles_neither_nods_nor_shakes() -> None:
    assert begun(lambda t: (15 * math.sin(2 * math.pi * 2 * t), 15 * math.cos(2 * math.pi * 2 * t))) == []


def test_without_a_face_it_begins_anew() -> None:
    angle = swinging(2.0, 15, 0.0, swings=20)
    assert begun(lambda t: (0.0, angle(t)) if (t * 1.25) % 1 < 0.5 else None) == []
