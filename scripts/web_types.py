"""Writes the TypeScript and JSON of the page and its client that repeat what the server defines.

Run: .venv/bin/python -m scripts.web_types (a test compares the files with what this would write)

Of the client, in ``web/packages/client/src``: ``api/generated.ts``, the schemas of docs/openapi.yaml as types, a
publisher's options with their values, bounds and defaults, and the ports of outputs' apps; ``model/generated.ts``,
names of landmarks, rigs and analyses, and bones, from ``mocast.model``. Of the page, ``web/src/figure/faceMesh.json``:
the triangles and lines of the face mesh.
"""

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

from mocast.model.analysis import ANGLE_NAMES, PAIR_NAMES
from mocast.model.blendshapes import Expression, Shape
from mocast.model.humanoid import PARENTS, HumanoidBone
from mocast.model.names import camel
from mocast.model.options import ROOM_NAME_RULE
from mocast.model.topology import (
    FACE_COUNT,
    HAND_BONES,
    LEFT_EYE_LANDMARKS,
    POSE_BONES,
    RIGHT_EYE_LANDMARKS,
    Bones,
    HandLandmark,
    PoseLandmark,
    face_bones,
)
from mocast.outputs.output_options import PORTS
from mocast.rendering import colours as overlay_colours

ROOT = Path(__file__).resolve().parents[1]
PREFIX = "#/components/schemas/"
HEADER = "// Written by scripts/web_types.py from {source}: change that, and run the script again.\n"
WIDTH = 110
"""Of a line, as biome formats the rest of the page."""
NAMES = "readonly string[]"
TYPES = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def main() -> None:
    """Write the files."""
    for path, text in generated().items():
        (ROOT / path).write_text(text, "utf-8")


def generated() -> dict[str, str]:
    """Return what each file holds, by its path from the root of the repository."""
    document = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text("utf-8"))
    return {
        "web/packages/client/src/api/generated.ts": HEADER.format(source="docs/openapi.yaml") + api(document),
        "web/packages/client/src/model/generated.ts": HEADER.format(source="the server's model") + model(),
        "web/src/figure/faceMesh.json": face_mesh(),
    }


def api(document: dict[str, Any]) -> str:
    """Return the schemas as types, and the options of the calls that the page makes."""
    components = document["components"]
    parts = [declaration(name, schema) for name, schema in components["schemas"].items()]
    options = options_of(document, "/v1/rooms/{room}/publish")
    settings = components["schemas"]["Settings"]["properties"]
    names = [*options_of(document, "/v1/images")]
    pattern = components["parameters"]["Room"]["schema"]["pattern"]
    parts += [
        "/** The options of a publisher's session. */\n" + constant("publishOptions", options),
        "/** The settings that a session begins with where it names none. */\n"
        + constant("settingsDefaults", {name: options[name]["default"] for name in settings}, "AllSettings"),
        "/** The settings that `POST /v1/images` has, too. */\n" + constant("imageOptionNames", names, NAMES),
        "/** Where the apps of outputs listen unless told otherwise. */\n"
        + constant("outputPorts", dict(PORTS), "Record<OutputKind, number>"),
        f"/** Of a room's name. */\nexport const roomPattern = /{pattern}/;\n",
        "/** What `roomPattern` says, for people. */\n" + constant("roomNameRule", ROOM_NAME_RULE),
    ]
    return "".join(f"\n{part}" for part in parts)


def options_of(document: dict[str, Any], path: str) -> dict[str, Any]:
    """Return the query parameters of a POST that have a default, by name."""
    parameters = [resolved(document, node) for node in document["paths"][path]["post"]["parameters"]]
    return {node["name"]: option(node["schema"]) for node in parameters if "default" in node["schema"]}


def declaration(name: str, schema: dict[str, Any]) -> str:
    """Return a schema as an exported type."""
    if schema.get("type") == "object":
        return f"{comment(schema)}export interface {name} {fields(schema)}\n"
    return f"{comment(schema)}export type {name} = {type_of(schema)};\n"


def fields(schema: dict[str, Any], indent: str = "") -> str:
    """Return an object's properties in braces."""
    lines = []
    for name, field in schema["properties"].items():
        mark = "" if name in schema.get("required", ()) else "?"
        inner = f"{indent}  "
        lines.append(f"{comment(field, inner)}{inner}readonly {name}{mark}: {type_of(field, inner)};\n")
    return "{\n" + "".join(lines) + indent + "}"


def type_of(schema: dict[str, Any], indent: str = "") -> str:
    """Return the type of what a schema describes."""
    if "$ref" in schema:
        return str(schema["$ref"].removeprefix(PREFIX))
    if "const" in schema or "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema.get("enum") or [schema["const"]])
    if "oneOf" in schema:
        return " | ".join(type_of(one, indent) for one in schema["oneOf"])
    if "allOf" in schema:
        (whole,) = schema["allOf"]  # all there is today: another schema whose fields are all required
        return f"Required<{type_of(whole, indent)}>"
    if schema["type"] == "object":
        return fields(schema, indent)
    return array_or_primitive(schema, indent)


def array_or_primitive(schema: dict[str, Any], indent: str) -> str:
    """Return the type of an array, or of the one or more primitive types of a schema."""
    if schema["type"] == "array":
        item = type_of(schema["items"], indent)
        return f"readonly ({item})[]" if " " in item else f"readonly {item}[]"
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return " | ".join(TYPES[kind] for kind in kinds)


def comment(schema: dict[str, Any], indent: str = "") -> str:
    """Return the description as a documentation comment; empty where there is none."""
    text = " ".join(schema.get("description", "").split())
    return f"{indent}/** {text} */\n" if text else ""


def resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """Return a parameter or a schema with the reference at its top replaced by what it refers to."""
    whole: dict[str, Any] = {}
    if "$ref" in node:
        target: Any = document
        for name in node["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        whole = resolved(document, target)
    whole |= {key: value for key, value in node.items() if key != "$ref"}
    if "schema" in whole:
        whole["schema"] = resolved(document, whole["schema"])
    return whole


def option(schema: dict[str, Any]) -> dict[str, Any]:
    """Return what a control for the option needs: its default, and its values or its bounds."""
    values = schema.get("enum") or schema.get("items", {}).get("enum")
    bounds = {key: schema[key] for key in ("minimum", "maximum") if key in schema}
    return {"default": schema["default"]} | ({"values": values} if values else {}) | bounds


def model() -> str:
    """Return names and bones in the order in which landmarks and rigs travel."""
    rig = {"bones": HumanoidBone, "shapes": Shape, "expressions": Expression}
    names = {part: [camel(member.name) for member in enum] for part, enum in rig.items()}
    pose = [landmark.name.lower() for landmark in PoseLandmark]
    hand = [landmark.name.lower() for landmark in HandLandmark]
    parts = (
        ("The landmarks of a pose.", constant("poseNames", pose)),
        ("The name of a pose's landmark.", "export type PoseName = (typeof poseNames)[number];\n"),
        ("The landmarks of a hand.", constant("handNames", hand)),
        ("The name of a hand's landmark.", "export type HandName = (typeof handNames)[number];\n"),
        ("The colours of the overlays.", f"export const overlayColours = {colours()};\n"),
        ("How many landmarks a face has.", constant("faceCount", FACE_COUNT, "number")),
        (
            "The landmarks of each iris: its centre, then four points around it.",
            constant("irises", {"left": [*LEFT_EYE_LANDMARKS], "right": [*RIGHT_EYE_LANDMARKS]}),
        ),
        (
            "The bones of a pose by part of the body, as flat pairs of landmarks.",
            constant("poseBones", flat(POSE_BONES)),
        ),
        ("The bones of a hand by finger, as flat pairs of landmarks.", constant("handBones", flat(HAND_BONES))),
        (
            "VRM 1.0's humanoid bones, ARKit's blend shapes and VRM 1.0's preset expressions that the rig estimates.",
            constant("rigNames", names, f"Record<{' | '.join(json.dumps(name) for name in names)}, {NAMES}>"),
        ),
        ("The index of each bone's parent; -1 for the hips.", constant("boneParents", [*PARENTS], "readonly number[]")),
        (
            "The joint angles of an analysis, and those that the body has a left and a right one of.",
            constant("analysisNames", {"angles": [*ANGLE_NAMES], "pairs": [*PAIR_NAMES]}),
        ),
        ("The name of a joint angle.", 'export type AngleName = (typeof analysisNames)["angles"][number];\n'),
        ("The name of a pair of them.", 'export type PairName = (typeof analysisNames)["pairs"][number];\n'),
    )
    return "".join(f"\n/** {text} */\n{code}" for text, code in parts)


def colours() -> str:
    """Return the colours of the server's overlays as hexadecimal numbers, by name."""
    found = vars(overlay_colours).items()
    named = {name: value for name, value in found if isinstance(value, tuple) and not name.startswith("_")}
    lines = (f"  {camel(name)}: 0x{bytes(value).hex()},\n" for name, value in named.items())
    return "{\n" + "".join(lines) + "} as const"


def flat(bones: dict[str, Bones]) -> dict[str, list[int]]:
    """Return each part's bones as one list."""
    return {part: pairs.ravel().tolist() for part, pairs in bones.items()}


def constant(name: str, value: object, type_name: str = "") -> str:
    """Return an exported constant, of the narrowest type where none is named."""
    if type_name:
        return f"export const {name}: {type_name} = {literal(value)};\n"
    return f"export const {name} = {literal(value)} as const;\n"


def literal(value: object, indent: str = "") -> str:
    """Return a value as TypeScript, over several lines where one is too short."""
    inner = f"{indent}  "
    if isinstance(value, dict):
        lines = "".join(f"{inner}{key}: {literal(item, inner)},\n" for key, item in value.items())
        return "{\n" + lines + indent + "}"
    if not isinstance(value, list):
        return json.dumps(value)
    words = [literal(item, inner) for item in value]
    line = f"[{', '.join(words)}]"
    if len(line) + len(indent) < WIDTH - 40:
        return line
    lines, row = [], ""
    for word in words:
        if len(f"{inner}{row} {word},") > WIDTH:
            lines.append(f"{inner}{row}\n")
            row = ""
        row = f"{row} {word},".lstrip()
    return "[\n" + "".join(lines) + f"{inner}{row}\n{indent}]"


def face_mesh() -> str:
    """Return the triangles of the face mesh and the lines of its features, as flat lists of landmarks."""
    bones = face_bones()
    lines = {name: edges.ravel().tolist() for name, edges in bones.items() if name != "tesselation"}
    corners = [corner for triangle in triangles(bones["tesselation"]) for corner in triangle]
    return json.dumps({"triangles": corners, "lines": lines}, separators=(",", ":")) + "\n"


def triangles(edges: Bones) -> list[tuple[int, int, int]]:
    """Return every three landmarks of which each two are joined, sorted, in no winding order. ``edges``: (n, 2)."""
    neighbours: dict[int, set[int]] = {}
    for a, b in edges.tolist():
        neighbours.setdefault(a, set()).add(b)
        neighbours.setdefault(b, set()).add(a)
    return sorted(
        (a, b, c)
        for a, near in neighbours.items()
        for b, c in combinations(sorted(near), 2)
        if a < b and c in neighbours[b]
    )


if __name__ == "__main__":
    main()
