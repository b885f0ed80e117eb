"""Landmarks by their names, from the bytes that are on the wire."""

from pathlib import Path

import numpy as np
import orjson
import pytest
from tests import people
from tests.golden import make

from mocast.client.landmark_frame import LandmarkFrame, PersonLandmarks, Point
from mocast.model.topology import PoseLandmark
from mocast.wire import landmarks_json, picture_json

GOLDEN = Path(make.__file__).parent


def holistic() -> LandmarkFrame:
    frame = LandmarkFrame.parse((GOLDEN / "landmarks-holistic.text.json").read_text())
    assert frame is not None
    return frame


def test_a_landmark_is_had_by_its_name() -> None:
    expected, frame = make.holistic(), holistic()
    assert expected.pose is not None
    assert frame.pose is not None
    wrist, index = frame.pose["left_wrist"], PoseLandmark.LEFT_WRIST
    assert (wrist.x, wrist.y, wrist.z) == pytest.approx(expected.pose.image[index], abs=1e-5)
    assert wrist.visibility == pytest.approx(expected.pose.visibility[index], abs=1e-3)
    assert wrist.world == pytest.approx(expected.pose.world[index], abs=1e-4)
    assert isinstance(wrist.world, Point)
    assert wrist == frame.pose[index]
    assert dict(frame.pose.items())["left_wrist"] == wrist
    with pytest.raises(KeyError, match="left_wirst"):
        frame.pose["left_wirst"]


def test_hands_have_names_and_a_score_and_a_face_has_indices() -> None:
    frame = holistic()
    assert frame.left_hand is not None
    assert frame.face is not None
    assert frame.left_hand["index_tip"].world is not None
    assert frame.left_hand.score == 0.938
    assert len(frame.face) == 478
    assert frame.face[1].world is None
    assert list(frame.face)[1] == frame.face[1]


def test_the_frame_s_own_numbers_are_there() -> None:
    frame = holistic()
    told = (frame.frame, frame.pts, frame.person, frame.width, frame.height, frame.tracking_ms, frame.delay_ms)
    assert told == (1234, 3_702_000, 0, 640, 480, 41.2, 46)


def test_arrays_are_numpy_s() -> None:
    expected, frame = make.holistic(), holistic()
    assert frame.face is not None
    assert expected.face is not None
    np.testing.assert_allclose(frame.face.array(), expected.face.image, rtol=0, atol=1e-5)
    with pytest.raises(ValueError, match="metres"):
        frame.face.array("world")


def test_nobody_is_no_part() -> None:
    frame = LandmarkFrame.parse(landmarks_json.encode(make.frame(1), mirrored=True))
    assert frame is not None
    assert (frame.pose, frame.face, frame.left_hand, frame.right_hand, frame.mirrored) == (None, None, None, None, True)


@pytest.mark.parametrize("message", [{"type": "notice", "notice": "draining"}, {"type": "landmarks", "version": 2}])
def test_other_messages_are_passed_over(message: dict[str, object]) -> None:
    assert LandmarkFrame.parse(orjson.dumps(message).decode()) is None


def test_a_picture_s_answer_is_read_by_the_same_names() -> None:
    tracked = people.person()
    assert tracked.pose is not None
    found = PersonLandmarks.of_picture(picture_json.encode(tracked, tracker="holistic", source_size_wh=(1920, 1440)))
    assert (found.width, found.height) == tracked.size_wh
    assert found.pose is not None
    np.testing.assert_allclose(found.pose.array(), tracked.pose.image, rtol=0, atol=1e-5)
    np.testing.assert_allclose(found.pose.array("world"), tracked.pose.world, rtol=0, atol=1e-4)
    assert found.pose["nose"].visibility == pytest.approx(tracked.pose.visibility[0], abs=1e-3)
    for part in ("face", "left_hand", "right_hand"):
        assert (getattr(found, part) is None) == (getattr(tracked, part) is None)
