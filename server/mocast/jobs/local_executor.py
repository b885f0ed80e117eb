"""The executor of this machine: worker processes that share their networks' memory; a broken file ends one of them."""

import threading
from concurrent.futures import Future
from dataclasses import replace
from queue import SimpleQueue
from typing import Final

import structlog

from mocast.errors import ProcessingError
from mocast.jobs.file_task import OnFrames, SegmentResult, SegmentTask, TrackerChoice
from mocast.jobs.worker_process import Lane, WorkerProcess, can_fork_with_networks, start_context
from mocast.model.options import TrackerName
from mocast.tracking.cores import usable_cores

log = structlog.get_logger(__name__)

LANES: Final[dict[TrackerName, int]] = {"holistic": 2}
"""Where processes cannot be forked from one with networks: trackers whose processes work on several segments at a time,
each in a thread. The threads of ``holistic`` share its networks, which are 150 MB. Each network runs once at a time,
which saves 100 MB: two threads take turns, and more would wait for each other. With all other trackers a process works
on one segment: their networks are small, and threads would wait for the interpreter instead."""

DIED: Final = "The process that worked on it ended: it ran out of memory, or the file is made to break decoders."

_Order = tuple[SegmentTask, "Future[SegmentResult]"]


class LocalExecutor:
    """Has segments processed by worker processes, each of which works on one at a time.

    A thread here waits for each lane: for a worker that is forked from a process which has built the networks for all
    of them; or, where that cannot be, for one of the ``LANES`` of a process with networks of its own. Processes start
    with their first task. The first one of all starts alone: it measures which precision is faster and leaves compiled
    networks in the cache, where the others find both. A task whose worker ended is tried once more in a process of its
    own, so that it is known whose fault it was.
    """

    def __init__(
        self, workers: int | None, choice: TrackerChoice, on_frames: OnFrames = lambda task, frames: None
    ) -> None:
        """``workers``: segments at a time, by default one for each usable core."""
        self.at_a_time = workers or usable_cores()
        self._choice = choice
        self._on_frames = on_frames
        self._orders: SimpleQueue[_Order | None] = SimpleQueue()
        self._measuring = threading.Lock()
        self._is_measured = False
        self._starting = [threading.Lock() for _ in range(self.at_a_time)]
        self._forks = can_fork_with_networks(choice)
        self._lanes: list[Lane | None] = [None] * self.at_a_time
        self._lock = threading.Lock()
        self._all: set[WorkerProcess] = set()
        self._is_closed = False
        self._context = None if self._forks else start_context()
        self._threads = [
            threading.Thread(target=self._serve, args=(number,), name="mocast-segments", daemon=True)
            for number in range(self.at_a_time)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, task: SegmentTask) -> "Future[SegmentResult]":
        """Have a segment processed by the next free lane."""
        future: Future[SegmentResult] = Future()
        self._orders.put((task, future))
        return future

    def close(self) -> None:
        """End all workers at once, whatever they are at."""
        with self._lock:
            self._is_closed = True
            for process in self._all:
                process.end()
        for _ in self._threads:
            self._orders.put(None)
        for thread in self._threads:
            thread.join()
        for process in self._all:
            process.close()

    def _serve(self, number: int) -> None:
        """Hand orders to one lane of a process, the ``number``-th of all lanes."""
        while (order := self._orders.get()) is not None:
            task, future = order
            if self._is_closed or not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(self._attempt(task, number))
            except ProcessingError as error:
                future.set_exception(error)
            except Exception as error:  # a fault of ours: whoever waits must be told
                log.exception("segment failed unexpectedly", file=task.file.source.name)
                future.set_exception(ProcessingError(f"It failed unexpectedly: {error!r}."))

    def _attempt(self, task: SegmentTask, number: int) -> SegmentResult:
        """Return what becomes of a task. Raises ``ProcessingError``."""
        told = 0

        def on_frames(task: SegmentTask, frames: int) -> None:
            nonlocal told
            told += frames
            self._on_frames(task, frames)

        try:
            return self._lane(task, number).process(task, on_frames)
        except (EOFError, OSError):
            self._on_frames(task, -told)
        alone = None
        try:
            alone = self._started(task, lanes=1)
            return alone.lanes[0].process(task, self._on_frames)
        except (EOFError, OSError) as error:
            raise ProcessingError(DIED) from error
        finally:
            self._end(alone)

    def _lane(self, task: SegmentTask, number: int) -> "Lane":
        """Return the ``number``-th of all lanes, a new one where there is none or it ended."""
        each = self.at_a_time if self._forks else LANES.get(task.file.options.tracker, 1)
        first = number // each * each
        of_process = range(first, min(first + each, self.at_a_time))
        if not self._is_measured:
            with self._measuring:
                if not self._is_measured:
                    lane = self._usable(task, number, of_process)
                    self._choice = replace(self._choice, precision=lane.precision)
                    self._is_measured = True
                    return lane
        with self._starting[first]:
            return self._usable(task, number, of_process)

    def _usable(self, task: SegmentTask, number: int, of_process: range) -> "Lane":
        """Return a lane that can be used, after starting a process for those of its range that cannot, if it is one."""
        lane = self._lanes[number]
        if lane is None or not lane.is_usable:
            ended = [one for one in of_process if (it := self._lanes[one]) is None or not it.is_usable]
            process = self._started(task, len(ended))
            for one, new in zip(ended, process.lanes, strict=True):
                self._lanes[one] = new
            lane = process.lanes[ended.index(number)]
        return lane

    def _started(self, task: SegmentTask, lanes: int) -> "WorkerProcess":
        """Start a process. Raises ``ProcessingError`` where its engine does not load, ``EOFError`` where it ends."""
        with self._lock:
            if self._is_closed:
                raise EOFError
            options = task.file.options
            process = WorkerProcess(self._context, self._choice, options.tracker, options.quality, lanes)
            self._all.add(process)
        try:
            process.wait()
        except BaseException:
            self._end(process)
            raise
        return process

    def _end(self, process: "WorkerProcess | None") -> None:
        if process is not None:
            with self._lock:
                self._all.discard(process)
            process.close()
