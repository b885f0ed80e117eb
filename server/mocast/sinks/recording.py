"""Writes a room's landmarks and rigs to a file, one line of JSON each."""

import contextlib
import errno
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Final, Literal

import structlog

from mocast.model.rig import Rig
from mocast.model.tracked import Tracked
from mocast.wire import landmarks_json, recording_json, rig_json
from mocast.wire.recording_json import End, Outcome, Part

log = structlog.get_logger(__name__)

State = Literal["recording", "stopped", "failed"]

MAX_WAITING: Final = 256
"""Lines: about four seconds of landmarks and rigs at 30 fps, some 2 MB. A disk that halts for longer costs lines."""

ENDED_BY_CLIENT: Final = "it was stopped"
CUT_SHORT: Final = "the server ended in the midst of it"


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
        self._counts = {"landmarks": 0, "rig": 0}
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

    def progress(self) -> End | None:
        """Return how it went; ``None`` while it runs."""
        return self._end

    def so_far(self, state: Outcome = "stopped", reason: str = "") -> End:
        """Return the figures as they are now."""
        return End(
            state=state,
            reason=reason,
            seconds=round(time.monotonic() - self._began, 3),
            landmarks=self._counts["landmarks"],
            rigs=self._counts["rig"],
            dropped=self._dropped,
        )

    def run(self, on_open: Callable[[], None]) -> End:
        """Write until it is closed or a bound is reached; return how it went. Calls ``on_open`` when the file is there.

        Raises nothing: a disk that fails ends the recording.
        """
        try:
            # Without a buffer, so that what failed to be written is known when it failed.
            with self._path.open("xb", buffering=0) as file:
                self._end = self._write_all(file, on_open)
        except OSError as error:
            self._end = self.so_far("failed", self._told(error))
        finally:
            self.stop("")
            with self._changed:
                self._waiting.clear()
        return self._end

    def _write_all(self, file: FileIO, on_open: Callable[[], None]) -> End:
        try:
            self._write(file, recording_json.header(self._room, self.started_at, self._parts))
            on_open()
            while (line := self._next_line()) is not None:
                if self.size + len(line) > self._max_bytes:
                    self.stop(f"it is as large as it may be, {self._max_bytes / 2**20:g} MB")
                    break
                self._write(file, line)
            end = self.so_far("stopped", self._stopping or "")
            self._write(file, recording_json.end(end))
        except OSError:
            with contextlib.suppress(OSError):
                file.truncate(self.size)
            raise
        return end
