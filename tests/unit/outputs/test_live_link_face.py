"""Live Link Face's packets, read by a second implementation of the published layout."""

import io
import math
import struct
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pytest
from tests import fakes

from mocast.model.blendshapes import Shape
from mocast.model.rig import HeadPose, Rig
from mocast.outputs.live_link_face import LiveLinkFaceEncoder

EAR_FACE_BLEND_SHAPE = [
    "EyeBlinkLeft", "EyeLookDownLeft", "EyeLookInLeft", "EyeLookOutLeft",
    "EyeLookUpLeft", "EyeSquintLeft", "EyeWideLeft", "EyeBlinkRight", "EyeLookDownRight",
    "EyeLookInRight", "EyeLookOutRight", "EyeLookUpRight", "EyeSquintRight",
    "EyeWideRight", "JawForward", "JawLeft", "JawRight", "JawOpen", "MouthClose",
    "MouthFunnel", "MouthPucker", "MouthLeft", "MouthRight", "MouthSmileLeft",
    "MouthSmileRight", "MouthFrownLeft", "MouthFrownRight", "MouthDimpleLeft",
    "MouthDimpleRight", "MouthStretchLeft", "MouthStretchRight", "MouthRollLower",
    "MouthRollUpper", "MouthShrugLower", "MouthShrugUpper", "MouthPressLeft",
    "MouthPressRight", "MouthLowerDownLeft", "MouthLowerDownRight",
    "MouthUpperUpLeft", "MouthUpperUpRight", "BrowDownLeft", "BrowDownRight",
    "BrowInnerUp", "BrowOuterUpLeft", "BrowOuterUpRight", "CheekPuff", "CheekSquintLeft",
    "CheekSquintRight", "NoseSneerLeft", "NoseSneerRight", "TongueOut", "HeadYaw",
    "HeadPitch", "HeadRoll", "LeftEyeYaw", "LeftEyePitch", "LeftEyeRoll", "RightEyeYaw",
    "RightEyePitch", "RightEyeRoll",
]  # fmt: skip
"""Of Unreal's ``EARFaceBlendShape``, in its order."""

LEAST_BYTES, MOST_BYTES = 264, 774
"""What Unreal takes (``MIN_BLEND_SHAPE_PACKET_SIZE``, ``MAX_...``)."""


@dataclass
class Packet:
    version: int
    device: str
    subject: str
    frame: int
    sub_frame: float
    rate: tuple[int, int]
    values: dict[str, float]

    @staticmethod
    def read(data: bytes) -> "Packet":
        assert LEAST_BYTES <= len(data) <= MOST_BYTES
        stream = io.BytesIO(data)

        def number(kind: str) -> float:
            return float(struct.unpack(f">{kind}", stream.read(struct.calcsize(kind)))[0])

        def text() -> str:
            return stream.read(int(number("i"))).decode()

        version, device, subject = int(number("B")), text(), text()
        frame, sub_frame, rate = int(number("i")), number("f"), (int(number("i")), int(number("i")))
        assert int(number("B")) == len(EAR_FACE_BLEND_SHAPE) == 61
        values = {name: number("f") for name in EAR_FACE_BLEND_SHAPE}
        assert not stream.read(), "nothing follows"
        return Packet(version, device, subject, frame, sub_frame, rate, values)


def packet(rig: Rig, encoder: LiveLinkFaceEncoder | None = None) -> Packet:
    (data,) = (encoder or LiveLinkFaceEncoder()).encode(rig)
    return Packet.read(bytes(data))


def turned(axis: tuple[int, int, int], degrees: float) -> Rig:
    half = math.radians(degrees) / 2
    rotation = np.float32([*(math.sin(half) * np.array(axis)), math.cos(half)])
    return replace(fakes.rig(), head=HeadPose(np.float32([0, 0, 0.6]), rotation))


def test_layout_is_unreal_s() -> None:
    noon = datetime(2026, 1, 2, 12, 0, 0, 25_000)
    read = packet(fakes.rig(), LiveLinkFaceEncoder(now=lambda: noon))
    assert (read.version, read.subject, len(read.device), read.rate) == (6, "Mocast", 36, (60, 1))
    assert read.frame == 12 * 3600 * 60 + 1
    assert read.sub_frame == pytest.approx(0.5, abs=1e-3)


def test_each_shape_has_its_place_by_its_name() -> None:
    for shape in Shape:
        rig = fakes.rig()
        rig.shapes[shape] = 0.5
        name = "".join(word.capitalize() for word in shape.name.split("_"))
        assert {key: value for key, value in packet(rig).values.items() if value} == {name: 0.5}


def test_values_are_within_0_and_1() -> None:
    rig = fakes.rig()
    rig.shapes[Shape.JAW_OPEN], rig.shapes[Shape.CHEEK_PUFF] = 1.5, -0.5
    assert (packet(rig).values["JawOpen"], packet(rig).values["CheekPuff"]) == (1, 0)


@pytest.mark.parametrize(
    ("axis", "name", "sign"), [((0, 1, 0), "HeadYaw", 1), ((1, 0, 0), "HeadPitch", -1), ((0, 0, 1), "HeadRoll", 1)]
)
def test_the_head_turns_in_radians_as_the_app_s(axis: tuple[int, int, int], name: str, sign: int) -> None:
    """About y to the subject's left, about x down, about z to the subject's right."""
    values = packet(turned(axis, 20)).values
    assert values[name] == pytest.approx(sign * math.radians(20), abs=1e-5)
    assert sum(abs(values[f"Head{other}"]) for other in ("Yaw", "Pitch", "Roll")) == pytest.approx(
        math.radians(20), abs=1e-5
    )


def test_eyes_turn_as_in_a_capture_of_the_app() -> None:
    """There the left eye's yaw grows as it looks in (to the right), and both pitches as they look down."""
    to_the_left_and_up = packet(replace(fakes.rig(), gaze_deg=np.float32([10, 5]))).values
    for side in ("Left", "Right"):
        assert to_the_left_and_up[f"{side}EyeYaw"] == pytest.approx(-math.radians(10))
        assert to_the_left_and_up[f"{side}EyePitch"] == pytest.approx(-math.radians(5))


def test_a_lost_face_keeps_the_head_where_it_was() -> None:
    encoder = LiveLinkFaceEncoder()
    before = packet(turned((0, 1, 0), 20), encoder).values["HeadYaw"]
    assert packet(fakes.rig(), encoder).values["HeadYaw"] == before > 0


def test_parts_that_are_off_keep_still() -> None:
    rig = replace(turned((0, 1, 0), 20), gaze_deg=np.float32([10, 5]))
    rig.shapes[Shape.JAW_OPEN] = 1
    head_only = packet(rig, LiveLinkFaceEncoder(["head"])).values
    assert {name for name, value in head_only.items() if value} == {"HeadYaw"}
    face_only = packet(rig, LiveLinkFaceEncoder(["face"])).values
    assert {"JawOpen", "LeftEyeYaw"} < {name for name, value in face_only.items() if value}
    assert face_only["HeadYaw"] == 0
