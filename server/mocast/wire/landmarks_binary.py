"""Landmarks as small binary messages, version 1 of ``docs/wire-format.md``: the writer and the reference reader."""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import nan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.topology import FACE_COUNT, HAND_COUNT, POSE_COUNT
from mocast.model.tracked import PARTS, Face, Hand, Landmarks, PartName, Pose, Scores, Tracked
from mocast.model.wrapping import wrapped

PROTOCOL: Final = "mocast.landmarks.v1+binary"
"""The sub-protocol's name on the data channel."""
VERSION: Final = 1
MESSAGE_LIMIT: Final = 1100
"""Bytes: with the headers of SCTP, DTLS, UDP and IP below the 1,200 that WebRTC takes for safe on every path."""

_MIRRORED, _LEFT_HAND_UNSURE, _RIGHT_HAND_UNSURE = 1, 2, 4
"""Bits of ``flags``."""
_PERSON_SHIFT: Final = 4
"""The high four bits of ``flags`` are the person's index."""
_HEADER: Final = struct.Struct("<BBBBIIHHHH")
_SECTION: Final = struct.Struct("<BBH")
_UNITS: Final = np.float32(8192)
_U16: Final = 0xFFFF

_KINDS: Final[dict[int, tuple[PartName, str, int]]] = {
    1: ("pose", "image", POSE_COUNT),
    2: ("pose", "world", POSE_COUNT),
    3: ("pose", "visibility", POSE_COUNT),
    4: ("face", "image", FACE_COUNT),
    5: ("left_hand", "image", HAND_COUNT),
    6: ("left_hand", "world", HAND_COUNT),
    7: ("right_hand", "image", HAND_COUNT),
    8: ("right_hand", "world", HAND_COUNT),
}
"""The kinds of sections: a part, its field, and how many landmarks a whole one has."""
_POSE_VISIBILITY, _FACE_IMAGE = 3, 4
_COORDINATES: Final = (1, 2, 5, 6, 7, 8, _FACE_IMAGE)
"""The kinds that hold coordinates, in the order in which they are packed."""
_UNSURE: Final[dict[int, PartName]] = {_LEFT_HAND_UNSURE: "left_hand", _RIGHT_HAND_UNSURE: "right_hand"}
_COUNTS: Final = {kind: count for kind, (_, _, count) in _KINDS.items()}
_XYZ_BYTES: Final = 6
_FACE_STEP: Final = 160

_HEADS: Final = {kind: _SECTION.pack(kind, count, 0) for kind, count in _COUNTS.items() if kind != _FACE_IMAGE}
_FACE_HEADS: Final = [
    _SECTION.pack(_FACE_IMAGE, min(_FACE_STEP, FACE_COUNT - first), first) for first in range(0, FACE_COUNT, _FACE_STEP)
]


def encode(tracked: Tracked, *, mirrored: bool, confidence: float = 0) -> list[bytes]:
    """Return the messages of one frame, each at most ``MESSAGE_LIMIT`` bytes; one without sections where it is empty.

    ``mirrored`` says that the picture which is sent back is flipped; the coordinates never are. Hands whose score is
    below ``confidence`` are marked, as overlays leave them out. Values beyond the format's range are clamped to it.
    """
    bodies = _pack(_sections(tracked))
    message_count = len(bodies) << 4
    start = (VERSION, _present(tracked), _flags(tracked, mirrored, confidence))
    rest = (
        wrapped(tracked.frame),
        wrapped(tracked.pts),
        *tracked.size_wh,
        _clamped_u16(tracked.tracking_ns / 1e5),
        _clamped_u16(tracked.delay_ms),
    )
    return [_HEADER.pack(*start, message_count | number, *rest) + body for number, body in enumerate(bodies)]


def _present(tracked: Tracked) -> int:
    return sum(1 << bit for bit, part in enumerate(PARTS) if getattr(tracked, part))


def _flags(tracked: Tracked, mirrored: bool, confidence: float) -> int:
    flags = tracked.person << _PERSON_SHIFT | (_MIRRORED if mirrored else 0)
    for bit, name in _UNSURE.items():
        hand: Hand | None = getattr(tracked, name)
        if hand is not None and hand.score < confidence:
            flags |= bit
    return flags


def _clamped_u16(value: float) -> int:
    return min(max(round(value), 0), _U16)


def _sections(tracked: Tracked) -> list[bytes]:
    """The frame's sections in the order in which they are packed.

    All coordinates are converted by one call: numpy's cost is per call, not per landmark.
    """
    arrays: list[Landmarks] = []
    kinds: list[int] = []
    for kind in _COORDINATES:
        part, field, _ = _KINDS[kind]
        found = getattr(tracked, part)
        if found:
            arrays.append(getattr(found, field))
            kinds.append(kind)
    if not arrays:
        return []

    numbers = _quantised(arrays)
    sections = []
    at = 0
    for kind in kinds:
        end = at + _COUNTS[kind] * _XYZ_BYTES
        if kind == _FACE_IMAGE:
            step = _FACE_STEP * _XYZ_BYTES
            starts = range(at, end, step)
            sections += [head + numbers[start : start + step] for head, start in zip(_FACE_HEADS, starts, strict=True)]
        else:
            sections.append(_HEADS[kind] + numbers[at:end])
        at = end
    if tracked.pose:
        sections.insert(2, _HEADS[_POSE_VISIBILITY] + _visibility(tracked.pose.visibility))
    return sections


def _quantised(arrays: list[Landmarks]) -> bytes:
    """The (n, 3) arrays one after the other as little-endian int16 in steps of 1/8192; what is not a number as -4."""
    scaled = np.concatenate(arrays)
    np.fmax(scaled, np.float32(-4), out=scaled)
    np.fmin(scaled, np.float32(32767 / 8192), out=scaled)
    np.multiply(scaled, _UNITS, out=scaled)
    np.rint(scaled, out=scaled)
    numbers: NDArray[np.int16] = scaled.astype("<i2")
    return numbers.tobytes()


def _visibility(scores: Scores) -> bytes:
    scaled = np.fmin(np.fmax(scores, np.float32(0)), np.float32(1)) * np.float32(255)
    numbers: NDArray[np.uint8] = np.rint(scaled).astype(np.uint8)
    return numbers.tobytes()


def _pack(sections: list[bytes]) -> list[bytes]:
    """Join the sections, in their order, into as few bodies as the limit allows; at least one, which may be empty."""
    room = MESSAGE_LIMIT - _HEADER.size
    bodies: list[bytes] = []
    open_body: list[bytes] = []
    length = 0
    for section in sections:
        if length + len(section) > room:
            bodies.append(b"".join(open_body))
            open_body, length = [], 0
        open_body.append(section)
        length += len(section)
    bodies.append(b"".join(open_body))
    return bodies


@dataclass(frozen=True, slots=True, eq=False)
class DecodedLandmarks:
    """The content of those of a frame's messages that arrived.

    A part is ``None`` when it was not there or when none of its sections arrived (``present`` tells which). Landmarks
    whose section was lost are NaN. A hand's score is not part of this format: it is NaN.
    """

    frame: int
    "The frame's number, modulo 2³²."
    pts: int
    "RTP timestamp of the returned picture, modulo 2³²."
    person: int
    "Who it is, 0..15."
    size_wh: tuple[int, int]
    "Width and height of the tracked picture in pixels."
    mirrored: bool
    "Whether the returned picture is flipped left to right."
    tracking_ms: float
    "Time in the tracker."
    delay_ms: int
    "From decoded to tracked."
    present: frozenset[PartName]
    "The parts that the frame holds, arrived or not."
    unsure: frozenset[PartName]
    "The hands whose score is below the publisher's ``confidence``."
    is_complete: bool
    "Whether every message of the frame was there."
    pose: Pose | None = None
    face: Face | None = None
    left_hand: Hand | None = None
    right_hand: Hand | None = None


@dataclass(frozen=True, slots=True)
class _Header:
    identity: bytes
    """The header's bytes without the message's number: the same in all messages of a frame."""
    present: int
    flags: int
    number: int
    message_count: int
    frame: int
    pts: int
    width: int
    height: int
    tracking: int
    delay: int

    @classmethod
    def read(cls, message: bytes) -> "_Header | None":
        """The header, or ``None`` where the message is too short or of another version."""
        if len(message) < _HEADER.size or message[0] != VERSION:
            return None
        _, present, flags, numbering, *rest = _HEADER.unpack_from(message)
        identity = message[:3] + message[4 : _HEADER.size]
        return cls(identity, present, flags, numbering & 15, numbering >> 4, *rest)

    @property
    def person(self) -> int:
        return self.flags >> _PERSON_SHIFT


def decode(messages: Iterable[bytes]) -> DecodedLandmarks | None:
    """Put one person's frame together from those of its messages that arrived, in any order.

    Never raises, whatever the bytes: like any reader of a lossy channel it leaves out what it cannot read. That is a
    message shorter than a header, of another version, or of another frame or person than the first, and the rest of a
    message from a section on that is cut short, out of range or of an unknown kind. ``None`` when no message was
    readable.
    """
    first: _Header | None = None
    arrived: set[int] = set()
    arrays: dict[int, NDArray[np.float32]] = {}
    for message in messages:
        header = _Header.read(message)
        if header is None or (first is not None and header.identity != first.identity):
            continue
        first = first or header
        arrived.add(header.number)
        for kind, start, values in _read_sections(message):
            if kind not in arrays:
                arrays[kind] = _lost(kind)
            arrays[kind][start : start + len(values)] = values
    if first is None:
        return None
    return DecodedLandmarks(
        frame=first.frame,
        pts=first.pts,
        person=first.person,
        size_wh=(first.width, first.height),
        mirrored=bool(first.flags & _MIRRORED),
        tracking_ms=first.tracking / 10,
        delay_ms=first.delay,
        present=frozenset(name for bit, name in enumerate(PARTS) if first.present >> bit & 1),
        unsure=frozenset(name for bit, name in _UNSURE.items() if first.flags & bit),
        is_complete=arrived >= set(range(first.message_count)),
        pose=Pose(**pose) if (pose := _read_part("pose", arrays)) else None,
        face=Face(**face) if (face := _read_part("face", arrays)) else None,
        left_hand=Hand(**left, score=nan) if (left := _read_part("left_hand", arrays)) else None,
        right_hand=Hand(**right, score=nan) if (right := _read_part("right_hand", arrays)) else None,
    )


def _read_sections(message: bytes) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    """Each readable section: its kind, the index of its first landmark, and (n, 3) or (n,) values."""
    at = _HEADER.size
    while at + _SECTION.size <= len(message):
        kind, count, first = _SECTION.unpack_from(message, at)
        at += _SECTION.size
        size = count if kind == _POSE_VISIBILITY else count * _XYZ_BYTES
        if kind not in _COUNTS or first + count > _COUNTS[kind] or at + size > len(message):
            return
        body = message[at : at + size]
        at += size
        if kind == _POSE_VISIBILITY:
            yield kind, first, np.frombuffer(body, np.uint8).astype(np.float32) / np.float32(255)
        else:
            yield kind, first, np.frombuffer(body, "<i2").astype(np.float32).reshape(count, 3) / _UNITS


def _read_part(part: PartName, arrays: dict[int, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]] | None:
    """Return the part's fields, NaN where no section of one arrived; ``None`` where none of the part did."""
    kinds = {field: kind for kind, (of, field, _) in _KINDS.items() if of == part}
    if arrays.keys().isdisjoint(kinds.values()):
        return None
    return {field: arrays[kind] if kind in arrays else _lost(kind) for field, kind in kinds.items()}


def _lost(kind: int) -> NDArray[np.float32]:
    return np.full(_COUNTS[kind] if kind == _POSE_VISIBILITY else (_COUNTS[kind], 3), np.nan, np.float32)
