import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediapipe.framework.formats import landmark_pb2

from mocast.errors import TrackingError
from mocast.tracking.mediapipe.proto_landmarks import decode

FIELDS = ("x", "y", "z", "visibility", "presence")
numbers = st.floats(width=32, allow_nan=False)


def serialised(table: list[list[float]], kind: type = landmark_pb2.NormalizedLandmarkList) -> bytes:
    landmarks = kind()
    for row in table:
        landmarks.landmark.add(**dict(zip(FIELDS, row, strict=False)))
    return landmarks.SerializeToString()


@given(st.lists(st.lists(numbers, min_size=3, max_size=3), max_size=40))
def test_numbers_come_out_as_protobuf_put_them_in(table: list[list[float]]) -> None:
    decoded = decode(serialised(table, landmark_pb2.LandmarkList), len(table))
    assert decoded.dtype == np.float32
    assert np.array_equal(decoded, np.array(table, np.float32).reshape(-1, 3))


@given(st.lists(st.lists(numbers, min_size=5, max_size=5), min_size=1, max_size=40))
def test_visibility_and_presence_follow_the_coordinates(table: list[list[float]]) -> None:
    assert np.array_equal(decode(serialised(table), len(table), 5), np.array(table, np.float32))


def test_the_result_does_not_refer_to_the_message() -> None:
    decoded = decode(serialised([[1, 2, 3]]), 1)
    decoded[0] = 0  # would raise if it were a view of the bytes
    assert decoded.base is None


@pytest.mark.parametrize(
    ("message", "count", "fields"),
    [
        (serialised([[1, 2, 3]]), 2, 3),
        (serialised([[1, 2, 3]]), 1, 5),
        (serialised([[1, 2, 3, 1]]), 1, 3),
        (b"", 1, 3),
        (serialised([[1, 2, 3]]).replace(b"\x15", b"\x25"), 1, 3),
    ],
    ids=["too few", "fields missing", "fields too many", "empty", "other fields of the same size"],
)
def test_another_layout_is_refused(message: bytes, count: int, fields: int) -> None:
    with pytest.raises(TrackingError):
        decode(message, count, fields)
