"""Rigs by their names, from the bytes that are on the wire."""

import json
from pathlib import Path

import pytest
from tests.golden import make

from mocast.client.rig_frame import RigFrame
from mocast.model.blendshapes import Shape
from mocast.model.hand_targets import Anchor
from mocast.model.humanoid import HumanoidBone
from mocast.wire import rig_json

TEXT = (Path(make.__file__).parent / "rig-moving.text.json").read_text()


def test_bones_and_shapes_are_had_by_their_names() -> None:
    rig, expected = RigFrame.parse(TEXT), rig_json.decode(TEXT)
    assert rig is not None
    assert expected is not None
    assert rig.rotations["leftUpperArm"] == pytest.approx(expected.rotations[HumanoidBone.LEFT_UPPER_ARM], abs=1e-4)
    assert rig.shapes["jawOpen"] == pytest.approx(expected.shapes[Shape.JAW_OPEN])
    assert (len(rig.rotations), len(rig.shapes), len(rig.expressions)) == (55, 52, 12)
    assert rig.found["body"] == expected.found.body
    assert rig.gaze["yaw_deg"] == pytest.approx(expected.gaze_deg[0])
    assert (rig.head is None) == (expected.head is None)
    assert rig.planted == {"left_foot": True, "right_foot": False}
    assert rig.hand_targets is not None
    offset = rig.hand_targets["left_hand"]["offsets"]["chest"]
    assert offset == pytest.approx(expected.hand_targets.offsets[0, Anchor.CHEST], abs=1e-3)


def test_servers_that_tell_no_targets_are_read() -> None:
    message = json.loads(TEXT)
    del message["planted"], message["hand_targets"]
    rig = RigFrame.parse(json.dumps(message))
    assert rig is not None
    assert (rig.planted, rig.hand_targets) == (None, None)


@pytest.mark.parametrize("text", ['{"type": "landmarks", "version": 1}', '{"type": "rig", "version": 2}'])
def test_other_messages_are_passed_over(text: str) -> None:
    assert RigFrame.parse(text) is None
