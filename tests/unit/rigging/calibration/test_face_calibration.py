import copy
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.faces import SIZE_WH, Grimace, seen, turned

from mocast.errors import Unprocessable
from mocast.model.blendshapes import Shape
from mocast.rigging.calibration.calibration import Calibration
from mocast.rigging.calibration.face_calibration import FaceCalibration, NetworkCalibration
from mocast.rigging.calibration.face_calibrator import FaceCalibrator
from mocast.rigging.face.arkit_shapes import EYES
from mocast.rigging.face.face_observation import FaceObservation, observe
from mocast.rigging.face.measures import AVERAGE_MM
from mocast.rigging.face.network_shapes import MOST_AT_REST

AT_REST = np.linspace(0.0, MOST_AT_REST, len(Shape)) * (np.arange(len(Shape)) % 3 > 0)
HEAD = np.array([0.1, -0.2, 0.05, np.sqrt(1 - 0.0525)])


def a_calibration() -> Calibration:
    return Calibration(
        FaceCalibration(
            AVERAGE_MM + 1.5,
            HEAD,
            np.array([2.5, 3.0]),
            {Shape.JAW_OPEN: 0.6, Shape.MOUTH_PUCKER: 0.9},
            NetworkCalibration(AT_REST, {Shape.MOUTH_PUCKER: 0.8}),
        )
    )


def test_a_calibration_survives_json() -> None:
    before = a_calibration()
    after = Calibration.from_json(json.loads(json.dumps(before.to_json())))
    assert before.face is not None
    assert after.face is not None
    np.testing.assert_allclose(after.face.neutral, before.face.neutral, atol=1e-3)
    np.testing.assert_allclose(after.face.head, HEAD, atol=1e-5)
    np.testing.assert_allclose(after.face.shut_eyes_mm, before.face.shut_eyes_mm)
    assert after.face.reach == pytest.approx({Shape.JAW_OPEN: 0.6, Shape.MOUTH_PUCKER: 0.9})
    assert after.face.network is not None
    np.testing.assert_allclose(after.face.network.at_rest, AT_REST, atol=1e-4)
    assert after.face.network.reach == pytest.approx({Shape.MOUTH_PUCKER: 0.8})


def test_a_calibration_without_parts_survives_json() -> None:
    after = Calibration.from_json(json.loads(json.dumps(Calibration().to_json())))
    assert after.face is None
    only_neutral = Calibration(FaceCalibration(AVERAGE_MM, HEAD))
    face = Calibration.from_json(json.loads(json.dumps(only_neutral.to_json()))).face
    assert face is not None
    assert face.shut_eyes_mm is None
    assert not face.reach


def test_a_calibration_is_small() -> None:
    assert len(json.dumps(a_calibration().to_json())) < 3000


def test_a_calibration_of_before_the_network_is_still_one() -> None:
    sent = a_calibration().to_json()
    del sent["face"]["network"]
    face = Calibration.from_json(sent).face
    assert face is not None
    assert face.network is None


WRONG: list[tuple[tuple[str, ...], Any]] = [
    (("version",), 2),
    (("version",), True),
    (("face",), []),
    (("face", "neutral"), None),
    (("face", "neutral", "chin"), "far"),
    (("face", "neutral", "chin"), None),
    (("face", "neutral", "chin"), True),
    (("face", "neutral", "chin"), float("nan")),
    (("face", "neutral", "chin"), float("inf")),
    (("face", "neutral", "chin"), 1e308),
    (("face", "neutral", "chin"), 10**400),
    (("face", "neutral", "chin"), 200.0),
    (("face", "neutral", "beard"), 1.0),
    (("face", "head"), [0, 0, 0]),
    (("face", "head"), [0, 0, 0, 0]),
    (("face", "head"), [0, 0, 0, 0.5]),
    (("face", "head"), [0, 0, 0, 1, 0]),
    (("face", "head"), "0001"),
    (("face", "shut_eyes"), [1]),
    (("face", "shut_eyes"), [1, float("nan")]),
    (("face", "shut_eyes"), [1, 1e6]),
    (("face", "reach"), []),
    (("face", "reach"), {"tongueOut": 0.5}),
    (("face", "reach"), {"jawOpen": 0.0}),
    (("face", "reach"), {"jawOpen": -1}),
    (("face", "reach"), {"jawOpen": 1.5}),
    (("face", "reach"), {"jawOpen": [1]}),
    (("face", "network"), {}),
    (("face", "network"), [1]),
    (("face", "network", "rest"), None),
    (("face", "network", "rest"), {"beard": 0.1}),
    (("face", "network", "rest"), {"jawOpen": -0.1}),
    (("face", "network", "rest"), {"jawOpen": 2}),
    (("face", "network", "rest"), {"jawOpen": float("nan")}),
    (("face", "network", "rest"), {"jawOpen": True}),
    (("face", "network", "reach"), {"tongueOut": 0.5}),
    (("face", "network", "reach"), {"jawOpen": 0.1}),
]


@pytest.mark.parametrize(("path", "value"), WRONG)
def test_anything_odd_is_refused(path: tuple[str, ...], value: Any) -> None:
    sent = copy.deepcopy(a_calibration().to_json())
    place = sent
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    with pytest.raises(Unprocessable):
        Calibration.from_json(sent)


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, {"version": 1}, {"version": 1, "face": None, "more": 1}])
def test_what_is_no_calibration_at_all_is_refused(value: object) -> None:
    with pytest.raises(Unprocessable):
        Calibration.from_json(value)


@pytest.mark.parametrize("missing", ["neutral", "head", "shut_eyes", "reach"])
def test_a_missing_part_is_refused(missing: str) -> None:
    sent = a_calibration().to_json()
    del sent["face"][missing]
    with pytest.raises(Unprocessable):
        Calibration.from_json(sent)


def collected(*scenes: tuple[float, Grimace], fps: float = 30) -> FaceCalibrator:
    """Return a calibrator that saw each grimace for so many seconds, with a little noise."""
    calibrator, number = FaceCalibrator(), 0
    for seconds, grimace in scenes:
        for _ in range(round(seconds * fps)):
            observed = observe(seen(grimace, turned(8, -5), noise_px=0.2, seed=number), SIZE_WH)
            assert observed is not None
            calibrator.add(observed, number / fps)
            number += 1
    return calibrator


FROWN = Grimace(corners={"left": (-2, -3), "right": (-2, -3)})


def test_a_still_face_gives_its_neutral_and_where_it_looks_and_no_ranges() -> None:
    face = collected((2, FROWN)).result()
    observed = observe(seen(FROWN, turned(8, -5)), SIZE_WH)
    assert face is not None
    assert observed is not None
    np.testing.assert_allclose(face.neutral, observed.measures, atol=0.3)
    assert abs(face.head @ observed.head) > 0.9999
    assert face.shut_eyes_mm is None
    assert not face.reach


def test_a_blink_while_the_face_is_still_does_not_change_its_neutral() -> None:
    shut = Grimace(shut={"left": 1, "right": 1})
    face = collected((1, Grimace()), (0.2, shut), (0.8, Grimace())).result()
    assert face is not None
    np.testing.assert_allclose(face.neutral, AVERAGE_MM, atol=0.4)
    assert face.shut_eyes_mm is not None
    assert (face.shut_eyes_mm < 0.3 * AVERAGE_MM[EYES]).all()


def test_what_is_moved_after_the_neutral_is_the_range() -> None:
    smile = Grimace(corners={"left": (6, 6), "right": (6, 6)})
    face = collected((2, Grimace()), (0.5, Grimace(shut={"left": 0.6, "right": 0.6})), (1, smile)).result()
    assert face is not None
    assert face.shut_eyes_mm == pytest.approx(AVERAGE_MM[EYES] * 0.46, abs=0.5)
    assert set(face.reach) == {Shape.MOUTH_SMILE_LEFT, Shape.MOUTH_SMILE_RIGHT}
    assert face.reach[Shape.MOUTH_SMILE_LEFT] == pytest.approx(0.67, abs=0.08)
    np.testing.assert_allclose(face.neutral, AVERAGE_MM, atol=0.3)


def test_a_face_that_was_hardly_seen_gives_nothing() -> None:
    assert FaceCalibrator().result() is None
    assert collected((0.2, Grimace())).result() is None


def test_a_server_that_tracks_few_frames_has_a_longer_rest() -> None:
    face = collected((2.5, Grimace()), (2, Grimace(jaw_deg=20)), fps=3).result()
    assert face is not None
    np.testing.assert_allclose(face.neutral, AVERAGE_MM, atol=0.4)
    assert Shape.JAW_OPEN in face.reach
    assert collected((20, Grimace()), fps=1).result() is None


def test_what_was_collected_is_a_calibration_that_can_be_sent() -> None:
    face = collected((2, FROWN), (1, Grimace(jaw_deg=20))).result()
    again = Calibration.from_json(json.loads(json.dumps(Calibration(face).to_json()))).face
    assert again is not None
    assert Shape.JAW_OPEN in again.reach


def with_network(grimace: Grimace, **shapes: float) -> FaceObservation:
    observed = observe(seen(grimace), SIZE_WH)
    assert observed is not None
    network = np.full(len(Shape), 0.1)
    for name, value in shapes.items():
        network[Shape[name]] = value
    return replace(observed, network=network)


def test_the_network_is_calibrated_by_itself_also_where_it_ran_in_some_frames_only() -> None:
    calibrator = FaceCalibrator()
    for number in range(120):
        face = with_network(Grimace(), EYE_SQUINT_LEFT=0.5, MOUTH_PUCKER=0.1 if number < 60 else 0.6)
        calibrator.add(face if number % 2 else replace(face, network=None), number / 30)
    face = calibrator.result()
    assert face is not None
    assert face.network is not None
    assert face.network.at_rest[Shape.EYE_SQUINT_LEFT] == pytest.approx(0.5)
    assert set(face.network.reach) == {Shape.MOUTH_PUCKER}
    assert 0.45 < face.network.reach[Shape.MOUTH_PUCKER] < 0.6, "above rest"
    assert not face.reach, "geometry saw nothing"


def test_without_the_network_there_is_no_calibration_of_it() -> None:
    face = collected((2, Grimace())).result()
    assert face is not None
    assert face.network is None
