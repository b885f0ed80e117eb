"""iFacialMocap's text, held against the sample on its developer's page."""

import re
from dataclasses import replace

import numpy as np
import pytest
from tests import fakes

from mocast.model.blendshapes import Shape
from mocast.model.rig import HeadPose, Rig
from mocast.outputs.ifacialmocap import NAMES, IFacialMocapEncoder

SAMPLE = (
    "mouthSmile_R-0|eyeLookOut_L-0|mouthUpperUp_L-11|eyeWide_R-0|mouthClose-8|mouthPucker-4|mouthRollLower-9|"
    "eyeBlink_R-7|eyeLookDown_L-17|cheekSquint_R-11|eyeBlink_L-7|tongueOut-0|jawRight-0|eyeLookIn_R-6|cheekSquint_L-11|"
    "mouthDimple_L-10|mouthPress_L-4|eyeSquint_L-11|mouthRight-0|mouthShrugLower-9|eyeLookUp_R-0|eyeLookOut_R-0|"
    "mouthPress_R-5|cheekPuff-2|jawForward-11|mouthLowerDown_L-9|mouthFrown_L-6|mouthShrugUpper-26|browOuterUp_L-4|"
    "browInnerUp-20|mouthDimple_R-10|browDown_R-0|mouthUpperUp_R-10|mouthRollUpper-8|mouthFunnel-12|mouthStretch_R-21|"
    "mouthFrown_R-13|eyeLookDown_R-17|jawOpen-12|jawLeft-0|browDown_L-0|mouthSmile_L-0|noseSneer_R-18|"
    "mouthLowerDown_R-8|noseSneer_L-21|eyeWide_L-0|mouthStretch_L-21|browOuterUp_R-4|eyeLookIn_L-4|eyeSquint_R-11|"
    "eyeLookUp_L-0|mouthLeft-1|=head#-21.488958,-6.038993,-6.6019735,-0.030653415,-0.10287084,-0.6584072|"
    "rightEye#6.0297494,2.4403017,0.25649446|leftEye#6.034903,-1.6660284,-0.17520553|"
)
"""https://www.ifacialmocap.com/for-developer/: the string of one frame."""

GRAMMAR = re.compile(
    r"([A-Za-z_]+-\d{1,3}\|)+=head#(-?\d+\.\d+,){5}-?\d+\.\d+\|rightEye#(-?\d+\.\d+,){2}-?\d+\.\d+\|"
    r"leftEye#(-?\d+\.\d+,){2}-?\d+\.\d+\|"
)


def text(rig: Rig, encoder: IFacialMocapEncoder | None = None) -> str:
    (packet,) = (encoder or IFacialMocapEncoder()).encode(rig)
    return bytes(packet).decode("ascii")


def shapes(message: str) -> dict[str, int]:
    pairs = (part.rsplit("-", 1) for part in message.partition("=")[0].split("|") if part)
    return {name: int(value) for name, value in pairs}


def numbers(message: str, name: str) -> list[float]:
    (found,) = re.findall(rf"{name}#([^|]*)\|", message)
    return [float(number) for number in found.split(",")]


def turned(rotation: tuple[float, float, float, float]) -> Rig:
    length = np.linalg.norm(rotation)
    head = HeadPose(np.float32([0.03, -0.1, 0.65]), np.float32(rotation) / np.float32(length))
    return replace(fakes.rig(), head=head)


def test_grammar_is_that_of_the_sample() -> None:
    assert GRAMMAR.fullmatch(SAMPLE), "the grammar of this test"
    assert GRAMMAR.fullmatch(text(fakes.rig()))


def test_names_are_those_of_the_sample() -> None:
    assert set(NAMES) == shapes(SAMPLE).keys()
    assert set(NAMES) == shapes(text(fakes.rig())).keys()


def test_shapes_are_whole_numbers_from_0_to_100() -> None:
    rig = fakes.rig()
    rig.shapes[Shape.JAW_OPEN], rig.shapes[Shape.EYE_BLINK_LEFT], rig.shapes[Shape.CHEEK_PUFF] = 0.123, 1.0, 1.5
    sent = shapes(text(rig))
    assert (sent["jawOpen"], sent["eyeBlink_L"], sent["cheekPuff"]) == (12, 100, 100)
    assert sum(sent.values()) == 212


def test_head_turns_and_stands_as_in_the_sample() -> None:
    """The sample's head is 0.66 m before the camera, at z = -0.66; its eyes look down with x > 0 (``eyeLookDown``)."""
    down = numbers(text(turned((0.1, 0, 0, 0.995))), "head")
    assert down[0] == pytest.approx(2 * np.degrees(np.arctan2(0.1, 0.995)), abs=1e-3)
    assert down[1:3] == pytest.approx([0, 0], abs=1e-3)
    assert down[3:] == pytest.approx([0.03, -0.1, -0.65])


@pytest.mark.parametrize(("axis", "place"), [((1, 0, 0), 0), ((0, 1, 0), 1), ((0, 0, 1), 2)])
def test_each_axis_has_its_number(axis: tuple[int, int, int], place: int) -> None:
    half = np.radians(20) / 2
    x, y, z = np.sin(half) * np.array(axis)
    angles = numbers(text(turned((x, y, z, np.cos(half)))), "head")[:3]
    assert angles == pytest.approx([20.0 if index == place else 0.0 for index in range(3)], abs=1e-3)


def test_eyes_look_where_their_shapes_say_in_the_sample() -> None:
    """There the right eye looks in (to the subject's left) with y > 0, the left one in (to the right) with y < 0."""
    sample = shapes(SAMPLE)
    assert sample["eyeLookIn_R"] > 0
    assert numbers(SAMPLE, "rightEye")[1] > 0
    assert sample["eyeLookIn_L"] > 0
    assert numbers(SAMPLE, "leftEye")[1] < 0
    to_the_left_and_up = replace(fakes.rig(), gaze_deg=np.float32([10, 5]))
    assert numbers(text(to_the_left_and_up), "leftEye") == [-5, 10, 0]
    assert numbers(text(to_the_left_and_up), "rightEye") == [-5, 10, 0]


def test_a_lost_face_keeps_the_head_where_it_was() -> None:
    encoder = IFacialMocapEncoder()
    before = numbers(text(turned((0, 0.2, 0, 0.98)), encoder), "head")
    assert numbers(text(fakes.rig(), encoder), "head") == before


def test_parts_that_are_off_keep_still() -> None:
    rig = turned((0, 0.2, 0, 0.98))
    rig.shapes[Shape.JAW_OPEN] = 1
    rig = replace(rig, gaze_deg=np.float32([10, 5]))
    head_only = text(rig, IFacialMocapEncoder(["head"]))
    assert not any(shapes(head_only).values())
    assert numbers(head_only, "leftEye") == [0, 0, 0]
    assert numbers(head_only, "head")[1] > 0
    face_only = text(rig, IFacialMocapEncoder(["face"]))
    assert shapes(face_only)["jawOpen"] == 100
    assert numbers(face_only, "head") == [0] * 6


def test_a_packet_fits_one_ethernet_frame() -> None:
    rig = replace(turned((0.3, -0.5, 0.4, 0.6)), gaze_deg=np.float32([-29.123456, -29.123456]))
    rig.shapes[:] = 1
    assert len(text(rig)) <= 1452
