"""Writes the golden files of the wire formats: ``python tests/golden/make.py``.

Each case is ``<name>.bin``, the binary messages, each after its length as a little-endian u16; ``<name>.json``, the
frame that went in (``input``; null where the bytes were made by hand) and the one that a reader must get out of the
bytes (``decoded``; a landmark that did not arrive is null); and ``<name>.text.json``, the frame's JSON message.

The numbers come from integers, so that every machine writes the same bytes. Write the files anew only with a new
version of the format: readers in the field hold on to the old one.
"""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mocast.model.topology import FACE_COUNT, HAND_COUNT, POSE_COUNT
from mocast.model.tracked import Face, Hand, Pose, Tracked
from mocast.wire import landmarks_binary, landmarks_json

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
        captured_at_ns=1_000_000_000,
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
        captured_at_ns=0,
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
}
"""Name to the frame and whether its picture is mirrored."""


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


def parts(source: Tracked | landmarks_binary.DecodedFrame) -> dict[str, Any]:
    described: dict[str, Any] = {}
    for name in landmarks_binary.PARTS:
        part = getattr(source, name)
        fields = [field for field in ("image", "world", "visibility") if hasattr(part, field)]
        described[name] = {field: as_json(getattr(part, field)) for field in fields} if part else None
    return described


def described_input(tracked: Tracked) -> dict[str, Any]:
    fields = ("frame", "pts", "captured_at_ns", "tracked_at_ns", "tracking_ns", "size_wh")
    return {field: getattr(tracked, field) for field in fields} | parts(tracked)


def described_output(decoded: landmarks_binary.DecodedFrame) -> dict[str, Any]:
    fields = ("frame", "pts", "size_wh", "mirrored", "tracking_ms", "delay_ms", "is_complete")
    described = {field: getattr(decoded, field) for field in fields}
    described["present"] = [name for name in landmarks_binary.PARTS if name in decoded.present]
    return described | parts(decoded)


def files() -> dict[str, bytes]:
    """The golden files by name."""
    cases: list[tuple[str, list[bytes], Tracked | None]] = [
        ("landmarks-lossy", lossy(), None),
        ("landmarks-unreadable", unreadable(), None),
    ]
    written: dict[str, bytes] = {}
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
