"""A rig as one small binary message, versions 1 and 2 of ``docs/wire-format.md``: the writer and the reference reader.

Version 2 has what version 1 has, at the same places, and behind it the person, the targets of the hands, and in later
servers perhaps more.
"""

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import EXPRESSION_COUNT, SHAPE_COUNT
from mocast.model.hand_targets import ANCHOR_COUNT, NO_TARGETS, TOUCH_POINT_COUNT, HandTargets
from mocast.model.humanoid import BONE_COUNT
from mocast.model.rig import Found, HeadPose, Rig, Rotations
from mocast.model.wrapping import wrapped

PROTOCOL: Final = "mocast.rig.v2+binary"
"""The sub-protocol's name on the data channel."""
PROTOCOL_1: Final = "mocast.rig.v1+binary"

_HEADER: Final = struct.Struct("<BBHII")
_FIELDS: Final = [
    ("hips", "<i2", 3),
    ("head", "<i2", 3),
    ("gaze", "<i2", 2),
    ("rotations", "<u2", (BONE_COUNT + 1, 3)),
    ("expressions", "u1", EXPRESSION_COUNT),
    ("shapes", "u1", SHAPE_COUNT),
]
_NUMBERS_1: Final = np.dtype(_FIELDS)
_NUMBERS: Final = np.dtype(
    [
        *_FIELDS,
        ("person", "u1"),
        ("unused", "u1"),
        ("offsets", "<i2", (2, ANCHOR_COUNT, 3)),
        ("nearness", "u1", (2, ANCHOR_COUNT)),
        ("touching", "u1", (2, TOUCH_POINT_COUNT)),
    ]
)
LENGTH: Final = _HEADER.size + _NUMBERS.itemsize
"""Bytes of a message of version 2; those of later servers may be longer."""
LENGTH_1: Final = _HEADER.size + _NUMBERS_1.itemsize
"""Bytes of a message of version 1 of person 0; of another person it is one longer, the person's index."""

_FOUND_BITS: Final = {"body": 1, "face": 2, "left_hand": 4, "right_hand": 8, "half_body": 16}
"""By the fields of ``Found``."""
_HEAD: Final = 32
_PLANTED_BITS: Final = (64, 128)
"""Left and right foot, in version 2 only."""
_METRES: Final = 8192
_DEGREES: Final = 100
_SIZES: Final = 4096
"""Steps of a hand's offset in one size of its anchor."""
_U16: Final = 0xFFFF
_IDENTITY: Final = np.array([0, 0, 0, 1], np.float32)
_OTHERS: Final = np.array([[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]])
"""For each omitted component, the indices of the three that are sent ("smallest three")."""
_MIDDLE: Final = 16384
_STEPS: Final = (_MIDDLE - 1) * np.sqrt(2)
"""All components of a unit quaternion but the largest lie within 1/√2 of 0: 15 bits each, 0 in the middle."""


@dataclass(frozen=True, slots=True, eq=False)
class DecodedRig:
    """The content of a message; the arrays are those of ``Rig``, with the format's precision."""

    frame: int
    "The frame's number, modulo 2³²."
    pts: int
    "RTP timestamp of the frame, modulo 2³²."
    person: int
    "Whose rig it is, 0..15."
    delay_ms: int
    "From decoded to rigged."
    hips: NDArray[np.float32]
    rotations: Rotations
    shapes: NDArray[np.float32]
    expressions: NDArray[np.float32]
    gaze_deg: NDArray[np.float32]
    found: Found
    head: HeadPose | None
    planted: tuple[bool, bool] = (False, False)
    hand_targets: HandTargets = NO_TARGETS


def encode(rig: Rig) -> bytes:
    """Return the rig's message in version 2. Values beyond the format's range are clamped to it."""
    numbers = np.zeros((), _NUMBERS)
    _write(numbers, rig)
    targets = rig.hand_targets
    numbers["person"] = rig.person
    numbers["offsets"] = _i16(targets.offsets * _SIZES)
    numbers["nearness"] = _u8(targets.nearness)
    numbers["touching"] = _u8(targets.touching)
    planted = sum(bit for bit, is_planted in zip(_PLANTED_BITS, rig.planted, strict=True) if is_planted)
    return _header(2, _flags(rig) | planted, rig) + numbers.tobytes()


def encode_1(rig: Rig) -> bytes:
    """Return the rig's message in version 1."""
    numbers = np.zeros((), _NUMBERS_1)
    _write(numbers, rig)
    return _header(1, _flags(rig), rig) + numbers.tobytes() + (bytes([rig.person]) if rig.person else b"")


def _header(version: int, flags: int, rig: Rig) -> bytes:
    return _HEADER.pack(version, flags, min(rig.delay_ms, _U16), wrapped(rig.frame), wrapped(rig.pts))


def _write(numbers: NDArray[np.void], rig: Rig) -> None:
    """Write what both versions have."""
    numbers["hips"] = _i16(rig.hips * _METRES)
    numbers["gaze"] = _i16(rig.gaze_deg * _DEGREES)
    rotations = np.empty((BONE_COUNT + 1, 4), np.float32)
    rotations[:BONE_COUNT] = rig.rotations
    rotations[BONE_COUNT] = rig.head.rotation if rig.head else _IDENTITY
    numbers["rotations"] = _pack_quaternions(rotations)
    if rig.head:
        numbers["head"] = _i16(rig.head.position * _METRES)
    numbers["expressions"] = _u8(rig.expressions)
    numbers["shapes"] = _u8(rig.shapes)


def decode(message: bytes) -> DecodedRig | None:
    """Parse a message of either version; ``None`` where it is of another, or of an impossible length. Never raises."""
    is_second = len(message) >= LENGTH and message[0] == 2
    if not is_second and (len(message) not in (LENGTH_1, LENGTH_1 + 1) or message[0] != 1):
        return None
    _, flags, delay, frame, pts = _HEADER.unpack_from(message)
    numbers = np.frombuffer(message, _NUMBERS if is_second else _NUMBERS_1, 1, _HEADER.size)[0]
    rotations = _unpack_quaternions(numbers["rotations"])
    head = HeadPose(numbers["head"].astype(np.float32) / _METRES, rotations[BONE_COUNT]) if flags & _HEAD else None
    return DecodedRig(
        frame=frame,
        pts=pts,
        person=message[LENGTH_1] if len(message) > LENGTH_1 else 0,
        delay_ms=delay,
        hips=numbers["hips"].astype(np.float32) / _METRES,
        rotations=rotations[:BONE_COUNT],
        shapes=numbers["shapes"].astype(np.float32) / 255,
        expressions=numbers["expressions"].astype(np.float32) / 255,
        gaze_deg=numbers["gaze"].astype(np.float32) / _DEGREES,
        found=Found(**{name: bool(flags & bit) for name, bit in _FOUND_BITS.items()}),
        head=head,
        planted=(is_second and bool(flags & _PLANTED_BITS[0]), is_second and bool(flags & _PLANTED_BITS[1])),
        hand_targets=_targets(numbers) if is_second else NO_TARGETS,
    )


def _targets(numbers: NDArray[np.void]) -> HandTargets:
    return HandTargets(
        offsets=numbers["offsets"].astype(np.float32) / _SIZES,
        nearness=numbers["nearness"].astype(np.float32) / 255,
        touching=numbers["touching"].astype(np.float32) / 255,
    )


def _flags(rig: Rig) -> int:
    found = sum(bit for name, bit in _FOUND_BITS.items() if getattr(rig.found, name))
    return found | (_HEAD if rig.head else 0)


def _i16(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.rint(values).clip(-32768, 32767)


def _u8(values: NDArray[np.float32]) -> NDArray[np.float32]:
    scaled: NDArray[np.float32] = np.rint(values.clip(0, 1) * 255)
    return scaled


def _pack_quaternions(rotations: Rotations) -> NDArray[np.uint16]:
    """Return (n, 3) words for (n, 4) quaternions: 15 bits of each component but the largest, whose index is in the top
    bits of the first two words. Its sign is made positive: q and -q are the same rotation."""
    rows = np.arange(len(rotations))
    largest = np.abs(rotations).argmax(axis=1)
    signs = np.where(rotations[rows, largest] < 0, -1, 1)
    others = rotations[rows[:, None], _OTHERS[largest]] * signs[:, None]
    words: NDArray[np.uint16] = (np.rint(others * _STEPS).clip(-_MIDDLE, _MIDDLE - 1) + _MIDDLE).astype(np.uint16)
    words[:, 0] |= (largest >> 1 << 15).astype(np.uint16)
    words[:, 1] |= (largest << 15 & 0x8000).astype(np.uint16)
    return words


def _unpack_quaternions(words: NDArray[np.uint16]) -> Rotations:
    rows = np.arange(len(words))
    largest = (words[:, 0] >> 15 << 1) | (words[:, 1] >> 15)
    others = ((words & 0x7FFF).astype(np.float32) - _MIDDLE) / np.float32(_STEPS)
    rotations = np.empty((len(words), 4), np.float32)
    rotations[rows[:, None], _OTHERS[largest]] = others
    rotations[rows, largest] = np.sqrt(np.maximum(1 - (others**2).sum(axis=1), 0))
    return rotations
