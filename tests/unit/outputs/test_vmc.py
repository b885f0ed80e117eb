"""VMC packets: their order, types, names, sizes and handedness, as an OSC library reads them."""

import math
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage
from tests import fakes
from tests.golden import make_arm_fitting as golden

from mocast.model.blendshapes import EXPRESSION_NAMES, Expression, Shape
from mocast.model.humanoid import REST_OFFSETS, HumanoidBone
from mocast.model.rig import Found, Rig
from mocast.outputs.output_options import PARTS, RigPart, ShapeNames
from mocast.outputs.triggers import Trigger
from mocast.outputs.vmc import ARKIT_NAMES, VRM0_NAMES, RaisedBlends, VmcEncoder, unity_name
from mocast.rigging.retargeting.avatar_fitter import AvatarFitter
from mocast.rigging.retargeting.proportions import REST
from mocast.rigging.retargeting.target_finder import hand_targets

UNITY_BONES = {
    *["Hips", "Spine", "Chest", "UpperChest", "Neck", "Head", "LeftEye", "RightEye", "Jaw"],
    *(
        f"{side}{name}"
        for side in ("Left", "Right")
        for name in ["UpperLeg", "LowerLeg", "Foot", "Toes", "Shoulder", "UpperArm", "LowerArm", "Hand"]
    ),
    *(
        f"{side}{finger}{joint}"
        for side in ("Left", "Right")
        for finger in ("Thumb", "Index", "Middle", "Ring", "Little")
        for joint in ("Proximal", "Intermediate", "Distal")
    ),
}
"""Of Unity's ``HumanBodyBones`` (https://docs.unity3d.com/ScriptReference/HumanBodyBones.html), all but LastBone."""

HALF = math.sqrt(0.5)


def bundles(encoder: VmcEncoder, rig: Rig) -> list[list[OscMessage]]:
    """The messages of each packet."""
    packets = [OscBundle(bytes(packet)) for packet in encoder.encode(rig)]
    return [[message for message in bundle if isinstance(message, OscMessage)] for bundle in packets]


def messages(encoder: VmcEncoder, rig: Rig) -> list[OscMessage]:
    return [message for bundle in bundles(encoder, rig) for message in bundle]


def bones(encoder: VmcEncoder, rig: Rig) -> dict[str, list[float]]:
    found = {}
    for message in messages(encoder, rig):
        if message.address == "/VMC/Ext/Bone/Pos":
            name, *numbers = message.params
            found[name] = numbers
    return found


def blends(encoder: VmcEncoder, rig: Rig) -> dict[str, float]:
    found = [message.params for message in messages(encoder, rig) if message.address == "/VMC/Ext/Blend/Val"]
    return dict(found)


def turned(**rotations: tuple[float, float, float, float]) -> Rig:
    """The rest pose but for these bones."""
    rig = fakes.rig()
    for name, rotation in rotations.items():
        rig.rotations[HumanoidBone[name]] = rotation
    return rig


def test_a_frame_is_root_bones_blends_apply_ok_and_time_in_this_order() -> None:
    addresses = [message.address for message in messages(VmcEncoder(), fakes.rig())]
    assert addresses == [
        "/VMC/Ext/Root/Pos",
        *["/VMC/Ext/Bone/Pos"] * 55,
        *["/VMC/Ext/Blend/Val"] * 12,
        "/VMC/Ext/Blend/Apply",
        "/VMC/Ext/OK",
        "/VMC/Ext/T",
    ]


def test_types_are_those_of_the_protocol() -> None:
    types = {
        "/VMC/Ext/Root/Pos": [str, *[float] * 7],
        "/VMC/Ext/Bone/Pos": [str, *[float] * 7],
        "/VMC/Ext/Blend/Val": [str, float],
        "/VMC/Ext/Blend/Apply": [],
        "/VMC/Ext/Cam": [str, *[float] * 8],
        "/VMC/Ext/OK": [int] * 4,
        "/VMC/Ext/T": [float],
    }
    sent = messages(VmcEncoder(camera=True), fakes.rig())
    assert {message.address for message in sent} == types.keys()
    for message in sent:
        assert [type(parameter) for parameter in message.params] == types[message.address]


@pytest.mark.parametrize("names", get_args(ShapeNames))
@pytest.mark.parametrize("camera", [False, True])
def test_bundles_are_within_1500_bytes_and_16_bones(names: ShapeNames, camera: bool) -> None:
    encoder = VmcEncoder(names, camera=camera)
    for packet, bundle in zip(encoder.encode(fakes.rig()), bundles(encoder, fakes.rig()), strict=True):
        assert len(packet) <= 1500
        assert sum(message.address == "/VMC/Ext/Bone/Pos" for message in bundle) <= 16


def test_bones_are_those_of_unity_parents_first() -> None:
    sent = list(bones(VmcEncoder(), fakes.rig()))
    assert set(sent) == UNITY_BONES
    assert sent[0] == "Hips"
    assert sent.index("LeftShoulder") < sent.index("LeftUpperArm") < sent.index("LeftLowerArm")


def test_thumbs_begin_with_what_vrm_1_calls_metacarpal() -> None:
    assert unity_name(HumanoidBone.LEFT_THUMB_METACARPAL) == "LeftThumbProximal"
    assert unity_name(HumanoidBone.LEFT_THUMB_PROXIMAL) == "LeftThumbIntermediate"
    assert unity_name(HumanoidBone.LEFT_THUMB_DISTAL) == "LeftThumbDistal"
    assert unity_name(HumanoidBone.LEFT_INDEX_PROXIMAL) == "LeftIndexProximal"


def test_t_pose_is_the_identity_everywhere() -> None:
    for numbers in bones(VmcEncoder(), fakes.rig()).values():
        assert numbers[3:] == [0, 0, 0, 1]


def test_positions_are_the_rest_skeleton_s_in_unity_s_space() -> None:
    sent = bones(VmcEncoder(), fakes.rig())
    assert sent["Hips"][:3] == pytest.approx([0, 0.9, 0])
    assert sent["LeftUpperArm"][:3] == pytest.approx([-0.13, 0, 0]), "the avatar faces +Z, so its left is -X in Unity"
    assert sent["RightUpperArm"][:3] == pytest.approx([0.13, 0, 0])
    assert sent["LeftToes"][2] == pytest.approx(float(REST_OFFSETS[HumanoidBone.LEFT_TOES, 2])), "forward is forward"
    assert all(any(numbers[:3]) for numbers in sent.values()), "no bone is at its parent's place"


def test_an_avatar_that_is_named_has_its_own_bones_and_its_hands_where_the_person_s_are() -> None:
    avatar, pose = golden.BODIES["default avatar"], golden.poses()["at the face"]
    rig = replace(fakes.rig(), rotations=pose.astype(np.float32), hand_targets=hand_targets(pose, REST))
    sent, plain = bones(VmcEncoder(avatar=avatar), rig), bones(VmcEncoder(), rig)
    assert sent["LeftLowerArm"][:3] == pytest.approx(np.array(avatar.offsets[HumanoidBone.LEFT_LOWER_ARM]) * [-1, 1, 1])
    assert sent["Hips"][1] == pytest.approx(avatar.offsets[HumanoidBone.HIPS][1])
    turned = AvatarFitter(avatar).fit(rig).rotations[HumanoidBone.LEFT_UPPER_ARM] * [1, -1, -1, 1]
    assert sent["LeftUpperArm"][3:] == pytest.approx(turned, abs=1e-6)
    assert sent["LeftUpperArm"][3:] != pytest.approx(plain["LeftUpperArm"][3:], abs=0.02)
    assert sent["Head"][3:] == plain["Head"][3:]


def test_hips_move_and_no_other_bone_does() -> None:
    rig = replace(fakes.rig(), hips=np.float32([0.1, 0.8, 0.3]))
    encoder = VmcEncoder()
    before = bones(encoder, fakes.rig())
    after = bones(encoder, rig)
    assert after["Hips"][:3] == pytest.approx([-0.1, 0.8, 0.3])
    assert {name for name in before if before[name] != after[name]} == {"Hips"}


def test_a_raised_left_arm_turns_as_unity_turns() -> None:
    # Avatar space: +90° about Z takes the left arm (+X) up (+Y). Unity: the arm is at -X, and up is -90° about Z.
    sent = bones(VmcEncoder(), turned(LEFT_UPPER_ARM=(0, 0, HALF, HALF)))
    assert sent["LeftUpperArm"][3:] == pytest.approx([0, 0, -HALF, HALF])
    assert unity_rotated(sent["LeftUpperArm"][3:], (-1, 0, 0)) == pytest.approx((0, 1, 0), abs=1e-6)


def test_a_head_that_turns_to_its_left_does_so_in_unity() -> None:
    sent = bones(VmcEncoder(), turned(HEAD=(0, HALF, 0, HALF)))
    assert unity_rotated(sent["Head"][3:], (0, 0, 1)) == pytest.approx((-1, 0, 0), abs=1e-6), "the avatar's left is -X"


def unity_rotated(rotation: list[float], vector: tuple[float, float, float]) -> tuple[float, ...]:
    """``Quaternion * Vector3`` as Unity computes it (Q v Q⁻¹, componentwise the same in both handednesses)."""
    q = np.array(rotation[:3])
    v = np.array(vector)
    t = 2 * np.cross(q, v)
    return tuple((v + rotation[3] * t + np.cross(q, t)).tolist())


@pytest.mark.parametrize(("names", "sent"), [("vrm0", VRM0_NAMES), ("vrm1", EXPRESSION_NAMES)])
def test_expressions_have_the_names_that_were_chosen(names: ShapeNames, sent: tuple[str, ...]) -> None:
    rig = fakes.rig()
    rig.expressions[Expression.AA], rig.expressions[Expression.BLINK_LEFT] = 0.75, 0.5
    values = blends(VmcEncoder(names), rig)
    assert tuple(values) == sent
    assert (values[sent[Expression.AA]], values[sent[Expression.BLINK_LEFT]]) == (0.75, 0.5)
    assert sum(values.values()) == 1.25


def test_vrm_0_names_are_those_of_the_protocol_s_table() -> None:
    table = {
        "Joy": "happy", "Angry": "angry", "Sorrow": "sad", "Fun": "relaxed", "A": "aa", "I": "ih", "U": "ou", "E": "ee",
        "O": "oh", "Blink_L": "blinkLeft", "Blink_R": "blinkRight",
    }  # fmt: skip
    assert table.items() <= dict(zip(VRM0_NAMES, EXPRESSION_NAMES, strict=True)).items()


def test_arkit_shapes_are_sent_in_place_of_expressions() -> None:
    rig = fakes.rig()
    rig.shapes[Shape.EYE_BLINK_LEFT] = 0.25
    values = blends(VmcEncoder("arkit"), rig)
    assert tuple(values) == ARKIT_NAMES
    assert values["EyeBlinkLeft"] == 0.25
    assert sum(values.values()) == 0.25


def test_tracking_that_is_lost_is_told_and_comes_back() -> None:
    encoder = VmcEncoder()

    def ok(found: Found) -> list[int]:
        (message,) = [m for m in messages(encoder, replace(fakes.rig(), found=found)) if m.address == "/VMC/Ext/OK"]
        return list(message.params)

    assert ok(Found(face=True)) == [1, 3, 0, 1]
    assert ok(Found()) == [1, 3, 0, 0]
    assert ok(Found(right_hand=True)) == [1, 3, 0, 1]


def test_time_counts_from_the_start() -> None:
    clock = fakes.SettableClock()
    encoder = VmcEncoder(clock=clock.monotonic)
    clock.now += 1.5
    assert messages(encoder, fakes.rig())[-1].params == [1.5]


@pytest.mark.parametrize(
    ("part", "bone", "others"),
    [
        ("head", "Head", "LeftUpperArm"),
        ("hands", "LeftIndexDistal", "LeftLowerArm"),
        ("arms", "RightShoulder", "RightHand"),
        ("body", "Hips", "Neck"),
        ("face", "LeftEye", "Head"),
    ],
)
def test_only_the_chosen_part_is_sent(part: RigPart, bone: str, others: str) -> None:
    encoder = VmcEncoder(parts=[part])
    assert bone in bones(encoder, fakes.rig())
    assert others not in bones(encoder, fakes.rig())
    assert bool(blends(encoder, fakes.rig())) == (part == "face")


def test_parts_together_are_the_whole() -> None:
    sent: list[str] = []
    for part in PARTS:
        sent += bones(VmcEncoder(parts=[part]), fakes.rig())
    assert sorted(sent) == sorted(UNITY_BONES)


def test_nothing_is_applied_where_no_blends_are_sent() -> None:
    addresses = [message.address for message in messages(VmcEncoder(parts=["head"]), fakes.rig())]
    assert "/VMC/Ext/Blend/Apply" not in addresses
    assert addresses[-2:] == ["/VMC/Ext/OK", "/VMC/Ext/T"]


def test_the_camera_looks_at_the_avatar_s_face() -> None:
    sent = messages(VmcEncoder(camera=True), fakes.rig())
    addresses = [message.address for message in sent]
    name, *numbers = sent[addresses.index("/VMC/Ext/Cam")].params
    assert addresses.index("/VMC/Ext/Blend/Apply") < addresses.index("/VMC/Ext/Cam") < addresses.index("/VMC/Ext/OK")
    assert name == "Camera"
    x, y, z = numbers[:3]
    assert x == 0
    assert 1.2 < y < 1.7
    assert z > 0.5, "in front of it"
    assert unity_rotated(numbers[3:7], (0, 0, 1)) == pytest.approx((0, 0, -1)), "a camera of Unity looks along its +Z"
    assert 10 < numbers[7] < 90


def test_packets_of_one_encoder_do_not_reach_into_another() -> None:
    one, other = VmcEncoder(), VmcEncoder()
    one.encode(turned(HEAD=(HALF, 0, 0, HALF)))
    assert bones(other, fakes.rig())["Head"][3:] == [0, 0, 0, 1]


def test_the_mouth_is_opened_once_by_its_blend_shapes_and_not_by_the_jaw_too() -> None:
    rig = turned(JAW=(0.2, 0.0, 0.0, 0.98), HEAD=(0.2, 0.0, 0.0, 0.98))
    sent = bones(VmcEncoder(), rig)
    assert sent["Jaw"][3:] == [0, 0, 0, 1]
    assert sent["Head"][3] == pytest.approx(0.2)


def raising(*triggers: Trigger) -> RaisedBlends:
    raised = RaisedBlends()
    for trigger in triggers:
        raised.on_change(trigger, True)
    return raised


def test_a_trigger_raises_a_blend_shape_at_least_to_its_value() -> None:
    joy = Trigger(gesture="victory", blend="Joy", value=0.75)
    raised = raising(joy)
    encoder = VmcEncoder(more_blends=["Joy"], raised=raised)
    rig = fakes.rig()
    rig.expressions[Expression.HAPPY] = 0.25
    assert blends(encoder, rig)["Joy"] == 0.75
    rig.expressions[Expression.HAPPY] = 0.875
    assert blends(encoder, rig)["Joy"] == 0.875
    raised.on_change(joy, False)
    rig.expressions[Expression.HAPPY] = 0.25
    assert blends(encoder, rig)["Joy"] == 0.25


def test_a_blend_shape_of_the_app_s_own_is_sent_too_and_falls_back_to_0() -> None:
    wings = Trigger(gesture="open", blend="Wings")
    raised = raising(wings)
    encoder = VmcEncoder(parts=["head"], more_blends=["Wings"], raised=raised)
    assert blends(encoder, fakes.rig()) == {"Wings": 1.0}
    assert "/VMC/Ext/Blend/Apply" in {message.address for message in messages(encoder, fakes.rig())}
    raised.on_change(wings, False)
    assert blends(encoder, fakes.rig()) == {"Wings": 0.0}


def test_of_two_triggers_the_greater_value_counts() -> None:
    weak, strong = (Trigger(gesture=name, blend="Fun", value=value) for name, value in (("ok", 0.25), ("rock", 0.5)))
    raised = raising(weak, strong)
    assert raised.values == {"Fun": 0.5}
    raised.on_change(strong, False)
    assert raised.values == {"Fun": 0.25}


@pytest.mark.parametrize("names", get_args(ShapeNames))
def test_bundles_keep_their_bounds_with_many_blend_shapes_more(names: ShapeNames) -> None:
    encoder = VmcEncoder(
        names, more_blends=[f"A blend shape of the avatar's own, number {number}" for number in range(99)]
    )
    assert all(len(packet) <= 1500 for packet in encoder.encode(fakes.rig()))
