"""Rigs by their names, from the bytes that are on the wire."""

from pathlib import Path

import pytest
from tests.golden import make

from mocast.client.rig_frame import RigFrame
from mocast.model.blendshapes import Shape
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


@pytest.mark.parametrize("text", ['{"type": "landmarks", "version": 1}', '{"type": "rig", "version": 2}'])
def test_other_messages_are_passed_over(text: str) -> None:
    assert RigFrame.parse(text) is None
