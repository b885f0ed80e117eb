"""The default avatar: what its script makes is what is committed, and it is a whole VRM 1.0."""

import io
import json
import struct
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scripts.avatar.__main__ import DEFAULT
from scripts.avatar.character import Character, character
from scripts.avatar.mesh import Mesh, other_side
from scripts.avatar.triangulate import triangulated
from scripts.avatar.vrm import vrm

from mocast.model.blendshapes import EXPRESSION_NAMES, SHAPE_NAMES
from mocast.model.humanoid import BONE_NAMES, PARENTS


class File:
    """A binary glTF, taken apart."""

    KINDS: ClassVar = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
    TYPES: ClassVar = {5121: "u1", 5123: "<u2", 5125: "<u4", 5126: "<f4"}

    def __init__(self, data: bytes) -> None:
        magic, version, length = struct.unpack_from("<4sII", data)
        assert (magic, version, length) == (b"glTF", 2, len(data))
        size = struct.unpack_from("<I", data, 12)[0]
        self.json: dict[str, Any] = json.loads(data[20 : 20 + size])
        self.binary = data[20 + size + 8 :]

    def view(self, number: int) -> bytes:
        view = self.json["bufferViews"][number]
        return self.binary[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]

    def array(self, number: int) -> NDArray[Any]:
        accessor = self.json["accessors"][number]
        width, kind = self.KINDS[accessor["type"]], self.TYPES[accessor["componentType"]]
        values = np.zeros((accessor["count"], width), kind)
        if "bufferView" in accessor:
            values = np.frombuffer(self.view(accessor["bufferView"]), kind).reshape(values.shape)
        if sparse := accessor.get("sparse"):
            rows = np.frombuffer(self.view(sparse["indices"]["bufferView"]), "<u2")
            values[rows] = np.frombuffer(self.view(sparse["values"]["bufferView"]), kind).reshape(-1, width)
        return values

    def primitives(self) -> list[dict[str, Any]]:
        return [primitive for mesh in self.json["meshes"] for primitive in mesh["primitives"]]


@pytest.fixture(scope="module")
def figure() -> Character:
    return character()


@pytest.fixture(scope="module")
def made(figure: Character) -> bytes:
    return vrm(figure)


@pytest.fixture(scope="module")
def file(made: bytes) -> File:
    return File(made)


def test_the_committed_avatar_is_what_the_script_makes(made: bytes) -> None:
    committed = DEFAULT.read_bytes()
    if committed == made:
        return
    # Another processor's sine or another zlib may change bytes, never what they say: compare that.
    old, new = File(committed), File(made)
    assert len(old.json["accessors"]) == len(new.json["accessors"]), "run: python -m scripts.avatar"
    for number, accessor in enumerate(new.json["accessors"]):
        apart = 1.0 if accessor["componentType"] == 5121 else 1e-4
        np.testing.assert_allclose(old.array(number).astype(float), new.array(number).astype(float), atol=apart, rtol=0)
    for one, other in zip(old.json["images"], new.json["images"], strict=True):
        difference = _pixels(old, one) - _pixels(new, other)
        assert np.abs(difference).max() <= 1
    for key in ("nodes", "materials", "meshes", "extensions"):
        assert old.json[key] == new.json[key]


def _pixels(file: File, image: dict[str, Any]) -> NDArray[Any]:
    return np.asarray(Image.open(io.BytesIO(file.view(image["bufferView"])))).astype(int)


def test_it_is_small_enough_for_a_page_and_for_software_rendering(made: bytes, file: File) -> None:
    triangles = sum(file.json["accessors"][primitive["indices"]]["count"] for primitive in file.primitives()) // 3
    assert len(made) <= 1_500_000
    assert triangles <= 25_000
    assert len(file.primitives()) <= 6
    assert len(file.json["materials"]) <= 6


def test_every_humanoid_bone_is_there_below_its_parent(file: File) -> None:
    bones = file.json["extensions"]["VRMC_vrm"]["humanoid"]["humanBones"]
    nodes = file.json["nodes"]
    assert tuple(bones) == BONE_NAMES
    for number, name in enumerate(BONE_NAMES):
        if PARENTS[number] >= 0:
            assert bones[name]["node"] in nodes[bones[BONE_NAMES[PARENTS[number]]]["node"]]["children"]


def test_it_stands_on_the_floor_in_a_t_pose_and_faces_forward(figure: Character) -> None:
    everything = np.concatenate([mesh.positions for mesh in (*figure.body.values(), *figure.face.values())])
    places = {joint.name: np.array(joint.position) for joint in figure.joints}
    assert abs(everything[:, 1].min()) < 1e-6
    assert 1.45 < everything[:, 1].max() < 1.65
    assert places["leftHand"][0] > 0 > places["rightHand"][0]
    for side in ("left", "right"):
        arm = np.stack([places[f"{side}{part}"] for part in ("UpperArm", "LowerArm", "Hand")])
        assert np.ptp(arm[:, 1]) < 1e-9
        assert np.ptp(arm[:, 2]) < 1e-9
        assert places[f"{side}Toes"][2] > places[f"{side}Foot"][2]
        assert places[f"{side}Eye"][2] > places["head"][2]


def test_every_bone_moves_some_of_the_figure(figure: Character) -> None:
    followed: set[str] = set()
    for mesh in (*figure.body.values(), *figure.face.values()):
        followed |= {joint for joint, weight in mesh.weights.items() if weight.max() > 0.4}
    assert set(BONE_NAMES) <= followed


def test_weights_of_each_vertex_make_up_one(file: File) -> None:
    for primitive in file.primitives():
        weights = file.array(primitive["attributes"]["WEIGHTS_0"]).astype(int)
        assert (weights.sum(axis=1) == 255).all()


def test_every_arkit_shape_moves_the_face(file: File) -> None:
    face = next(mesh for mesh in file.json["meshes"] if mesh["name"] == "face")
    assert face["extras"]["targetNames"] == list(SHAPE_NAMES)
    for number, name in enumerate(SHAPE_NAMES):
        moves = [file.array(primitive["targets"][number]["POSITION"]) for primitive in face["primitives"]]
        furthest = max(float(np.linalg.norm(move, axis=1).max()) for move in moves)
        assert 0.0005 < furthest < 0.06, name


@pytest.mark.parametrize("name", [name for name in SHAPE_NAMES if name.endswith("Left")])
def test_shapes_of_a_side_mirror_each_other(figure: Character, name: str) -> None:
    for mesh in figure.face.values():
        left = mesh.shapes.get(name, np.zeros_like(mesh.positions))
        right = mesh.shapes.get(other_side(name), np.zeros_like(mesh.positions))
        assert np.linalg.norm(left, axis=1).sum() == pytest.approx(np.linalg.norm(right, axis=1).sum(), rel=1e-9)
        assert left[:, 0].sum() == pytest.approx(-right[:, 0].sum(), abs=1e-9)


def test_lids_meet_when_the_eyes_blink(figure: Character) -> None:
    rim = _outline(figure.face["skin"], "eyeBlinkLeft", 0.5)
    assert np.ptp(rim["before"][:, 1]) > 0.04
    assert rim["gap"] < 0.003


def test_lips_part_when_the_jaw_opens_and_meet_again_when_the_mouth_closes(figure: Character) -> None:
    skin = figure.face["skin"]
    lips = np.abs(skin.shapes["jawOpen"][:, 1]) > 0.025
    assert lips.any()
    together = skin.shapes["jawOpen"] + skin.shapes["mouthClose"]
    middle = np.abs(skin.positions[:, 0]) < 0.002
    still = lips & middle
    assert np.abs(together[still, 1]).max() < 0.012


def _outline(mesh: Mesh, shape: str, share: float) -> dict[str, Any]:
    """The edge of the left eye's hole: the edges of one triangle only, near what the shape moves most."""
    edges = np.sort(np.concatenate([mesh.triangles[:, pair] for pair in ([0, 1], [1, 2], [2, 0])]), axis=1)
    unique, count = np.unique(edges, axis=0, return_counts=True)
    rim = np.unique(unique[count == 1])
    moved = np.linalg.norm(mesh.shapes[shape][rim], axis=1) > 0.001
    rim = rim[moved]
    before, after = mesh.positions[rim], (mesh.positions + mesh.shapes[shape])[rim]
    upper = mesh.shapes[shape][rim][:, 1] < 0
    gaps = []
    for x, y, _ in after[upper]:
        below = after[~upper]
        near = below[np.abs(below[:, 0] - x) < 0.003]
        if len(near):
            gaps.append(np.abs(near[:, 1] - y).min())
    return {"before": before, "gap": max(gaps) * share}


def test_presets_are_mixes_of_shapes_and_each_shape_is_an_expression(file: File) -> None:
    expressions = file.json["extensions"]["VRMC_vrm"]["expressions"]
    assert set(EXPRESSION_NAMES) | {"blink", "neutral", "lookUp", "lookDown", "lookLeft", "lookRight"} == set(
        expressions["preset"]
    )
    assert list(expressions["custom"]) == list(SHAPE_NAMES)
    for number, name in enumerate(SHAPE_NAMES):
        assert [bind["index"] for bind in expressions["custom"][name]["morphTargetBinds"]] == [number]


def test_closed_parts_show_their_outside(figure: Character) -> None:
    for name in ("hair", "outfit"):
        mesh = figure.body[name]
        a, b, c = (mesh.positions[mesh.triangles[:, corner]] for corner in range(3))
        facing = np.einsum("ij,ij->i", np.cross(b - a, c - a), mesh.normals[mesh.triangles].mean(axis=1))
        assert (facing < 0).mean() < 0.01
        assert np.einsum("ij,ij->i", a, np.cross(b, c)).sum() > 0


def test_chains_hang_from_the_skeleton_and_collide_with_what_is_there(file: File) -> None:
    springs = file.json["extensions"]["VRMC_springBone"]
    assert len(springs["springs"]) > 10
    for spring in springs["springs"]:
        nodes = [joint["node"] for joint in spring["joints"]]
        for parent, child in pairwise(nodes):
            assert child in file.json["nodes"][parent]["children"]
        assert all(group < len(springs["colliderGroups"]) for group in spring.get("colliderGroups", []))


def test_anyone_may_do_anything_with_it(file: File) -> None:
    meta = file.json["extensions"]["VRMC_vrm"]["meta"]
    assert meta["authors"] == ["Mocast contributors"]
    assert meta["avatarPermission"] == "everyone"
    assert meta["creditNotation"] == "unnecessary"
    assert meta["modification"] == "allowModificationRedistribution"


def test_triangulation_covers_the_hull_and_no_point_is_in_anothers_circle() -> None:
    points = np.random.default_rng(3).uniform(-0.1, 0.1, (60, 2))
    triangles = triangulated(points)
    a, b, c = (points[triangles[:, corner]] for corner in range(3))
    areas = np.cross(b - a, c - a) / 2
    assert (areas > 0).all()
    for one, two, three in zip(a, b, c, strict=True):
        matrix = 2 * np.stack([two - one, three - one])
        centre = np.linalg.solve(matrix, [two @ two - one @ one, three @ three - one @ one])
        radius = np.linalg.norm(one - centre)
        assert (np.linalg.norm(points - centre, axis=1) > radius - 3e-4).all()
