from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.faces import SIZE_WH, Grimace, seen, turned

from mocast.errors import TrackingError
from mocast.model.blendshapes import Expression, Shape
from mocast.model.options import Smoothing
from mocast.model.quaternions import from_matrices
from mocast.model.tracked import Face
from mocast.rigging.calibration.calibration import Calibration
from mocast.rigging.calibration.face_calibration import FaceCalibration
from mocast.rigging.face.face_solver import FaceSolver, FaceState
from mocast.rigging.face.measures import AVERAGE_MM

SMOOTHINGS: tuple[Smoothing, ...] = ("responsive", "balanced", "smooth")
SMILE = Grimace(corners={"left": (8, 8), "right": (8, 8)})


def shown(
    solver: FaceSolver,
    grimace_at: Callable[[float], Grimace | None],
    *,
    fps: float = 30,
    seconds: tuple[float, float] = (0, 2),
    noise_px: float = 0.0,
    calibration: Calibration | None = None,
) -> Iterator[FaceState]:
    """Yield the states of a face that is seen at so many frames a second; ``None``: no face."""
    for number in range(round(seconds[0] * fps), round(seconds[1] * fps)):
        time_s = number / fps
        grimace = grimace_at(time_s)
        face = None if grimace is None else seen(grimace, noise_px=noise_px, seed=1_000 + number)
        yield solver.solve(face, SIZE_WH, time_s, calibration)


def last(states: Iterator[FaceState]) -> FaceState:
    return list(states)[-1]


def blink_at(begin_s: float) -> Callable[[float], Grimace]:
    """Return a blink of 100 ms, half of it with the eyes more shut than open."""

    def grimace_at(time_s: float) -> Grimace:
        phase = (time_s - begin_s) / 0.1
        share = (1 - np.cos(2 * np.pi * phase)) / 2 if 0 <= phase <= 1 else 0.0
        return Grimace(shut={"left": share, "right": share})

    return grimace_at


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@pytest.mark.parametrize("phase", [0.0, 0.25, 0.5, 0.75])
def test_a_blink_of_a_tenth_of_a_second_shuts_the_eyes_and_is_over(smoothing: Smoothing, phase: float) -> None:
    states = list(shown(FaceSolver(smoothing), blink_at(1 + phase / 30), noise_px=0.3))
    blinks = np.stack([state.shapes[[Shape.EYE_BLINK_LEFT, Shape.EYE_BLINK_RIGHT]] for state in states])
    assert (blinks.max(axis=0) >= 0.8).all()
    assert blinks[:30].max() < 0.05
    assert blinks[36:].max() < 0.15
    assert blinks[40:].max() < 0.05


@pytest.mark.parametrize(("smoothing", "most_ms"), [("responsive", 15), ("balanced", 25), ("smooth", 34)])
def test_smoothing_delays_a_moving_mouth_by_less_than_a_frame(smoothing: Smoothing, most_ms: float) -> None:
    rate_hz, times = 2, np.arange(90) / 30

    def opening(time_s: float) -> float:
        return 8 - 8 * np.cos(2 * np.pi * rate_hz * time_s)

    states = shown(FaceSolver(smoothing), lambda time_s: Grimace(jaw_deg=opening(time_s)), seconds=(0, 3))
    found = np.array([state.shapes[Shape.JAW_OPEN] for state in states])

    def phase(values: NDArray[np.float64]) -> float:
        late = slice(30, 90)  # whole periods
        wave = np.exp(-2j * np.pi * rate_hz * times[late])
        return float(np.angle(((values[late] - values[late].mean()) * wave).sum()))

    delay_ms = 1000 * (phase(opening(times)) - phase(found)) / (2 * np.pi * rate_hz)
    assert -5 < delay_ms < most_ms


def test_the_frame_rate_does_not_change_the_motion() -> None:
    def jaw(fps: float) -> NDArray[np.float64]:
        states = shown(
            FaceSolver(), lambda time_s: Grimace(jaw_deg=8 - 8 * np.cos(2 * np.pi * time_s)), fps=fps, seconds=(0, 3)
        )
        shapes = np.array([state.shapes[Shape.JAW_OPEN] for state in states])
        return np.interp(np.arange(1, 2.9, 0.1), np.arange(len(shapes)) / fps, shapes)

    assert np.abs(jaw(15) - jaw(60)).max() < 0.06
    assert np.abs(jaw(30) - jaw(60)).max() < 0.03


def test_noise_is_calmed_and_more_so_when_asked_to() -> None:
    restless = {}
    for smoothing in SMOOTHINGS:
        states = list(shown(FaceSolver(smoothing), lambda _: Grimace(jaw_deg=8), noise_px=0.5, seconds=(0, 3)))[30:]
        shapes = np.stack([state.shapes for state in states])
        heads = np.stack([state.head.rotation for state in states if state.head is not None])
        restless[smoothing] = np.array([np.abs(np.diff(shapes, axis=0)).mean(), np.abs(np.diff(heads, axis=0)).mean()])
    assert (restless["smooth"] < restless["balanced"]).all()
    assert (restless["balanced"] < restless["responsive"]).all()
    assert restless["balanced"][0] < 0.01


def test_a_face_that_is_lost_holds_and_then_comes_to_rest() -> None:
    solver = FaceSolver()
    list(shown(solver, lambda _: Grimace(), seconds=(-4, 0)))
    smiling = last(shown(solver, lambda _: SMILE, seconds=(0, 2)))
    held = last(shown(solver, lambda _: None, seconds=(2, 2.2)))
    rested = last(shown(solver, lambda _: None, seconds=(2.2, 4)))
    assert smiling.found
    assert smiling.head is not None
    assert not held.found
    assert held.head is None
    assert held.shapes[Shape.MOUTH_SMILE_LEFT] == pytest.approx(smiling.shapes[Shape.MOUTH_SMILE_LEFT], abs=0.1)
    assert rested.shapes.max() < 0.01
    assert rested.expressions.max() < 0.01
    back = list(shown(solver, lambda _: SMILE, seconds=(4, 6)))
    assert back[0].shapes[Shape.MOUTH_SMILE_LEFT] < 0.5, "it does not jump"
    assert back[-1].shapes[Shape.MOUTH_SMILE_LEFT] > 0.5


def test_a_head_that_comes_back_elsewhere_is_there_at_once() -> None:
    solver, there = FaceSolver("smooth"), seen(rotation=turned(30), position_m=(0.1, 0.0, 0.8))
    faces = [None, None, seen(), seen(), None, None, there]
    states = [solver.solve(face, SIZE_WH, number / 30) for number, face in enumerate(faces)]
    for number in (2, 6):
        found, alone = states[number].head, FaceSolver().solve(faces[number], SIZE_WH, 0.0).head
        assert found is not None
        assert alone is not None
        np.testing.assert_allclose([*found.position, *found.rotation], [*alone.position, *alone.rotation], atol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30, -1e30])
def test_numbers_that_are_no_face_never_leave(bad: float) -> None:
    solver = FaceSolver()
    for number in range(60):
        image = seen().image.copy()
        if number % 3:
            image[number * 7 % 478 :: 50, number % 2] = bad
        state = solver.solve(Face(image), SIZE_WH, number / 30)
        for values in (state.shapes, state.expressions, state.gaze_deg):
            assert np.isfinite(values).all()
        assert 0 <= state.shapes.min() <= state.shapes.max() <= 1
        if state.head is not None:
            assert np.isfinite(state.head.position).all()
            assert np.linalg.norm(state.head.rotation) == pytest.approx(1, abs=1e-3)


def test_clocks_that_stand_or_go_back_do_no_harm() -> None:
    solver = FaceSolver()
    for time_s in (0, 0, 1, 0.5, 0.5, 100, 100.03, -3, 1e9):
        state = solver.solve(seen(SMILE), SIZE_WH, time_s)
        assert np.isfinite(state.shapes).all()
        assert state.head is not None


def test_gaze_is_that_of_the_eye_look_shapes() -> None:
    solver = FaceSolver()
    list(shown(solver, lambda _: Grimace(), seconds=(0, 4)))
    state = last(shown(solver, lambda _: Grimace(gaze_deg=(20, 10)), seconds=(4, 5)))
    assert state.gaze_deg == pytest.approx([20, 10], abs=2.5)
    assert state.shapes[Shape.EYE_LOOK_OUT_LEFT] == pytest.approx(20 / 30, abs=0.08)
    assert state.shapes[Shape.EYE_LOOK_IN_RIGHT] == pytest.approx(20 / 30, abs=0.08)


def test_a_long_smile_stays_a_smile() -> None:
    solver = FaceSolver()
    list(shown(solver, lambda _: Grimace(), seconds=(0, 5)))
    begin = last(shown(solver, lambda _: SMILE, seconds=(5, 6)))
    end = last(shown(solver, lambda _: SMILE, seconds=(6, 60), fps=10))
    for state in (begin, end):
        assert min(state.shapes[Shape.MOUTH_SMILE_LEFT], state.expressions[Expression.HAPPY]) > 0.7
    rest = last(shown(solver, lambda _: Grimace(), seconds=(60, 62)))
    assert rest.shapes.max() < 0.1


def test_who_smiles_from_the_first_frame_on_is_seen_to_smile_and_to_stop() -> None:
    solver = FaceSolver()
    smiling = last(shown(solver, lambda _: SMILE, seconds=(0, 10)))
    assert smiling.shapes[Shape.MOUTH_SMILE_LEFT] > 0.4
    rest = last(shown(solver, lambda _: Grimace(), seconds=(10, 190), fps=10))
    assert rest.shapes.max() < 0.1, "the resting face is learnt in the end"


def test_a_calibrated_face_at_rest_has_no_shapes_from_the_first_frame_on() -> None:
    frowner = Grimace(corners={"left": (-3, -4), "right": (-3, -4)}, brows_up={"left": -3, "right": -3})
    neutral = FaceSolver()
    neutral.solve(seen(frowner), SIZE_WH, 0)
    assert neutral.observed is not None
    calibration = Calibration(FaceCalibration(neutral.observed.measures, neutral.observed.head))
    without = next(iter(shown(FaceSolver(), lambda _: frowner)))
    with_it = next(iter(shown(FaceSolver(), lambda _: frowner, calibration=calibration)))
    assert without.shapes.max() > 0.3
    assert with_it.shapes.max() < 0.01


def test_a_calibrated_range_makes_a_small_smile_a_whole_one() -> None:
    shy = Grimace(corners={"left": (4, 4), "right": (4, 4)})
    face = FaceCalibration(AVERAGE_MM, np.array([0.0, 0, 0, 1]))
    before = last(shown(FaceSolver(), lambda _: shy, calibration=Calibration(face)))
    reach = {shape: float(before.shapes[shape]) for shape in (Shape.MOUTH_SMILE_LEFT, Shape.MOUTH_SMILE_RIGHT)}
    after = last(shown(FaceSolver(), lambda _: shy, calibration=Calibration(replace(face, reach=reach))))
    assert before.shapes[Shape.MOUTH_SMILE_LEFT] < 0.5
    assert after.shapes[Shape.MOUTH_SMILE_LEFT] > 0.98


def test_looking_at_the_screen_is_straight_ahead_once_calibrated() -> None:
    to_screen = turned(12, -8, 3)
    head = from_matrices(to_screen[None])[0]
    calibration = Calibration(FaceCalibration(AVERAGE_MM, head))
    state = FaceSolver().solve(seen(rotation=to_screen), SIZE_WH, 0, calibration)
    assert state.head is not None
    assert abs(state.head.rotation[3]) == pytest.approx(1, abs=1e-3)
    left = FaceSolver().solve(seen(rotation=to_screen @ turned(20)), SIZE_WH, 0, calibration)
    assert left.head is not None
    assert left.head.rotation[1] * np.sign(left.head.rotation[3]) > 0.15


class Laughing:
    """A network that sees every face laugh from the sixth second on."""

    def __init__(self) -> None:
        self.runs = 0

    def shape(self, _face: Face, _size_wh: tuple[int, int]) -> NDArray[np.float32]:
        self.runs += 1
        shapes = np.zeros(len(Shape), np.float32)
        if self.runs > 80:
            shapes[[Shape.MOUTH_SMILE_LEFT, Shape.MOUTH_PRESS_LEFT]] = 1.0
        return shapes


def test_a_network_adds_to_the_geometry_and_does_not_take_the_place_of_the_pose() -> None:
    states = list(shown(FaceSolver("balanced", Laughing()), lambda _: Grimace(), seconds=(0, 7)))
    assert states[100].shapes.max() < 0.05
    assert states[-1].shapes[Shape.MOUTH_SMILE_LEFT] == pytest.approx(0.5, abs=0.05), "geometry sees no smile"
    assert states[-1].shapes[Shape.MOUTH_PRESS_LEFT] > 0.95
    assert states[-1].head is not None


def test_what_the_network_says_of_every_face_at_rest_is_no_expression_from_the_first_frame_on() -> None:
    class Squinting:
        def shape(self, _face: Face, _size_wh: tuple[int, int]) -> NDArray[np.float32]:
            return np.full(len(Shape), 0.35, np.float32)

    first = next(iter(shown(FaceSolver("balanced", Squinting()), lambda _: Grimace())))
    assert first.shapes.max() < 0.05


class Broken:
    def shape(self, _face: Face, _size_wh: tuple[int, int]) -> NDArray[np.float32]:
        raise TrackingError("no memory")


def test_where_the_network_fails_geometry_takes_its_place() -> None:
    plain, broken = FaceSolver(), FaceSolver("balanced", Broken())
    for one, other in zip(shown(plain, lambda _: SMILE), shown(broken, lambda _: SMILE), strict=True):
        np.testing.assert_array_equal(one.shapes, other.shapes)
    assert other.shapes[Shape.MOUTH_SMILE_LEFT] > 0.4


def test_the_next_persons_resting_face_is_not_the_last_ones() -> None:
    def frowner(_: float) -> Grimace:
        return Grimace(corners={"left": (-3, -4), "right": (-3, -4)}, brows_up={"left": -5, "right": -5})

    solver = FaceSolver()
    last(shown(solver, frowner, seconds=(0, 60), fps=10))
    last(shown(solver, lambda _: None, seconds=(60, 63)))
    calm = last(shown(solver, lambda _: Grimace(), seconds=(63, 67)))
    assert calm.shapes.max() < 0.1


def test_a_resting_gaze_holds_still_and_a_glance_is_not_late() -> None:
    def grimace(time_s: float) -> Grimace:
        return Grimace(gaze_deg=(15, 0) if time_s >= 6 else (0, 0))

    states = list(shown(FaceSolver(), grimace, noise_px=0.3, seconds=(0, 8)))
    gaze = np.stack([state.gaze_deg for state in states])
    assert np.abs(np.diff(gaze[90:178], axis=0)).max() < 0.25, "degrees a frame"
    assert gaze[183, 0] > 10, "a tenth of a second later"
    assert gaze[-1, 0] == pytest.approx(15, abs=2.5)


def blinks_of(grimace: Grimace, away_m: float, noise_px: float = 0.0) -> NDArray[np.float32]:
    """Return the left and right blink, (30, 2), of a face held for a second after one of rest, so far away."""
    solver = FaceSolver("responsive")
    held = []
    for number in range(60):
        face = seen(
            Grimace() if number < 30 else grimace, position_m=(0.0, 0.0, away_m), noise_px=noise_px, seed=number
        )
        held.append(solver.solve(face, SIZE_WH, number / 30).shapes[[Shape.EYE_BLINK_LEFT, Shape.EYE_BLINK_RIGHT]])
    return np.stack(held[30:])


def test_a_wink_is_one_where_the_face_is_large_enough_to_tell() -> None:
    left, right = blinks_of(Grimace(shut={"left": 1.0}), away_m=0.6)[-1]
    assert left > 0.8
    assert right < 0.1


def test_both_eyes_of_a_small_face_shut_alike() -> None:
    shut = blinks_of(Grimace(shut={"left": 1.0, "right": 0.8}), away_m=1.3, noise_px=0.5)
    np.testing.assert_allclose(shut[5:, 0], shut[5:, 1], atol=0.01)
    assert shut[5:].min() > 0.5
