"""The registry of jobs: takes videos, has them processed one after the other, keeps what was made, and deletes it."""

import asyncio
import functools
import os
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import structlog

from mocast.errors import (
    BodyTooLarge,
    Conflict,
    Forbidden,
    NotFound,
    Unavailable,
    Unprocessable,
    UnsupportedMedia,
)
from mocast.jobs.job import Job, JobProgress
from mocast.jobs.job_disk import JobDisk
from mocast.jobs.job_files import file_stem
from mocast.jobs.job_list import NO_SUCH_JOB, JobLimits, JobList
from mocast.jobs.job_worker import JobTask, JobWorker, WorkerOptions, flags
from mocast.jobs.taken_options import of_this_version
from mocast.jobs.upload import Upload
from mocast.jobs.upload_pace import UploadPace
from mocast.jobs.video_container import HEAD_BYTES, container_of
from mocast.limiter import Client, Limiter
from mocast.model.made_id import new_id
from mocast.model.principal import EVERYBODY, Principal

log = structlog.get_logger(__name__)

MOST_ATTEMPTS: Final = 3
"""A job during which the server ended so often is not begun again: it may be what ends it."""

NO_JOBS: Final = "This server takes no jobs; its operator can set max_jobs."
NOT_A_VIDEO: Final = "This is no video in a container that is taken: MP4, MOV, WebM, MKV, AVI, MPEG, OGG, FLV or GIF."
TOO_OFTEN: Final = f"The server ended {MOST_ATTEMPTS} times while it ran."
OTHER_VERSION: Final = "Another version of the server took it, and this one cannot do it: {error}"
STOPPING: Final = "This server is shutting down; try again in a moment."


class Jobs:
    """Owns every job: takes, runs and deletes them."""

    def __init__(
        self,
        folder: Path,
        limits: JobLimits,
        limiter: Limiter,
        worker: WorkerOptions,
        is_live: Callable[[], bool] = lambda: False,
        *,
        is_temporary: bool = False,
        tag: str = "",
    ) -> None:
        """``folder``: of all their files, for this server alone. Where it ``is_temporary`` it is made for the first job
        and deleted when the server ends.

        ``is_live``: whether somebody publishes, before whom jobs stand back. ``tag``: of this node.
        """
        self.limits = limits
        self.list = JobList(limits)
        self.is_on = limiter.most("jobs") > 0 and os.name != "nt"  # where its processes cannot be bounded
        self.closing = asyncio.Event()
        self.epoch = secrets.token_hex(4)
        "Different in each run of the server, as revisions count from 0 in each."
        self._limiter = limiter
        self._worker = worker
        self._pace = UploadPace(limits.live_bytes_s, is_live)
        self._tag = tag
        self._disk = JobDisk(folder, is_temporary=is_temporary)
        self._files = self._disk.files
        self._uploads: dict[str, Upload] = {}
        "By job, while a request brings more of it."
        self._running: dict[str, asyncio.Task[None]] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    async def running(self, _: object = None) -> AsyncIterator[None]:
        """Open and close, as a context of an application's life."""
        try:
            await self.open()
            yield
        finally:
            await self.close()

    async def end_waits(self, _: object = None) -> None:
        """Have whoever waits for a job's progress told that the server stops."""
        self.closing.set()

    async def open(self) -> None:
        """Take up what an earlier run of the server left: jobs that ran run again, uploads may go on."""
        if not self.is_on:
            return
        for job in await self._disk.open():
            await self._take_up(job)
        self._run_more()

    async def _take_up(self, job: Job) -> None:
        self.list.add(job)
        if not job.has_ended:
            job.client = Client(principal=job.account)
            self._limiter.add("jobs", job.client)
            try:
                job.options = of_this_version(job.options)
            except Unprocessable as error:
                self._end(job, OTHER_VERSION.format(error=error))
                return
        if job.state == "uploading":
            await self._take_up_upload(job)
        elif job.state == "running":
            job.state = "waiting"
        if job.is_deleted:
            return
        if job.state == "waiting" and job.attempts >= MOST_ATTEMPTS:
            self._end(job, TOO_OFTEN)
        self._expire_in_time(job)

    async def _take_up_upload(self, job: Job) -> None:
        if job.length is None:  # nobody was told of it
            self._delete(job)
            return
        try:
            job.received = await self._files.received(job.id)
            if job.received == job.length:
                await self._complete(job)
        except (OSError, UnsupportedMedia):
            self._delete(job)

    async def close(self) -> None:
        """Stop what runs, which the next run of the server takes up again."""
        self.closing.set()
        for timer in self._timers.values():
            timer.cancel()
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        await self._disk.close()

    async def create(
        self,
        name: str,
        options: dict[str, Any],
        length: int | None,
        *,
        principal: Principal = EVERYBODY,
        client: Client | None = None,
        metadata: str = "",
    ) -> Job:
        """Make a job whose video is still to come, of ``length`` bytes or, ``None``, as many as come.

        Raises ``Forbidden`` where the server takes no jobs, ``BodyTooLarge``, ``TooManyRequests`` above the principal's
        share, ``Unavailable`` where there are too many, ``InsufficientStorage`` where the disk has no room.
        """
        if not self.is_on:
            raise Forbidden(NO_JOBS)
        if self.closing.is_set():
            raise Unavailable(STOPPING)
        await self._disk.require_open()
        self.list.require_room(length, principal.account)
        client = client or Client(principal=principal.account)
        self._limiter.take("jobs", client)
        now = time.time()
        job = Job(
            id=new_id(self._tag),
            owner=principal.subject,
            account=principal.account,
            name=name,
            options=options,
            length=length,
            metadata=metadata,
            created_at=now,
            touched_at=now,
            client=client,
        )
        await self._add(job)
        return job

    async def _add(self, job: Job) -> None:
        """Put a job on the list and make its folder. Raises what ``JobFiles.create`` raises."""
        self.list.add(job)
        try:
            await self._files.create(job.id, job.length or 0)
        except BaseException:
            self._delete(job)
            raise
        self._save(job)
        self._expire_in_time(job)
        while (old := self.list.to_drop()) is not None:
            self._delete(old)

    async def receive(self, job: Job, offset: int, chunks: AsyncIterator[bytes]) -> None:
        """Append to a job's video, and queue the job once the video is whole. What has come is kept in any case.

        An earlier request that still uploads is ended: its client has come back. Raises ``Conflict`` where the video is
        whole already or ``offset`` is not its size, ``BodyTooLarge``, ``UnsupportedMedia`` where it is no video (the
        job is deleted then), ``InsufficientStorage`` (the job is kept for another attempt).
        """
        while (other := self._uploads.get(job.id)) is not None:
            other.give_way()
            await other.ended.wait()
        if job.is_deleted:
            raise NotFound(NO_SUCH_JOB)
        if job.state != "uploading":
            raise Conflict("All of this video is there already.")
        if offset != job.received:
            raise Conflict(f"The upload is at byte {job.received}; go on from there.")
        task = asyncio.current_task()
        assert task is not None
        upload = self._uploads[job.id] = Upload(job, task, self._files.append)
        try:
            await self._append(upload, chunks)
        finally:
            del self._uploads[job.id]
            upload.ended.set()
            job.touched_at = time.time()
            if not job.is_deleted:
                self._expire_in_time(job)
                self._save(job)
        if job.received == job.length:
            await self._complete(job)

    async def _append(self, upload: "Upload", chunks: AsyncIterator[bytes]) -> None:
        job = upload.job
        try:
            async for chunk in chunks:
                most = self.limits.upload_bytes if job.length is None else job.length
                if upload.size + len(chunk) > most:
                    raise BodyTooLarge(f"The video has at most {most} bytes.").reached("job_bytes")
                begins = upload.size == 0
                await upload.add(chunk)
                if begins and len(chunk) >= HEAD_BYTES:
                    self._ending(job, chunk[:HEAD_BYTES])
                await self._pace.wait(len(chunk))
        finally:
            await upload.flush()

    async def finish(self, job: Job) -> None:
        """Take what has come of a video as all of it. Raises ``UnsupportedMedia`` where it is no video."""
        if job.state == "uploading":
            job.length = job.received
            await self._complete(job)

    async def delete(self, job: Job) -> None:
        """End a job, whatever it does, and delete all of it; return when it is gone."""
        await asyncio.shield(self._delete(job))

    def result_path(self, job: Job, name: str) -> Path:
        """Return the path of a result. Raises ``NotFound``, and ``Conflict`` before the job has ended."""
        if not job.has_ended:
            raise Conflict("This job has not ended; its results are not there yet.", retry_after_s=5)
        if all(result.name != name for result in job.results):
            raise NotFound("The job has no such result.")
        return self._files.results_folder(job.id, file_stem(job.name)) / name

    def _ending(self, job: Job, head: bytes) -> str:
        """The ending of the video's container. Raises ``UnsupportedMedia`` and deletes the job."""
        ending = container_of(head)
        if ending is None:
            self._delete(job)
            raise UnsupportedMedia(NOT_A_VIDEO)
        return ending

    async def _complete(self, job: Job) -> None:
        ending = self._ending(job, await self._files.head(job.id))
        await self._files.finish(job.id, f"{file_stem(job.name)}{ending}")
        if job.is_deleted or job.state != "uploading":  # meanwhile
            return
        job.state = "waiting"
        self._expire_in_time(job)
        self._save(job)
        job.change()
        self._run_more()

    def _run_more(self) -> None:
        """Begin what may begin now."""
        while not self.closing.is_set() and len(self._running) < self.limits.running and (job := self.list.take_next()):
            # At once, so that it is not chosen again.
            job.state, job.started_at, job.attempts, job.progress = "running", time.time(), job.attempts + 1, None
            self._save(job)
            job.change()
            task = self._running[job.id] = asyncio.create_task(self._run(job))
            task.add_done_callback(functools.partial(self._ran, job))

    def _ran(self, job: Job, task: asyncio.Task[None]) -> None:
        del self._running[job.id]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("job failed", job=job.id[:6], exc_info=error)
            self._end(job, "Something went wrong in the server; its log says what.")
        self._run_more()

    async def _run(self, job: Job) -> None:
        log.info("job begins", job=job.id[:6], size=job.length, attempt=job.attempts)

        def tell(progress: JobProgress) -> None:
            job.progress = progress
            job.change()

        video = await self._files.video(job.id)
        left = min(self.limits.total_bytes - self.list.disk_bytes, await self._files.free_bytes())
        share = max(left // self.limits.running, 0)
        # A part of its id: others may list the folder of temporary files, and whoever has an id may have the job.
        task = JobTask(job.id[:8], video, self._files.output_folder(job.id), flags(job.options), share)
        reason = await JobWorker(task, self._worker, tell).run()
        job.results = await self._files.results(job.id, video.stem)
        await self._files.delete_video(job.id)
        self._end(job, reason)

    def _end(self, job: Job, reason: str) -> None:
        if job.is_deleted:
            return
        job.state, job.reason, job.ended_at = "failed" if reason else "done", reason, time.time()
        self._limiter.release("jobs", job.client)
        log.info("job ended", job=job.id[:6], state=job.state, reason=reason, results=job.result_bytes)
        self._expire_in_time(job)
        self._save(job)
        job.change()

    def _expire_in_time(self, job: Job) -> None:
        """Have a job deleted when its time is over; one that waits or runs does not expire."""
        if (timer := self._timers.pop(job.id, None)) is not None:
            timer.cancel()
        if job.ended_at is not None:
            at = job.ended_at + self.limits.keep_s
        elif job.state == "uploading":
            at = self.list.expires_at(job)
        else:
            return
        delay_s = max(at - time.time(), 0)
        self._timers[job.id] = asyncio.get_running_loop().call_later(delay_s, self._expire, job)

    def _expire(self, job: Job) -> None:
        if job.id in self._uploads:
            job.touched_at = time.time()
            self._expire_in_time(job)
        else:
            self._delete(job)

    def _forget(self, job: Job) -> None:
        """Remove a job from the list at once."""
        if job.is_deleted:
            return
        job.is_deleted = True
        self.list.remove(job)
        if not job.has_ended:
            self._limiter.release("jobs", job.client)
        if (timer := self._timers.pop(job.id, None)) is not None:
            timer.cancel()
        job.change()

    def _delete(self, job: Job) -> asyncio.Task[None]:
        self._forget(job)
        ends: list[Awaitable[object]] = []
        if (upload := self._uploads.get(job.id)) is not None:
            if upload.task is not asyncio.current_task():
                upload.give_way()
            ends.append(upload.ended.wait())
        if (running := self._running.get(job.id)) is not None:
            running.cancel()
            ends.append(asyncio.wait([running]))
        return self._disk.delete(job.id, *ends)

    def _save(self, job: Job) -> None:
        if not job.is_deleted:
            self._disk.save(job)
