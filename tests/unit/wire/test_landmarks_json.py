import json

import numpy as np
import pytest
from tests.golden import make

from mocast.model.tracked import PARTS
from mocast.wire.landmarks_json import decode, encode


def test_the_message_has_the_documented_fields() -> None:
    message = json.loads(encode(make.holistic(), mirrored=True))
    image = np.array(message["pose"].pop("image"))
    assert list(message) == [
        *("version", "frame", "pts", "person", "width", "height", "mirrored", "tracking_ms", "delay_ms"),
        *("pose", "face", "left_hand", "right_hand"),
    ]
    assert [message[name] for name in list(message)[:9]] == [1, 1234, 3_702_000, 0, 640, 480, True, 41.2, 46]
    assert image.shape == (33, 3)
    assert np.shape(message["pose"]["world"]) == (33, 3)
    assert np.shape(message["pose"]["visibility"]) == (33,)
    assert np.shape(message["face"]["image"]) == (478, 3)
    assert message["left_hand"]["score"] == 0.938


def test_numbers_are_rounded_and_written_short() -> None:
    tracked = make.holistic()
    assert tracked.pose is not None
    text = encode(tracked, mirrored=False)
    message = json.loads(text)
    np.testing.assert_allclose(message["pose"]["image"], tracked.pose.image, rtol=0, atol=0.51e-5)
    np.testing.assert_allclose(message["pose"]["world"], tracked.pose.world, rtol=0, atol=0.51e-4)
    np.testing.assert_allclose(message["pose"]["visibility"], tracked.pose.visibility, rtol=0, atol=0.51e-3)
    decimals = [len(repr(number).partition(".")[2]) for row in message["face"]["image"] for number in row]
    assert max(decimals) == 5


def test_parts_that_are_not_there_are_null() -> None:
    message = json.loads(encode(make.frame(1), mirrored=False))
    assert [message[part] for part in ("pose", "face", "left_hand", "right_hand")] == [None] * 4


def test_what_is_not_a_number_is_null() -> None:
    hand = make.hand(1)
    hand.image[0] = np.nan
    message = json.loads(encode(make.frame(1, left_hand=hand), mirrored=False))
    assert message["left_hand"]["image"][0] == [None, None, None]


@pytest.mark.parametrize("typed", [False, True])
def test_what_was_written_is_read_again(typed: bool) -> None:
    tracked = make.holistic()
    text = encode(tracked, mirrored=False)
    read = decode('{"type":"landmarks",' + text[1:] if typed else text)
    assert read is not None
    assert (read.frame, read.pts, read.size_wh) == (tracked.frame, tracked.pts, tracked.size_wh)
    for part in PARTS:
        wrote, found = getattr(tracked, part), getattr(read, part)
        np.testing.assert_allclose(found.image, wrote.image, rtol=0, atol=0.51e-5)
    assert tracked.pose is not None
    assert read.pose is not None
    np.testing.assert_allclose(read.pose.world, tracked.pose.world, rtol=0, atol=0.51e-4)
    assert decode(encode(make.frame(1), mirrored=False)).is_empty  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("before", "after"),
    [('"version":1', '"version":2'), ('"pts"', '"pt"'), ("{", ""), ('"image":[[', '"image":[[1e9,0,0],[')],
)
def test_what_is_no_message_is_none(before: str, after: str) -> None:
    assert decode(encode(make.holistic(), mirrored=False).replace(before, after, 1)) is None
    assert decode("[]") is None
