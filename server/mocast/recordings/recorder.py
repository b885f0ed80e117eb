"""Writes a room's streams to a file of JSON lines, one per item."""

import contextlib
import errno
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import structlog

from mocast.model.options import DrawOptions
from mocast.wire import recording_json
from mocast.wire.recording_json import Outcome, RecordingTrailer
from mocast.wire.stream_kinds import STREAMS, StreamKind

T = TypeVar("T")

log = structlog.get_logger(__name__)

MAX_WAITING: Final = 256
"""Lines that may be queued: about four seconds of landmarks and rigs at 30 fps, some 2 MB. If the disk stalls for
longer, lines are dropped."""

HUNG_S: Final = 10.0
"""A disk that took no line for so long, while the queue is full, counts as hung: spinning up takes a few seconds."""

HUNG: Final = "the disk does not answer"
ENDED_BY_CLIENT: Final = "it was stopped"
FAILED: Final = "the server failed"
CUT_SHORT: Final = "the server ended while it ran"

DISK_ERRORS: Final = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk is full",
    errno.EFBIG: "its file is as large as the system allows",
    errno.EMFILE: "the server has too many files open",
}

_LONGEST_HEADER, _LONGEST_END = 1024, 1024

_NOT_MIRRORED: Final = DrawOptions()


class Recorder:
    """Queues the items of its ``sinks``, one per stream; ``run`` writes them, on a thread of the caller's.

    Each line is written by one unbuffered call, so a crash loses no more than the queue. Where a line cannot be written
    completely, it is cut off and the recording ends. Where the disk hangs, so does the thread of ``run``, and the
    recording ends without it.
    """

    def __init__(
        self,
        path: Path,
        room: str,
        streams: Sequence[str],
        *,
        max_s: float,
        max_bytes: int,
        owner: str = "",
        account: str = "",
    ) -> None:
        """``owner``, ``account``: the subject of whoever records, and that whose limits count: for the header."""
        self.sinks = {name: RecordingSink(self, STREAMS[name]) for name in streams}
        "By the stream's name."
        self.started_at = datetime.now(UTC)
        self.size = 0
        "Bytes written."
        self._path = path
        self._room = room
        self._owner, self._account = owner, account
        self._max_s = max_s
        self._max_bytes = max_bytes
        self._lines = _no_lines()
        self._dropped = 0
        self._began = time.monotonic()
        self._trailer: RecordingTrailer | None = None
        self._changed = threading.Condition()
        self._waiting: deque[tuple[StreamKind[Any], Any]] = deque()
        self._stopping: str | None = None
        self._wrote_at = self._began
        self._has_hung = False
        self._on_hang: Callable[[], object] = lambda: None

    def put(self, kind: StreamKind[T], item: T) -> None:
        """Queue an item. Where the queue is full, it is dropped and counted."""
        with self._changed:
            if self._stopping is not None:
                return
            if len(self._waiting) >= MAX_WAITING:
                self._dropped += 1
                if time.monotonic() - self._wrote_at > HUNG_S:
                    self._give_up()
                return
            self._waiting.append((kind, item))
            self._changed.notify()

    def stop(self, reason: str) -> None:
        """Accept no more items; ``run`` writes the queue and ends. Of several reasons the first one counts."""
        with self._changed:
            if self._stopping is None:
                self._stopping = reason
                self._changed.notify()

    @property
    def trailer(self) -> RecordingTrailer | None:
        """The result; ``None`` while it runs."""
        return self._trailer

    def so_far(self, state: Outcome = "stopped", reason: str = "") -> RecordingTrailer:
        """Return the counters, as a trailer would have them now."""
        return RecordingTrailer(
            state=state,
            reason=reason,
            seconds=round(time.monotonic() - self._began, 3),
            lines=self._lines.copy(),
            dropped=self._dropped,
        )

    def run(self, on_open: Callable[[], object], on_hang: Callable[[], object] = lambda: None) -> RecordingTrailer:
        """Write until it is stopped or a limit is reached; return the result. Calls ``on_open`` when the file exists.

        Never raises: any failure ends the recording. ``on_hang`` is called on another thread where this one does not
        come back from the disk: ``trailer`` is there then.
        """
        self._on_hang = on_hang
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Without a buffer: a line that could not be written is known there and then.
            with FileIO(self._path, "x", opener=_private) as file:
                end = self._write_all(file, on_open)
        except OSError as error:
            log.warning("recording failed", room=self._room, error=str(error))
            end = self.so_far("failed", DISK_ERRORS.get(error.errno or 0, "the disk failed"))
        except Exception:
            log.exception("recording failed", room=self._room)
            end = self.so_far("failed", FAILED)
        self.stop(end.reason)
        with self._changed:
            self._waiting.clear()
            self._trailer = end
        return end

    def _write_all(self, file: FileIO, on_open: Callable[[], object]) -> RecordingTrailer:
        try:
            streams = tuple(self.sinks)
            self._write(file, recording_json.header(self._room, self.started_at, streams, self._owner, self._account))
            on_open()
            while (waited := self._next()) is not None:
                kind, item = waited
                (text,) = kind.encoders["json"](item, _NOT_MIRRORED)
                assert isinstance(text, str)
                line = f"{text}\n".encode()
                if self.size + len(line) > self._max_bytes:
                    self.stop(f"it is as large as it may be: {self._max_bytes / 2**20:g} MB")
                    break
                self._write(file, line)
                self._lines[kind.counter] += 1
            end = self.so_far("failed" if self._has_hung else "stopped", self._stopping or "")
            self._write(file, recording_json.trailer(end))
        except BaseException:
            with contextlib.suppress(OSError):
                file.truncate(self.size)
            raise
        return end

    def _give_up(self) -> None:
        """End the recording without the thread that writes. With the lock held."""
        self._has_hung, self._stopping = True, HUNG
        self._waiting.clear()
        self._trailer = self.so_far("failed", HUNG)
        log.error("recording failed", room=self._room, error=HUNG)
        self._on_hang()

    def _next(self) -> tuple[StreamKind[Any], Any] | None:
        """The next item to write; ``None`` when it was stopped and the queue is empty."""
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
        self._wrote_at = time.monotonic()


class RecordingSink(Generic[T]):
    """The sink for one stream of a recording."""

    def __init__(self, recorder: Recorder, kind: StreamKind[T]) -> None:
        self._recorder = recorder
        self._kind = kind

    def send(self, item: T) -> None:
        """Take an item for the file, or drop it. Called on the publisher's thread."""
        self._recorder.put(self._kind, item)

    def close(self) -> None:
        """End the recording: the stream's fan-out takes this sink out, as it keeps failing."""
        self._recorder.stop(FAILED)


def _private(path: str, flags: int) -> int:
    """Open a file that only this user may read: it holds a person's movements."""
    return os.open(path, flags, 0o600)


@dataclass(frozen=True, slots=True)
class Recovered:
    """A recording of an earlier run of the server."""

    room: str
    owner: str
    account: str
    streams: tuple[str, ...]
    started_at: datetime
    trailer: RecordingTrailer


def recovered(path: Path) -> Recovered:
    """Read a file's header and trailer; a file that was cut short is repaired first.

    Raises ``ValueError`` where it is no recording, ``OSError`` where it cannot be read.
    """
    with path.open("rb") as file:
        header = recording_json.read_header(file.readline(_LONGEST_HEADER))
        try:
            room, owner, account, streams, started_at = _read(header)
        except (KeyError, TypeError) as error:
            raise ValueError("a header that says too little") from error
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - _LONGEST_END, 0))
        last_line = file.read().rstrip(b"\n").rpartition(b"\n")[2]
        try:
            trailer = recording_json.read_trailer(last_line)
        except ValueError:
            trailer = _repaired(path, file, started_at)
    trailer = replace(trailer, lines={**_no_lines(), **trailer.lines})  # a file may be older than a stream
    return Recovered(room, owner, account, streams, started_at, trailer)


def _no_lines() -> dict[str, int]:
    return dict.fromkeys((kind.counter for kind in STREAMS.values()), 0)


def _read(header: dict[str, Any]) -> tuple[str, str, str, tuple[str, ...], datetime]:
    streams = tuple(name for name in STREAMS if name in header["record"])
    owner = str(header.get("owner", ""))
    account = str(header.get("account", owner))
    return str(header["room"]), owner, account, streams, datetime.fromisoformat(header["started_at"])


def _repaired(path: Path, file: BufferedReader, started_at: datetime) -> RecordingTrailer:
    """Count the lines, cut off an incomplete last one, and write the missing trailer, if the disk allows it."""
    ended_at = os.fstat(file.fileno()).st_mtime
    file.seek(0)
    whole = len(file.readline())
    lines = _no_lines()
    for line in file:
        if not line.endswith(b"\n"):
            break
        whole += len(line)
        kind = STREAMS.get(recording_json.stream_of(line))
        if kind is not None:
            lines[kind.counter] += 1
    seconds = round(max(ended_at - started_at.timestamp(), 0), 3)
    trailer = RecordingTrailer("stopped", CUT_SHORT, seconds, lines, dropped=0)
    with contextlib.suppress(OSError), FileIO(path, "r+") as writing:
        writing.truncate(whole)
        writing.seek(whole)
        writing.write(recording_json.trailer(trailer))
    return trailer
