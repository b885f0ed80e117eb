"""Jobs from the first byte of their video to their end, over restarts of the server, and within their limits."""

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests import stand_in_worker
from tests.fakes import make_limiter
from tests.peers import HANG_S
from tests.stand_in_worker import video

from mocast.errors import (
    BodyTooLarge,
    Conflict,
    Forbidden,
    InsufficientStorage,
    MocastError,
    NotFound,
    TooManyRequests,
    Unavailable,
    UnsupportedMedia,
)
from mocast.jobs.job import Job, JobState
from mocast.jobs.job_list import JobLimits
from mocast.jobs.job_store import JobStore
from mocast.jobs.job_worker import WorkerOptions
from mocast.jobs.registry import TOO_OFTEN, Jobs
from mocast.limiter import Limiter
from mocast.model.principal import GRANTS, Principal

COMMAND = (sys.executable, stand_in_worker.__file__)
ANN, BOB = (Principal(name, frozenset({"jobs"}), ("*",)) for name in ("ann", "bob"))
ADMIN, ROOM_ADMIN = Principal("eve", GRANTS, ("*",)), Principal("joe", GRANTS, ("hall",))


@asynccontextmanager
async def jobs_in(folder: Path, limits: JobLimits | None = None, limiter: Limiter | None = None) -> AsyncIterator[Jobs]:
    """A server's jobs, as long as it runs."""
    options = WorkerOptions(command=COMMAND)
    jobs = Jobs(folder, limits or JobLimits(), make_limiter(jobs=8) if limiter is None else limiter, options)
    await jobs.open()
    try:
        yield jobs
    finally:
        await jobs.close()


def folders(folder: Path) -> list[str]:
    """The names of the jobs' folders."""
    return [path.name for path in folder.iterdir() if path.is_dir()]


async def pieces(*given: bytes) -> AsyncIterator[bytes]:
    for piece in given:
        yield piece


async def posted(jobs: Jobs, word: str = "done", principal: Principal = ANN) -> Job:
    """A job whose video has come."""
    body = video(word)
    job = await jobs.create("My clip.gif", {}, len(body), principal=principal)
    await jobs.receive(job, 0, pieces(body))
    return job


async def until(job: Job, *states: JobState) -> None:
    async with asyncio.timeout(HANG_S):
        while job.state not in states and not job.is_deleted:
            await job.changed(job.revision)


async def test_a_job_goes_from_its_video_to_its_results_and_the_video_is_gone(tmp_path: Path) -> None:
    limiter = make_limiter(jobs=1)
    async with jobs_in(tmp_path, limiter=limiter) as jobs:
        job = await posted(jobs)
        with pytest.raises(Conflict):
            jobs.result_path(job, "video.mp4")
        await until(job, "done")
        assert [result.name for result in job.results] == ["summary.json", "video.mp4"]
        assert jobs.result_path(job, "video.mp4").read_bytes() == b"0123456789"
        for name in ("../upload", ".unfinished-video.mp4", "none"):
            with pytest.raises(NotFound):
                jobs.result_path(job, name)
        assert {path.name for path in (tmp_path / job.id).iterdir()} == {"results"}
        assert (limiter.held("jobs"), jobs.list.disk_bytes) == (0, 12)
        shown = jobs.list.snapshot(job)
        assert (shown["state"], shown["progress"]["frames"], shown["reason"]) == ("done", 3, "")
        await jobs.delete(job)
        assert (jobs.list.visible_to(ADMIN), (tmp_path / job.id).exists()) == ([], False)


async def test_the_files_of_a_job_are_deleted_where_the_list_cannot_be_written_before_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with jobs_in(tmp_path) as jobs:
        job = await jobs.create("a.gif", {}, 10, principal=ANN)

        async def delete(store: JobStore, job_id: str) -> None:
            if folders(tmp_path):
                raise sqlite3.OperationalError("database or disk is full")
            await deleted(store, job_id)

        deleted = JobStore.delete
        monkeypatch.setattr(JobStore, "delete", delete)
        await jobs.delete(job)
        assert folders(tmp_path) == []
    async with jobs_in(tmp_path) as jobs:
        assert jobs.list.visible_to(ADMIN) == []


@pytest.mark.parametrize(("running", "state"), [(1, "done"), (2, "failed")])
async def test_jobs_that_run_at_a_time_share_what_is_left_of_the_disk(
    tmp_path: Path, running: int, state: JobState
) -> None:
    async with jobs_in(tmp_path, JobLimits(running=running, total_bytes=3 * 2**20)) as jobs:
        job = await posted(jobs, "large-file")  # of 2 MiB
        await until(job, "done", "failed")
        assert job.state == state


async def test_a_failure_is_the_worker_s_sentence_and_the_next_job_begins(tmp_path: Path) -> None:
    async with jobs_in(tmp_path) as jobs:
        first, second = await posted(jobs, "failed"), await posted(jobs)
        assert jobs.list.snapshot(second)["ahead"] == 0
        await until(first, "failed")
        await until(second, "done")
        assert (first.state, first.reason) == ("failed", "It holds no video.")


async def test_a_list_tells_of_each_that_waits_how_many_come_first_and_looks_through_them_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with jobs_in(tmp_path) as jobs:
        for _ in range(4):
            await posted(jobs, "hang")
        looks: list[int] = []
        waiting = jobs.list._waiting
        monkeypatch.setattr(jobs.list, "_waiting", lambda: looks.append(1) or waiting())
        assert [shown["ahead"] for shown in jobs.list.snapshots(jobs.list.visible_to(ANN))] == [2, 1, 0, None]
        assert len(looks) == 1


async def test_a_server_that_starts_again_goes_on(tmp_path: Path) -> None:
    async with jobs_in(tmp_path) as jobs:
        done, running = await posted(jobs), await posted(jobs, "hang-once")
        await until(done, "done")
        await until(running, "running")
        waiting = await posted(jobs)
        half = await jobs.create("half.gif", {}, 20, principal=ANN, metadata="name YQ==")
        await jobs.receive(half, 0, pieces(b"GIF89a", b"do"))
        (tmp_path / ("x" * 24)).mkdir()  # of a job that the list does not know
        while running.progress is None:
            await running.changed(running.revision)
    limiter = make_limiter(jobs=8)
    async with jobs_in(tmp_path, limiter=limiter) as jobs:
        done, running, waiting, half = (jobs.list.find(job.id, ANN) for job in (done, running, waiting, half))
        assert (done.state, half.state, half.received, half.metadata) == ("done", "uploading", 8, "name YQ==")
        assert limiter.held("jobs") == 3
        await jobs.receive(half, 8, pieces(b"ne\n".ljust(12)))
        for job in (running, waiting, half):
            await until(job, "done")
            assert job.state == "done"
        assert running.attempts == 2
        assert limiter.held("jobs") == 0
    assert not (tmp_path / ("x" * 24)).exists()


async def test_a_job_that_another_version_took_is_done_unless_it_asks_for_what_is_no_more(tmp_path: Path) -> None:
    body = video("done")
    async with jobs_in(tmp_path) as jobs:
        fits = await jobs.create("a.gif", {"mirror": True, "sparkles": []}, len(body), principal=ANN)
        asks = await jobs.create("a.gif", {"sparkles": 0}, len(body), principal=ANN)
    limiter = make_limiter(jobs=8)
    async with jobs_in(tmp_path, limiter=limiter) as jobs:
        fits, asks = (jobs.list.find(job.id, ANN) for job in (fits, asks))
        assert (asks.state, limiter.held("jobs")) == ("failed", 1)
        assert 'this one cannot do it: Option "sparkles" is not valid' in asks.reason
        assert fits.options["mirror"]
        assert fits.options["quality"] == "balanced", "an option that its version did not know"
        assert "sparkles" not in fits.options
        await jobs.receive(fits, 0, pieces(body))
        await until(fits, "done", "failed")
        assert fits.state == "done"


async def test_a_job_during_which_the_server_ends_ever_again_is_given_up(tmp_path: Path) -> None:
    async with jobs_in(tmp_path) as jobs:
        job = await posted(jobs, "hang")
        await until(job, "running")
    for _ in range(2):
        async with jobs_in(tmp_path) as jobs:
            await until(jobs.list.find(job.id, ANN), "running")
    limiter = make_limiter(jobs=8)
    async with jobs_in(tmp_path, limiter=limiter) as jobs:
        found = jobs.list.find(job.id, ANN)
        assert (found.state, found.reason, limiter.held("jobs")) == ("failed", TOO_OFTEN, 0)


async def test_jobs_are_their_maker_s_and_the_server_s_admin_s(tmp_path: Path) -> None:
    async with jobs_in(tmp_path) as jobs:
        job = await posted(jobs)
        for principal in (BOB, ROOM_ADMIN):
            assert jobs.list.visible_to(principal) == []
            with pytest.raises(NotFound):
                jobs.list.find(job.id, principal)
        for principal in (ANN, ADMIN):
            assert jobs.list.visible_to(principal) == [jobs.list.find(job.id, principal)]
        await until(job, "done")


async def test_each_job_runs_once_where_several_run_at_a_time(tmp_path: Path) -> None:
    async with jobs_in(tmp_path, JobLimits(running=3)) as jobs:
        some = [await posted(jobs, "hang") for _ in range(4)]
        for job in some[:3]:
            await until(job, "running")
        assert [job.state for job in some] == ["running"] * 3 + ["waiting"]
        assert [job.attempts for job in some] == [1, 1, 1, 0]


async def test_accounts_take_turns(tmp_path: Path) -> None:
    async with jobs_in(tmp_path) as jobs:
        ann_s = [await posted(jobs, principal=ANN) for _ in range(3)]
        bob_s = await posted(jobs, principal=BOB)
        for job in (*ann_s, bob_s):
            await until(job, "done")
        began = sorted((*ann_s, bob_s), key=lambda job: job.started_at or 0)
        assert began == [ann_s[0], bob_s, *ann_s[1:]]


async def test_a_video_that_comes_twice_at_once_comes_from_who_is_back(tmp_path: Path) -> None:
    async with jobs_in(tmp_path) as jobs:
        body = video("done", 40)
        job = await jobs.create("a.gif", {}, len(body))
        came = asyncio.Event()

        async def stalled() -> AsyncIterator[bytes]:
            yield body[:10]
            came.set()
            await asyncio.Event().wait()

        first = asyncio.create_task(jobs.receive(job, 0, stalled()))
        await came.wait()
        with pytest.raises(Conflict, match="at byte 10;"):
            await jobs.receive(job, 0, pieces(body))
        with pytest.raises(asyncio.CancelledError):
            await first
        await jobs.receive(job, 10, pieces(body[10:]))
        with pytest.raises(Conflict, match="there already"):
            await jobs.receive(job, len(body), pieces(b""))
        await until(job, "done")


async def test_what_is_no_video_is_refused_at_its_first_bytes_and_nothing_of_it_stays(tmp_path: Path) -> None:
    limiter = make_limiter(jobs=8)
    async with jobs_in(tmp_path, limiter=limiter) as jobs:
        for piece, length in ((b"#EXTM3U\n" + bytes(2000), 10**6), (b"\x7fELF", 4)):
            job = await jobs.create("a.mp4", {}, length)
            with pytest.raises(UnsupportedMedia):
                await jobs.receive(job, 0, pieces(piece))
            assert job.is_deleted
        assert limiter.held("jobs") == 0
    assert folders(tmp_path) == []


async def test_limits_refuse_with_what_fits(tmp_path: Path) -> None:
    limits = JobLimits(upload_bytes=100, total_bytes=150, principal_bytes=120)
    async with jobs_in(tmp_path, limits, make_limiter(jobs=2)) as jobs:

        async def refusal(length: int | None, principal: Principal = ANN) -> tuple[type[MocastError], str]:
            with pytest.raises(MocastError) as refused:
                await jobs.create("a", {}, length, principal=principal)
            return type(refused.value), refused.value.limit

        assert await refusal(101) == (BodyTooLarge, "job_bytes")
        first = await jobs.create("a", {}, 90, principal=ANN)
        assert await refusal(31) == (TooManyRequests, "jobs_bytes_principal")
        assert await refusal(61, BOB) == (InsufficientStorage, "jobs_bytes")
        assert await refusal(None, BOB) == (InsufficientStorage, "jobs_bytes")
        with pytest.raises(BodyTooLarge):
            await jobs.receive(first, 0, pieces(b"GIF89a", bytes(85)))
        assert (first.received, first.state) == (6, "uploading")
        await jobs.create("a", {}, 30, principal=ANN)
        assert await refusal(1, BOB) == (Unavailable, "jobs_server")
    async with jobs_in(tmp_path / "none", limiter=make_limiter(jobs=0)) as jobs:
        assert await refusal(1) == (Forbidden, "")


async def test_where_as_many_are_kept_as_may_be_the_oldest_of_whoever_has_the_most_goes(tmp_path: Path) -> None:
    async with jobs_in(tmp_path, JobLimits(kept=3, upload_bytes=2**60, total_bytes=2**62)) as jobs:
        bob_s = await posted(jobs, principal=BOB)
        ann_s = [await posted(jobs, principal=ANN) for _ in range(2)]
        for job in (bob_s, *ann_s):
            await until(job, "done")
        with pytest.raises(InsufficientStorage):
            await jobs.create("a.gif", {}, 2**60, principal=BOB)
        assert jobs.list.visible_to(ADMIN) == [*reversed(ann_s), bob_s], "none goes for one that finds no room"
        last = await posted(jobs, principal=BOB)
        assert jobs.list.visible_to(ADMIN) == [last, ann_s[1], bob_s]
        await until(last, "done")


async def test_what_nobody_fetches_and_what_nobody_finishes_is_deleted_in_time(tmp_path: Path) -> None:
    for limits in (JobLimits(keep_s=0.05), JobLimits(upload_keep_s=0.05)):
        async with jobs_in(tmp_path, limits) as jobs:
            job = await posted(jobs) if limits.keep_s < 1 else await jobs.create("a.gif", {}, 20)
            async with asyncio.timeout(HANG_S):
                while not job.is_deleted:
                    await job.changed(job.revision)
        assert folders(tmp_path) == []


async def test_a_job_that_runs_is_deleted_with_its_worker(tmp_path: Path) -> None:
    async with jobs_in(tmp_path) as jobs:
        job, after = await posted(jobs, "hang"), await posted(jobs)
        while job.progress is None:
            await job.changed(job.revision)
        await jobs.delete(job)
        assert not (tmp_path / job.id).exists()
        await until(after, "done")
