"""Writes the golden files of the wire formats: ``python tests/golden/make.py``.

Each case is ``<name>.bin``, the binary messages, each after its length as a little-endian u16; ``<name>.json``, the
frame or rig that went in (``input``; null where the bytes were made by hand) and the one that a reader must get out of
the bytes (``decoded``; a landmark that did not arrive is null); and ``<name>.text.json``, its JSON message.

The numbers come from integers, so that every machine writes the same bytes. Write the files anew only with a new
version of the format: readers in the field hold on to the old one.
"""

import json
import struct
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mocast.model.analysis import (
    ANGLE_COUNT,
    PAIR_COUNT,
    Analysis,
    Event,
    ExerciseState,
    JointAngles,
    Repetition,
    Similarity,
    Symmetry,
)
from mocast.model.blendshapes import EXPRESSION_COUNT, SHAPE_COUNT
from mocast.model.hand_targets import ANCHOR_COUNT, TOUCH_POINT_COUNT, HandTargets
from mocast.model.humanoid import BONE_COUNT
from mocast.model.rig import Found, HeadPose, Rig, Rotations
from mocast.model.topology import FACE_COUNT, HAND_COUNT, POSE_COUNT
from mocast.model.tracked import PARTS, Face, Hand, Pose, Tracked
from mocast.wire import analysis_binary, analysis_json, landmarks_binary, landmarks_json, rig_binary, rig_json

FOLDER = Path(__file__).parent


def spread(count: int, columns: int, seed: int, lowest: float, highest: float) -> NDArray[np.float32]:
    """(count, columns) float32 between the bounds, scattered by a fixed rule."""
    steps = (np.arange(count * columns, dtype=np.int64) * 7919 + seed * 104_729) % 65_521
    return (lowest + (highest - lowest) * steps / 65_521).reshape(count, columns).astype(np.float32)


def pose(seed: int) -> Pose:
    return Pose(spread(POSE_COUNT, 3, seed, -0.5, 1.5), spread(POSE_COUNT, 3, seed + 1, -1.2, 1.2), scores(seed))


def scores(seed: int) -> NDArray[np.float32]:
    return spread(POSE_COUNT, 1, seed + 2, 0, 1)[:, 0]


def hand(seed: int) -> Hand:
    return Hand(spread(HAND_COUNT, 3, seed, 0, 1), spread(HAND_COUNT, 3, seed + 1, -0.1, 0.1), 0.9375)


def frame(number: int, **parts: Any) -> Tracked:
    return Tracked(
        frame=number,
        pts=number * 3000,
        decoded_at_ns=1_000_000_000,
        tracked_at_ns=1_046_000_000,
        tracking_ns=41_200_000,
        size_wh=(640, 480),
        **parts,
    )


def edges() -> Tracked:
    """Every number at or beyond the end of its range."""
    corner = np.array([-1e9, -4.0001, -4, 3.9998779, 4, 1e9, 0, 0.00006, -0.00006], np.float32)
    return Tracked(
        frame=2**32 + 7,
        pts=2**33 + 5,
        decoded_at_ns=0,
        tracked_at_ns=10**12,
        tracking_ns=10**12,
        size_wh=(1, 65_535),
        pose=Pose(
            image=np.resize(corner, (POSE_COUNT, 3)),
            world=np.resize(corner[::-1], (POSE_COUNT, 3)),
            visibility=np.resize(np.array([-1, 0, 0.5, 1, 2], np.float32), POSE_COUNT),
        ),
    )


def holistic() -> Tracked:
    return frame(
        1234, pose=pose(1), face=Face(spread(FACE_COUNT, 3, 4, 0.2, 0.8)), left_hand=hand(5), right_hand=hand(7)
    )


CASES = {
    "landmarks-holistic": (holistic(), True),
    "landmarks-empty": (frame(0), False),
    "landmarks-pose": (frame(8, pose=pose(11)), False),
    "landmarks-face": (frame(9, face=Face(spread(FACE_COUNT, 3, 13, -1, 2))), False),
    "landmarks-right-hand": (frame(10, right_hand=hand(17)), True),
    "landmarks-edges": (edges(), False),
    "landmarks-other-person": (frame(1234, pose=pose(29), person=11), True),
}
"""Name to the frame and whether its picture is mirrored."""


def quaternions(count: int, seed: int) -> Rotations:
    """(count, 4) float32 of unit length; each component is the largest now and again, and of either sign."""
    scattered = spread(count, 4, seed, -1, 1).astype(np.float64)
    unit: Rotations = (scattered / np.linalg.norm(scattered, axis=1, keepdims=True)).astype(np.float32)
    return unit


def rig(number: int, **values: Any) -> Rig:
    """A rig at rest with nothing found, but for the values given."""
    at_rest: dict[str, Any] = {
        "hips": np.array([0, 0.9, 0], np.float32),
        "rotations": np.tile(np.array([0, 0, 0, 1], np.float32), (BONE_COUNT, 1)),
        "shapes": np.zeros(SHAPE_COUNT, np.float32),
        "expressions": np.zeros(EXPRESSION_COUNT, np.float32),
        "gaze_deg": np.zeros(2, np.float32),
        "found": Found(),
        "head": None,
    }
    return Rig(
        frame=number,
        pts=number * 3000,
        decoded_at_ns=1_000_000_000,
        rigged_at_ns=1_047_000_000,
        **at_rest | values,
    )


def moving_rig() -> Rig:
    """Every number is another one, within the format's range."""
    return rig(
        1234,
        hips=np.array([0.125, 0.875, -0.25], np.float32),
        rotations=quaternions(BONE_COUNT, 31),
        shapes=spread(SHAPE_COUNT, 1, 37, 0, 1)[:, 0],
        expressions=spread(EXPRESSION_COUNT, 1, 41, 0, 1)[:, 0],
        gaze_deg=np.array([-12.5, 7.25], np.float32),
        found=Found(body=True, face=True, left_hand=True, right_hand=True),
        head=HeadPose(np.array([0.05, -0.125, 0.75], np.float32), quaternions(1, 43)[0]),
        planted=(True, False),
        hand_targets=HandTargets(
            offsets=spread(2 * ANCHOR_COUNT, 3, 83, -7, 7).reshape(2, ANCHOR_COUNT, 3),
            nearness=spread(2, ANCHOR_COUNT, 89, 0, 1),
            touching=spread(2, TOUCH_POINT_COUNT, 97, 0, 1),
        ),
    )


def rig_edges() -> Rig:
    """Every number at or beyond the end of its range; rotations whose components are alike, negative or 0."""
    half = np.float32(0.5)
    root = np.float32(np.sqrt(0.5))
    corners = [[half, -half, half, -half], [-root, 0, 0, root], [0, 0, -root, -root], [0, -1, 0, 0], [0, 0, 0, -1]]
    return Rig(
        frame=2**32 + 7,
        pts=2**33 + 5,
        decoded_at_ns=0,
        rigged_at_ns=10**12,
        hips=np.array([-1e9, 4, 1e9], np.float32),
        rotations=np.resize(np.array(corners, np.float32), (BONE_COUNT, 4)),
        shapes=np.resize(np.array([-1, 0, 0.5, 1, 2], np.float32), SHAPE_COUNT),
        expressions=np.resize(np.array([2, 0, -1], np.float32), EXPRESSION_COUNT),
        gaze_deg=np.array([-1000, 1000], np.float32),
        found=Found(body=True),
        head=HeadPose(np.array([-4, -5, 1e9], np.float32), np.array([0, 1, 0, 0], np.float32)),
        planted=(False, True),
        hand_targets=HandTargets(
            offsets=np.resize(np.array([-1e9, -8, 7.9999, 8, 1e9, 0], np.float32), (2, ANCHOR_COUNT, 3)),
            nearness=np.resize(np.array([-1, 0, 0.5, 1, 2], np.float32), (2, ANCHOR_COUNT)),
            touching=np.resize(np.array([2, 0, -1], np.float32), (2, TOUCH_POINT_COUNT)),
        ),
    )


RIG_CASES = {
    "rig-rest": rig(0),
    "rig-moving": moving_rig(),
    "rig-half-body": rig(9, found=Found(body=True, right_hand=True, half_body=True)),
    "rig-edges": rig_edges(),
    "rig-other-person": rig(1234, found=Found(face=True), person=11),
}


RIG_2_CASES = {name.replace("rig", "rig2"): RIG_CASES[name] for name in ("rig-rest", "rig-moving", "rig-edges")}
"""The same in version 2 of the binary format."""


def degrees(count: int, seed: int, lowest: float, highest: float) -> NDArray[np.float32]:
    return spread(count, 1, seed, lowest, highest)[:, 0]


def moving_analysis() -> Analysis:
    """Every number is another one; one angle is not known."""
    angles = {name: degrees(ANGLE_COUNT, seed, -90, 160) for name, seed in (("degrees", 47), ("lowest_deg", 53))}
    angles["degrees"][3] = np.nan
    return Analysis(
        frame=1234,
        pts=3_702_000,
        decoded_at_ns=1_000_000_000,
        analysed_at_ns=1_047_000_000,
        person=11,
        angles=JointAngles(
            **angles,
            highest_deg=degrees(ANGLE_COUNT, 59, -80, 170),
            speed_deg_s=degrees(ANGLE_COUNT, 61, -900, 900),
            error_deg=degrees(ANGLE_COUNT, 67, 1, 40),
            faces_camera=degrees(ANGLE_COUNT, 71, 0, 1) > 0.5,
        ),
        symmetry=Symmetry(degrees(PAIR_COUNT, 73, -90, 90), degrees(PAIR_COUNT, 79, -200, 200)),
        repetitions=(
            ExerciseState(
                "squat",
                "start",
                -0.25,
                3,
                1,
                last=Repetition("squat", 3, "both", 1.25, 100.0, 0.75, 0.5, 1.0, "chest_up", "Keep your chest up."),
            ),
            ExerciseState("plank", "held", 0.0, 0, 0, seconds=12.5),
        ),
        similarity=Similarity(87.5, {"torso": 96.0, "left_arm": 62.75}),
        events=(Event("rep", 3_702_000, 1_767_323_045_678_000_000, 11, {"exercise": "squat", "count": 3}),),
    )


def analysis_edges() -> Analysis:
    """Every number beyond the end of its range, or none at all."""
    corner = np.array([-1e9, 1e9, np.nan, np.inf, 0, 327.67, -327.67], np.float32)
    angles = np.resize(corner, ANGLE_COUNT)
    return Analysis(
        frame=2**32 + 7,
        pts=2**33 + 5,
        decoded_at_ns=0,
        analysed_at_ns=10**12,
        angles=JointAngles(angles, angles, angles, np.ones(ANGLE_COUNT, np.bool_), angles, angles),
        symmetry=Symmetry(np.resize(corner, PAIR_COUNT), np.resize(corner, PAIR_COUNT)),
    )


ANALYSIS_CASES = {
    "analysis-nobody": Analysis(frame=0, pts=0, decoded_at_ns=1_000_000_000, analysed_at_ns=1_047_000_000),
    "analysis-moving": moving_analysis(),
    "analysis-edges": analysis_edges(),
}


def lossy() -> list[bytes]:
    """The holistic frame out of order, without its third message, and with one that came twice."""
    first, second, _, fourth = landmarks_binary.encode(holistic(), mirrored=True)
    return [fourth, first, first, second]


def unreadable() -> list[bytes]:
    """What a reader must leave out, and in the midst of it one section that it must read.

    The first message is readable up to a section of an unknown kind; then another version, a message shorter than a
    header, a section that is cut short, one beyond the last landmark, and a message of another frame.
    """
    tracked = frame(21, pose=pose(19))
    message = landmarks_binary.encode(tracked, mirrored=False)[0]
    header, image, rest = message[:20], message[20:222], message[222:]
    return [
        header + image + bytes([99, 1, 0, 0]) + rest,
        bytes([2]) + message[1:],
        message[:19],
        header + rest[:100],
        header + bytes([2, 2, 32, 0]) + bytes(12),
        landmarks_binary.encode(frame(22, right_hand=hand(23)), mirrored=False)[0],
    ]


def as_json(numbers: NDArray[np.float32]) -> list[Any]:
    """The array as nested lists, a landmark that did not arrive as null."""
    return [None if np.isnan(row).any() else row.tolist() for row in numbers]


def parts(source: Tracked | landmarks_binary.DecodedLandmarks) -> dict[str, Any]:
    described: dict[str, Any] = {}
    for name in PARTS:
        part = getattr(source, name)
        arrays = [array for array in ("image", "world", "visibility") if hasattr(part, array)]
        described[name] = {array: as_json(getattr(part, array)) for array in arrays} if part else None
    return described


def described_input(tracked: Tracked) -> dict[str, Any]:
    names = ("frame", "pts", "person", "decoded_at_ns", "tracked_at_ns", "tracking_ns", "size_wh")
    return {name: getattr(tracked, name) for name in names} | parts(tracked)


def described_output(decoded: landmarks_binary.DecodedLandmarks) -> dict[str, Any]:
    names = ("frame", "pts", "person", "size_wh", "mirrored", "tracking_ms", "delay_ms", "is_complete")
    described: dict[str, Any] = {name: getattr(decoded, name) for name in names}
    described["present"] = [name for name in PARTS if name in decoded.present]
    return described | parts(decoded)


def described_rig(source: Rig | rig_binary.DecodedRig) -> dict[str, Any]:
    """All values but those of time, which the message does not hold as they are."""
    arrays = ("hips", "rotations", "shapes", "expressions", "gaze_deg")
    found = ("body", "face", "left_hand", "right_hand", "half_body")
    head = source.head
    return {
        **{name: getattr(source, name).tolist() for name in arrays},
        "found": {name: getattr(source.found, name) for name in found},
        "head": {"position": head.position.tolist(), "rotation": head.rotation.tolist()} if head else None,
        "planted": list(source.planted),
        "hand_targets": {
            name: getattr(source.hand_targets, name).tolist() for name in ("offsets", "nearness", "touching")
        },
    }


def rig_files(name: str, source: Rig, message: bytes) -> dict[str, bytes]:
    decoded = rig_binary.decode(message)
    assert decoded is not None
    numbers = {field: getattr(source, field) for field in ("frame", "pts", "person", "decoded_at_ns", "rigged_at_ns")}
    read = {field: getattr(decoded, field) for field in ("frame", "pts", "person", "delay_ms")}
    described = {"input": numbers | described_rig(source), "decoded": read | described_rig(decoded)}
    return {
        f"{name}.bin": struct.pack("<H", len(message)) + message,
        f"{name}.json": (json.dumps(described) + "\n").encode(),
        f"{name}.text.json": (rig_json.encode(source) + "\n").encode(),
    }


def described_analysis(source: analysis_binary.DecodedAnalysis) -> dict[str, Any]:
    """All that a reader gets out of a message; what is not known is null."""
    tables: dict[str, Any] = {}
    for name, table in (("angles", source.angles), ("symmetry", source.symmetry)):
        arrays = {field.name: getattr(table, field.name) for field in fields(table)} if table else {}
        tables[name] = {
            field: [None if np.isnan(value) else value for value in array.tolist()] for field, array in arrays.items()
        } or None
    read = {field: getattr(source, field) for field in ("frame", "pts", "person", "delay_ms")}
    return read | tables | {"others": source.others}


def analysis_files(name: str, source: Analysis) -> dict[str, bytes]:
    message = analysis_binary.encode(source)
    decoded = analysis_binary.decode(message)
    assert decoded is not None
    return {
        f"{name}.bin": struct.pack("<H", len(message)) + message,
        f"{name}.json": (json.dumps({"decoded": described_analysis(decoded)}) + "\n").encode(),
        f"{name}.text.json": (analysis_json.encode(source) + "\n").encode(),
    }


def files() -> dict[str, bytes]:
    """The golden files by name."""
    cases: list[tuple[str, list[bytes], Tracked | None]] = [
        ("landmarks-lossy", lossy(), None),
        ("landmarks-unreadable", unreadable(), None),
    ]
    written: dict[str, bytes] = {}
    for name, source_rig in RIG_CASES.items():
        written |= rig_files(name, source_rig, rig_binary.encode_1(source_rig))
    for name, source_rig in RIG_2_CASES.items():
        written |= rig_files(name, source_rig, rig_binary.encode(source_rig))
    for name, analysis in ANALYSIS_CASES.items():
        written |= analysis_files(name, analysis)
    for name, (tracked, mirrored) in CASES.items():
        cases.append((name, landmarks_binary.encode(tracked, mirrored=mirrored), tracked))
        written[f"{name}.text.json"] = (landmarks_json.encode(tracked, mirrored=mirrored) + "\n").encode()
    for name, messages, source in cases:
        decoded = landmarks_binary.decode(messages)
        assert decoded is not None
        described = {
            "message_lengths": [len(message) for message in messages],
            "input": described_input(source) if source else None,
            "decoded": described_output(decoded),
        }
        written[f"{name}.json"] = (json.dumps(described) + "\n").encode()
        written[f"{name}.bin"] = b"".join(struct.pack("<H", len(message)) + message for message in messages)
    return written


if __name__ == "__main__":
    for file_name, content in files().items():
        (FOLDER / file_name).write_bytes(content)
