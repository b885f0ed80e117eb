"""Read back by others: Khronos' glTF validator, and pixiv's three-vrm-animation, which plays the file on an avatar."""

import io
import json
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests import motions

from mocast.model.blendshapes import EXPRESSION_NAMES, SHAPE_NAMES
from mocast.model.humanoid import BONE_NAMES, REST_POSITIONS
from mocast.recordings.export import vrma
from mocast.recordings.export.motion import Motion, motion_of, resampled

ROOT = Path(__file__).resolve().parents[3]
WEB = ROOT / "web"
NODE = shutil.which("node")
FRAMES = 90
MADE_UP = "-"
"""An avatar that the script makes up."""
DEFAULT = WEB / "public" / "default.vrm"

needs_node = pytest.mark.skipif(
    NODE is None or not (WEB / "node_modules" / "gltf-validator").exists(),
    reason="the readers are packages of the page: make setup",
)


@pytest.fixture(scope="module")
def motion() -> Motion:
    rigs = [motions.rig(frame) for frame in range(FRAMES)]
    for rig in rigs:
        rig.shapes[3] = 0.25  # never changes
    return resampled(motion_of(rigs), fps=30)


def written(motion: Motion) -> bytes:
    file = io.BytesIO()
    vrma.write(motion, file)
    return file.getvalue()


def read_by_others(data: bytes, folder: Path, *seconds: float, avatar: Path | str = MADE_UP) -> Any:
    path = folder / "motion.vrma"
    path.write_bytes(data)
    script = Path(__file__).with_name("read_vrma.mjs")
    command = [str(NODE), str(script), str(WEB), str(path), str(avatar), *[repr(second) for second in seconds]]
    return json.loads(subprocess.run(command, check=True, capture_output=True, timeout=120).stdout)


def document_of(data: bytes) -> tuple[Any, bytes]:
    """The JSON and the binary part, as the container's description says."""
    magic, version, length = struct.unpack_from("<4sII", data)
    assert (magic, version, length) == (b"glTF", 2, len(data))
    json_length, kind = struct.unpack_from("<I4s", data, 12)
    assert kind == b"JSON"
    assert json_length % 4 == 0
    binary_length, kind = struct.unpack_from("<I4s", data, 20 + json_length)
    assert kind == b"BIN\0"
    binary = data[28 + json_length :]
    assert len(binary) == binary_length
    return json.loads(data[20 : 20 + json_length]), binary


@needs_node
def test_file_is_valid_gltf(motion: Motion, tmp_path: Path) -> None:
    read = read_by_others(written(motion), tmp_path)
    issues = read["issues"]
    assert (issues["numErrors"], issues["numWarnings"]) == (0, 0), issues["messages"]
    assert {issue["code"] for issue in issues["messages"]} <= {"UNSUPPORTED_EXTENSION", "NODE_EMPTY"}
    assert read["extensions"] == ["VRMC_vrm_animation"]


@needs_node
@pytest.mark.parametrize("avatar", [MADE_UP, DEFAULT], ids=["made-up", "default"])
def test_avatar_moves_as_the_motion_says(motion: Motion, tmp_path: Path, avatar: Path | str) -> None:
    frames = [0, 17, 40, FRAMES - 1]
    read = read_by_others(written(motion), tmp_path, *[float(motion.times_s[frame]) for frame in frames], avatar=avatar)
    assert read["warnings"] == []
    assert read["duration"] == pytest.approx((FRAMES - 1) / 30)
    scale = read["hipsHeight"] / REST_POSITIONS[0][1]
    for frame, moment in zip(frames, read["moments"], strict=True):
        for bone, name in enumerate(BONE_NAMES):
            if name not in ("leftEye", "rightEye", "jaw"):
                played = np.array(moment["rotations"][name])
                assert motions.angle_between(played, motion.rotations[frame, bone]) < 0.1, (frame, name)
        np.testing.assert_allclose(moment["hips"], motion.hips[frame] * scale, atol=1e-4)
        for names, weights in ((EXPRESSION_NAMES, motion.expressions), (SHAPE_NAMES, motion.shapes)):
            played = [moment["expressions"][name] for name in names]
            np.testing.assert_allclose(played, weights[frame], atol=1e-4)
        # pixiv's pitch, as VRM's, is positive downward.
        assert (moment["yaw"], -moment["pitch"]) == pytest.approx(tuple(motion.gaze_deg[frame]), abs=0.01)


@needs_node
def test_single_frame_can_be_played(tmp_path: Path) -> None:
    motion = motion_of([motions.rig(20)])
    read = read_by_others(written(motion), tmp_path, 0.0)
    assert read["issues"]["numErrors"] == 0
    played = read["moments"][0]["rotations"]["leftUpperArm"]
    assert motions.angle_between(np.array(played), motion.rotations[0, BONE_NAMES.index("leftUpperArm")]) < 0.1


def test_humanoid_has_every_bone_but_those_that_expressions_and_gaze_stand_for(motion: Motion) -> None:
    document, _ = document_of(written(motion))
    extension = document["extensions"]["VRMC_vrm_animation"]
    assert extension["specVersion"] == "1.0"
    assert set(extension["humanoid"]["humanBones"]) == set(BONE_NAMES) - {"leftEye", "rightEye", "jaw"}
    assert tuple(extension["expressions"]["preset"]) == EXPRESSION_NAMES
    assert tuple(extension["expressions"]["custom"]) == SHAPE_NAMES
    assert not {"lookUp", "lookDown", "lookLeft", "lookRight"} & set(extension["expressions"]["preset"])


def test_only_the_hips_and_expressions_are_moved_and_nothing_is_scaled(motion: Motion) -> None:
    document, _ = document_of(written(motion))
    bones = {bone["node"]: name for name, bone in _bones(document).items()}
    moved = [bones.get(channel["target"]["node"]) for channel in _channels(document, "translation")]
    assert {name for name in moved if name} == {"hips"}
    assert not _channels(document, "scale")


def test_what_never_changes_has_two_frames(motion: Motion) -> None:
    document, binary = document_of(written(motion))
    counts = {}
    (animation,) = document["animations"]
    for channel in animation["channels"]:
        sampler = animation["samplers"][channel["sampler"]]
        times, values = (document["accessors"][sampler[side]] for side in ("input", "output"))
        assert times["count"] == values["count"]
        counts[document["nodes"][channel["target"]["node"]]["name"]] = times["count"]
    assert counts[SHAPE_NAMES[3]] == 2
    assert counts["hips"] == counts[SHAPE_NAMES[4]] == FRAMES
    assert len(binary) == document["buffers"][0]["byteLength"]


def test_weights_beyond_their_range_are_clamped() -> None:
    rigs = [motions.rig(frame) for frame in range(2)]
    rigs[0].shapes[0], rigs[1].shapes[0] = -1, 2
    document, binary = document_of(written(motion_of(rigs)))
    node = document["extensions"]["VRMC_vrm_animation"]["expressions"]["custom"][SHAPE_NAMES[0]]["node"]
    (channel,) = [c for c in _channels(document, "translation") if c["target"]["node"] == node]
    accessor = document["accessors"][document["animations"][0]["samplers"][channel["sampler"]]["output"]]
    view = document["bufferViews"][accessor["bufferView"]]
    values = np.frombuffer(binary[view["byteOffset"] : view["byteOffset"] + view["byteLength"]], "<f4")
    assert values.tolist() == [0, 0, 0, 1, 0, 0]


def _bones(document: Any) -> Any:
    return document["extensions"]["VRMC_vrm_animation"]["humanoid"]["humanBones"]


def _channels(document: Any, path: str) -> list[Any]:
    return [channel for channel in document["animations"][0]["channels"] if channel["target"]["path"] == path]
