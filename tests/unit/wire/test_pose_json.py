"""The pose of a mixer's source as JSON: what is written is read again, and what is none is refused in a sentence."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mocast.errors import Unprocessable
from mocast.model.blendshapes import Expression, Shape
from mocast.model.humanoid import HumanoidBone
from mocast.model.rig import HeadPose
from mocast.model.source_pose import NOTHING, SourcePose, source_pose
from mocast.wire import pose_json


def whole() -> SourcePose:
    return source_pose(
        rotations={HumanoidBone.LEFT_HAND: (0.6, 0.0, 0.0, 0.8)},
        shapes={Shape.TONGUE_OUT: 0.25},
        expressions={Expression.AA: 0.5},
        gaze_deg=(10.0, -5.0),
        hips=(0.1, 0.9, -0.2),
        head=HeadPose(np.float32([0, 0.1, 0.6]), np.float32([0, 0.6, 0, 0.8])),
    )


@pytest.mark.parametrize("pose", [NOTHING, whole(), source_pose(expressions={Expression.OU: 1.0})])
def test_what_is_written_is_read_again(pose: SourcePose) -> None:
    read = pose_json.decode(pose_json.encode(pose))
    assert (read.given == pose.given).all()
    for name in ("rotations", "shapes", "expressions", "gaze_deg", "hips"):
        np.testing.assert_allclose(getattr(read, name), getattr(pose, name), atol=1e-3)
    assert (read.head is None) == (pose.head is None)


def test_a_text_has_only_what_its_source_knows() -> None:
    assert json.loads(pose_json.encode(source_pose(shapes={Shape.JAW_OPEN: 0.5}))) == {
        "type": "pose",
        "version": 1,
        "shapes": {"jawOpen": 0.5},
    }


def test_names_that_are_not_known_are_passed_over_and_weights_clamped() -> None:
    read = pose_json.decode('{"type": "pose", "shapes": {"jawOpen": 7, "earWiggle": 1}}')
    assert read.shapes[Shape.JAW_OPEN] == 1
    assert read.given.sum() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "rig"},
        {"version": 2},
        {"rotations": {"head": [0, 0, 0]}},
        {"rotations": {"head": [0, 0, 0, 0]}},
        {"rotations": {"head": [1e300, 0, 0, 1e300]}},
        {"rotations": [1]},
        {"shapes": {"jawOpen": "wide"}},
        {"shapes": {"jawOpen": None}},
        {"gaze": {"yaw_deg": 1000, "pitch_deg": 0}},
        {"hips": [0, 0]},
        {"hips": [0, 1e9, 0]},
        {"head": {"position": [0, 0, 1]}},
    ],
)
def test_an_impossible_pose_is_refused_in_a_sentence(changes: dict[str, Any]) -> None:
    message = json.loads(pose_json.encode(whole())) | changes
    with pytest.raises(Unprocessable, match=r"^A pose [^.]*[.]?"):
        pose_json.decode(json.dumps(message))


@pytest.mark.parametrize("text", ["", "[]", "1", '"pose"', "{", "[" * 2000, b"\xff\xfe"])
def test_what_is_no_object_is_refused(text: str | bytes) -> None:
    with pytest.raises(Unprocessable):
        pose_json.decode(text)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["head", "jawOpen", "yaw_deg", "position", "aa"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(["rotations", "shapes", "expressions", "gaze", "hips", "head"]), _JSON))
def test_whatever_comes_is_a_pose_of_finite_values_or_refused(message: dict[str, Any]) -> None:
    try:
        pose = pose_json.decode(json.dumps({"type": "pose", **message}))
    except Unprocessable:
        return
    values = (pose.rotations, pose.shapes, pose.expressions, pose.gaze_deg, pose.hips)
    assert all(np.isfinite(array).all() for array in values)
