"""Exports recordings as animation files, each in a process of its own, so that live rooms do not wait."""

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Final

import orjson
import structlog

from mocast.environment import without_settings
from mocast.errors import Unavailable, Unprocessable
from mocast.limiter import NOBODY, Client, Limiter
from mocast.memory import let_go_first
from mocast.model.avatar_body import AvatarBody
from mocast.recordings.export.command import UNREADABLE, ExportKind

log = structlog.get_logger(__name__)

MAKING_TIMEOUT_S: Final = 300
"""Ten minutes of recording take some seconds."""

NICENESS: Final = 10
"""Of an export's process."""


class Exporter:
    """Makes one export at a time. Exports that wait, run or are being downloaded are bounded; more are refused.

    Not in a thread, which would compete with the rooms for Python's global interpreter lock for seconds.
    """

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter
        self.disk = ThreadPoolExecutor(limiter.most("exports"), "mocast-export")
        "For calls that block while a disk does: all its threads may hang, and nobody else's."
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def exported(
        self,
        recording: Path,
        kind: ExportKind,
        client: Client = NOBODY,
        *,
        fps: float | None = None,
        smooth: bool = True,
        person: int = 0,
        avatar: AvatarBody | None = None,
    ) -> AsyncIterator[IO[bytes]]:
        """Yield the exported file, at ``fps`` or the recording's prevailing rate. It is deleted when the context ends.

        ``avatar``: whose hands are put where the person's were, in BVH and VRM Animation.

        Raises ``Unprocessable`` where nothing in the recording can be exported, ``TooManyRequests`` or ``Unavailable``
        where there are too many exports already, ``Unavailable`` where the disk is full.
        """
        with self._limiter.lease("exports", client):
            flags = [*_flags(fps, smooth, person), *(["--avatar=-"] if avatar is not None else [])]
            file = await self._file(recording, kind, flags, b"" if avatar is None else orjson.dumps(avatar))
            try:
                yield file
            finally:
                await asyncio.wrap_future(self.disk.submit(file.close))

    async def _file(self, recording: Path, kind: ExportKind, flags: Sequence[str], given: bytes) -> IO[bytes]:
        """Export to an unlinked temporary file: on disk, as a slow client may take long, and gone whatever happens."""
        try:
            file = await asyncio.get_running_loop().run_in_executor(self.disk, tempfile.TemporaryFile)
        except OSError as error:
            raise Unavailable(f"The export cannot be made: {error.strerror}.", retry_after_s=60) from error
        try:
            async with self._turn:
                await _make(recording, kind, file, flags, given)
            file.seek(0)
        except BaseException:
            await asyncio.wrap_future(self.disk.submit(file.close))
            raise
        return file


def _flags(fps: float | None, smooth: bool, person: int) -> list[str]:
    """Return the flags of ``mocast export``."""
    rate = [f"--fps={fps}"] if fps is not None else []
    return [*rate, *([] if smooth else ["--no-smooth"]), *([f"--person={person}"] if person else [])]


async def _make(recording: Path, kind: ExportKind, file: IO[bytes], flags: Sequence[str], given: bytes) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "mocast.recordings.export", *flags, "--", str(recording), f"-.{kind}"),
        stdin=asyncio.subprocess.PIPE,
        stdout=file,
        stderr=asyncio.subprocess.PIPE,
        env=without_settings(os.environ),
    )
    yield_to_rooms(process.pid)
    try:
        async with asyncio.timeout(MAKING_TIMEOUT_S):
            _, told = await process.communicate(given)
    except TimeoutError as error:
        raise Unavailable("The export took too long.", retry_after_s=60) from error
    finally:
        if process.returncode is None:  # the client went away
            process.kill()
            await process.wait()
    sentence = told.decode(errors="replace").strip().rpartition("\n")[2].removeprefix("mocast: ")
    if process.returncode == UNREADABLE:
        raise Unprocessable(sentence)
    if process.returncode != 0:
        log.error("export failed", status=process.returncode, told=sentence)
        raise Unavailable("The export cannot be made; the server's log says why.", retry_after_s=60)


def yield_to_rooms(pid: int) -> None:
    """Live rooms have the processor before this process, and it is the first to end where memory runs out."""
    with contextlib.suppress(OSError):  # not on Linux, or it has ended
        if hasattr(os, "setpriority"):
            os.setpriority(os.PRIO_PROCESS, pid, NICENESS)
    let_go_first(pid)
