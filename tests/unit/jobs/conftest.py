"""Runs over files with a made-up tracker, whose segments are worked on in threads of this process."""

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import orjson
import pytest
from tests.fakes import CountingRigger, FakeTrackers
from tests.stand_in_worker import PROMPT

from mocast.analysis.analyser import Analyser
from mocast.jobs import file_runs, job_worker, segment_plan
from mocast.jobs.file_runs import FilesRun
from mocast.jobs.file_task import OnFrames, SegmentResult, SegmentTask, TrackerChoice
from mocast.jobs.inputs import find_sources, make_tasks
from mocast.jobs.segment_work import Progress, process_segment
from mocast.model.frame import RgbImage
from mocast.model.options import JobOptions

SIZE_WH = (160, 120)


class ThreadExecutor:
    """Works on segments in threads."""

    def __init__(self, at_a_time: int = 3) -> None:
        self.at_a_time = at_a_time
        self.trackers = FakeTrackers()
        self.tasks: list[SegmentTask] = []
        self._frames: dict[Path, int] = {}
        self._threads = ThreadPoolExecutor(at_a_time)

    def submit(self, task: SegmentTask, on_frames: OnFrames) -> "Future[SegmentResult]":
        self.tasks.append(task)

        def told(frames: int) -> int | None:
            on_frames(frames)
            return self._frames.get(task.spool)

        return self._threads.submit(lambda: self.process(task, told))

    def process(self, task: SegmentTask, on_frames: Progress) -> SegmentResult:
        return process_segment(task, self.trackers, on_frames)

    def shorten(self, task: SegmentTask, frames: int) -> None:
        self._frames[task.spool] = frames

    def close(self) -> None:
        self._threads.shutdown()


class CollectingReporter:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.ends: dict[str, tuple[str, str]] = {}
        "A file's name without its folder → its state and reason."
        self.outputs: list[Path] = []
        self.told = 0
        "Frames of all files."

    def begins(self, file: str, frames: int | None) -> None:
        pass

    def frames(self, file: str, count: int) -> None:
        self.told += count

    def ended(self, file: str, state: str, reason: str, outputs: Sequence[Path]) -> None:
        self.ends[Path(file).name] = state, reason
        self.outputs += outputs

    def close(self, done: int, failed: int) -> None:
        pass


RunFiles = Callable[..., CollectingReporter]


@pytest.fixture(autouse=True)
def prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs' processes do not wait for whatever else this machine does."""
    monkeypatch.setattr(job_worker, "CONFINED", (sys.executable, "-c", PROMPT))


@pytest.fixture
def executor() -> Iterator[ThreadExecutor]:
    executor = ThreadExecutor()
    yield executor
    executor.close()


@pytest.fixture
def run_files(tmp_path: Path, executor: ThreadExecutor, monkeypatch: pytest.MonkeyPatch) -> RunFiles:
    """Process files into ``tmp_path / "out"`` in short segments."""
    for name, value in {"WARM_UP": 16, "FAR_BACK": 28, "FAR_STEP": 4, "FADE": 4, "SHORTEST": 24, "WORTH": 16}.items():
        monkeypatch.setattr(segment_plan, name, value)
    monkeypatch.setattr(file_runs, "KEPT_EVERY", 16)

    def run(*inputs: object, **options: object) -> CollectingReporter:
        reporter = CollectingReporter()
        run = FilesRun(
            executor, reporter, lambda task: (CountingRigger(), Analyser(task.options.analysis)), TrackerChoice()
        )
        run.run(make_tasks(find_sources([str(it) for it in inputs]), tmp_path / "out", JobOptions(**options)))
        states = [state for state, _ in reporter.ends.values()]
        assert (run.done, run.failed) == (len(states) - states.count("failed"), states.count("failed"))
        return reporter

    return run


def place(number: int) -> tuple[int, int]:
    """Return the middle of the bright square in a frame, in pixels: each frame's differs from its neighbours'."""
    return 20 + (number * 7) % 120, 20 + (number * 11) % 80


def square_pictures(count: int) -> Iterator[RgbImage]:
    """Yield pictures with a bright square, whose place says which one it is."""
    for number in range(count):
        picture = np.zeros((SIZE_WH[1], SIZE_WH[0], 3), np.uint8)
        x, y = place(number)
        picture[y - 8 : y + 8, x - 8 : x + 8] = 255
        yield picture


def lines_of(path: Path, kind: str = "landmarks") -> list[dict]:
    """Return the items of a stream in a file of JSON lines."""
    lines = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    return [line for line in lines[1:-1] if line.get("type", "landmarks") == kind]
