import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mocast.jobs import job_store
from mocast.jobs.job import Job, JobResult
from mocast.jobs.job_store import JobStore


def job(job_id: str = "a", at: float = 1.5) -> Job:
    return Job(job_id, "ann", "ann's", "Überraschung.mp4", {"overlay": ["limbs"]}, 9, "name YQ==", at, at)


async def test_jobs_are_there_again_as_they_were_the_oldest_first(tmp_path: Path) -> None:
    store = JobStore(tmp_path / "jobs.sqlite3")
    assert await store.open() == []
    newer, older = job("b", 2.5), job("a", 1.5)
    for each in (newer, older):
        await store.save(each)
    older.state, older.reason, older.results = "failed", "It holds no video.", (JobResult("a/b.mp4", 7),)
    await store.save(older)
    await store.close()
    store = JobStore(tmp_path / "jobs.sqlite3")
    first, second = await store.open()
    assert (first.id, second.id) == ("a", "b")
    assert (first.state, first.reason, first.results) == (older.state, older.reason, older.results)
    assert (first.owner, first.account, first.name, first.options) == ("ann", "ann's", older.name, older.options)
    assert (first.length, first.metadata, first.created_at) == (9, "name YQ==", 1.5)
    await store.delete("a")
    await store.close()
    store = JobStore(tmp_path / "jobs.sqlite3")
    assert [each.id for each in await store.open()] == ["b"]
    await store.close()


async def test_a_list_is_one_server_s_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_store, "LOCK_TIMEOUT_S", 0)
    first, second = (JobStore(tmp_path / "jobs.sqlite3") for _ in range(2))
    await first.open()
    with pytest.raises(OSError, match="another server"):
        await second.open()
    await first.close()
    await second.close()


async def test_a_list_of_another_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite3"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 7")
    store = JobStore(path)
    with pytest.raises(OSError, match="version 7"):
        await store.open()
    await store.close()


async def test_a_list_that_is_broken_is_told_so(tmp_path: Path) -> None:
    store = JobStore(tmp_path / "jobs.sqlite3")
    await store.open()
    await store.save(Job("a", "", "", "", {}, 9, "", 0, 0))
    await store.close()
    with closing(sqlite3.connect(tmp_path / "jobs.sqlite3")) as database, database:
        database.execute("UPDATE jobs SET options = '{'")
    store = JobStore(tmp_path / "jobs.sqlite3")
    with pytest.raises(OSError, match="cannot be read"):
        await store.open()
    await store.close()
