import json
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.golden import make

from mocast.model.topology import FACE_COUNT, HAND_COUNT, POSE_COUNT
from mocast.model.tracked import Face, Hand, Pose, Tracked
from mocast.wire.landmarks_binary import MESSAGE_LIMIT, DecodedLandmarks, decode, encode

GOLDEN = Path(make.__file__).parent
IMAGE_STEP = 1 / 8192

floats = st.floats(width=32, allow_nan=False)
"""Any number, infinities too."""


@st.composite
def arrays(draw: st.DrawFn, *shape: int) -> np.ndarray:
    """Mostly within the range, now and then anywhere: hypothesis draws a few numbers and they are spread by a rule."""
    few = draw(st.lists(st.one_of(st.floats(-4, 3.75, width=32), floats), min_size=1, max_size=12))
    return np.resize(np.array(few, np.float32), shape)


@st.composite
def tracked_frames(draw: st.DrawFn) -> Tracked:
    pose = st.builds(Pose, arrays(POSE_COUNT, 3), arrays(POSE_COUNT, 3), arrays(POSE_COUNT))
    hand = st.builds(Hand, arrays(HAND_COUNT, 3), arrays(HAND_COUNT, 3), st.floats(0, 1))
    return Tracked(
        frame=draw(st.integers(0, 2**40)),
        pts=draw(st.integers(0, 2**40)),
        decoded_at_ns=draw(st.integers(0, 2**60)),
        size_wh=draw(st.tuples(st.integers(1, 1280), st.integers(1, 1280))),
        tracked_at_ns=draw(st.integers(0, 2**60)),
        tracking_ns=draw(st.integers(0, 2**60)),
        pose=draw(st.none() | pose),
        face=draw(st.none() | st.builds(Face, arrays(FACE_COUNT, 3))),
        left_hand=draw(st.none() | hand),
        right_hand=draw(st.none() | hand),
        person=draw(st.integers(0, 15)),
    )


def assert_coordinates(decoded: np.ndarray, source: np.ndarray) -> None:
    expected = np.clip(source.astype(np.float64), -4, 4 - IMAGE_STEP)
    np.testing.assert_allclose(decoded, expected, rtol=0, atol=IMAGE_STEP / 2 + 1e-6)


def decoded_of(tracked: Tracked, *, mirrored: bool = False) -> DecodedLandmarks:
    decoded = decode(encode(tracked, mirrored=mirrored))
    assert decoded is not None
    return decoded


@given(tracked_frames(), st.booleans())
def test_round_trip_is_exact_to_half_a_step(tracked: Tracked, mirrored: bool) -> None:
    decoded = decoded_of(tracked, mirrored=mirrored)

    assert decoded.is_complete
    assert decoded.mirrored == mirrored
    assert decoded.size_wh == tracked.size_wh
    assert decoded.person == tracked.person
    assert (decoded.frame, decoded.pts) == (tracked.frame % 2**32, tracked.pts % 2**32)
    for name in ("pose", "face", "left_hand", "right_hand"):
        source, read = getattr(tracked, name), getattr(decoded, name)
        assert (read is None) == (source is None) == (name not in decoded.present)
        for field in ("image", "world"):
            if source is not None and hasattr(source, field):
                assert_coordinates(getattr(read, field), getattr(source, field))
    if tracked.pose and decoded.pose:
        expected = np.clip(tracked.pose.visibility.astype(np.float64), 0, 1)
        np.testing.assert_allclose(decoded.pose.visibility, expected, rtol=0, atol=0.5 / 255 + 1e-6)


@given(tracked_frames())
def test_no_message_is_longer_than_the_limit(tracked: Tracked) -> None:
    messages = encode(tracked, mirrored=False)
    assert all(20 <= len(message) <= MESSAGE_LIMIT for message in messages)
    assert [message[3] for message in messages] == [len(messages) << 4 | number for number in range(len(messages))]


def test_a_holistic_frame_is_four_messages_with_pose_and_hands_in_the_first() -> None:
    messages = encode(make.holistic(), mirrored=False)
    assert len(messages) == 4
    first = decode(messages[:1])
    assert first is not None
    assert first.pose is not None
    assert first.left_hand is not None
    assert first.right_hand is not None
    assert first.face is None


def test_hands_below_the_publishers_confidence_are_marked() -> None:
    frame = make.frame(1, left_hand=make.hand(5), right_hand=replace(make.hand(7), score=0.75), person=3)
    for confidence, unsure in ((0.75, set()), (0.8, {"right_hand"}), (1, {"left_hand", "right_hand"})):
        decoded = decode(encode(frame, mirrored=True, confidence=confidence))
        assert decoded is not None
        assert (decoded.unsure, decoded.mirrored, decoded.person) == (unsure, True, 3)


def test_an_empty_frame_is_one_header() -> None:
    (message,) = encode(make.frame(3), mirrored=False)
    assert len(message) == 20
    assert decoded_of(make.frame(3)).present == frozenset()


def test_times_are_in_the_documented_units_and_clamped() -> None:
    decoded = decoded_of(make.frame(3))
    assert (decoded.tracking_ms, decoded.delay_ms) == (41.2, 46)
    extreme = decoded_of(make.edges())
    assert (extreme.tracking_ms, extreme.delay_ms) == (6553.5, 65535)


def test_what_is_not_a_number_does_not_stop_the_frame() -> None:
    broken = Face(np.full((FACE_COUNT, 3), np.nan, np.float32))
    decoded = decoded_of(make.frame(1, face=broken))
    assert decoded.face is not None
    assert (decoded.face.image == -4).all()


def test_encoding_leaves_the_frame_as_it_was() -> None:
    tracked, untouched = make.holistic(), make.holistic()
    encode(tracked, mirrored=False)
    assert make.parts(tracked) == make.parts(untouched)


def test_a_lost_message_costs_only_its_own_sections() -> None:
    messages = encode(make.holistic(), mirrored=False)
    decoded = decode([messages[0], messages[2], messages[3]])
    assert decoded is not None
    assert decoded.face is not None
    assert not decoded.is_complete
    assert np.isnan(decoded.face.image).any(axis=1).nonzero()[0].tolist() == list(range(160))
    assert decoded.pose is not None


def test_messages_are_put_together_in_any_order() -> None:
    messages = encode(make.holistic(), mirrored=False)
    forward, backward = decode(messages), decode(messages[::-1])
    assert forward is not None
    assert backward is not None
    assert make.described_output(forward) == make.described_output(backward)


@given(st.lists(st.binary(max_size=1200), max_size=4))
def test_random_bytes_never_raise(messages: list[bytes]) -> None:
    decode(messages)


@given(tracked_frames(), st.data())
def test_damaged_messages_never_raise(tracked: Tracked, data: st.DataObject) -> None:
    messages = [bytearray(message) for message in encode(tracked, mirrored=False)]
    for message in messages:
        for _ in range(data.draw(st.integers(0, 3))):
            message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
        del message[data.draw(st.integers(0, len(message))) :]
    for message in messages:
        decode([bytes(message)])
    decode([bytes(message) for message in messages])


def test_no_readable_message_is_no_frame() -> None:
    assert decode([]) is None
    assert decode([b"", bytes(19), bytes([2]) + bytes(19)]) is None


def test_a_reader_that_knows_no_person_takes_no_message_of_another_into_its_frame() -> None:
    """It compares the header, ``message`` apart (``docs/wire-format.md``), and the person is in it."""
    first, other = (encode(make.frame(5, pose=make.pose(1), person=person), mirrored=False)[0] for person in (0, 1))
    assert (first[:3], first[4:20]) != (other[:3], other[4:20])
    decoded = decode([first, other])
    assert decoded is not None
    assert decoded.person == 0


def read_messages(path: Path) -> list[bytes]:
    content, messages = path.read_bytes(), []
    while content:
        (length,) = struct.unpack_from("<H", content)
        messages.append(content[2 : 2 + length])
        content = content[2 + length :]
    return messages


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("landmarks-*.bin")), ids=lambda path: path.stem)
def test_golden_bytes_are_read_as_written_down(path: Path) -> None:
    described: dict[str, Any] = json.loads(path.with_suffix(".json").read_text())
    messages = read_messages(path)
    assert [len(message) for message in messages] == described["message_lengths"]
    decoded = decode(messages)
    assert decoded is not None
    assert json.loads(json.dumps(make.described_output(decoded))) == described["decoded"]


def test_todays_code_writes_the_golden_files() -> None:
    written = {path.name: path.read_bytes() for path in GOLDEN.iterdir() if path.suffix in (".bin", ".json")}
    assert make.files() == written
