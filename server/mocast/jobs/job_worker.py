"""Runs one job in processes of their own, which live rooms do not wait for and which may fail as they like."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson
import structlog

from mocast.environment import without_settings
from mocast.jobs.job import JobProgress
from mocast.jobs.job_files import folder_bytes
from mocast.jobs.option_flags import option_flag

log = structlog.get_logger(__name__)

COMMAND: Final = (sys.executable, "-P", "-m", "mocast", "process")
CONFINED: Final = (sys.executable, "-P", "-m", "mocast.jobs.confined")

MAX_LINE_BYTES: Final = 65_536
"""Longest line that is read of a worker; its own have some hundred bytes."""
MAX_REASON: Final = 300
"""Most characters of a worker's reason, which may quote the file."""
MAX_TOLD_BYTES: Final = 4_096
"""Of what it writes to standard error, for the log."""
SIZE_EVERY_S: Final = 10.0
"""How often it is looked how much has been written."""
EXIT_S: Final = 10.0
"""How long a worker that is done, or has closed its output, may take to end by itself."""
LAST_WORDS_S: Final = 1.0
"""How long an ended worker's standard error is read; a program that it began may hold the pipe for ever."""

ALL_DONE, SOME_FAILED = 0, 3
"""Exit codes of ``mocast process``."""

TOO_LONG: Final = "It took longer than {seconds:g} s."
TOO_LARGE: Final = "What is made of it is larger than the disk has room for."
NO_MEMORY: Final = "The worker was killed: the video takes more memory than a job may have."
BROKE: Final = "The worker ended before it was done; the server's log says how."


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOptions:
    """How jobs are worked on, and what one may take."""

    memory_bytes: int = 4 * 2**30
    "Of each of its processes."
    seconds: float = 14_400
    "From its start to its end."
    processes: int = 1
    "That track, beside the one that they belong to."
    environment: Mapping[str, str] = field(default_factory=dict)
    "Variables, beside those of the server's own that are no settings."
    command: Sequence[str] = COMMAND


@dataclass(frozen=True, slots=True)
class JobTask:
    """What a worker is to do."""

    name: str
    "Of its temporary folder: the same one each time that the job runs, and no other job's."
    video: Path
    results: Path
    flags: tuple[str, ...]
    result_bytes: int
    "That the results may have together."


class JobWorker:
    """One job's processes. ``run`` may be called once, and cancelled."""

    def __init__(self, task: JobTask, options: WorkerOptions, on_progress: Callable[[JobProgress], object]) -> None:
        self._task = task
        self._options = options
        self._on_progress = on_progress
        self._has_finished = False
        "Whether it has said that it is done with the video, whatever came of it."
        self._failure = ""
        "The sentence that it fails with, if it was ended for something or has said why."

    async def run(self) -> str:
        """Do it. Return why it failed, in a sentence, or an empty text. Raises ``OSError`` where nothing can be run."""
        # What is killed leaves temporary files behind.
        temporary = await asyncio.to_thread(_temporary_folder, self._task.name)
        try:
            return await self._run(temporary)
        finally:
            await asyncio.to_thread(shutil.rmtree, temporary, ignore_errors=True)

    async def _run(self, temporary: str) -> str:
        task, options = self._task, self._options
        confined = (*CONFINED, str(options.memory_bytes), str(task.result_bytes))
        parent = str(os.getpid())
        words = (str(task.video), "-o", str(task.results), "--progress=json", f"--jobs={options.processes}")
        process = await asyncio.create_subprocess_exec(
            *(*confined, parent, *options.command, *words, f"--parent={parent}", *task.flags),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**without_settings(os.environ), **options.environment, "TMPDIR": temporary},
            limit=MAX_LINE_BYTES,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        told = bytearray()
        watching = asyncio.create_task(self._watch_size(process))
        keeping = asyncio.create_task(_keep_last(process.stderr, told))
        try:
            async with asyncio.timeout(options.seconds):
                await self._read(process.stdout)
            async with asyncio.timeout(EXIT_S):
                await process.wait()
        except TimeoutError:
            self._failure = self._failure or ("" if self._has_finished else TOO_LONG.format(seconds=options.seconds))
        except ValueError:  # a line without end
            self._failure = BROKE
        finally:
            _kill(process)
            watching.cancel()
            await process.wait()
            await asyncio.wait([keeping], timeout=LAST_WORDS_S)
            keeping.cancel()
        return self._outcome(process.returncode or 0, bytes(told))

    def _outcome(self, status: int, told: bytes) -> str:
        """Why it failed; empty: it did not."""
        if status == ALL_DONE or (self._has_finished and not self._failure):
            return ""
        if not self._failure or status not in (SOME_FAILED, -signal.SIGKILL):
            log.warning("job's worker failed", status=status, told=told.decode(errors="replace").strip())
        if self._failure:
            return self._failure
        return NO_MEMORY if status == -signal.SIGKILL else BROKE

    async def _read(self, lines: asyncio.StreamReader) -> None:
        """Take in what it says until the end. Raises ``ValueError`` where a line has none."""
        while not self._has_finished and (line := await lines.readline()):
            with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):  # a library's own words
                self._take_message(orjson.loads(line))

    def _take_message(self, said: Mapping[str, Any]) -> None:
        if said["type"] == "progress":
            of, left_s = said["of"], said["left_s"]
            progress = JobProgress(
                int(said["frames"]),
                None if of is None else int(of),
                round(float(said["fps"]), 1),
                None if left_s is None else round(float(left_s), 1),
            )
            self._on_progress(progress)
        elif said["type"] == "file" and said["state"] == "failed":
            self._failure = str(said["reason"])[:MAX_REASON]
        elif said["type"] == "end":
            self._has_finished = True

    async def _watch_size(self, process: asyncio.subprocess.Process) -> None:
        while True:
            await asyncio.sleep(SIZE_EVERY_S)
            size = await asyncio.to_thread(folder_bytes, self._task.results)
            if size > self._task.result_bytes:
                self._failure = TOO_LARGE
                _kill(process)


def flags(options: Mapping[str, Any]) -> tuple[str, ...]:
    """Return options as the command line has them: what is on or off is off without its flag."""
    words = []
    for name, value in options.items():
        if value is True:
            words.append(option_flag(name))
        elif value is not None and value is not False:
            words.append(f"{option_flag(name)}={','.join(value) if isinstance(value, list) else value}")
    return tuple(words)


def _temporary_folder(name: str) -> str:
    """Make a job's temporary folder, and remove those of earlier runs, during which the server was killed."""
    prefix = f"mocast-job-{name}-"
    for left in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    return tempfile.mkdtemp(prefix=prefix)


def _kill(process: asyncio.subprocess.Process) -> None:
    """End a worker's processes, all of which are in the group that its first one made."""
    with contextlib.suppress(ProcessLookupError):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:  # it has not made it yet, or has ended
            if process.returncode is None:
                process.kill()


async def _keep_last(lines: asyncio.StreamReader, told: bytearray) -> None:
    while piece := await lines.read(MAX_TOLD_BYTES):
        told += piece
        del told[:-MAX_TOLD_BYTES]
