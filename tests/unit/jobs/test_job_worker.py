"""A worker's processes: what they may take, what they say, and that they end, whatever way."""

import asyncio
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from tests import stand_in_worker
from tests.peers import HANG_S

from mocast.jobs import job_worker
from mocast.jobs.job import JobProgress
from mocast.jobs.job_worker import (
    BROKE,
    CONFINED,
    NO_MEMORY,
    JobTask,
    JobWorker,
    WorkerOptions,
    flags,
)

COMMAND = (sys.executable, stand_in_worker.__file__)
OPTIONS = WorkerOptions(memory_bytes=2**28, seconds=3600, command=COMMAND, environment={"OF_JOBS": "1"})


async def run(
    tmp_path: Path, word: str, options: WorkerOptions = OPTIONS, result_bytes: int = 2**20
) -> tuple[str, list[JobProgress]]:
    """Run the stand-in; return why it failed, and its progress."""
    video = tmp_path / "clip.gif"
    video.write_bytes(stand_in_worker.video(word))
    told: list[JobProgress] = []
    task = JobTask("clip", video, tmp_path / "results", ("--tracker=pose",), result_bytes)
    return await JobWorker(task, options, told.append).run(), told


async def test_what_runs_well_yields_its_progress_and_its_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_worker, "CONFINED", CONFINED)
    reason, told = await run(tmp_path, "told")
    assert (reason, told) == ("", [JobProgress(3, 10, 30.0, 0.2)])
    found = orjson.loads((tmp_path / "results" / "clip" / "told.json").read_bytes())
    assert found["flags"] == ["--progress=json", "--jobs=1", f"--parent={os.getpid()}", "--tracker=pose"]
    assert found["known"] == []
    if sys.platform == "linux":
        assert found["policy"] == os.SCHED_IDLE


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("failed", "It holds no video."),
        ("memory", BROKE),
        ("killed", NO_MEMORY),
        ("large-file", BROKE),
        ("flood", BROKE),
    ],
)
async def test_what_fails_is_told_in_a_sentence(tmp_path: Path, word: str, reason: str) -> None:
    assert (await run(tmp_path, word))[0] == reason


async def test_what_takes_too_long_is_ended_and_leaves_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    reason, _ = await run(tmp_path, "hang", replace(OPTIONS, seconds=0.3))
    assert reason == "It took longer than 0.3 s."
    assert not list(temporary.iterdir())


async def test_a_run_removes_what_a_run_of_the_same_job_left_when_the_server_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    for name in ("mocast-job-clip-killed", "mocast-job-other-lives"):
        (temporary / name / "inside").mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    assert (await run(tmp_path, "done"))[0] == ""
    assert [path.name for path in temporary.iterdir()] == ["mocast-job-other-lives"]


async def test_what_writes_too_much_in_all_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_worker, "SIZE_EVERY_S", 0.02)
    reason, _ = await run(tmp_path, "hang", result_bytes=5)
    assert reason == job_worker.TOO_LARGE


async def test_a_worker_s_own_processes_end_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_worker, "EXIT_S", 0.3)
    assert (await run(tmp_path, "child"))[0] == ""
    group = int((tmp_path / "results" / "clip" / "child").read_text())
    assert group != os.getpgid(0)
    async with asyncio.timeout(HANG_S):
        while True:
            try:
                os.killpg(group, 0)
            except ProcessLookupError:
                break
            await asyncio.sleep(0.01)


async def test_a_worker_that_is_cancelled_ends(tmp_path: Path) -> None:
    video, results = tmp_path / "clip.gif", tmp_path / "results"
    video.write_bytes(stand_in_worker.video("hang"))
    works = asyncio.Event()
    worker = JobWorker(JobTask("clip", video, results, (), 2**20), OPTIONS, lambda _: works.set())
    task = asyncio.create_task(worker.run())
    async with asyncio.timeout(HANG_S):
        await works.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


def test_options_are_flags() -> None:
    options = {"formats": ["mp4", "csv"], "mirror": False, "line_width": 1.5, "start": 2.0, "end": None, "smooth": True}
    assert flags(options) == ("--formats=mp4,csv", "--line-width=1.5", "--from=2.0", "--smooth")
