"""The executor of this machine: worker processes that share their networks' memory; a broken file ends one of them."""

import contextlib
import threading
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from mocast.errors import ProcessingError
from mocast.jobs.file_task import OnFrames, SegmentResult, SegmentTask, TrackerChoice
from mocast.jobs.segment_order import SegmentOrder
from mocast.jobs.worker_process import Lane, WorkerProcess, can_fork_with_networks, start_context
from mocast.model.options import JobOptions, TrackerName
from mocast.tracking.cores import usable_cores

LANES: Final[dict[TrackerName, int]] = {"holistic": 2}
"""Where processes cannot be forked from one with networks: trackers whose processes work on several segments at a time,
each in a thread. The threads of ``holistic`` share its networks, which are 150 MB. Each network runs once at a time,
which saves 100 MB: two threads take turns, and more would wait for each other. With all other trackers a process works
on one segment: their networks are small, and threads would wait for the interpreter instead."""

DIED: Final = "The process that worked on it ended: it ran out of memory, or the file is made to break decoders."


@dataclass(slots=True, eq=False)
class _Order(SegmentOrder):
    lane: Lane | None = None
    "Of the worker that is at it."


class LocalExecutor:
    """Has segments processed by worker processes, each of which works on one at a time.

    A thread here waits for each lane: for a worker that is forked from a process which has built the networks for all
    of them, which starts at once; or, where that cannot be, for one of the ``LANES`` of a process with networks of its
    own, which starts with its first task. The first process of all starts alone: it measures which precision is faster
    and leaves compiled networks in the cache, where the others find both. A task whose worker ended is tried once more
    in a process of its own, so that it is known whose fault it was.
    """

    def __init__(self, workers: int | None, choice: TrackerChoice, options: JobOptions) -> None:
        """``workers``: segments at a time, by default one for each usable core. ``options``: of all tasks."""
        self.at_a_time = workers or usable_cores()
        self._choice = choice
        self._options = options
        self._orders: SimpleQueue[_Order | None] = SimpleQueue()
        self._unfinished: dict[Path, _Order] = {}
        "By the spool of the task."
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

    def submit(self, task: SegmentTask, on_frames: OnFrames) -> "Future[SegmentResult]":
        """Have a segment processed by the next free lane."""
        order = self._unfinished[task.spool] = _Order(task, on_frames)
        order.future.add_done_callback(lambda _: self._unfinished.pop(task.spool, None))
        self._orders.put(order)
        return order.future

    def shorten(self, task: SegmentTask, frames: int) -> None:
        """Have a task end after so many frames; it may be further by now, or go on further."""
        order = self._unfinished.get(task.spool)
        if order is not None:
            order.frames = frames
            if (lane := order.lane) is not None:
                with contextlib.suppress(OSError):  # its worker has ended; the next one is told when it begins
                    lane.shorten(task, frames)

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
        if self._forks and number == 0:
            with contextlib.suppress(ProcessingError, EOFError, OSError):  # the first task is told why
                self._lane(number)  # now, while the files are looked at
        while (order := self._orders.get()) is not None:
            if self._is_closed or not order.future.set_running_or_notify_cancel():
                continue
            try:
                order.future.set_result(self._attempt(order, number))
            except Exception as error:
                order.fail(error)

    def _attempt(self, order: _Order, number: int) -> SegmentResult:
        """Return what becomes of a task. Raises ``ProcessingError``."""
        try:
            return self._processed(order, self._lane(number))
        except (EOFError, OSError):
            order.take_back()
        alone = None
        try:
            alone = self._started(lanes=1)
            return self._processed(order, alone.lanes[0])
        except (EOFError, OSError) as error:
            raise ProcessingError(DIED) from error
        finally:
            self._end(alone)

    @staticmethod
    def _processed(order: _Order, lane: Lane) -> SegmentResult:
        order.lane = lane
        return lane.process(order.task, order.tell, lambda: order.frames)

    def _lane(self, number: int) -> "Lane":
        """Return the ``number``-th of all lanes, a new one where there is none or it ended."""
        each = self.at_a_time if self._forks else LANES.get(self._options.tracker, 1)
        first = number // each * each
        of_process = range(first, min(first + each, self.at_a_time))
        if not self._is_measured:
            with self._measuring:
                if not self._is_measured:
                    lane = self._usable(number, of_process)
                    self._choice = replace(self._choice, precision=lane.precision)
                    self._is_measured = True
                    return lane
        with self._starting[first]:
            return self._usable(number, of_process)

    def _usable(self, number: int, of_process: range) -> "Lane":
        """Return a lane that can be used, after starting a process for those of its range that cannot, if it is one."""
        lane = self._lanes[number]
        if lane is None or not lane.is_usable:
            ended = [one for one in of_process if (it := self._lanes[one]) is None or not it.is_usable]
            process = self._started(len(ended))
            for one, new in zip(ended, process.lanes, strict=True):
                self._lanes[one] = new
            lane = process.lanes[ended.index(number)]
        return lane

    def _started(self, lanes: int) -> "WorkerProcess":
        """Start a process. Raises ``ProcessingError`` where its engine does not load, ``EOFError`` where it ends."""
        with self._lock:
            if self._is_closed:
                raise EOFError
            process = WorkerProcess(self._context, self._choice, self._options.tracker, self._options.quality, lanes)
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
