"""``mocast process`` whose processes are killed: the command itself, or its workers, once and again."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from tests.peers import HANG_S
from tests.pictures import astronaut_frames
from tests.videos import write_video

FRAMES = 900


class Run:
    """The command, whose lines are read one by one."""

    def __init__(self, *inputs: Path, output: Path) -> None:
        flags = ["--tracker", "face", "--formats", "jsonl", "--jobs", "2", "--progress", "json"]
        command = [sys.executable, "-m", "mocast", "process", *map(str, inputs), "-o", str(output), *flags]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"MOCAST_PRECISION": "f32"})

    def lines(self) -> Iterator[dict[str, Any]]:
        assert self.process.stdout is not None
        yield from map(orjson.loads, self.process.stdout)

    def until(self, **wanted: object) -> dict[str, Any]:
        """Return the first line with these values."""
        return next(line for line in self.lines() if wanted.items() <= line.items())

    def workers(self) -> list[int]:
        """Return the processes with a tracker in them: those that others were forked from, or such a one itself."""
        return [worker for child in children(self.process.pid) for worker in children(child) or [child]]


def children(process: int) -> list[int]:
    threads = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for thread in threads for child in thread.read_text().split()]


def video(folder: Path, name: str, frames: int) -> Path:
    return write_video(folder / name, (moved.rgb for moved in astronaut_frames(frames, (320, 240))))


def frames_of(path: Path) -> list[int]:
    lines = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    return [line["frame"] for line in lines[1:-1] if "pose" in line]


def test_a_command_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    first, second = video(tmp_path, "a.mp4", 60), video(tmp_path, "b.mp4", FRAMES)
    output = tmp_path / "out"
    run = Run(first, second, output=output)
    run.until(type="file", state="done")
    workers = [os.pidfd_open(worker) for worker in run.workers()]
    assert workers
    for worker in workers:
        signal.pidfd_send_signal(worker, signal.SIGSTOP)  # it notices nothing by itself
    run.process.kill()
    assert run.process.wait(HANG_S) == -signal.SIGKILL
    for worker in workers:  # they end, too
        assert select.select([worker], [], [], HANG_S)[0]
        os.close(worker)
    done_at = (output / "a/a.jsonl").stat().st_mtime_ns
    assert not (output / "b/b.jsonl").exists()
    again = Run(first, second, output=output)
    ends = [line for line in again.lines() if line["type"] == "file"]
    assert [(Path(line["file"]).name, line["state"]) for line in ends] == [("a.mp4", "skipped"), ("b.mp4", "done")]
    assert again.process.wait(HANG_S) == 0
    assert (output / "a/a.jsonl").stat().st_mtime_ns == done_at
    assert frames_of(output / "b/b.jsonl") == list(range(FRAMES))
    assert sorted(path.name for path in (output / "b").iterdir()) == ["b.jsonl", "summary.json"]


def test_a_file_is_whole_although_its_worker_was_killed(tmp_path: Path) -> None:
    run = Run(video(tmp_path, "a.mp4", FRAMES), output=tmp_path / "out")
    next(line for line in run.lines() if line.get("frames", 0) > 20)
    for worker in run.workers():
        os.kill(worker, signal.SIGKILL)
    assert run.until(type="file")["state"] == "done"
    assert run.process.wait(HANG_S) == 0
    assert frames_of(tmp_path / "out/a/a.jsonl") == list(range(FRAMES))


def test_a_file_whose_workers_end_again_and_again_fails_and_the_next_one_does_not(tmp_path: Path) -> None:
    first, second = video(tmp_path, "a.mp4", FRAMES), video(tmp_path, "b.mp4", 60)
    run = Run(first, second, output=tmp_path / "out")
    killed: set[int] = set()
    failed = None
    for line in run.lines():
        if line["type"] == "file" and Path(line["file"]).name == "a.mp4":
            failed = line
            break
        if line.get("frames", 0) > 0:
            for worker in set(run.workers()) - killed:
                os.kill(worker, signal.SIGKILL)
                killed.add(worker)
    assert failed is not None
    assert failed["state"] == "failed"
    assert failed["reason"].startswith("The process that worked on it ended: ")
    run.until(type="end")
    assert run.process.wait(HANG_S) == 3
    assert not (tmp_path / "out/a").exists()
