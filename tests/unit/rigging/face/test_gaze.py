import numpy as np
import pytest
from tests.faces import SIZE_WH, Grimace, seen, turned

from mocast.model.blendshapes import Shape
from mocast.rigging.face.face_solver import observe
from mocast.rigging.face.gaze import OUT_DEG, UP_DEG, eye_angles, gaze_of, set_look_shapes
from mocast.rigging.face.measures import AVERAGE_MM

S = Shape


def looked(yaw_deg: float, pitch_deg: float, head: tuple[float, float, float] = (0, 0, 0)) -> np.ndarray:
    """Return the shapes of eyes that are turned so far in a head that is turned so."""
    observed = observe(seen(Grimace(gaze_deg=(yaw_deg, pitch_deg)), turned(*head)), SIZE_WH)
    assert observed is not None
    shapes = np.zeros(len(Shape))
    set_look_shapes(shapes, eye_angles(observed.measures - AVERAGE_MM))
    return shapes


@pytest.mark.parametrize("head", [(0, 0, 0), (20, 0, 0), (-20, 10, 0), (0, -15, 25)])
@pytest.mark.parametrize("gaze", [(0, 0), (20, 0), (-20, 0), (0, 15), (0, -15), (15, -10), (-12, 8)])
def test_gaze_is_relative_to_the_head(gaze: tuple[float, float], head: tuple[float, float, float]) -> None:
    assert gaze_of(looked(*gaze, head)) == pytest.approx(gaze, abs=3)


@pytest.mark.parametrize(
    ("gaze", "shapes"),
    [
        ((20, 0), [S.EYE_LOOK_OUT_LEFT, S.EYE_LOOK_IN_RIGHT]),
        ((-20, 0), [S.EYE_LOOK_IN_LEFT, S.EYE_LOOK_OUT_RIGHT]),
        ((0, 15), [S.EYE_LOOK_UP_LEFT, S.EYE_LOOK_UP_RIGHT]),
        ((0, -15), [S.EYE_LOOK_DOWN_LEFT, S.EYE_LOOK_DOWN_RIGHT]),
    ],
)
def test_each_direction_has_its_shapes(gaze: tuple[float, float], shapes: list[Shape]) -> None:
    found = looked(*gaze)
    assert found[shapes].min() > 0.6
    assert np.delete(found, shapes).max() < 0.03


def test_eyes_turn_no_further_than_the_shapes_say() -> None:
    for change in (np.full(AVERAGE_MM.shape, 1e6), np.full(AVERAGE_MM.shape, -1e6)):
        assert np.abs(eye_angles(change)).tolist() == [OUT_DEG, OUT_DEG, UP_DEG, UP_DEG]


def test_eyes_that_turn_apart_look_ahead() -> None:
    shapes = np.zeros(len(Shape))
    shapes[[S.EYE_LOOK_OUT_LEFT, S.EYE_LOOK_OUT_RIGHT]] = 0.5
    assert gaze_of(shapes).tolist() == [0, 0]
