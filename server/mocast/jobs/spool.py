"""A segment's results on disk, until they are joined: landmarks in records of one size, encoded pictures by length."""

import struct
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final

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


@dataclass(frozen=True, slots=True)
class SpooledFrame:
    """A frame as a worker leaves it."""

    tracked: Tracked
    source_pts: int
    "Its display time in the video's own time base."
    packet: bytes | None = None
    "The encoded picture, where one is wanted."
    is_key_frame: bool = False


class SpoolWriter:
    """Writes a segment's files, which may be read meanwhile. What was there before is somebody's who still reads it."""

    def __init__(self, path: Path, *, with_packets: bool) -> None:
        for old in spool_files(path):
            old.unlink()
        self._path = path
        self._records = _landmarks(path).open("xb")
        self._packets = _pictures(path).open("xb") if with_packets else None
        self._has_lead_in = False
        self._pictures = 0
        self.count = 0
        "Frames whose landmarks are written, without those of the lead-in."

    @property
    def whole(self) -> int:
        """How many frames are written with their pictures, which may come later."""
        return self.count if self._packets is None else min(self.count, self._pictures)

    def write(self, tracked: Tracked, source_pts: int) -> None:
        """Add a frame's landmarks. Raises ``OSError``."""
        for person in tracked.people:
            self._records.write(_record(person, source_pts).tobytes())
        self.count += 1

    def write_lead_in(self, tracked: Tracked, source_pts: int) -> None:
        """Add the landmarks of a frame before the segment. Raises ``OSError``."""
        with _lead_in(self._path).open("ab" if self._has_lead_in else "xb") as file:
            for person in tracked.people:
                file.write(_record(person, source_pts).tobytes())
        self._has_lead_in = True

    def write_packet(self, data: bytes, *, is_key_frame: bool) -> None:
        """Add the next encoded picture. Raises ``OSError``."""
        assert self._packets is not None
        self._pictures += 1
        self._packets.write(_PACKET_HEAD.pack(len(data), is_key_frame) + data)

    def flush(self) -> None:
        """Let those who read have all that was written. Raises ``OSError``."""
        self._records.flush()
        if self._packets is not None:
            self._packets.flush()

    def __enter__(self) -> "SpoolWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._records.close()
        if self._packets is not None:
            self._packets.close()


class SpoolReader:
    """Reads a segment's frames in order, while others are still written."""

    def __init__(self, path: Path, *, with_packets: bool) -> None:
        """Open the files. Raises ``OSError``, where one of them is not there yet ``FileNotFoundError``."""
        files = (_landmarks(path), _pictures(path)) if with_packets else (_landmarks(path),)
        with ExitStack() as opened:
            self._files = [opened.enter_context(file.open("rb")) for file in files]
            opened.pop_all()

    def read(self, count: int) -> list[SpooledFrame]:
        """Return the next frames; fewer where no more are there as a whole. Raises ``OSError``."""
        frames: list[SpooledFrame] = []
        while len(frames) < count:
            begin = [file.tell() for file in self._files]
            frame = self._frame()
            if frame is None:
                for file, place in zip(self._files, begin, strict=True):
                    file.seek(place)
                break
            frames.append(frame)
        return frames

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            file.close()

    def _frame(self) -> SpooledFrame | None:
        """Return the next frame; ``None`` where a part of it is not there."""
        records, *pictures = self._files
        found = _read_frame(records)
        if found is None or not pictures:
            return found
        head = pictures[0].read(_PACKET_HEAD.size)
        if len(head) < _PACKET_HEAD.size:
            return None
        size, is_key_frame = _PACKET_HEAD.unpack(head)
        data = pictures[0].read(size)
        return replace(found, packet=data, is_key_frame=is_key_frame) if len(data) == size else None


def read_lead_in(path: Path) -> list[SpooledFrame]:
    """Return the frames before a segment whose landmarks were kept. Raises ``OSError``."""
    if not _lead_in(path).exists():
        return []
    with _lead_in(path).open("rb") as file:
        return list(iter(lambda: _read_frame(file), None))


def holds(path: Path, frames: int) -> bool:
    """Return whether a segment's landmarks are as long as so many frames are at least."""
    return _landmarks(path).exists() and _landmarks(path).stat().st_size >= frames * RECORD.itemsize


def spool_files(path: Path) -> tuple[Path, ...]:
    """Return a segment's files that are there: whoever tracks on another machine sends them."""
    return tuple(file for file in (_landmarks(path), _pictures(path), _lead_in(path)) if file.exists())


def _landmarks(path: Path) -> Path:
    return path.with_name(path.name + ".landmarks")


def _lead_in(path: Path) -> Path:
    return path.with_name(path.name + ".lead-in")


def _pictures(path: Path) -> Path:
    return path.with_name(path.name + ".pictures")


def _read_frame(file: BinaryIO) -> SpooledFrame | None:
    """Return what is in the next frame, without its picture; ``None`` where it is not there as a whole."""
    record = _read_record(file)
    others = [] if record is None else [_read_record(file) for _ in range(int(record["others"]))]
    if record is None or any(other is None for other in others):
        return None
    first = _tracked(record)
    people = replace(first, others=tuple(map(_tracked, others))) if others else first
    return SpooledFrame(people, int(record["source_pts"]))


def _read_record(file: BinaryIO) -> Any:
    data = file.read(RECORD.itemsize)
    return np.frombuffer(data, RECORD)[0] if len(data) == RECORD.itemsize else None


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
