"""Plain OSC as an OSC library reads it: the addresses and numbers of ``docs/avatars.md``."""

from dataclasses import replace

import numpy as np
import pytest
from tests import fakes, people
from tests.osc_receiver import read_osc

from mocast.model.humanoid import HumanoidBone
from mocast.model.rig import Found, HeadPose
from mocast.model.topology import PoseLandmark
from mocast.outputs.osc import LandmarksEncoder, OscEncoder


def test_a_rig_is_its_bones_hips_head_face_and_frame() -> None:
    head = HeadPose(np.float32([0.1, 0.2, 0.6]), np.float32([0, 0.6, 0, 0.8]))
    rig = replace(fakes.rig(7, hips_x=0.25), found=Found(body=True, half_body=True), head=head)
    rig = replace(rig, gaze_deg=np.float32([10, -5]))
    rig.rotations[HumanoidBone.LEFT_UPPER_ARM] = 0, 0, 0.6, 0.8
    rig.shapes[:], rig.expressions[:] = np.linspace(0, 1, 52), np.linspace(0, 1, 12)
    sent = read_osc(OscEncoder().encode(rig))
    assert len(sent) == 5 + 55 + 52 + 12
    assert sent["/mocast/frame"] == [7]
    assert sent["/mocast/found"] == [1, 0, 0, 0, 1]
    assert sent["/mocast/hips"] == pytest.approx([0.25, 0.9, 0])
    assert sent["/mocast/head"] == pytest.approx([0.1, 0.2, 0.6, 0, 0.6, 0, 0.8])
    assert sent["/mocast/bone/leftUpperArm"] == pytest.approx([0, 0, 0.6, 0.8])
    assert sent["/mocast/bone/rightUpperArm"] == [0, 0, 0, 1]
    assert sent["/mocast/gaze"] == [10, -5]
    assert sent["/mocast/shape/browDownLeft"] == [0]
    assert sent["/mocast/shape/tongueOut"] == [1]
    assert sent["/mocast/expression/blinkRight"] == [1]


def test_parts_and_prefix_are_those_that_were_chosen() -> None:
    sent = read_osc(OscEncoder(["head"], "stage/left").encode(fakes.rig()))
    assert set(sent) == {f"/stage/left/{name}" for name in ("frame", "found", "head", "bone/neck", "bone/head")}


def test_persons_have_addresses_of_their_own() -> None:
    encoder = OscEncoder(["head"])
    first = read_osc(encoder.encode(fakes.rig()))
    second = read_osc(encoder.encode(replace(fakes.rig(), person=2)))
    assert "/mocast/head" in first
    assert "/mocast/person2/head" in second
    assert not first.keys() & second.keys()


def test_landmarks_are_image_world_and_visibility_of_what_was_found() -> None:
    tracked = people.person()
    assert tracked.pose is not None
    sent = read_osc(LandmarksEncoder().encode(tracked))
    assert len([name for name in sent if name.startswith("/mocast/landmark/pose/")]) == 33
    nose = [*tracked.pose.image[PoseLandmark.NOSE], *tracked.pose.world[PoseLandmark.NOSE], 1]
    assert sent["/mocast/landmark/pose/nose"] == pytest.approx(nose)
    assert len(sent["/mocast/landmark/leftHand/indexTip"]) == 6
    assert not LandmarksEncoder().encode(replace(tracked, pose=None, left_hand=None, right_hand=None))
