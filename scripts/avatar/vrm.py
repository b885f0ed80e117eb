"""The file: VRM 1.0, which is glTF 2.0 with extensions.

Specification: https://github.com/vrm-c/vrm-specification/tree/master/specification
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from scripts.avatar import paint
from scripts.avatar.character import Character
from scripts.avatar.expressions import expressions
from scripts.avatar.gltf import ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER, Document, Json
from scripts.avatar.materials import LOOKS, material
from scripts.avatar.mesh import Floats, Mesh
from scripts.avatar.springs import spring_bone

from mocast.model.blendshapes import SHAPE_NAMES
from mocast.model.humanoid import BONE_NAMES

GRID: Final = 2.0**-16
"""Metres to which places are rounded, 0.015 mm: so that machines whose sines differ in the last bit write one file."""

META: Final[Json] = {
    "name": "Mocast",
    "version": "1",
    "authors": ["Mocast contributors"],
    "copyrightInformation": "Dedicated to the public domain (CC0 1.0)",
    "contactInformation": "",
    "references": [],
    "thirdPartyLicenses": "",
    "licenseUrl": "https://vrm.dev/licenses/1.0/",
    "avatarPermission": "everyone",
    "allowExcessivelyViolentUsage": True,
    "allowExcessivelySexualUsage": True,
    "commercialUsage": "corporation",
    "allowPoliticalOrReligiousUsage": True,
    "allowAntisocialOrHateUsage": True,
    "creditNotation": "unnecessary",
    "allowRedistribution": True,
    "modification": "allowModificationRedistribution",
    "otherLicenseUrl": "https://creativecommons.org/publicdomain/zero/1.0/",
}
"""``licenseUrl`` is the same for every VRM 1.0; what it allows is said by the fields."""

_ORDER = list(SHAPE_NAMES)
"""The order of the face's morph targets."""


def vrm(figure: Character) -> bytes:
    """Return the file's bytes."""
    document = Document("Mocast scripts/avatar")
    tree = document.json
    nodes = {joint.name: number for number, joint in enumerate(figure.joints)}
    places = {joint.name: _rounded(np.array(joint.position)) for joint in figure.joints}
    tree["nodes"] = _joint_nodes(figure, nodes, places)
    tree["images"] = [_image(document, name, picture) for name, picture in _pictures().items()]
    tree["samplers"] = [{"magFilter": 9729, "minFilter": 9985, "wrapS": 33071, "wrapT": 33071}]
    tree["textures"] = [{"sampler": 0, "source": number} for number in range(len(tree["images"]))]
    tree["materials"] = [material(name) for name in LOOKS]
    tree["meshes"] = _meshes(document, figure, nodes)
    face_node = len(tree["nodes"])
    tree["nodes"] += [{"name": "face", "mesh": 0, "skin": 0}, {"name": "body", "mesh": 1, "skin": 0}]
    tree["skins"] = [_skin(document, figure, nodes, places)]
    tree["scene"] = 0
    tree["scenes"] = [{"name": "Mocast", "nodes": [nodes["hips"], face_node, face_node + 1]}]
    tree["extensionsUsed"] = ["KHR_materials_unlit", "VRMC_vrm", "VRMC_materials_mtoon", "VRMC_springBone"]
    tree["extensions"] = {
        "VRMC_vrm": _humanoid(nodes, places, face_node),
        "VRMC_springBone": spring_bone(figure.chains, nodes, places),
    }
    return document.to_bytes()


def _meshes(document: Document, figure: Character, nodes: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "name": "face",
            "primitives": [_primitive(document, name, mesh, nodes, _ORDER) for name, mesh in figure.face.items()],
            "weights": [0.0] * len(_ORDER),
            "extras": {"targetNames": _ORDER},
        },
        {
            "name": "body",
            "primitives": [_primitive(document, name, mesh, nodes, []) for name, mesh in figure.body.items()],
        },
    ]


def _humanoid(nodes: dict[str, int], places: dict[str, Floats], face_node: int) -> dict[str, Any]:
    """Return the extension ``VRMC_vrm``; the body's node comes after the face's."""
    return {
        "specVersion": "1.0",
        "meta": {key: value for key, value in META.items() if value not in ("", [])},
        "humanoid": {"humanBones": {name: {"node": nodes[name]} for name in BONE_NAMES}},
        "firstPerson": {
            "meshAnnotations": [{"node": face_node, "type": "auto"}, {"node": face_node + 1, "type": "auto"}]
        },
        "lookAt": _look_at(places),
        "expressions": expressions(face_node, _ORDER),
    }


def _rounded(values: Floats) -> Floats:
    return np.round(values / GRID) * GRID + 0.0


def _pictures() -> dict[str, Floats]:
    return {
        "hair": paint.hair_picture(),
        "outfit": paint.outfit_picture(),
        "skin": paint.skin_picture(),
        "details": paint.detail_picture(),
    }


def _image(document: Document, name: str, picture: Floats) -> Json:
    return {"name": name, "mimeType": "image/png", "bufferView": document.view(paint.png(picture))}


def _joint_nodes(figure: Character, nodes: Mapping[str, int], places: Mapping[str, Floats]) -> list[Json]:
    trees: list[Json] = []
    for joint in figure.joints:
        origin = places[joint.parent] if joint.parent else np.zeros(3)
        trees.append({"name": joint.name, "translation": (places[joint.name] - origin).tolist()})
    for joint in figure.joints:
        if joint.parent:
            trees[nodes[joint.parent]].setdefault("children", []).append(nodes[joint.name])
    return trees


def _skin(document: Document, figure: Character, nodes: Mapping[str, int], places: Mapping[str, Floats]) -> Json:
    inverse = np.tile(np.eye(4, dtype=np.float32), (len(figure.joints), 1, 1))
    for number, joint in enumerate(figure.joints):
        inverse[number, 3, :3] = -places[joint.name]  # column-major: the last row here is the last column there
    joints = [nodes[joint.name] for joint in figure.joints]
    return {"joints": joints, "skeleton": nodes["hips"], "inverseBindMatrices": document.accessor(inverse)}


def _look_at(places: Mapping[str, Floats]) -> Json:
    between = (places["leftEye"] + places["rightEye"]) / 2 - places["head"]
    inward = {"inputMaxValue": 90.0, "outputScale": 12.0}
    return {
        "type": "bone",
        "offsetFromHeadBone": between.tolist(),
        "rangeMapHorizontalInner": inward,
        "rangeMapHorizontalOuter": inward,
        "rangeMapVerticalDown": {"inputMaxValue": 90.0, "outputScale": 10.0},
        "rangeMapVerticalUp": {"inputMaxValue": 90.0, "outputScale": 10.0},
    }


def _primitive(document: Document, name: str, mesh: Mesh, nodes: Mapping[str, int], shapes: list[str]) -> Json:
    joints, weights = _four_strongest(mesh, nodes)
    primitive: Json = {
        "attributes": {
            "POSITION": document.accessor(_rounded(mesh.positions).astype(np.float32), ARRAY_BUFFER, bounds=True),
            "NORMAL": document.accessor(_unit32(mesh.normals), ARRAY_BUFFER),
            "TEXCOORD_0": document.accessor(_rounded(mesh.uvs).astype(np.float32), ARRAY_BUFFER),
            "JOINTS_0": document.accessor(joints, ARRAY_BUFFER),
            "WEIGHTS_0": document.accessor(weights, ARRAY_BUFFER, normalised=True),
        },
        "indices": document.accessor(mesh.triangles.reshape(-1).astype(np.uint16), ELEMENT_ARRAY_BUFFER),
        "material": list(LOOKS).index(name),
        "mode": 4,
    }
    if shapes:
        primitive["targets"] = [{"POSITION": document.sparse(_moves(mesh, shape))} for shape in shapes]
        primitive["extras"] = {"targetNames": shapes}
    return primitive


def _moves(mesh: Mesh, shape: str) -> Any:
    moves = mesh.shapes.get(shape, np.zeros_like(mesh.positions))
    moves = np.where(np.linalg.norm(moves, axis=1, keepdims=True) < 4e-5, 0.0, moves)
    return _rounded(moves).astype(np.float32)


def _unit32(normals: Floats) -> Any:
    coarse = np.round(normals * 4096) / 4096
    return (coarse / np.linalg.norm(coarse, axis=1, keepdims=True)).astype(np.float32)


def _four_strongest(mesh: Mesh, nodes: Mapping[str, int]) -> tuple[Any, Any]:
    """Return (n, 4) joints and (n, 4) weights in 255ths that make up 255."""
    names = sorted(mesh.weights, key=lambda name: nodes[name])
    table = np.round(np.stack([mesh.weights[name] for name in names], axis=1), 6)
    table = np.pad(table, ((0, 0), (0, max(0, 4 - len(names)))))
    numbers = np.array([nodes[name] for name in names] + [0] * (table.shape[1] - len(names)))
    strongest = np.argsort(-table, axis=1, kind="stable")[:, :4]
    chosen = np.take_along_axis(table, strongest, axis=1)
    shares = np.round(chosen / chosen.sum(axis=1, keepdims=True) * 255).astype(np.int64)
    shares[:, 0] += 255 - shares.sum(axis=1)
    joints = np.where(shares > 0, numbers[strongest], 0)
    return joints.astype(np.uint8), shares.astype(np.uint8)
