"""Heads, from faces of known motion: rigged as live ones are, then measured."""

import math
from collections.abc import Callable, Iterator

import pytest
from tests.faces import SIZE_WH, Grimace, seen, turned

from mocast.analysis.head_measures import Head
from mocast.analysis.observation import Observation
from mocast.model.head import HeadState
from mocast.model.options import AnalysisOptions, RigOptions
from mocast.model.tracked import Face, Tracked
from mocast.rigging.solver import Solver

FPS = 20


def watched(face: Callable[[float], Face | None], seconds: float) -> Iterator[tuple[HeadState | None, list[str]]]:
    """What the head does in each frame, and its events."""
    head, solver = Head(), Solver(RigOptions())
    for frame in range(round(FPS * seconds)):
        tracked = Tracked(frame, frame * 90_000 // FPS, 0, SIZE_WH, face=face(frame / FPS))
        observed = Observation(tracked, solver.rig(tracked), AnalysisOptions(), frame / FPS, 1 / FPS)
        state = head.update(observed)
        yield state, [str(event.data.get("name", event.type)) for event in observed.events]


def events(face: Callable[[float], Face | None], seconds: float) -> list[str]:
    return [event for _, found in watched(face, seconds) for event in found]


def swing(time_s: float, deg: float) -> float:
    """Three times to and fro at 2 Hz, from 1 s on."""
    return deg * math.sin(2 * math.pi * 2 * (time_s - 1)) if 1 < time_s < 2.5 else 0.0


def test_a_face_that_nods_and_one_that_shakes() -> None:
    def turning(yaw_deg: float, pitch_deg: float, time_s: float) -> Face:
        return seen(rotation=turned(yaw_deg, pitch_deg), noise_px=0.3, seed=round(time_s * FPS))

    assert events(lambda t: turning(3, swing(t, 9), t), 3.5) == ["nod"]
    assert events(lambda t: turning(swing(t, 12), -5, t), 3.5) == ["shake"]


def test_a_face_that_blinks_has_a_rate() -> None:
    def blinking(time_s: float) -> Face:
        shut = 1.0 if time_s % 3 > 2.8 else 0.0
        return seen(Grimace(shut={"left": shut, "right": shut}), noise_px=0.2, seed=round(time_s * FPS))

    *_, (state, _) = watched(blinking, 12.2)
    assert state is not None
    # Four blinks in 12.2 s.
    assert state.blinks_per_minute == pytest.approx(4 * 60 / 12.2, rel=0.05)
    assert state.perclos is not None
    assert state.perclos < 0.1


def test_a_face_that_looks_away_with_head_and_eyes() -> None:
    def looking(time_s: float) -> Face:
        yaw, gaze = (28, (20.0, 0.0)) if time_s > 1 else (0, (0.0, 0.0))
        return seen(Grimace(gaze_deg=gaze), turned(yaw, -5))

    states = [state for state, _ in watched(looking, 3)]
    early, late = states[FPS - 2], states[-1]
    assert early is not None
    assert late is not None
    assert not early.gaze_off_screen
    assert late.gaze_off_screen
    assert (late.yaw_deg, late.pitch_deg) == pytest.approx((28, -5), abs=3)
    assert 35 < late.gaze_yaw_deg < 55


def test_a_face_that_yawns_says_so_once() -> None:
    def yawning(time_s: float) -> Face:
        return seen(Grimace(jaw_deg=30.0 if 1 < time_s < 4 else 0.0))

    assert events(yawning, 5) == ["yawn"]


def test_without_a_face_there_is_no_head() -> None:
    assert [state for state, _ in watched(lambda _: None, 0.3)] == [None] * round(0.3 * FPS)
