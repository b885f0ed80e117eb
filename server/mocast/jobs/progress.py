"""How a run tells of its progress: bars in a terminal, lines elsewhere, JSON lines for programs."""

import errno
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

State = Literal["done", "failed", "skipped"]
ProgressKind = Literal["auto", "bar", "lines", "json"]

JSON_EVERY_S: Final = 0.5
"""Seconds between two lines on the same file."""


class Reporter(Protocol):
    """Is told what a run does. ``frames`` may be called on any thread, the others on the main one."""

    def begins(self, file: str, frames: int | None) -> None:
        """A file is begun; ``frames`` are wanted of it, where that is known."""

    def frames(self, file: str, count: int) -> None:
        """So many more frames of it are tracked."""

    def ended(self, file: str, state: State, reason: str, outputs: Sequence[Path]) -> None:
        """A file is done or skipped, whose outputs are these, or failed for a reason."""

    def close(self, done: int, failed: int) -> None:
        """The run has ended."""


@dataclass(slots=True)
class FilePace:
    """How far a file is, and how fast it goes."""

    of: int | None
    frames: int = 0
    began: float = field(default_factory=time.monotonic)
    told: float = 0.0

    @property
    def fps(self) -> float:
        """Frames a second since it was begun."""
        return self.frames / max(time.monotonic() - self.began, 1e-6)

    @property
    def left_s(self) -> float | None:
        """Seconds until it is done at this pace; ``None`` where that cannot be said."""
        if self.of is None or not self.frames:
            return None
        return max(self.of - self.frames, 0) / self.fps


class JsonReporter:
    """Prints one JSON object a line: ``progress``, ``file`` and ``end``. See docs/files.md."""

    def __init__(self, parent: int | None = None) -> None:
        """``parent``: the process that all this is for; once it has ended, this one is told to end, too (SIGTERM)."""
        self._parent = parent
        self._out = sys.stdout.buffer  # this one, whatever an executor's library makes of it
        self._lock = threading.Lock()
        self._paces: dict[str, FilePace] = {}

    def begins(self, file: str, frames: int | None) -> None:
        """Say that it is at 0 frames."""
        with self._lock:
            self._paces[file] = FilePace(frames)
            self._tell(file)

    def frames(self, file: str, count: int) -> None:
        """Say how far it is, now and then."""
        with self._lock:
            pace = self._paces.get(file)
            if pace is None:
                return
            pace.frames += count
            if time.monotonic() - pace.told >= JSON_EVERY_S:
                self._tell(file)

    def ended(self, file: str, state: State, reason: str, outputs: Sequence[Path]) -> None:
        """Say what became of it."""
        with self._lock:
            if file in self._paces:
                self._tell(file)
                del self._paces[file]
            told: dict[str, Any] = {"type": "file", "file": file, "state": state, "reason": reason or None}
            self._print(told | {"outputs": [str(path) for path in outputs]})

    def close(self, done: int, failed: int) -> None:
        """Say how many files are done and failed."""
        self._print({"type": "end", "done": done, "failed": failed})

    def _tell(self, file: str) -> None:
        pace = self._paces[file]
        pace.told = time.monotonic()
        left_s = pace.left_s
        self._print(
            {
                "type": "progress",
                "file": file,
                "frames": pace.frames,
                "of": pace.of,
                "fps": round(pace.fps, 1),
                "left_s": None if left_s is None else round(left_s, 1),
            }
        )

    def _print(self, message: dict[str, Any]) -> None:
        if self._parent not in (None, os.getppid()):
            self._parent = None  # once
            # On Linux the kernel has ended this process before (see confined.py). Elsewhere the main thread must be
            # woken, which waits.
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
        try:
            self._out.write(orjson.dumps(message, option=orjson.OPT_APPEND_NEWLINE))
            self._out.flush()
        except OSError as error:
            if error.errno not in (errno.EPIPE, errno.EINVAL):  # the latter on Windows
                raise
            # Who reads has gone, and the work goes on; what is left is written to nowhere.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._out.fileno())
            os.close(nowhere)


class LinesReporter:
    """Prints a line for each file that ends: for logs."""

    def __init__(self) -> None:
        self._console = Console(file=sys.stdout, highlight=False, soft_wrap=True, markup=False)

    def begins(self, file: str, frames: int | None) -> None:
        """Say nothing."""

    def frames(self, file: str, count: int) -> None:
        """Say nothing."""

    def ended(self, file: str, state: State, reason: str, outputs: Sequence[Path]) -> None:
        """Say what became of it."""
        self._console.print(_sentence(file, state, reason, outputs))

    def close(self, done: int, failed: int) -> None:
        """Say how many files are done and failed."""
        self._console.print(f"{done} done, {failed} failed")


class BarReporter(LinesReporter):
    """Shows a bar for each file that is worked on, with its frames a second and the time left."""

    def __init__(self) -> None:
        super().__init__()
        self._paces: dict[str, tuple[TaskID, FilePace]] = {}
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[fps]:.0f} frames/s"),
            TimeRemainingColumn(),
            console=self._console,
        )

    def begins(self, file: str, frames: int | None) -> None:
        """Show its bar."""
        self._progress.start()  # once
        self._paces[file] = self._progress.add_task(Path(file).name or file, total=frames, fps=0.0), FilePace(frames)

    def frames(self, file: str, count: int) -> None:
        """Move its bar."""
        if file in self._paces:
            task, pace = self._paces[file]
            pace.frames += count
            self._progress.update(task, advance=count, fps=pace.fps)

    def ended(self, file: str, state: State, reason: str, outputs: Sequence[Path]) -> None:
        """Put a line in the place of its bar."""
        if file in self._paces:
            self._progress.remove_task(self._paces.pop(file)[0])
        super().ended(file, state, reason, outputs)

    def close(self, done: int, failed: int) -> None:
        """Take the bars away and say how many files are done and failed."""
        self._progress.stop()
        super().close(done, failed)


def make_reporter(kind: ProgressKind, parent: int | None = None) -> Reporter:
    """Return a reporter; ``auto``: bars in a terminal, lines elsewhere. ``parent``: see ``JsonReporter``."""
    if kind == "json":
        return JsonReporter(parent)
    return BarReporter() if kind == "bar" or (kind == "auto" and sys.stdout.isatty()) else LinesReporter()


def _sentence(file: str, state: State, reason: str, outputs: Sequence[Path]) -> str:
    match state:
        case "failed":
            return f"{file}: failed: {reason}"
        case "skipped":
            return f"{file}: done before, left as it is"
    return f"{file}: done: {', '.join(str(path) for path in outputs)}"
