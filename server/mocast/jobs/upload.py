"""One request's bytes on their way to the end of a job's video."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from mocast.jobs.job import Job

WRITE_BYTES: Final = 256 * 1024
"""A video is written in pieces of so many bytes, as far as they come in one request."""

Write = Callable[[str, int, bytearray], Coroutine[Any, Any, None]]
"""Appends to the video of a job, from an offset on."""


class Upload:
    """A buffer before a video. What was given to it is written, also where the request is cancelled meanwhile."""

    def __init__(self, job: Job, task: asyncio.Task[Any], write: Write) -> None:
        """``task``: the request's."""
        self.job = job
        self.task = task
        self.ended = asyncio.Event()
        self._write = write
        self._buffer = bytearray()
        self._writing: asyncio.Task[None] | None = None
        self._gives_way = False

    def give_way(self) -> None:
        """Have the request end when what it brought is written: asked for again, it would not wait for that."""
        if not self._gives_way:
            self._gives_way = True
            self.task.cancel()

    @property
    def size(self) -> int:
        """Bytes of the video, those in the buffer among them."""
        return self.job.received + len(self._buffer)

    async def add(self, chunk: bytes) -> None:
        """Take the next bytes. Raises what writing raises."""
        self._buffer += chunk
        if len(self._buffer) >= WRITE_BYTES:
            await self.flush()

    async def flush(self) -> None:
        """Write what is in the buffer. Raises what writing raises, again where an earlier call did.

        Where it is cancelled it first waits for the disk: the next request goes on behind what is written.
        """
        if self._writing is not None:
            await asyncio.shield(self._writing)
        if self._buffer:
            data, self._buffer = self._buffer, bytearray()
            self._writing = asyncio.create_task(self._append(data))
            try:
                await asyncio.shield(self._writing)
            except asyncio.CancelledError:
                await asyncio.wait([self._writing])
                raise

    async def _append(self, data: bytearray) -> None:
        await self._write(self.job.id, self.job.received, data)
        self.job.received += len(data)
