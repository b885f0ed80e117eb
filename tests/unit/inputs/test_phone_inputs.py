"""Phones' packets, read: iFacialMocap's (our own output's, too), Live Link Face's, MeowFace's."""

import json
import struct
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.golden import make

from mocast.inputs.ifacialmocap import IFacialMocapParser
from mocast.inputs.live_link_face import LiveLinkFaceParser
from mocast.inputs.meowface import MeowFaceParser
from mocast.inputs.phone_face import from_euler_deg
from mocast.inputs.udp_input import Parser
from mocast.model.blendshapes import Shape
from mocast.model.quaternions import euler_deg_one
from mocast.model.source_pose import SourcePose
from mocast.outputs.ifacialmocap import IFacialMocapEncoder
from mocast.outputs.live_link_face import ORDER, LiveLinkFaceEncoder

PARSERS = (IFacialMocapParser, LiveLinkFaceParser, MeowFaceParser)

SAMPLE = (
    "mouthSmile_R-32|eyeLookOut_L-7|jawOpen-12|tongueOut-40|cheekPuff-5|trackingStatus-1|hapihapi-0|"
    "=head#-21.488958,-6.038993,-6.6019735,-0.030653415,-0.10287084,-0.6584072|"
    "rightEye#6.0297494,2.4403017,0.25649446|leftEye#6.034903,-1.6660284,-0.17520553|"
)
"""In the form of the sample frame of iFacialMocap's page for developers."""


def parsed(parser: Parser, data: bytes) -> SourcePose:
    pose = parser.parse(data, 1.0)
    assert pose is not None
    return pose


def live_link(values: dict[Shape, float], angles: tuple[float, ...] = (0.0,) * 9, *, count: int = 61) -> bytes:
    """A packet as the app sends it, by its description."""
    device, name = b"00000000-1111-2222-3333-444444444444", b"iPhone"
    head = b"\x06" + struct.pack(">i", len(device)) + device + struct.pack(">i", len(name)) + name
    numbers = [*(values.get(shape, 0.0) for shape in ORDER), *angles][:count]
    return head + struct.pack(">ifii", 7, 0.5, 60, 1) + struct.pack(f">B{count}f", count, *numbers)


def meow(**changes: Any) -> bytes:
    message = {
        "Timestamp": 1_700_000_000_000,
        "Hotkey": -1,
        "FaceFound": True,
        "Rotation": {"x": 20.0, "y": 10.0, "z": -5.0},
        "Position": {"x": 0.0, "y": 1.0, "z": 30.0},
        "EyeLeft": {"x": 0.0, "y": 0.0, "z": 0.0},
        "EyeRight": {"x": 0.0, "y": 0.0, "z": 0.0},
        "BlendShapes": [{"k": "JawOpen", "v": 0.4}, {"k": "TongueOut", "v": 0.9}, {"k": "Unknown", "v": 1}],
    }
    return json.dumps(message | changes).encode()


@pytest.mark.parametrize(
    ("encoder", "parser"), [(IFacialMocapEncoder, IFacialMocapParser), (LiveLinkFaceEncoder, LiveLinkFaceParser)]
)
def test_what_our_own_outputs_send_comes_back_as_it_was(encoder: type[Any], parser: type[Parser]) -> None:
    rig = make.moving_rig()
    assert rig.head is not None
    turn = from_euler_deg(12.0, -20.0, 5.0)
    rig = replace(rig, head=replace(rig.head, rotation=np.float32(turn)))
    (packet,) = encoder().encode(rig)
    pose = parsed(parser(), packet)
    np.testing.assert_allclose(pose.shapes, rig.shapes.clip(0, 1), atol=0.0051)
    np.testing.assert_allclose(pose.gaze_deg, rig.gaze_deg, atol=1e-3)
    assert pose.head is not None
    assert pose.head.rotation == pytest.approx(turn, abs=1e-5)
    if parser is IFacialMocapParser:  # the other tells none
        np.testing.assert_allclose(pose.head.position, rig.head.position, atol=1e-5)
    assert pose.turns_head


def test_a_phone_s_text_is_read_in_both_of_its_versions() -> None:
    for text in (SAMPLE, SAMPLE.replace("-32|", "&32|").replace("jawOpen-", "jawOpen&")):
        pose = parsed(IFacialMocapParser(), text.encode())
        shapes = pose.shapes[[Shape.MOUTH_SMILE_RIGHT, Shape.JAW_OPEN, Shape.TONGUE_OUT, Shape.CHEEK_PUFF]]
        assert shapes == pytest.approx([0.32, 0.12, 0.4, 0.05])
        assert pose.gaze_deg == pytest.approx([0.387, -6.032], abs=0.01)
        assert pose.head is not None
        assert euler_deg_one(tuple(pose.head.rotation.tolist())) == pytest.approx((-21.489, -6.039, -6.602), abs=1e-3)
        assert pose.head.position == pytest.approx([-0.0307, -0.1029, 0.6584], abs=1e-3)


def test_a_phone_that_sees_no_face_gives_nothing() -> None:
    lost = (
        (IFacialMocapParser(), SAMPLE.replace("trackingStatus-1", "trackingStatus-0").encode()),
        (LiveLinkFaceParser(), live_link({}, count=0)),
        (MeowFaceParser(), meow(FaceFound=False)),
    )
    for parser, data in lost:
        assert not parsed(parser, data).given.any()


def test_a_packet_of_live_link_face_is_read() -> None:
    angles = (0.3, -0.2, 0.1, 0.05, -0.1, 0.0, 0.05, -0.1, 0.0)
    pose = parsed(LiveLinkFaceParser(), live_link({Shape.TONGUE_OUT: 0.7, Shape.EYE_BLINK_RIGHT: 1.0}, angles))
    assert pose.shapes[[Shape.TONGUE_OUT, Shape.EYE_BLINK_RIGHT, Shape.EYE_BLINK_LEFT]] == pytest.approx([0.7, 1, 0])
    assert pose.head is not None
    pitch, yaw, roll = euler_deg_one(tuple(pose.head.rotation.tolist()))
    assert np.radians([yaw, pitch, roll]) == pytest.approx([0.3, 0.2, 0.1], abs=1e-5)
    assert np.radians(pose.gaze_deg) == pytest.approx([-0.05, 0.1], abs=1e-5)


def test_json_of_meowface_is_read() -> None:
    pose = parsed(MeowFaceParser(), meow())
    assert pose.shapes[[Shape.JAW_OPEN, Shape.TONGUE_OUT]] == pytest.approx([0.4, 0.9])
    assert pose.head is not None
    assert euler_deg_one(tuple(pose.head.rotation.tolist())) == pytest.approx((10, 20, -5), abs=1e-3)


@pytest.mark.parametrize(
    ("parser", "data"),
    [
        (IFacialMocapParser, b"\xff"),
        (IFacialMocapParser, b"hello"),
        (IFacialMocapParser, b"jawOpen-wide|"),
        (IFacialMocapParser, b"jawOpen-nan|"),
        (IFacialMocapParser, b"jawOpen-1|=head#1e9,0,0,0,0,0|"),
        (IFacialMocapParser, b"jawOpen-1|" * 500),
        (LiveLinkFaceParser, b"\x07" + bytes(300)),
        (LiveLinkFaceParser, b"\x06\xff\xff\xff\xff"),
        (LiveLinkFaceParser, live_link({}, count=40)),
        (LiveLinkFaceParser, live_link({Shape.JAW_OPEN: float("nan")})),
        (LiveLinkFaceParser, live_link({})[:-1]),
        (MeowFaceParser, b"[]"),
        (MeowFaceParser, b"{"),
        (MeowFaceParser, meow(BlendShapes={})),
        (MeowFaceParser, meow(BlendShapes=[1])),
        (MeowFaceParser, meow(BlendShapes=[{"k": "JawOpen", "v": "x"}])),
        (MeowFaceParser, meow(Rotation={"x": 1e9, "y": 0, "z": 0})),
    ],
)
def test_broken_packets_are_a_value_error(parser: type[Parser], data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parser().parse(data, 1.0)


@settings(max_examples=60)
@pytest.mark.parametrize("parser", PARSERS)
@given(data=st.binary(max_size=80), at=st.integers(0, 400), changed=st.binary(min_size=1, max_size=8))
def test_random_and_damaged_packets_are_read_or_refused(
    parser: type[Parser], data: bytes, at: int, changed: bytes
) -> None:
    good = {IFacialMocapParser: SAMPLE.encode(), LiveLinkFaceParser: live_link({}), MeowFaceParser: meow()}[parser]
    damaged = good[:at] + changed + good[at + len(changed) :]
    for packet in (data, damaged, good[:at]):
        try:
            pose = parser().parse(packet, 1.0)
        except ValueError:
            continue
        assert pose is not None
        assert np.isfinite(pose.shapes).all()
        assert pose.head is None or (np.isfinite(pose.head.rotation).all() and np.isfinite(pose.head.position).all())
