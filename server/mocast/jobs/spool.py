"""A segment's results on disk, until they are joined: landmarks in records of one size, encoded pictures by length."""

import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np

from mocast.model.topology import FACE_COUNT, HAND_COUNT, POSE_COUNT
from mocast.model.tracked import Face, Hand, Pose, Tracked

_HAND: Final = [
    ("is_there", "?"),
    ("image", "f4", (HAND_COUNT, 3)),
    ("world", "f4", (HAND_COUNT, 3)),
    ("score", "f4"),
]
RECORD: Final = np.dtype(
    [
        ("frame", "i8"),
        ("pts", "i8"),
        ("source_pts", "i8"),
        ("tracking_ns", "i8"),
        ("person", "u1"),
        ("others", "u1"),
        ("size_wh", "i4", (2,)),
        ("has_pose", "?"),
        ("image", "f4", (POSE_COUNT, 3)),
        ("world", "f4", (POSE_COUNT, 3)),
        ("visibility", "f4", (POSE_COUNT,)),
        ("has_face", "?"),
        ("face", "f4", (FACE_COUNT, 3)),
        ("left_hand", _HAND),
        ("right_hand", _HAND),
    ]
)
"""A person in a tracked frame, 7.8 KB: all that ``Tracked`` holds but its times on the clock, and the frame's time in
the file. The first one's says how many others follow."""

_PACKET_HEAD: Final = struct.Struct("<I?")
"""Bytes of an encoded picture, and whether it is a key frame."""

_READ_AT_ONCE: Final = 32
"""Records: a quarter of a megabyte."""


@dataclass(frozen=True, slots=True)
class SpooledFrame:
    """A frame as a worker leaves it."""

    tracked: Tracked
    source_pts: int
    "Its display time in the video's own time base."
    packet: bytes | None
    "The encoded picture, where one is wanted."
    is_key_frame: bool = False


class SpoolWriter:
    """Writes a segment's files. They count once ``SegmentResult`` is there; a process that ends leaves rubbish."""

    def __init__(self, path: Path, *, with_packets: bool) -> None:
        self._path = path
        self._records = _landmarks(path).open("wb")
        self._packets = _pictures(path).open("wb") if with_packets else None
        self._has_lead_in = False
        self.count = 0
        "Frames written, without those of the lead-in."

    def write(self, tracked: Tracked, source_pts: int) -> None:
        """Add a frame's landmarks. Raises ``OSError``."""
        for person in tracked.people:
            self._records.write(_record(person, source_pts).tobytes())
        self.count += 1

    def write_lead_in(self, tracked: Tracked, source_pts: int) -> None:
        """Add the landmarks of a frame before the segment. Raises ``OSError``."""
        with _lead_in(self._path).open("ab" if self._has_lead_in else "wb") as file:
            for person in tracked.people:
                file.write(_record(person, source_pts).tobytes())
        self._has_lead_in = True

    def write_packet(self, data: bytes, *, is_key_frame: bool) -> None:
        """Add the next encoded picture, which may come later than its landmarks. Raises ``OSError``."""
        assert self._packets is not None
        self._packets.write(_PACKET_HEAD.pack(len(data), is_key_frame) + data)

    def __enter__(self) -> "SpoolWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._records.close()
        if self._packets is not None:
            self._packets.close()


def read_spool(path: Path) -> Iterator[SpooledFrame]:
    """Yield a segment's frames in order. Raises ``OSError``, and ``ValueError`` where a file is cut short."""
    packets = _read_packets(_pictures(path))
    for tracked, source_pts in _read_frames(_landmarks(path)):
        packet, is_key_frame = next(packets, (None, False))
        yield SpooledFrame(tracked, source_pts, packet, is_key_frame)
    if next(packets, None) is not None:
        raise ValueError("there are more pictures than landmarks")


def read_lead_in(path: Path) -> list[SpooledFrame]:
    """Return the frames before a segment whose landmarks were kept. Raises ``OSError``."""
    if not _lead_in(path).exists():
        return []
    return [SpooledFrame(tracked, source_pts, None) for tracked, source_pts in _read_frames(_lead_in(path))]


def spool_files(path: Path) -> tuple[Path, ...]:
    """Return a segment's files that are there: whoever tracks on another machine sends them."""
    return tuple(file for file in (_landmarks(path), _pictures(path), _lead_in(path)) if file.exists())


def _landmarks(path: Path) -> Path:
    return path.with_name(path.name + ".landmarks")


def _lead_in(path: Path) -> Path:
    return path.with_name(path.name + ".lead-in")


def _pictures(path: Path) -> Path:
    return path.with_name(path.name + ".pictures")


def _read_frames(path: Path) -> Iterator[tuple[Tracked, int]]:
    """Yield what is in each frame, and the frame's time in the file."""
    records = _read_records(path)
    for record in records:
        others = tuple(_tracked(other) for other in islice(records, int(record["others"])))
        first = _tracked(record)
        yield (replace(first, others=others) if others else first), int(record["source_pts"])


def _read_records(path: Path) -> Iterator[Any]:
    with path.open("rb") as file:
        while len(records := np.fromfile(file, RECORD, _READ_AT_ONCE)):
            yield from records


def _read_packets(path: Path) -> Iterator[tuple[bytes, bool]]:
    if not path.exists():
        return
    with path.open("rb") as file:
        while head := file.read(_PACKET_HEAD.size):
            size, is_key_frame = _PACKET_HEAD.unpack(head)
            data = file.read(size)
            if len(data) != size:
                raise ValueError("a picture is cut short")
            yield data, is_key_frame


def _record(tracked: Tracked, source_pts: int) -> Any:
    record = np.zeros((), RECORD)
    record["frame"], record["pts"], record["source_pts"] = tracked.frame, tracked.pts, source_pts
    record["tracking_ns"], record["size_wh"] = tracked.tracking_ns, tracked.size_wh
    record["person"], record["others"] = tracked.person, len(tracked.others)
    if tracked.pose is not None:
        record["has_pose"] = True
        record["image"], record["world"] = tracked.pose.image, tracked.pose.world
        record["visibility"] = tracked.pose.visibility
    if tracked.face is not None:
        record["has_face"], record["face"] = True, tracked.face.image
    for name in ("left_hand", "right_hand"):
        hand: Hand | None = getattr(tracked, name)
        if hand is not None:
            record[name] = (True, hand.image, hand.world, hand.score)
    return record


def _tracked(record: Any) -> Tracked:
    width, height = record["size_wh"].tolist()
    now_ns = time.monotonic_ns()
    pose = Pose(record["image"], record["world"], record["visibility"]) if record["has_pose"] else None
    return Tracked(
        frame=int(record["frame"]),
        pts=int(record["pts"]),
        decoded_at_ns=now_ns,
        size_wh=(width, height),
        tracked_at_ns=now_ns,
        tracking_ns=int(record["tracking_ns"]),
        pose=pose,
        face=Face(record["face"]) if record["has_face"] else None,
        left_hand=_hand(record["left_hand"]),
        right_hand=_hand(record["right_hand"]),
        person=int(record["person"]),
    )


def _hand(record: Any) -> Hand | None:
    if not record["is_there"]:
        return None
    return Hand(record["image"], record["world"], float(record["score"]))
