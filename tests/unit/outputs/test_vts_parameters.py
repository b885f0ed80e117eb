"""VTube Studio's parameters of a rig: which way they go, and where they are at rest."""

import math
from dataclasses import replace

import numpy as np
import pytest
from tests import fakes

from mocast.model.blendshapes import Expression, Shape
from mocast.model.humanoid import HumanoidBone
from mocast.model.quaternions import euler_deg_one, multiply_one, rotate_one
from mocast.model.rig import Found, HeadPose, Rig
from mocast.outputs.bone_poses import bone_in_world
from mocast.outputs.vts_parameters import BODY_PARAMETERS, SHAPE_PARAMETERS, VtsParameters

HALF = math.sqrt(0.5)


def of(rig: Rig) -> dict[str, float]:
    return VtsParameters().of(rig)


def about(axis: int, degrees: float) -> np.ndarray:
    rotation = np.zeros(4, np.float32)
    rotation[axis], rotation[3] = math.sin(math.radians(degrees) / 2), math.cos(math.radians(degrees) / 2)
    return rotation


def head(axis: int = 0, degrees: float = 0, position: tuple[float, float, float] = (0, 0, 0.6)) -> Rig:
    return replace(fakes.rig(), head=HeadPose(np.float32(position), about(axis, degrees)))


def shaped(**values: float) -> Rig:
    rig = fakes.rig()
    for name, value in values.items():
        rig.shapes[Shape[name]] = value
    return rig


@pytest.mark.parametrize(
    ("axis", "degrees", "name", "value"),
    [
        (1, 20, "FaceAngleX", 20),  # to the subject's left: to the right of the screen
        (0, 20, "FaceAngleY", -20),  # down
        (2, 20, "FaceAngleZ", -20),  # to the subject's right: to the left of the screen
        (1, 70, "FaceAngleX", 30),
        (0, -70, "FaceAngleY", 30),
    ],
)
def test_the_face_s_angles(axis: int, degrees: float, name: str, value: float) -> None:
    angles = {key: angle for key, angle in of(head(axis, degrees)).items() if key.startswith("FaceAngle")}
    assert angles[name] == pytest.approx(value, abs=1e-4)
    assert [angle for key, angle in angles.items() if key != name] == pytest.approx([0, 0], abs=1e-4)


def test_the_face_s_position_is_told_from_where_it_was_first_in_centimetres() -> None:
    parameters = VtsParameters()
    for _ in range(60):
        parameters.of(head(position=(0.1, -0.2, 0.7)))
    values = parameters.of(head(position=(0.15, -0.17, 0.65)))
    assert values["FacePositionX"] == pytest.approx(5, abs=1e-3)
    assert values["FacePositionY"] == pytest.approx(3, abs=1e-3)
    assert values["FacePositionZ"] == pytest.approx(5, abs=1e-3), "closer is more"


def test_a_lost_face_keeps_its_last_pose() -> None:
    parameters = VtsParameters()
    before = parameters.of(head(1, 20))
    after = parameters.of(fakes.rig())
    assert after["FaceAngleX"] == before["FaceAngleX"]


def test_a_face_at_ease() -> None:
    values = of(fakes.rig())
    assert {values[name] for name in ("EyeOpenLeft", "EyeOpenRight", "MouthSmile", "BrowLeftY", "Brows")} == {0.5}
    assert {values[name] for name in ("MouthOpen", "MouthX", "EyeLeftX", "CheekPuff", "FaceAngry")} == {0}


@pytest.mark.parametrize(
    ("shapes", "name", "value"),
    [
        ({"EYE_BLINK_LEFT": 1}, "EyeOpenLeft", 0),
        ({"EYE_BLINK_LEFT": 0.5}, "EyeOpenLeft", 0.1),
        ({"EYE_WIDE_RIGHT": 0.5}, "EyeOpenRight", 0.9),
        ({"JAW_OPEN": 0.8}, "MouthOpen", 0.8),
        ({"JAW_OPEN": 0.8, "MOUTH_CLOSE": 0.8}, "MouthOpen", 0),
        ({"JAW_OPEN": 0.8}, "VoiceVolumePlusMouthOpen", 0.8),
        ({"MOUTH_SMILE_LEFT": 1, "MOUTH_SMILE_RIGHT": 1}, "MouthSmile", 1),
        ({"MOUTH_FROWN_LEFT": 1, "MOUTH_FROWN_RIGHT": 1}, "MouthSmile", 0),
        ({"MOUTH_LEFT": 0.5}, "MouthX", 0.5),
        ({"MOUTH_RIGHT": 0.5}, "MouthX", -0.5),
        ({"BROW_INNER_UP": 1, "BROW_OUTER_UP_LEFT": 1}, "BrowLeftY", 1),
        ({"BROW_DOWN_RIGHT": 1}, "BrowRightY", 0),
        ({"BROW_DOWN_RIGHT": 1}, "BrowLeftY", 0.5),
        ({"EYE_LOOK_IN_LEFT": 0.5, "EYE_LOOK_OUT_RIGHT": 0.5}, "EyeLeftX", 0.5),  # both to the subject's right
        ({"EYE_LOOK_IN_LEFT": 0.5, "EYE_LOOK_OUT_RIGHT": 0.5}, "EyeRightX", 0.5),
        ({"EYE_LOOK_DOWN_RIGHT": 0.5}, "EyeRightY", -0.5),
        ({"CHEEK_PUFF": 0.5}, "CheekPuff", 0.5),
        ({"TONGUE_OUT": 0.5}, "TongueOut", 0.5),
        ({"NOSE_SNEER_LEFT": 0.5}, "MocastNoseSneerLeft", 0.5),
    ],
)
def test_shapes_move_the_parameters(shapes: dict[str, float], name: str, value: float) -> None:
    assert of(shaped(**shapes))[name] == pytest.approx(value)


def test_anger_is_the_expression_s() -> None:
    rig = fakes.rig()
    rig.expressions[Expression.ANGRY] = 0.5
    assert of(rig)["FaceAngry"] == 0.5


def test_a_hand_raised_beside_the_head() -> None:
    """The left upper arm is out to the side, the forearm points up, the palm is to the camera."""
    rig = replace(fakes.rig(), found=Found(body=True, left_hand=True))
    rig.rotations[HumanoidBone.LEFT_LOWER_ARM] = about(2, 90)
    rig.rotations[HumanoidBone.LEFT_HAND] = about(0, -90)
    values = of(rig)
    (x, y, _), rotation = bone_in_world(rig, HumanoidBone.LEFT_HAND)
    assert (x, y) == pytest.approx((0.42, 1.58), abs=1e-5)
    assert np.linalg.norm(rotation) == pytest.approx(1)
    assert values["HandLeftFound"] == 1
    assert values["HandRightFound"] == values["BothHandsFound"] == 0
    assert values["HandLeftPositionX"] == pytest.approx(10 * 0.42 / 0.66, abs=1e-3), "outward"
    assert values["HandLeftPositionY"] == pytest.approx(10 * 0.24 / 0.66, abs=1e-3), "above the shoulders"
    assert values["HandLeftAngleX"] == pytest.approx(0, abs=1e-3), "the palm is toward the camera"
    assert values["HandLeftAngleZ"] == pytest.approx(0, abs=1e-3), "the fingers point up"


def test_hands_are_each_other_s_mirror_images_at_rest() -> None:
    values = of(fakes.rig())
    for name in ("PositionX", "PositionY", "PositionZ", "AngleX", "Open"):
        assert values[f"HandLeft{name}"] == pytest.approx(values[f"HandRight{name}"], abs=1e-6)
    assert values["HandLeftAngleZ"] == -values["HandRightAngleZ"]
    assert values["HandDistance"] == pytest.approx(10)


def test_fingers_bend_one_by_one() -> None:
    rig = fakes.rig()
    for joint in ("PROXIMAL", "INTERMEDIATE", "DISTAL"):
        rig.rotations[HumanoidBone[f"RIGHT_INDEX_{joint}"]] = about(2, 80)
    values = of(rig)
    assert values["HandRightFinger_2_Index"] == pytest.approx(0, abs=1e-5)
    assert values["HandRightFinger_3_Middle"] == 1
    assert values["HandRightOpen"] == pytest.approx(0.75)
    assert values["HandLeftOpen"] == 1


def test_the_body_s_angles_are_those_of_the_upper_chest() -> None:
    rig = fakes.rig()
    rig.rotations[HumanoidBone.HIPS] = about(1, 10)
    rig.rotations[HumanoidBone.CHEST] = about(1, 5)
    assert of(rig)["MocastBodyAngleX"] == pytest.approx(15, abs=1e-4)


@pytest.mark.parametrize(
    ("part", "names"),
    [
        ("head", ("FaceAngle", "FacePosition")),
        ("hands", ("Hand", "BothHands")),
        ("body", BODY_PARAMETERS),
        ("arms", ()),
    ],
)
def test_parts_have_their_parameters(part: str, names: tuple[str, ...]) -> None:
    sent = VtsParameters([part]).of(fakes.rig())  # type: ignore[list-item]
    assert all(name.startswith(names) for name in sent) if names else not sent
    assert all(any(name.startswith(wanted) for name in sent) for wanted in names)


def test_custom_names_are_as_the_api_wants_them() -> None:
    for name in (*SHAPE_PARAMETERS, *BODY_PARAMETERS):
        assert name.isalnum()
        assert name.isascii()
        assert 4 <= len(name) <= 32


@pytest.mark.parametrize("angles", [(10, 20, 30), (-80, 170, -170), (89, 0, 0), (0, -90, 45)])
def test_euler_angles_are_in_unity_s_order(angles: tuple[float, float, float]) -> None:
    """Roll first, then pitch, then yaw."""
    x, y, z = (tuple(about(axis, degrees).tolist()) for axis, degrees in enumerate(angles))
    assert euler_deg_one(multiply_one(y, multiply_one(x, z))) == pytest.approx(angles, abs=1e-2)


def test_products_of_rotations_turn_by_the_second_first() -> None:
    left, up = (0, HALF, 0, HALF), (HALF, 0, 0, HALF)
    vector = rotate_one(left, rotate_one(up, (0, 0, 1)))
    assert rotate_one(multiply_one(left, up), (0, 0, 1)) == pytest.approx(vector)
    assert vector == pytest.approx((0, -1, 0)), "about x, forward goes down; about y, down stays"
