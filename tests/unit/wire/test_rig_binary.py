import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.golden import make

from mocast.model.hand_targets import NO_TARGETS
from mocast.model.humanoid import BONE_COUNT
from mocast.model.rig import Found, HeadPose, Rig, Rotations
from mocast.wire.rig_binary import LENGTH, LENGTH_1, DecodedRig, decode, encode, encode_1

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


def test_messages_have_the_documented_lengths() -> None:
    assert len(encode(make.moving_rig())) == LENGTH == 496
    assert len(encode_1(make.moving_rig())) == LENGTH_1 == 428


def test_version_2_has_what_version_1_has_at_the_same_places() -> None:
    rig = make.moving_rig()
    assert encode(rig)[2:LENGTH_1] == encode_1(rig)[2:]


def test_feet_and_targets_of_hands_come_back_as_exact_as_their_steps() -> None:
    rig = make.moving_rig()
    decoded = decoded_of(rig)
    assert decoded.planted == rig.planted == (True, False)
    for name, step in (("offsets", 1 / 4096), ("nearness", 1 / 255), ("touching", 1 / 255)):
        np.testing.assert_allclose(getattr(decoded.hand_targets, name), getattr(rig.hand_targets, name), atol=step)


def test_a_reader_of_version_1_is_told_of_no_foot_and_no_target() -> None:
    decoded = decode(encode_1(make.moving_rig()))
    assert decoded is not None
    assert decoded.planted == (False, False)
    assert decoded.hand_targets is NO_TARGETS


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


def test_another_person_than_the_first_is_one_byte_more_in_version_1() -> None:
    message = encode_1(make.rig(1, person=7))
    assert message[:-1] == encode_1(make.rig(1))
    for rig in (make.rig(1), make.rig(1, person=7)):
        for encoded in (encode(rig), encode_1(rig)):
            decoded = decode(encoded)
            assert decoded is not None
            assert decoded.person == rig.person


def test_the_head_is_there_only_while_a_face_is_seen() -> None:
    pose = HeadPose(np.zeros(3, np.float32), np.array([0, 0, 0, 1], np.float32))
    assert decoded_of(make.rig(1)).head is None
    assert decoded_of(make.rig(1, head=pose)).head is not None


def test_encoding_leaves_the_rig_as_it_was() -> None:
    rig, untouched = make.moving_rig(), make.moving_rig()
    encode(rig)
    assert make.described_rig(rig) == make.described_rig(untouched)


def test_another_version_or_length_is_not_read() -> None:
    for message in (encode(make.moving_rig()), encode_1(make.moving_rig())):
        assert decode(bytes([3]) + message[1:]) is None
        assert decode(message[:-1]) is None
    assert decode(encode_1(make.moving_rig()) + b"\1\1") is None
    assert decode(b"") is None


def test_what_later_servers_add_to_version_2_is_left_out() -> None:
    decoded = decode(encode(make.moving_rig()) + b"more")
    assert decoded is not None
    assert make.described_rig(decoded) == make.described_rig(decoded_of(make.moving_rig()))


@given(st.integers(1, 2), st.binary(min_size=LENGTH - 1, max_size=LENGTH - 1))
def test_whatever_the_bytes_all_numbers_are_finite(version: int, rest: bytes) -> None:
    decoded = decode(bytes([version]) + rest[: None if version == 2 else LENGTH_1 - 1])
    assert decoded is not None
    assert np.isfinite(decoded.rotations).all()
    assert np.abs(decoded.hand_targets.offsets).max() <= 8
