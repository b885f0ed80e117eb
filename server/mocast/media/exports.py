"""Makes animation files of recordings, away from the loop and a bounded number at a time."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, Future
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Final, Literal

from mocast.errors import Unavailable
from mocast.export import bvh, vrma
from mocast.export.jsonl import read_rigs
from mocast.export.motion import Motion, motion_of, natural_fps, resampled
from mocast.export.smoothing import smoothed

Kind = Literal["bvh", "vrma"]

_WRITERS: Final[dict[Kind, Callable[[Motion, IO[bytes]], None]]] = {"bvh": bvh.write, "vrma": vrma.write}


def export(recording: Path, kind: Kind, file: IO[bytes], *, fps: float | None = None, smooth: bool = True) -> None:
    """Write a recording as an animation file, at ``fps`` or the rate that most of it has.

    Raises ``Unprocessable`` where nothing in it can be exported, ``OSError`` as either file does.
    """
    motion = motion_of(read_rigs(recording))
    motion = resampled(motion, fps or natural_fps(motion))
    _WRITERS[kind](smoothed(motion) if smooth else motion, file)


class Exports:
    """Counts an export from its request until its file was fetched, and refuses those that are too many."""

    def __init__(self, workers: Executor, most_pending: int) -> None:
        """``workers``: its threads bound how many are made at a time."""
        self._workers = workers
        self._most_pending = most_pending
        self._pending = 0

    @asynccontextmanager
    async def made(self, recording: Path, kind: Kind, *, fps: float | None, smooth: bool) -> AsyncIterator[IO[bytes]]:
        """Make a file, which lasts as long as the context.

        Raises ``Unavailable`` where too many are made or fetched already, or the disk is full.
        """
        if self._pending >= self._most_pending:
            raise Unavailable("too many exports at a time; try again in a moment", retry_after_s=5)
        self._pending += 1
        work = self._workers.submit(_made, recording, kind, fps, smooth)
        loop = asyncio.get_running_loop()
        try:
            file = await asyncio.wrap_future(work)
        except BaseException as error:
            # Where the client went away, work that has begun still counts until it is done.
            work.add_done_callback(lambda done: loop.call_soon_threadsafe(self._abandoned, done))
            if isinstance(error, OSError):
                raise Unavailable(f"the export cannot be made: {error.strerror}", retry_after_s=60) from error
            raise
        try:
            yield file
        finally:
            file.close()
            self._pending -= 1

    def _abandoned(self, work: Future[IO[bytes]]) -> None:
        self._pending -= 1
        if not work.cancelled() and work.exception() is None:
            work.result().close()


def _made(recording: Path, kind: Kind, fps: float | None, smooth: bool) -> IO[bytes]:
    # On the disk, not in memory, for as long as a slow client fetches it; it has no name, so it never stays behind.
    file = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        export(recording, kind, file, fps=fps, smooth=smooth)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file
