"""The reader of VRM files, as far as an avatar's proportions go: binary glTF with its humanoid, meshes and colliders.

Sources: https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html, and VRM 0's and 1's extensions at
https://github.com/vrm-c/vrm-specification.
"""

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mocast.errors import Unprocessable
from mocast.model.humanoid import BONE_NAMES, HumanoidBone
from mocast.model.quaternions import to_matrices

MAX_BYTES: Final = 512 * 2**20
"""Larger files are no avatar's."""

MAX_COUNT: Final = 2_000_000
"""Of the vertices of a mesh."""

_MAGIC: Final = b"glTF"
_JSON, _BIN = 0x4E4F534A, 0x004E4942
_TYPES: Final = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_COLUMNS: Final = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
_THUMBS_OF_0: Final = {"ThumbProximal": "ThumbMetacarpal", "ThumbIntermediate": "ThumbProximal"}

Points = NDArray[np.float64]
"""(n, 3) float64, metres, avatar space at rest."""


@dataclass(frozen=True, slots=True, eq=False)
class Collider:
    """A spring bone's collider: a capsule; a ball where its ends are one point."""

    bone: HumanoidBone
    start: Points
    end: Points
    radius: float


@dataclass(frozen=True, slots=True, eq=False)
class VrmFile:
    """What is read of an avatar, in avatar space at rest: facing +z, metres."""

    joints: dict[HumanoidBone, Points]
    "(3,) each: of the bones that it has."
    skin: dict[HumanoidBone, Points]
    "The vertices that move with a bone more than with any other; without what hangs from it, as hair."
    face: Points
    "Those of the head whose mesh has blend shapes; all of the head, where none has."
    colliders: list[Collider]


def read_vrm(path: Path) -> VrmFile:
    """Return an avatar's file. Raises ``OSError``, and ``Unprocessable`` where it is no VRM that can be read."""
    if path.stat().st_size > MAX_BYTES:
        raise Unprocessable(f"{path.name} is too large for an avatar.")
    return parse_vrm(path.read_bytes(), path.name)


def parse_vrm(data: bytes, name: str) -> VrmFile:
    """Return an avatar from a file's bytes. Raises ``Unprocessable`` where it is no VRM that can be read."""
    try:
        document, binary = _chunks(data)
        return _Reader(document, binary).read()
    except (KeyError, IndexError, ValueError, TypeError, AttributeError, struct.error, RecursionError) as error:
        raise Unprocessable(f"{name} is no VRM avatar that can be read.") from error


def _chunks(data: bytes) -> tuple[dict[str, Any], bytes]:
    if data[:4] != _MAGIC:
        raise ValueError("no binary glTF")
    document, binary, at = {}, b"", 12
    while at + 8 <= len(data):
        length, kind = struct.unpack_from("<II", data, at)
        chunk = data[at + 8 : at + 8 + length]
        if kind == _JSON:
            document = json.loads(chunk)
        elif kind == _BIN:
            binary = chunk
        at += 8 + length
    return document, binary


class _Reader:
    def __init__(self, document: dict[str, Any], binary: bytes) -> None:
        self._document = document
        self._binary = binary
        extensions = document["extensions"]
        self._is_0 = "VRMC_vrm" not in extensions
        self._vrm = extensions["VRM" if self._is_0 else "VRMC_vrm"]
        self._springs = extensions.get("VRMC_springBone", {})
        self._world = _world_matrices(document["nodes"])
        # VRM 0 faces -z.
        self._turn = np.array([-1.0, 1.0, -1.0]) if self._is_0 else np.ones(3)
        self._bones = self._humanoid()

    def read(self) -> VrmFile:
        joints = {bone: self._world[node][:3, 3] * self._turn for node, bone in self._bones.items()}
        if not {HumanoidBone.HIPS, HumanoidBone.HEAD} <= joints.keys():
            raise ValueError("no hips, or no head")
        skin, face = self._skin()
        if not all(np.isfinite(points).all() for points in (*joints.values(), *skin.values(), face)):
            raise ValueError("no numbers")
        return VrmFile(joints, skin, face, self._colliders())

    def _humanoid(self) -> dict[int, HumanoidBone]:
        bones = self._vrm["humanoid"]["humanBones"]
        if not self._is_0:
            named = {name: bone["node"] for name, bone in bones.items()}
        else:
            named = {_name_of_0(bone["bone"]): bone["node"] for bone in bones}
        known = {name: HumanoidBone(bone) for bone, name in enumerate(BONE_NAMES)}
        return {node: known[name] for name, node in named.items() if name in known and node >= 0}

    def _skin(self) -> tuple[dict[HumanoidBone, Points], Points]:
        found: dict[HumanoidBone, list[Points]] = {bone: [] for bone in HumanoidBone}
        faces: list[Points] = []
        for number, node in enumerate(self._document["nodes"]):
            if "mesh" not in node:
                continue
            for primitive in self._document["meshes"][node["mesh"]]["primitives"]:
                for bone, points in self._primitive(primitive, number, node.get("skin")).items():
                    found[bone].append(points)
                    if bone == HumanoidBone.HEAD and primitive.get("targets"):
                        faces.append(points)
        skin = {bone: np.concatenate(points) for bone, points in found.items() if points}
        face = np.concatenate(faces) if faces else skin.get(HumanoidBone.HEAD, np.empty((0, 3)))
        return skin, face

    def _primitive(self, primitive: dict[str, Any], node: int, skin: int | None) -> dict[HumanoidBone, Points]:
        """Return the points of a mesh by the bone that they move with."""
        if {"KHR_draco_mesh_compression", "EXT_meshopt_compression"} & primitive.get("extensions", {}).keys():
            return {}
        attributes = primitive["attributes"]
        points = self._array(attributes["POSITION"])
        if skin is None or "JOINTS_0" not in attributes:
            bone = self._bones.get(node)
            return {} if bone is None else {bone: _moved(self._world[node], points) * self._turn}
        joints = self._document["skins"][skin]["joints"]
        inverse = self._array(self._document["skins"][skin]["inverseBindMatrices"]).reshape(-1, 4, 4).transpose(0, 2, 1)
        weights = self._array(attributes["WEIGHTS_0"])
        strongest = self._array(attributes["JOINTS_0"])[np.arange(len(points)), weights.argmax(1)].astype(int)
        moved = {}
        for joint in np.unique(strongest):
            bone = self._bones.get(joints[joint])
            if bone is not None:
                matrix = self._world[joints[joint]] @ inverse[joint]
                moved[bone] = _moved(matrix, points[strongest == joint]) * self._turn
        return moved

    def _array(self, number: int) -> NDArray[np.float64]:
        """Return an accessor's (n, columns) values."""
        accessor = self._document["accessors"][number]
        columns, kind = _COLUMNS[accessor["type"]], np.dtype(_TYPES[accessor["componentType"]])
        count = accessor["count"]
        if not 0 <= count <= MAX_COUNT:
            raise ValueError("more vertices than an avatar has")
        if "bufferView" not in accessor:
            return np.zeros((count, columns))
        view = self._document["bufferViews"][accessor["bufferView"]]
        start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
        stride = view.get("byteStride", columns * kind.itemsize)
        shape, strides = (count, columns), (stride, kind.itemsize)
        values = np.ndarray(shape, kind, self._binary, start, strides).astype(np.float64)
        return values / np.iinfo(kind).max if accessor.get("normalized") else values

    def _colliders(self) -> list[Collider]:
        shapes: list[tuple[int, Any, Any, float]] = []
        for collider in self._springs.get("colliders", ()):
            shape = collider.get("shape", {})
            form = shape.get("capsule") or shape.get("sphere")
            if form:
                offset = form.get("offset", (0, 0, 0))
                shapes.append((collider["node"], offset, form.get("tail", offset), form.get("radius", 0.0)))
        for group in self._vrm.get("secondaryAnimation", {}).get("colliderGroups", ()) if self._is_0 else ():
            for ball in group["colliders"]:
                # Unity's z, as VRM 0 has it.
                offset = ball["offset"]["x"], ball["offset"]["y"], -ball["offset"]["z"]
                shapes.append((group["node"], offset, offset, ball["radius"]))
        return [self._collider(*shape) for shape in shapes if shape[0] in self._bones]

    def _collider(self, node: int, start: Any, end: Any, radius: float) -> Collider:
        ends = _moved(self._world[node], np.array([start, end], np.float64)) * self._turn
        return Collider(self._bones[node], ends[0], ends[1], float(radius))


def _name_of_0(name: str) -> str:
    """Return VRM 1's name of VRM 0's bone."""
    for before, after in _THUMBS_OF_0.items():
        if name.endswith(before):
            return name.removesuffix(before) + after
    return name


def _world_matrices(nodes: list[dict[str, Any]]) -> list[NDArray[np.float64]]:
    world: list[NDArray[np.float64] | None] = [None] * len(nodes)
    parents = {child: parent for parent, node in enumerate(nodes) for child in node.get("children", ())}

    def matrix(number: int, depth: int = 0) -> NDArray[np.float64]:
        if depth > len(nodes):
            raise ValueError("nodes in a circle")
        known = world[number]
        if known is None:
            own = _local_matrix(nodes[number])
            known = matrix(parents[number], depth + 1) @ own if number in parents else own
            world[number] = known
        return known

    return [matrix(number) for number in range(len(nodes))]


def _local_matrix(node: dict[str, Any]) -> NDArray[np.float64]:
    if "matrix" in node:
        return np.array(node["matrix"], np.float64).reshape(4, 4).T
    own = np.eye(4)
    own[:3, :3] = to_matrices(np.array(node.get("rotation", (0, 0, 0, 1)), np.float64)) * node.get("scale", (1, 1, 1))
    own[:3, 3] = node.get("translation", (0, 0, 0))
    return own


def _moved(matrix: NDArray[np.float64], points: Points) -> Points:
    moved: Points = points @ matrix[:3, :3].T + matrix[:3, 3]
    return moved
