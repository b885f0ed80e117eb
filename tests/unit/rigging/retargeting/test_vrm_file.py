"""Avatars' files, as far as their proportions go."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.golden.make_arm_fitting import AVATAR

from mocast.errors import Unprocessable
from mocast.model.humanoid import BONE_NAMES, REST_POSITIONS, HumanoidBone
from mocast.rigging.retargeting.proportions import REST
from mocast.rigging.retargeting.vrm_file import parse_vrm, read_vrm
from mocast.rigging.retargeting.vrm_proportions import proportions_of

B = HumanoidBone


def glb(document: dict[str, Any]) -> bytes:
    """A binary glTF without a binary chunk."""
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    return struct.pack("<4sIIII", b"glTF", 2, 20 + len(text), len(text), 0x4E4F534A) + text


def skeleton_only(version: int, without: tuple[str, ...] = ()) -> bytes:
    """A VRM of the rest skeleton without a body; VRM 0 faces -z and names thumbs otherwise."""
    sign = -1 if version == 0 else 1
    nodes, numbers = [], {}
    for bone, name in enumerate(BONE_NAMES):
        if name in without:
            continue
        x, y, z = REST_POSITIONS[bone].tolist()
        numbers[name] = len(nodes)
        nodes.append({"name": name, "translation": [sign * x, y, sign * z]})
    bones: Any = {name: {"node": number} for name, number in numbers.items()}
    if version == 1:
        extensions = humanoid(bones)
    else:
        thumbs = {"ThumbMetacarpal": "ThumbProximal", "ThumbProximal": "ThumbIntermediate"}
        listed = [{"bone": renamed(name, thumbs), "node": bone["node"]} for name, bone in bones.items()]
        ball = {"offset": {"x": 0.0, "y": 0.1, "z": 0.05}, "radius": 0.09}
        springs = {"colliderGroups": [{"node": numbers["spine"], "colliders": [ball]}]}
        extensions = {"VRM": {"humanoid": {"humanBones": listed}, "secondaryAnimation": springs}}
    return glb({"nodes": nodes, "extensions": extensions})


def humanoid(bones: dict[str, Any]) -> dict[str, Any]:
    return {"VRMC_vrm": {"humanoid": {"humanBones": bones}}}


def renamed(name: str, names: dict[str, str]) -> str:
    for before, after in names.items():
        if name.endswith(before):
            return name.removesuffix(before) + after
    return name


@pytest.mark.parametrize("version", [0, 1])
def test_a_skeleton_without_a_body_has_the_proportions_of_its_bones(version: int) -> None:
    body = proportions_of(parse_vrm(skeleton_only(version), "a.vrm"))
    np.testing.assert_allclose(body.offsets, REST.offsets, atol=1e-6)
    np.testing.assert_allclose(body.middles, REST.middles, atol=0.01)
    np.testing.assert_allclose(body.sizes, REST.sizes, atol=1e-6)
    assert body.hand_m == pytest.approx(REST.hand_m)


def test_colliders_of_vrm_0_are_on_its_trunk() -> None:
    ((at, start, end, radius),) = proportions_of(parse_vrm(skeleton_only(0), "a.vrm")).capsules
    assert (at, radius) == (1, 0.09)
    assert start == end == pytest.approx((0, 0.1, 0.05))


def test_bones_that_are_missing_begin_where_what_takes_over_their_rotation_does() -> None:
    body = proportions_of(parse_vrm(skeleton_only(1, without=("upperChest", "neck", "leftShoulder")), "a.vrm"))
    assert body.offsets[B.UPPER_CHEST] == (0, 0, 0)
    assert body.offsets[B.HEAD] == (0, 0, 0)
    assert body.offsets[B.LEFT_UPPER_ARM] == (0, 0, 0)
    assert np.sum([body.offsets[bone] for bone in (B.SPINE, B.CHEST, B.UPPER_CHEST, B.NECK, B.HEAD)], 0)[
        1
    ] == pytest.approx(0.56)


def test_the_default_avatar_is_measured_on_its_skin() -> None:
    vrm = read_vrm(AVATAR)
    body = proportions_of(vrm)
    assert len(vrm.joints) == 55
    width, height, depth = body.sizes[0]
    assert (width, height, depth) == pytest.approx((0.111, 0.122, 0.139), abs=0.002)
    assert body.sizes[1][2] == pytest.approx(0.096, abs=0.003)
    assert len(body.capsules) == 4


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no glTF at all",
        glb({"nodes": [], "extensions": {}}),
        glb(
            {
                "nodes": [{"children": [1]}, {"children": [0]}],
                "extensions": {"VRMC_vrm": {"humanoid": {"humanBones": {}}}},
            }
        ),
        glb({"nodes": [{}], "extensions": {"VRMC_vrm": {"humanoid": {"humanBones": {"hips": {"node": 7}}}}}}),
        glb({"nodes": [{}], "extensions": {"VRMC_vrm": {"humanoid": {"humanBones": {"hips": {"node": 0}}}}}}),
        glb({"nodes": 3, "extensions": {"VRM": []}}),
        AVATAR.read_bytes()[:5000],
    ],
)
def test_what_is_no_avatar_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(Unprocessable, match=r"^a\.vrm is no VRM avatar that can be read\.$"):
        parse_vrm(data, "a.vrm")


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        read_vrm(tmp_path / "none.vrm")
