"""How the executor of this machine starts and ends its processes."""

import multiprocessing.process
import os
import platform
import select
import signal
import sys
from multiprocessing.forkserver import ForkServer
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest
from tests.peers import HANG_S
from tests.pictures import astronaut_frames
from tests.videos import write_video

from mocast.jobs import worker_process
from mocast.jobs.file_task import OnFrames, SegmentTask, TrackerChoice
from mocast.jobs.inputs import find_sources, make_tasks
from mocast.jobs.local_executor import LocalExecutor
from mocast.jobs.spool import SpoolReader
from mocast.jobs.video_file import probe
from mocast.model.options import JobOptions

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux alone")


def test_workers_are_spawned_where_the_temporary_folder_s_path_is_too_long_for_a_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("x" * 108)
    long.mkdir()
    monkeypatch.setitem(multiprocessing.process.current_process()._config, "tempdir", str(long))
    monkeypatch.setattr(worker_process.forkserver, "ensure_running", ForkServer().ensure_running)
    executor = LocalExecutor(1, TrackerChoice("mediapipe"), JobOptions())  # which cannot be forked with its networks
    executor.close()
    assert executor._context.get_start_method() == "spawn"


def test_the_fork_server_starts_with_sigint_blocked_and_this_process_goes_on_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blocked = []
    monkeypatch.setattr(
        worker_process.forkserver,
        "ensure_running",
        lambda: blocked.append(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())),
    )
    executor = LocalExecutor(1, TrackerChoice("mediapipe"), JobOptions())  # which cannot be forked with its networks
    executor.close()
    assert executor._context.get_start_method() == "forkserver"
    assert blocked == [True]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


@pytest.mark.skipif(platform.machine() != "x86_64", reason="elsewhere they have networks of their own")
def test_workers_are_forked_from_one_process_and_one_that_ends_takes_no_other_with_it(tmp_path: Path) -> None:
    clip = write_video(tmp_path / "clip.mp4", (moved.rgb for moved in astronaut_frames(12, (320, 240))))
    options = JobOptions(tracker="face", formats=("jsonl",))
    (file,) = make_tasks(find_sources([str(clip)]), tmp_path, options)
    video, _ = probe(clip)
    at_work = Barrier(2)
    executor = LocalExecutor(2, TrackerChoice("openvino", "f32", cache_folder=tmp_path / "cache"), options)

    def both_at_work() -> OnFrames:
        """Return what waits at a task's first frames until the other one's are there."""
        begins = iter([at_work.wait])

        def on_frames(frames: int) -> None:
            if frames > 0:
                next(begins, lambda _: None)(HANG_S)

        return on_frames

    def workers(name: str) -> set[int]:
        """Return who works on two segments that are begun before one of them is done."""
        tasks = [SegmentTask(file, video, tmp_path / f"{name}{n}", None, None, None) for n in range(2)]
        futures = [executor.submit(task, both_at_work()) for task in tasks]
        results = [future.result(HANG_S) for future in futures]
        readers = [SpoolReader(task.spool, with_packets=False) for task in tasks]
        one, other = ([frame.tracked.face.image for frame in reader.read(13)] for reader in readers)
        assert len(one) == 12
        np.testing.assert_array_equal(one, other)
        return {int(result.worker.rpartition(":")[2]) for result in results}

    try:
        first = workers("first")
        assert len({parent_of(worker) for worker in first}) == 1
        killed, lives = first
        os.kill(killed, signal.SIGKILL)
        assert lives in workers("alone")  # the other segment is tried again, in a process of its own
        replaced = workers("replaced")
        assert lives in replaced
        assert len(replaced) == 2
        ends = [os.pidfd_open(worker) for worker in replaced]
        executor.close()
        for end in ends:
            assert select.select([end], [], [], HANG_S)[0], "workers end with the executor"
            os.close(end)
    finally:
        at_work.abort()
        executor.close()


def parent_of(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
