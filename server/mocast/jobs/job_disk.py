"""What the disk keeps of jobs: their files, and the list of them, which is written in the background."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Coroutine
from pathlib import Path
from typing import Any, Final

import structlog

from mocast.jobs.job import Job
from mocast.jobs.job_files import JobFiles
from mocast.jobs.job_store import JobStore

log = structlog.get_logger(__name__)

DATABASE_NAME: Final = "jobs.sqlite3"

CLOSING_S: Final = 5.0
"""How long a stop of the server waits for the list of jobs to be written."""


class JobDisk:
    """Owns the folder of jobs. Where its list cannot be written, that is logged, and the jobs go on."""

    def __init__(self, folder: Path, *, is_temporary: bool) -> None:
        """``folder``: for this server alone. Where it ``is_temporary`` it is made by ``require_open``, and deleted in
        the end."""
        self.files = JobFiles(folder.absolute())
        self._store = JobStore(self.files.folder / DATABASE_NAME)
        self._is_temporary = is_temporary
        self._opening = asyncio.Lock()
        self._is_open = False
        self._tasks: set[asyncio.Task[Any]] = set()

    async def open(self) -> list[Job]:
        """Return the jobs that an earlier run of the server left, the oldest first; files of no job are deleted.

        Raises ``OSError`` where the folder cannot be used, or is another server's that runs.
        """
        return [] if self._is_temporary else await self._open()

    async def require_open(self) -> None:
        """Make a temporary folder, if it is not there. Raises ``OSError``."""
        async with self._opening:
            if not self._is_open:
                await self._open()

    async def close(self) -> None:
        """Close the list when all is written, for which ``CLOSING_S`` are waited."""
        try:
            async with asyncio.timeout(CLOSING_S):
                while self._tasks:
                    await asyncio.wait(tuple(self._tasks))
                await self._store.close()
                if self._is_temporary and self._is_open:
                    await self.files.delete_all()
        except TimeoutError:
            log.warning("jobs are left as they are: the disk does not answer")
        self.files.close()

    def save(self, job: Job) -> None:
        """Write a job as it is now into the list."""
        self._begin(self._store.save(job))

    def delete(self, job_id: str, *ends: Awaitable[object]) -> asyncio.Task[None]:
        """Delete all of a job once what still works on it has ended; return the task that does."""
        return self._begin(self._delete(job_id, ends))

    async def _open(self) -> list[Job]:
        there = await self.files.open()
        jobs = await self._store.open()
        for stray in there - {job.id for job in jobs}:
            self._begin(self.files.delete(stray))
        self._is_open = True
        return jobs

    async def _delete(self, job_id: str, ends: tuple[Awaitable[object], ...]) -> None:
        for end in ends:
            await end
        try:
            await self._store.delete(job_id)
        except sqlite3.Error:  # a disk that is full, on which there is room without the files
            await self.files.delete(job_id)
            await self._store.delete(job_id)
        else:
            await self.files.delete(job_id)

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._has_done)
        return task

    def _has_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("jobs' list or files cannot be written", error=str(error))
