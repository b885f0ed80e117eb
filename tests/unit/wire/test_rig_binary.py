import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.golden import make

from mocast.model.humanoid import BONE_COUNT
from mocast.model.rig import Found, HeadPose, Rig, Rotations
from mocast.wire.rig_binary import LENGTH, DecodedRig, decode, encode

components = st.floats(-1, 1, width=32)
quaternions = (
    st.tuples(components, components, components, components)
    .map(lambda values: np.array(values, np.float64))
    .filter(lambda values: bool(np.linalg.norm(values) > 0.01))
    .map(lambda values: (values / np.linalg.norm(values)).astype(np.float32))
)


def decoded_of(rig: Rig) -> DecodedRig:
    decoded = decode(encode(rig))
    assert decoded is not None
    return decoded


def angles_deg(one: Rotations, other: Rotations) -> Rotations:
    """Between rotations, one per row; by the chord, which stays exact where they are nearly the same."""
    one, other = one.astype(np.float64), other.astype(np.float64)
    chord = np.minimum(np.linalg.norm(one - other, axis=-1), np.linalg.norm(one + other, axis=-1))
    angles: Rotations = np.degrees(4 * np.arcsin(np.minimum(chord / 2, 1)))
    return angles


def test_a_message_has_the_documented_length() -> None:
    assert len(encode(make.moving_rig())) == LENGTH == 428


@given(quaternions)
def test_a_rotation_comes_back_within_six_hundredths_of_a_degree(rotation: Rotations) -> None:
    rotations = np.tile(rotation, (BONE_COUNT, 1))
    decoded = decoded_of(make.rig(1, rotations=rotations))
    assert angles_deg(decoded.rotations, rotations).max() < 0.06
    assert np.linalg.norm(decoded.rotations, axis=1) == pytest.approx(1, abs=1e-6)


def test_each_bone_and_the_head_keep_their_own_rotation() -> None:
    rig = make.moving_rig()
    decoded = decoded_of(rig)
    assert rig.head is not None
    assert decoded.head is not None
    assert angles_deg(decoded.rotations, rig.rotations).max() < 0.06
    assert angles_deg(decoded.head.rotation, rig.head.rotation) < 0.06


def test_numbers_come_back_as_exact_as_their_steps() -> None:
    rig = make.moving_rig()
    decoded = decoded_of(rig)
    assert rig.head is not None
    assert decoded.head is not None
    assert decoded.hips == pytest.approx(rig.hips, abs=1 / 8192)
    assert decoded.head.position == pytest.approx(rig.head.position, abs=1 / 8192)
    assert decoded.gaze_deg == pytest.approx(rig.gaze_deg, abs=0.01)
    assert decoded.shapes == pytest.approx(rig.shapes, abs=0.5 / 255 + 1e-6)
    assert decoded.expressions == pytest.approx(rig.expressions, abs=0.5 / 255 + 1e-6)
    assert (decoded.frame, decoded.pts, decoded.delay_ms) == (1234, 1234 * 3000, 47)


def test_what_is_beyond_the_range_is_clamped_to_it() -> None:
    decoded = decoded_of(make.rig_edges())
    assert decoded.hips.tolist() == [-4, pytest.approx(4, abs=1e-3), pytest.approx(4, abs=1e-3)]
    assert decoded.gaze_deg == pytest.approx([-327.68, 327.67])
    assert decoded.shapes[:5] == pytest.approx([0, 0, 0.5, 1, 1], abs=1 / 255)
    assert decoded.expressions[:3].tolist() == [1, 0, 0]
    assert (decoded.frame, decoded.pts, decoded.delay_ms) == (7, 5, 65535)


@pytest.mark.parametrize("part", ["body", "face", "left_hand", "right_hand", "half_body"])
def test_each_part_that_is_found_is_told_by_itself(part: str) -> None:
    assert decoded_of(make.rig(1, found=Found(**{part: True}))).found == Found(**{part: True})


def test_another_person_than_the_first_is_one_byte_more_which_readers_of_428_bytes_leave_out() -> None:
    assert decoded_of(make.rig(1)).person == 0
    message = encode(make.rig(1, person=7))
    assert message[:-1] == encode(make.rig(1))
    assert decoded_of(make.rig(1, person=7)).person == 7


def test_the_head_is_there_only_while_a_face_is_seen() -> None:
    pose = HeadPose(np.zeros(3, np.float32), np.array([0, 0, 0, 1], np.float32))
    assert decoded_of(make.rig(1)).head is None
    assert decoded_of(make.rig(1, head=pose)).head is not None


def test_encoding_leaves_the_rig_as_it_was() -> None:
    rig, untouched = make.moving_rig(), make.moving_rig()
    encode(rig)
    assert make.described_rig(rig) == make.described_rig(untouched)


def test_another_version_or_length_is_not_read() -> None:
    message = encode(make.moving_rig())
    assert decode(bytes([2]) + message[1:]) is None
    assert decode(message[:-1]) is None
    assert decode(message + b"\1\1") is None
    assert decode(b"") is None


@given(st.binary(min_size=LENGTH - 1, max_size=LENGTH - 1))
def test_whatever_the_bytes_the_rotations_are_finite(rest: bytes) -> None:
    decoded = decode(b"\x01" + rest)
    assert decoded is not None
    assert np.isfinite(decoded.rotations).all()
