"""VMC, read: what our own output and python-osc send becomes the pose that it was."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.golden import make
from tests.unit.inputs.test_osc_messages import bundle, message

from mocast.inputs.vmc import KEPT_S, VmcParser
from mocast.mixing.complete_pose import completed
from mocast.model.blendshapes import Expression, Shape
from mocast.model.humanoid import HumanoidBone
from mocast.model.mixed_parts import HIPS, SHAPES_AT
from mocast.model.rig import Found
from mocast.model.source_pose import SourcePose
from mocast.outputs.output_options import ShapeNames
from mocast.outputs.vmc import VmcEncoder

B = HumanoidBone
UNITY_REST = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)


def last_pose(parser: VmcParser, *datagrams: bytes | memoryview, now_s: float = 1.0) -> SourcePose | None:
    poses = [parser.parse(bytes(data), now_s) for data in datagrams]
    return next((pose for pose in reversed(poses) if pose is not None), None)


@pytest.mark.parametrize("names", ["vrm0", "vrm1", "arkit"])
def test_what_our_own_output_sends_comes_back_as_it_was(names: ShapeNames) -> None:
    rig = replace(make.moving_rig(), hips=np.float32([0.2, 0.9, 0.1]), found=Found(body=True))
    pose = last_pose(VmcParser(), *VmcEncoder(names).encode(rig))
    assert pose is not None
    bones = [bone for bone in HumanoidBone if bone is not B.JAW]
    assert pose.given[bones].all()
    signs = np.sign((pose.rotations * rig.rotations).sum(1, keepdims=True))
    np.testing.assert_allclose((pose.rotations * signs)[bones], rig.rotations[bones], atol=1e-5)
    np.testing.assert_allclose(pose.hips, rig.hips, atol=1e-5)
    if names == "arkit":
        np.testing.assert_allclose(pose.shapes, rig.shapes, atol=1e-6)
    else:
        np.testing.assert_allclose(pose.expressions, rig.expressions, atol=1e-6)


def test_a_rig_that_tracks_nobody_gives_nothing() -> None:
    pose = last_pose(VmcParser(), *VmcEncoder().encode(replace(make.moving_rig(), found=Found())))
    assert pose is not None
    assert not pose.given.any()


def test_unity_s_left_arm_is_the_left_arm_and_raised_the_same_way() -> None:
    """Unity's left is -x: an arm that is raised there by -90° about z is raised here by 90°."""
    half = float(np.sqrt(0.5))
    pose = last_pose(
        VmcParser(),
        message("/VMC/Ext/Bone/Pos", "LeftUpperArm", 0.0, 0.0, 0.0, 0.0, 0.0, -half, half).dgram,
        message("/VMC/Ext/OK", 1).dgram,
    )
    assert pose is not None
    assert pose.rotations[B.LEFT_UPPER_ARM] == pytest.approx([0, 0, half, half])
    assert pose.given.sum() == 1


def test_a_sender_without_ok_is_read_frame_by_frame() -> None:
    parser = VmcParser()
    frame = bundle(message("/VMC/Ext/Bone/Pos", "Hips", *UNITY_REST), message("/VMC/Ext/Bone/Pos", "Head", *UNITY_REST))
    assert parser.parse(frame, 1.0) is None
    pose = parser.parse(frame, 1.02)
    assert pose is not None
    assert pose.given[[B.HIPS, B.HEAD]].all()


def test_a_sender_of_blend_shapes_alone_is_read_by_their_apply() -> None:
    frame = bundle(message("/VMC/Ext/Blend/Val", "TongueOut", 0.5), message("/VMC/Ext/Blend/Apply"))
    pose = VmcParser().parse(frame, 1.0)
    assert pose is not None
    assert pose.shapes[Shape.TONGUE_OUT] == 0.5
    assert pose.given.sum() == 1


@pytest.mark.parametrize("name", ["Blink_L", "blinkLeft", "BLINK_L", "Blink"])
def test_names_are_read_as_senders_write_them(name: str) -> None:
    frame = bundle(message("/VMC/Ext/Blend/Val", name, 1.0), message("/VMC/Ext/Blend/Apply"))
    pose = VmcParser().parse(frame, 1.0)
    assert pose is not None
    assert pose.expressions[Expression.BLINK_LEFT] == 1
    assert completed(pose).shapes[Shape.EYE_BLINK_LEFT] == 1


def test_a_bone_that_is_sent_no_more_is_left_to_others() -> None:
    parser = VmcParser()
    ok = message("/VMC/Ext/OK", 1)
    parser.parse(bundle(message("/VMC/Ext/Bone/Pos", "Hips", *UNITY_REST), ok), 1.0)
    frame = bundle(message("/VMC/Ext/Bone/Pos", "Head", *UNITY_REST), ok)
    kept, gone = parser.parse(frame, 1.1), parser.parse(frame, 1.2 + KEPT_S)
    assert kept is not None
    assert gone is not None
    assert (kept.given[B.HIPS], gone.given[B.HIPS], gone.given[HIPS]) == (True, False, False)


def test_a_small_model_s_hips_are_scaled_and_its_root_turns_them() -> None:
    half = float(np.sqrt(0.5))
    pose = last_pose(
        VmcParser(),
        message("/VMC/Ext/Root/Pos", "root", 1.0, 0.0, 0.0, 0.0, half, 0.0, half).dgram,
        message("/VMC/Ext/Bone/Pos", "Hips", 0.0, 0.6, 0.0, 0.0, 0.0, 0.0, 1.0).dgram,
        message("/VMC/Ext/OK", 1).dgram,
    )
    assert pose is not None
    assert pose.hips == pytest.approx([-1.5, 0.9, 0])
    assert pose.rotations[B.HIPS] == pytest.approx([0, -half, 0, half])


@pytest.mark.parametrize(
    "arguments",
    [
        ("Hips",),
        ("Hips", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        ("Hips", float("nan"), 0.0, 0.0, 0.0, 0.0, 0.0, 1.0),
        ("Hips", 1e30, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0),
        ("Hips", 0.0, 0.0, 0.0, float("inf"), 0.0, 0.0, 1.0),
        ("Hips", "x", 0.0, 0.0, 0.0, 0.0, 0.0, 1.0),
    ],
)
def test_impossible_bones_are_a_value_error(arguments: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match=r"."):
        VmcParser().parse(message("/VMC/Ext/Bone/Pos", *arguments).dgram, 1.0)


@settings(max_examples=100)
@given(
    st.sampled_from(
        ["/VMC/Ext/Bone/Pos", "/VMC/Ext/Blend/Val", "/VMC/Ext/OK", "/VMC/Ext/Root/Pos", "/VMC/Ext/Blend/Apply"]
    ),
    st.lists(
        st.sampled_from(["Hips", "Joy", "jawOpen"]) | st.floats(width=32) | st.integers(-5, 5) | st.booleans(),
        max_size=9,
    ),
)
def test_whatever_arguments_come_a_pose_is_finite(address: str, arguments: list[object]) -> None:
    parser = VmcParser()
    for data in (message(address, *arguments).dgram, message("/VMC/Ext/OK", 1).dgram):
        try:
            pose = parser.parse(data, 1.0)
        except ValueError:
            continue
        if pose is not None:
            assert all(
                np.isfinite(values).all() for values in (pose.rotations, pose.hips, pose.shapes, pose.expressions)
            )
    assert SHAPES_AT == 55
