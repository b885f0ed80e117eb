"""What is learnt of one person's face, and of which person it is."""

from dataclasses import replace

import numpy as np
import pytest
from tests.faces import SIZE_WH, Grimace, seen

from mocast.model.blendshapes import Expression, Shape
from mocast.rigging.calibration.face_calibration import FaceCalibration, NetworkCalibration
from mocast.rigging.face.face_learning import DOUBT_S, FaceLearning
from mocast.rigging.face.face_observation import FaceObservation, observe
from mocast.rigging.face.measures import AVERAGE_MM, Measure
from mocast.rigging.face.vrm_expressions import expressions_of

HEAD = np.array([0.0, 0, 0, 1])


def observation(grimace: Grimace | None = None, **change_mm: float) -> FaceObservation:
    """Return a face as it is measured, some measures of which differ by so many millimetres."""
    found = observe(seen(grimace), SIZE_WH)
    assert found is not None
    measures = found.measures.copy()
    for name, millimetres in change_mm.items():
        measures[Measure[name]] += millimetres
    return replace(found, measures=measures)


def network(**shapes: float) -> np.ndarray:
    found = np.zeros(len(Shape))
    for name, value in shapes.items():
        found[Shape[name]] = value
    return found


@pytest.mark.parametrize("reach", [0.35, 0.5, 0.7])
@pytest.mark.parametrize("down_mm", [10.0, 12.0])
def test_a_calibrated_mouth_with_shut_lips_is_shut_however_low_the_jaw(reach: float, down_mm: float) -> None:
    lowered = observation(
        CHIN=-down_mm, LOWER_TEETH=-down_mm, LOWER_LIP=-down_mm, UPPER_LIP=-down_mm, UPPER_SIDE_LEFT=-down_mm
    )
    known = FaceCalibration(AVERAGE_MM, HEAD, reach={Shape.JAW_OPEN: reach})
    shapes = FaceLearning().shapes(lowered, known, 1 / 30)
    assert shapes[Shape.JAW_OPEN] > 0.4
    assert shapes[Shape.MOUTH_CLOSE] == pytest.approx(shapes[Shape.JAW_OPEN])
    assert expressions_of(shapes)[Expression.AA] == 0


def test_shapes_that_the_network_knows_better_are_the_networks_less_its_value_at_rest() -> None:
    learning = FaceLearning()
    rest = replace(observation(), network=network(EYE_SQUINT_LEFT=0.3, MOUTH_PUCKER=0.1))
    for _ in range(300):
        calm = learning.shapes(rest, None, 1 / 30)
    assert calm.max() < 0.02
    pursed = replace(rest, network=network(EYE_SQUINT_LEFT=0.3, MOUTH_PUCKER=0.9))
    shapes = learning.shapes(pursed, None, 1 / 30)
    assert shapes[Shape.MOUTH_PUCKER] > 0.8
    assert shapes[Shape.EYE_SQUINT_LEFT] < 0.02


def test_between_two_runs_of_the_network_its_correction_holds_and_then_it_has_failed() -> None:
    learning = FaceLearning()
    pressed = replace(observation(), network=network(MOUTH_PRESS_LEFT=0.9))
    learning.shapes(observation(), None, 1 / 30)
    assert learning.shapes(pressed, None, 1 / 30)[Shape.MOUTH_PRESS_LEFT] > 0.8
    held = [float(learning.shapes(observation(), None, 1 / 30)[Shape.MOUTH_PRESS_LEFT]) for _ in range(15)]
    assert held[0] > 0.8
    assert held[-1] == 0


def test_winks_and_gaze_are_geometrys_whatever_the_network_says() -> None:
    face = replace(observation(Grimace(shut={"left": 1.0})), network=network(EYE_BLINK_RIGHT=1.0, EYE_LOOK_UP_LEFT=1.0))
    shapes = FaceLearning().shapes(face, None, 1 / 30)
    assert shapes[Shape.EYE_BLINK_LEFT] > 0.9
    assert shapes[Shape.EYE_BLINK_RIGHT] < 0.1
    assert shapes[Shape.EYE_LOOK_UP_LEFT] < 0.1


def test_a_calibration_holds_for_the_network_too() -> None:
    at_rest = network(MOUTH_SMILE_LEFT=0.4, MOUTH_SMILE_RIGHT=0.4)
    known = FaceCalibration(AVERAGE_MM, HEAD, network=NetworkCalibration(at_rest, {Shape.MOUTH_PUCKER: 0.5}))
    face = replace(observation(), network=at_rest + network(MOUTH_PUCKER=0.5))
    shapes = FaceLearning().shapes(face, known, 1 / 30)
    assert shapes[[Shape.MOUTH_SMILE_LEFT, Shape.MOUTH_SMILE_RIGHT]].max() < 0.01, "from the first frame on"
    assert shapes[Shape.MOUTH_PUCKER] > 0.9, "half of the range is all of this person's"


def settled(learning: FaceLearning, face: FaceObservation, seconds: float = 60.0) -> np.ndarray:
    shapes = np.zeros(len(Shape))
    for _ in range(round(10 * seconds)):
        assert not learning.is_of_another(face, 0.1)
        shapes = learning.shapes(face, None, 0.1)
    return shapes


FROWNER = {"CORNER_UP_LEFT": -3.0, "CORNER_UP_RIGHT": -3.0, "BROW_MIDDLE_LEFT": -3.0, "BROW_MIDDLE_RIGHT": -3.0,
           "BROW_INNER_LEFT": -3.0, "BROW_INNER_RIGHT": -3.0, "CHIN": -4.0, "EYE_OPEN_LEFT": -1.5}  # fmt: skip


def test_the_next_person_is_told_from_the_last_by_the_face_and_the_last_is_known_again() -> None:
    learning = FaceLearning()
    settled(learning, observation(**FROWNER))
    learning.doubt()
    frames = round(DOUBT_S * 30) + 1
    assert not any(learning.is_of_another(observation(**FROWNER), 1 / 30) for _ in range(frames))
    learning.doubt()
    grinning = observation(Grimace(corners={"left": (8, 8), "right": (8, 8)}), **FROWNER)
    assert not any(learning.is_of_another(grinning, 1 / 30) for _ in range(frames)), "an expression is no other person"
    learning.doubt()
    assert any(learning.is_of_another(observation(), 1 / 30) for _ in range(frames))
    assert not learning.is_of_another(observation(), 1 / 30), "it is said once"


def test_half_shut_eyes_are_half_shut_once_a_blink_was_seen_without_any_calibration() -> None:
    learning = FaceLearning()
    settled(learning, observation(), 10)
    shut, half = (observation(Grimace(shut={"left": share, "right": share})) for share in (1.0, 0.5))
    for _ in range(4):
        for face in (shut, shut, observation()):
            blink = learning.shapes(face, None, 0.05)
    assert blink[Shape.EYE_BLINK_LEFT] == 0
    for side in (Shape.EYE_BLINK_LEFT, Shape.EYE_BLINK_RIGHT):
        assert learning.shapes(half, None, 0.05)[side] == pytest.approx(0.5, abs=0.12)
        assert learning.shapes(shut, None, 0.05)[side] == 1
