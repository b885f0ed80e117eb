"""VRChat's OSC as an OSC library reads it: addresses, types, Unity's space and angles, and when what is sent."""

import math
from dataclasses import replace

import numpy as np
import pytest
from tests import fakes, motions
from tests.osc_receiver import read_osc

from mocast.model.blendshapes import Shape
from mocast.model.humanoid import REST_POSITIONS, HumanoidBone
from mocast.model.rig import Found, Rig
from mocast.outputs.output_options import REST_HEIGHT_M
from mocast.outputs.vrchat import VrchatEncoder
from mocast.outputs.vrchat_parameters import ARKIT, UNIFIED

SEEN = Found(body=True, face=True)
NUMBERS = {"hip": (1,), "chest": (2,), "feet": (3, 4), "knees": (5, 6), "elbows": (7, 8)}
BODY = ("body", "arms", "head")


def unity_euler(degrees: list[float]) -> np.ndarray:
    """The matrix of Unity's ``Quaternion.Euler``: about z, then x, then y."""
    x, y, z = map(math.radians, degrees)
    about_x = np.array([[1, 0, 0], [0, math.cos(x), -math.sin(x)], [0, math.sin(x), math.cos(x)]])
    about_y = np.array([[math.cos(y), 0, math.sin(y)], [0, 1, 0], [-math.sin(y), 0, math.cos(y)]])
    about_z = np.array([[math.cos(z), -math.sin(z), 0], [math.sin(z), math.cos(z), 0], [0, 0, 1]])
    return about_y @ about_x @ about_z


def seen(rig: Rig | None = None, **found: bool) -> Rig:
    return replace(rig or fakes.rig(), found=replace(SEEN, **found))


def test_rest_size_is_that_of_the_skeleton() -> None:
    eyes, top = REST_POSITIONS[HumanoidBone.LEFT_EYE, 1], REST_HEIGHT_M
    assert 0.09 < top - eyes < 0.14, "eyes are 11 to 12 cm below the top of a head"


def test_trackers_are_floats_at_the_addresses_of_the_documentation() -> None:
    sent = read_osc(VrchatEncoder(BODY).encode(seen()))
    assert set(sent) == {
        f"/tracking/trackers/{name}/{what}" for name in (*range(1, 9), "head") for what in ("position", "rotation")
    }
    assert all(list(map(type, values)) == [float] * 3 for values in sent.values())


def test_positions_are_joints_in_unity_s_space_for_a_person_of_that_height() -> None:
    sent = read_osc(VrchatEncoder(BODY, height_m=2 * REST_HEIGHT_M).encode(seen()))
    x, y, z = REST_POSITIONS[HumanoidBone.LEFT_FOOT].tolist()
    assert sent["/tracking/trackers/3/position"] == pytest.approx([-2 * x, 2 * y, 2 * z], abs=1e-5)
    x, y, z = REST_POSITIONS[HumanoidBone.LEFT_EYE].tolist()
    assert sent["/tracking/trackers/head/position"] == pytest.approx([0, 2 * y, 2 * z], abs=1e-5)


def test_angles_are_those_unity_turns_by() -> None:
    """The bones' turns in avatar space, reflected at x = 0."""
    rig = seen(motions.rig(17))
    sent = read_osc(VrchatEncoder(BODY).encode(rig))
    reflected = np.diag([-1.0, 1.0, 1.0])
    hips = motions.matrix(rig.rotations[HumanoidBone.HIPS])
    np.testing.assert_allclose(
        unity_euler(sent["/tracking/trackers/1/rotation"]),  # type: ignore[arg-type]
        reflected @ hips @ reflected,
        atol=1e-5,
    )
    joints = motions.joints(rig.rotations, rig.hips)
    elbow = joints[HumanoidBone.RIGHT_LOWER_ARM] @ reflected
    np.testing.assert_allclose(sent["/tracking/trackers/8/position"], elbow, atol=1e-4)  # type: ignore[arg-type]


def test_trackers_are_those_that_were_chosen_numbered_from_1() -> None:
    sent = read_osc(VrchatEncoder(BODY, ["feet", "hip"]).encode(seen()))
    assert {address.split("/")[3] for address in sent} == {"1", "2", "3", "head"}
    without_arms = read_osc(VrchatEncoder(["body"]).encode(seen()))
    assert {address.split("/")[3] for address in without_arms} == set("123456")


def test_legs_that_are_not_seen_are_no_trackers_and_nobody_is_none_at_all() -> None:
    encoder = VrchatEncoder(BODY)
    half = read_osc(encoder.encode(seen(half_body=True)))
    assert {address.split("/")[3] for address in half} == {"1", "2", "3", "4", "head"}
    height = REST_POSITIONS[HumanoidBone.LEFT_LOWER_ARM, 1]
    assert half["/tracking/trackers/3/position"][1] == pytest.approx(height), "an elbow"
    assert not encoder.encode(replace(fakes.rig(), found=Found()))


def parameters(sent: dict[str, list[object]]) -> dict[str, object]:
    start = "/avatar/parameters/"
    return {name.removeprefix(start): values[0] for name, values in sent.items() if name.startswith(start)}


def test_eyes_look_in_unity_s_angles_and_close() -> None:
    rig = replace(seen(), gaze_deg=np.float32([10, 5]))
    rig.shapes[Shape.EYE_BLINK_LEFT] = 1
    sent = read_osc(VrchatEncoder(["face"]).encode(rig))
    assert sent["/tracking/eye/CenterPitchYaw"] == [-5, -10], "pitch down, yaw to the right"
    assert sent["/tracking/eye/EyesClosedAmount"] == [0.5]


def test_parameters_are_vrcfacetracking_s_or_arkit_s_in_their_folder() -> None:
    unified = parameters(read_osc(VrchatEncoder(["face"], prefix="FT").encode(seen())))
    assert set(unified) == {f"FT/v2/{name}" for name in UNIFIED} | {"FT/Tracking"}
    arkit = parameters(read_osc(VrchatEncoder(["face"], arkit=True).encode(seen())))
    assert set(arkit) == set(ARKIT) | {"Tracking"}
    assert "EyeBlinkLeft" in arkit
    assert arkit["Tracking"] is True


def test_unified_parameters_are_made_of_shapes() -> None:
    rig = seen()
    at_rest = parameters(read_osc(VrchatEncoder(["face"]).encode(rig)))
    assert {name for name, value in at_rest.items() if value} == {"v2/EyeLidLeft", "v2/EyeLidRight", "Tracking"}
    assert at_rest["v2/EyeLidLeft"] == 0.75
    for shape in (Shape.EYE_BLINK_LEFT, Shape.EYE_WIDE_RIGHT, Shape.EYE_LOOK_IN_LEFT, Shape.EYE_LOOK_OUT_RIGHT):
        rig.shapes[shape] = 1
    for shape in (Shape.MOUTH_FROWN_LEFT, Shape.JAW_LEFT, Shape.MOUTH_FUNNEL):
        rig.shapes[shape] = 0.5
    sent = parameters(read_osc(VrchatEncoder(["face"]).encode(rig)))
    wanted = {
        "EyeLidLeft": 0, "EyeLidRight": 1, "EyeLeftX": 1, "EyeRightX": 1, "EyeLeftY": 0, "SmileFrownLeft": -0.5,
        "MouthFrownLeft": 0.5, "JawX": -0.5, "JawLeft": 0.5, "LipFunnel": 0.5,
    }  # fmt: skip
    assert {name: sent[f"v2/{name}"] for name in wanted} == pytest.approx(wanted)


def test_only_what_changed_is_sent_and_once_a_second_all() -> None:
    clock = fakes.SettableClock()
    encoder = VrchatEncoder(["face"], clock=clock.monotonic)
    assert len(parameters(read_osc(encoder.encode(seen())))) == len(UNIFIED) + 1
    clock.now += 0.1
    assert parameters(read_osc(encoder.encode(seen()))) == {}
    rig = seen()
    rig.shapes[Shape.TONGUE_OUT], rig.shapes[Shape.JAW_OPEN] = 0.5, 0.001
    assert parameters(read_osc(encoder.encode(rig))) == {"v2/TongueOut": 0.5}
    clock.now += 1
    assert len(parameters(read_osc(encoder.encode(rig)))) == len(UNIFIED) + 1


def test_a_lost_face_is_told_once_and_its_parameters_stay() -> None:
    encoder = VrchatEncoder(["face"])
    encoder.encode(seen())
    assert parameters(read_osc(encoder.encode(seen(face=False)))) == {"Tracking": False}
    assert not encoder.encode(seen(face=False))
