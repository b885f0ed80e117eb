"""Read back by an independent parser, PyPI's ``bvh``; where joints are is worked out from what it read."""

import io

import numpy as np
import pytest
from bvh import Bvh
from numpy.typing import NDArray
from tests import motions

from mocast.model.humanoid import BONE_NAMES, PARENTS, REST_POSITIONS
from mocast.recordings.export import bvh
from mocast.recordings.export.motion import Motion, motion_of, resampled

AXES = {"X": (1, 0, 0), "Y": (0, 1, 0), "Z": (0, 0, 1)}


def written(motion: Motion) -> Bvh:
    file = io.BytesIO()
    bvh.write(motion, file)
    return Bvh(file.getvalue().decode("ascii"))


def joints(parsed: Bvh, frame: int) -> dict[str, NDArray[np.float64]]:
    """Where each joint is, centimetres, as the format's description says: offset, translation, rotations in order."""
    turned: dict[str, NDArray[np.float64]] = {}
    places: dict[str, NDArray[np.float64]] = {}
    for joint in parsed.get_joints():
        name = joint.name
        parent = parsed.joint_parent(name)
        turn = turned[parent.name] if parent else np.eye(3)
        place = places[parent.name] if parent else np.zeros(3)
        offset = np.array(parsed.joint_offset(name))
        for channel in parsed.joint_channels(name):
            value = parsed.frame_joint_channel(frame, name, channel)
            axis = AXES[channel[0]]
            if channel.endswith("position"):
                offset = offset + np.array(axis) * value
        places[name] = place + turn @ offset
        for channel in parsed.joint_channels(name):
            if channel.endswith("rotation"):
                value = parsed.frame_joint_channel(frame, name, channel)
                turn = turn @ motions.matrix(motions.about(AXES[channel[0]], value))
        turned[name] = turn
    return places


@pytest.fixture(scope="module")
def motion() -> Motion:
    return resampled(motion_of([motions.rig(frame) for frame in range(60)]), fps=30)


@pytest.fixture(scope="module")
def parsed(motion: Motion) -> Bvh:
    return written(motion)


def test_joints_are_within_a_millimetre_of_the_model(motion: Motion, parsed: Bvh) -> None:
    for frame in range(0, 60, 7):
        read = joints(parsed, frame)
        truth = motions.joints(motion.rotations[frame], motion.hips[frame])
        for bone, name in enumerate(BONE_NAMES):
            np.testing.assert_allclose(read[name], truth[bone] * 100, atol=0.1, err_msg=name)


def test_hierarchy_is_the_humanoid_one(parsed: Bvh) -> None:
    assert sorted(parsed.get_joints_names()) == sorted(BONE_NAMES)
    for name, parent in zip(BONE_NAMES, PARENTS, strict=True):
        found = parsed.joint_parent(name)
        assert (found.name if found else None) == (BONE_NAMES[parent] if parent >= 0 else None)


def test_every_bone_has_an_end(parsed: Bvh) -> None:
    for joint in parsed.get_joints():
        children = [*joint.filter("JOINT"), *joint.filter("End")]
        assert children, joint.name
        for end in joint.filter("End"):
            assert 1 < np.linalg.norm([float(value) for value in end["OFFSET"]]) < 5


def test_rest_is_a_t_pose_whose_hips_stand_where_the_model_has_them() -> None:
    rig = motions.rig()
    rig.rotations[:] = [0, 0, 0, 1]
    rig.hips[:] = REST_POSITIONS[0]
    places = joints(written(motion_of([rig])), 0)
    for bone, name in enumerate(BONE_NAMES):
        np.testing.assert_allclose(places[name], REST_POSITIONS[bone] * 100, atol=1e-3)


def test_frames_and_their_time_are_those_of_the_motion(parsed: Bvh) -> None:
    assert parsed.nframes == len(parsed.frames) == 60
    assert parsed.frame_time == pytest.approx(1 / 30, abs=1e-8)
    assert {len(frame) for frame in parsed.frames} == {6 + 54 * 3}


def test_no_channel_jumps(parsed: Bvh) -> None:
    # The hips turn by more than a full turn in these two seconds.
    rows = np.array(parsed.frames, np.float64)
    assert np.abs(np.diff(rows, axis=0)).max() < 90
    assert max(parsed.frames_joint_channels("hips", ["Yrotation"]))[0] > 360


def test_rate_is_written_exactly_enough() -> None:
    motion = resampled(motion_of([motions.rig(frame) for frame in range(10)]), fps=59.94)
    assert written(motion).frame_time == pytest.approx(1 / 59.94, abs=1e-8)


def test_long_motion_is_written_in_pieces_that_fit_together(monkeypatch: pytest.MonkeyPatch, motion: Motion) -> None:
    whole = written(motion).frames
    monkeypatch.setattr(bvh, "_FRAMES_AT_ONCE", 7)
    assert written(motion).frames == whole
