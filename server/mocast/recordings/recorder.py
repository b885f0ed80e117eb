"""Writes a room's landmarks and rigs to a file, one line of JSON each."""

import contextlib
import errno
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Any, Final

import structlog

from mocast.model.rig import Rig
from mocast.model.tracked import Tracked
from mocast.wire import landmarks_json, recording_json, rig_json
from mocast.wire.recording_json import End, Outcome, Part

log = structlog.get_logger(__name__)

MAX_WAITING: Final = 256
"""Lines: about four seconds of landmarks and rigs at 30 fps, some 2 MB. A disk that halts for longer costs lines."""

ENDED_BY_CLIENT: Final = "it was stopped"
CUT_SHORT: Final = "the server ended in the midst of it"

_LONGEST_HEADER, _LONGEST_END = 1024, 1024


class Recorder:
    """A sink for both, landmarks and rigs. ``send`` only queues; ``run`` writes, on a thread that the caller gives it.

    Each line is written by one call and nothing is kept back, so a crash costs no more than what still waited. Where a
    line cannot be written whole, the file ends with the one before it, and so does the recording.
    """

    def __init__(self, path: Path, room: str, parts: Sequence[Part], *, max_s: float, max_bytes: int) -> None:
        self.started_at = datetime.now(UTC)
        self.size = 0
        "Bytes written."
        self._path = path
        self._room = room
        self._parts = tuple(parts)
        self._max_s = max_s
        self._max_bytes = max_bytes
        self._written: dict[Part, int] = {"landmarks": 0, "rig": 0}
        self._dropped = 0
        self._began = time.monotonic()
        self._end: End | None = None
        self._changed = threading.Condition()
        self._waiting: deque[Tracked | Rig] = deque()
        self._stopping: str | None = None

    def send(self, item: Tracked | Rig) -> None:
        """Take it for the file. Where too much waits already, it is dropped and counted."""
        with self._changed:
            if self._stopping is not None:
                return
            if len(self._waiting) >= MAX_WAITING:
                self._dropped += 1
                return
            self._waiting.append(item)
            self._changed.notify()

    def close(self) -> None:
        """Take nothing more: ``run`` writes what waits, and ends."""
        self.stop(ENDED_BY_CLIENT)

    def stop(self, reason: str) -> None:
        """Close it for this reason; the first one counts."""
        with self._changed:
            if self._stopping is None:
                self._stopping = reason
                self._changed.notify()

    @property
    def end(self) -> End | None:
        """How it went; ``None`` while it runs."""
        return self._end

    def so_far(self, state: Outcome = "stopped", reason: str = "") -> End:
        """Return the stats as they are now."""
        return End(
            state=state,
            reason=reason,
            seconds=round(time.monotonic() - self._began, 3),
            landmarks=self._written["landmarks"],
            rigs=self._written["rig"],
            dropped=self._dropped,
        )

    def run(self, on_open: Callable[[], object]) -> End:
        """Write until it is closed or a bound is reached; return how it went. Calls ``on_open`` when the file is there.

        Raises nothing: whatever fails ends the recording.
        """
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Without a buffer: a line that could not be written is known there and then.
            with FileIO(self._path, "x", opener=_private) as file:
                end = self._write_all(file, on_open)
        except OSError as error:
            log.warning("recording failed", room=self._room, error=str(error))
            end = self.so_far("failed", "the disk is full" if error.errno == errno.ENOSPC else "the disk failed")
        except Exception:
            log.exception("recording failed", room=self._room)
            end = self.so_far("failed", "the server failed")
        self.stop(end.reason)
        with self._changed:
            self._waiting.clear()
            self._end = end
        return end

    def _write_all(self, file: FileIO, on_open: Callable[[], object]) -> End:
        try:
            self._write(file, recording_json.header(self._room, self.started_at, self._parts))
            on_open()
            while (item := self._next()) is not None:
                part: Part = "rig" if isinstance(item, Rig) else "landmarks"
                line = _line(item)
                if self.size + len(line) > self._max_bytes:
                    self.stop(f"it is as large as it may be: {self._max_bytes / 2**20:g} MB")
                    break
                self._write(file, line)
                self._written[part] += 1
            end = self.so_far("stopped", self._stopping or "")
            self._write(file, recording_json.end(end))
        except BaseException:
            with contextlib.suppress(OSError):
                file.truncate(self.size)
            raise
        return end

    def _next(self) -> Tracked | Rig | None:
        """The next one to write; ``None`` when all is written and nothing more comes."""
        with self._changed:
            while True:
                left_s = self._began + self._max_s - time.monotonic()
                if self._stopping is None and left_s <= 0:
                    self._stopping = f"its time is over: {self._max_s:g} s"
                if self._waiting:
                    return self._waiting.popleft()
                if self._stopping is not None:
                    return None
                self._changed.wait(left_s)

    def _write(self, file: FileIO, line: bytes) -> None:
        rest = memoryview(line)
        while rest:  # where a disk fills up, a part of a line may be taken before the error
            rest = rest[file.write(rest) :]
        self.size += len(line)


def _line(item: Tracked | Rig) -> bytes:
    text = rig_json.encode(item) if isinstance(item, Rig) else landmarks_json.encode(item, mirrored=False)
    return text.encode() + b"\n"


def _private(path: str, flags: int) -> int:
    """Open a file for this user alone: it holds somebody's movements."""
    return os.open(path, flags, 0o600)


@dataclass(frozen=True, slots=True)
class Recovered:
    """What an earlier server recorded."""

    room: str
    parts: tuple[Part, ...]
    started_at: datetime
    end: End


def recovered(path: Path) -> Recovered:
    """Return what a file says of itself; one that was cut short gets its last line first.

    Raises ``ValueError`` where it is no recording, ``OSError`` where it cannot be read.
    """
    with path.open("rb") as file:
        header = recording_json.read_header(file.readline(_LONGEST_HEADER))
        try:
            room, parts, started_at = _told(header)
        except (KeyError, TypeError) as error:
            raise ValueError("a header that says too little") from error
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - _LONGEST_END, 0))
        last_line = file.read().rstrip(b"\n").rpartition(b"\n")[2]
        try:
            end = recording_json.read_end(last_line)
        except ValueError:
            end = _mended(path, file, started_at)
    return Recovered(room, parts, started_at, end)


def _told(header: dict[str, Any]) -> tuple[str, tuple[Part, ...], datetime]:
    parts = tuple(part for part in recording_json.PARTS if part in header["record"])
    return str(header["room"]), parts, datetime.fromisoformat(header["started_at"])


def _mended(path: Path, file: BufferedReader, started_at: datetime) -> End:
    """Count the lines, cut off one that is not whole, and write the end that is missing, where the disk lets us."""
    ended_at = os.fstat(file.fileno()).st_mtime
    file.seek(0)
    whole, landmarks, rigs = len(file.readline()), 0, 0
    for line in file:
        if not line.endswith(b"\n"):
            break
        whole += len(line)
        is_rig = recording_json.is_rig(line)
        rigs += is_rig
        landmarks += not is_rig
    seconds = round(max(ended_at - started_at.timestamp(), 0), 3)
    end = End("stopped", CUT_SHORT, seconds, landmarks, rigs, dropped=0)
    with contextlib.suppress(OSError), FileIO(path, "r+") as writing:
        writing.truncate(whole)
        writing.seek(whole)
        writing.write(recording_json.end(end))
    return end
