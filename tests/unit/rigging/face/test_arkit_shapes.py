from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.faces import SIZE_WH, Grimace, seen, turned

from mocast.model.blendshapes import SHAPE_MIRROR_OF, Shape
from mocast.model.tracked import Face
from mocast.rigging.face import face_model
from mocast.rigging.face.arkit_shapes import shapes_of
from mocast.rigging.face.face_solver import observe
from mocast.rigging.face.measures import AVERAGE_MM

S = Shape
TURNS = [(0, 0, 0), (35, 0, 0), (-35, 0, 0), (0, 20, 0), (0, -20, 0), (0, 0, 30), (25, -15, -20), (-25, 15, 20)]
NEAR_TURNS = [turn for turn in TURNS if abs(turn[0]) <= 20]
"""In which both eyes are seen well enough to be measured by themselves."""


def shapes_in(face: Face, size_wh: tuple[int, int] = SIZE_WH) -> NDArray[np.float64]:
    observed = observe(face, size_wh)
    assert observed is not None
    return shapes_of(observed.measures, AVERAGE_MM, observed.yaw_deg)


def both(value: tuple[float, float]) -> dict[str, tuple[float, float]]:
    return {"left": value, "right": value}


SWEEPS: dict[str, tuple[list[Shape], list[Shape], Callable[[float], Grimace]]] = {
    "shut left": ([S.EYE_BLINK_LEFT], [], lambda x: Grimace(shut={"left": x})),
    "shut right": ([S.EYE_BLINK_RIGHT], [], lambda x: Grimace(shut={"right": x})),
    "jaw": ([S.JAW_OPEN], [S.MOUTH_LOWER_DOWN_LEFT, S.MOUTH_LOWER_DOWN_RIGHT], lambda x: Grimace(jaw_deg=22 * x)),
    "smile left": (
        [S.MOUTH_SMILE_LEFT],
        [S.MOUTH_STRETCH_LEFT, S.MOUTH_UPPER_UP_LEFT, S.MOUTH_LEFT],
        lambda x: Grimace(corners={"left": (8 * x, 8 * x)}),
    ),
    "smile right": (
        [S.MOUTH_SMILE_RIGHT],
        [S.MOUTH_STRETCH_RIGHT, S.MOUTH_UPPER_UP_RIGHT, S.MOUTH_RIGHT],
        lambda x: Grimace(corners={"right": (8 * x, 8 * x)}),
    ),
    "frown": ([S.MOUTH_FROWN_LEFT, S.MOUTH_FROWN_RIGHT], [], lambda x: Grimace(corners=both((0, -9 * x)))),
    "pucker": ([S.MOUTH_PUCKER], [], lambda x: Grimace(corners=both((-7 * x, 0)))),
    "stretch": (
        [S.MOUTH_STRETCH_LEFT, S.MOUTH_STRETCH_RIGHT],
        [S.MOUTH_SMILE_LEFT, S.MOUTH_SMILE_RIGHT],
        lambda x: Grimace(corners=both((9 * x, -2 * x))),
    ),
    "brows up": (
        [S.BROW_OUTER_UP_LEFT, S.BROW_OUTER_UP_RIGHT, S.BROW_INNER_UP],
        [],
        lambda x: Grimace(brows_up={"left": 7 * x, "right": 7 * x}),
    ),
    "brows down": (
        [S.BROW_DOWN_LEFT, S.BROW_DOWN_RIGHT],
        [],
        lambda x: Grimace(brows_up={"left": -5 * x, "right": -5 * x}),
    ),
    "look left": ([S.EYE_LOOK_OUT_LEFT, S.EYE_LOOK_IN_RIGHT], [], lambda x: Grimace(gaze_deg=(28 * x, 0))),
    "look right": ([S.EYE_LOOK_IN_LEFT, S.EYE_LOOK_OUT_RIGHT], [], lambda x: Grimace(gaze_deg=(-28 * x, 0))),
    "look up": (
        [S.EYE_LOOK_UP_LEFT, S.EYE_LOOK_UP_RIGHT],
        [],
        lambda x: Grimace(gaze_deg=(0, 18 * x)),
    ),
    "look down": (
        [S.EYE_LOOK_DOWN_LEFT, S.EYE_LOOK_DOWN_RIGHT],
        [S.EYE_SQUINT_LEFT, S.EYE_SQUINT_RIGHT, S.EYE_WIDE_LEFT, S.EYE_WIDE_RIGHT],
        lambda x: Grimace(gaze_deg=(0, -18 * x)),
    ),
}
"""What moves, by a parameter from 0 to 1: the shapes that must follow it, and those that may."""


@pytest.mark.parametrize("turn", TURNS)
def test_a_face_at_rest_has_no_shapes_from_any_side(turn: tuple[float, float, float]) -> None:
    shapes = shapes_in(seen(rotation=turned(*turn), position_m=(0.1, 0.05, 0.6)))
    assert shapes.max() < 0.02


@pytest.mark.parametrize("turn", NEAR_TURNS)
@pytest.mark.parametrize("sweep", SWEEPS)
def test_shapes_follow_what_the_face_does_and_nothing_else(sweep: str, turn: tuple[float, float, float]) -> None:
    follows, may_follow, grimace = SWEEPS[sweep]
    steps = np.stack([shapes_in(seen(grimace(x), turned(*turn))) for x in np.linspace(0, 1, 9)])
    for shape in follows:
        assert (np.diff(steps[:, shape]) > -0.01).all(), f"{shape.name} does not only grow"
        assert steps[-1, shape] >= 0.55, f"{shape.name} stays at {steps[-1, shape]:.2f}"
    others = np.delete(steps, [*follows, *may_follow], axis=1)
    assert others.max() <= 0.3


@pytest.mark.parametrize("sweep", [sweep for sweep in SWEEPS if not sweep.startswith("shut")])
def test_shapes_are_the_same_from_all_sides(sweep: str) -> None:
    *_, grimace = SWEEPS[sweep]
    ahead = shapes_in(seen(grimace(0.7)))
    # A jaw that turns about another point than is taken for granted comes toward the camera otherwise, too.
    most = 0.45 if sweep == "jaw" else 0.3
    for turn in TURNS:
        aside = shapes_in(seen(grimace(0.7), turned(*turn)))
        assert np.abs(aside - ahead).max() <= most, f"{turn}: {Shape(int(np.abs(aside - ahead).argmax())).name}"
        assert np.abs(aside - ahead).mean() <= 0.03


@pytest.mark.parametrize("sweep", SWEEPS)
def test_distance_place_and_size_do_not_matter(sweep: str) -> None:
    *_, grimace = SWEEPS[sweep]
    here = shapes_in(seen(grimace(0.7)))
    there = shapes_in(seen(grimace(0.7), position_m=(-0.25, 0.15, 1.1), size_wh=(1920, 1080)), (1920, 1080))
    np.testing.assert_allclose(there, here, atol=0.08)


@pytest.mark.parametrize("sweep", SWEEPS)
def test_a_mirrored_face_has_mirrored_shapes(sweep: str) -> None:
    *_, grimace = SWEEPS[sweep]
    image = seen(grimace(0.8), turned(10, 5, 8)).image
    mirrored = image[face_model.mirror_of()] * np.array([-1, 1, 1], np.float32) + np.array([1, 0, 0], np.float32)
    expected = shapes_in(Face(image))[list(SHAPE_MIRROR_OF)]
    np.testing.assert_allclose(shapes_in(Face(mirrored.astype(np.float32))), expected, atol=0.01)


@pytest.mark.parametrize(("yaw_deg", "near", "far"), [(36, "right", "left"), (-36, "left", "right")])
def test_a_hidden_eye_blinks_with_the_one_that_is_seen(yaw_deg: float, near: str, far: str) -> None:
    only_near = shapes_in(seen(Grimace(shut={near: 1}), turned(yaw_deg)))
    only_far = shapes_in(seen(Grimace(shut={far: 1}), turned(yaw_deg)))
    for shape in (S.EYE_BLINK_LEFT, S.EYE_BLINK_RIGHT):
        assert only_near[shape] > 0.95
        assert only_far[shape] < 0.05


def test_a_narrow_mouth_is_a_pucker_when_shut_and_a_funnel_when_open() -> None:
    narrow = both((-7, 0))
    shut, open_ = shapes_in(seen(Grimace(corners=narrow))), shapes_in(seen(Grimace(corners=narrow, jaw_deg=10)))
    assert min(shut[S.MOUTH_PUCKER], open_[S.MOUTH_FUNNEL]) > 0.6
    assert max(open_[S.MOUTH_PUCKER], shut[S.MOUTH_FUNNEL]) < 0.1


def test_shapes_that_geometry_cannot_see_stay_zero() -> None:
    rng = np.random.default_rng(0)
    unseen = [S.TONGUE_OUT, S.CHEEK_PUFF, S.JAW_FORWARD]
    shapes = np.stack([shapes_of(AVERAGE_MM + rng.normal(0, 8, AVERAGE_MM.shape), AVERAGE_MM, 0.0) for _ in range(200)])
    assert not shapes[:, unseen].any()
    assert (shapes.max(axis=0) > 0).sum() == len(Shape) - len(unseen), "every other shape can be reached"


def test_shapes_stay_between_0_and_1_whatever_is_measured() -> None:
    rng = np.random.default_rng(2)
    for size in (1, 30, 1e6):
        for _ in range(50):
            measures = AVERAGE_MM + rng.normal(0, size, AVERAGE_MM.shape)
            neutral = AVERAGE_MM + rng.normal(0, size, AVERAGE_MM.shape)
            shapes = shapes_of(measures, neutral, float(rng.uniform(-90, 90)), rng.normal(0, size, 2))
            assert np.isfinite(shapes).all()
            assert 0 <= shapes.min() <= shapes.max() <= 1
