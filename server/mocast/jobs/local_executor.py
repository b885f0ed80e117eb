"""The executor of this machine: worker processes, each with its own networks, which a broken file ends and no more."""

import contextlib
import multiprocessing
import signal
import threading
from concurrent.futures import Future
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from typing import Final

from mocast.errors import MocastError, ProcessingError
from mocast.jobs.file_task import OnFrames, SegmentResult, SegmentTask, TrackerChoice
from mocast.model.options import OfflineQuality, TrackerName
from mocast.tracking.cores import usable_cores
from mocast.tracking.engines import Precision

DIED: Final = "The process that worked on it ended: it ran out of memory, or the file is made to break decoders."

_Order = tuple[SegmentTask, "Future[SegmentResult]"]


class LocalExecutor:
    """Has segments processed by worker processes, each of which one thread here waits for.

    A worker starts with its first task. The first one of all starts alone: it measures which precision is faster and
    leaves compiled networks in the cache, where the others find both.
    """

    def __init__(
        self, workers: int | None, choice: TrackerChoice, on_frames: OnFrames = lambda task, frames: None
    ) -> None:
        """``workers``: by default one for each usable core."""
        self.at_a_time = workers or usable_cores()
        self._choice = choice
        self._on_frames = on_frames
        self._orders: SimpleQueue[_Order | None] = SimpleQueue()
        self._measuring = threading.Lock()
        self._is_measured = False
        self._lock = threading.Lock()
        self._processes: set[BaseProcess] = set()
        self._is_closed = False
        self._threads = [
            threading.Thread(target=self._serve, name="mocast-segments", daemon=True) for _ in range(self.at_a_time)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, task: SegmentTask) -> "Future[SegmentResult]":
        """Have a segment processed by the next free worker."""
        future: Future[SegmentResult] = Future()
        self._orders.put((task, future))
        return future

    def close(self) -> None:
        """End all workers at once, whatever they are at."""
        with self._lock:
            self._is_closed = True
            for process in self._processes:
                process.kill()
        for _ in self._threads:
            self._orders.put(None)
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        """Hand orders to one worker, and to the next one where it ended."""
        worker: _Worker | None = None
        while (order := self._orders.get()) is not None:
            task, future = order
            if self._is_closed or not future.set_running_or_notify_cancel():
                continue
            try:
                worker = worker or self._start(task)
                result = worker.process(task, self._on_frames)
            except (EOFError, OSError):
                self._end(worker)
                worker = None
                future.set_exception(ProcessingError(DIED))
            except MocastError as error:
                future.set_exception(error)
            else:
                future.set_result(result)
        self._end(worker)

    def _start(self, task: SegmentTask) -> "_Worker":
        """Start a worker. Raises ``ProcessingError`` where its engine does not load, ``EOFError`` where it ends."""
        options = task.file.options
        if not self._is_measured:
            with self._measuring:
                if not self._is_measured:
                    worker = self._started(options.tracker, options.quality)
                    self._choice = replace(self._choice, precision=worker.precision)
                    self._is_measured = True
                    return worker
        return self._started(options.tracker, options.quality)

    def _started(self, tracker: TrackerName, quality: OfflineQuality) -> "_Worker":
        with self._lock:
            if self._is_closed:
                raise EOFError
            worker = _Worker(self._choice, tracker, quality)
            self._processes.add(worker.child)
        try:
            worker.wait()
        except BaseException:
            self._end(worker)
            raise
        return worker

    def _end(self, worker: "_Worker | None") -> None:
        if worker is not None:
            with self._lock:
                self._processes.discard(worker.child)
            worker.close()


class _Worker:
    """A worker process, seen from here. Used by one thread."""

    def __init__(self, choice: TrackerChoice, tracker: TrackerName, quality: OfflineQuality) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self.child: BaseProcess = context.Process(
            target=_work, args=(theirs, choice, tracker, quality), name="mocast-worker", daemon=True
        )
        self.child.start()
        theirs.close()  # so that this end is told when the worker is gone
        self.precision: Precision = "auto"

    def wait(self) -> None:
        """Wait until its networks are built. Raises ``ProcessingError`` where they are not, ``EOFError``."""
        kind, value = self._connection.recv()
        if kind == "failed":
            raise ProcessingError(value)
        self.precision = value

    def process(self, task: SegmentTask, on_frames: OnFrames) -> SegmentResult:
        """Return what the worker makes of a task. Raises ``ProcessingError``, and ``EOFError`` where it ends."""
        self._connection.send(task)
        while True:
            kind, value = self._connection.recv()
            if kind == "frames":
                on_frames(task, value)
            elif kind == "failed":
                raise ProcessingError(value)
            else:
                assert isinstance(value, SegmentResult)
                return value

    def close(self) -> None:
        """End the process at once."""
        self.child.kill()
        self.child.join()
        self._connection.close()


def _work(orders: Connection, choice: TrackerChoice, tracker: TrackerName, quality: OfflineQuality) -> None:
    """The worker's main function: answers each task with its frames as they are done, then its result."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent ends its workers
    from mocast.jobs.segment_work import SegmentWorker  # noqa: PLC0415

    try:
        worker = SegmentWorker(choice, tracker, quality)
    except ProcessingError as error:
        orders.send(("failed", str(error)))
        return
    orders.send(("ready", worker.precision))
    # The parent's end is closed where it is gone, killed or not: then so is this process.
    with contextlib.suppress(EOFError, OSError):
        while True:
            task = orders.recv()
            try:
                answer: tuple[str, object] = ("done", worker.process(task, lambda n: orders.send(("frames", n))))
            except ProcessingError as error:
                answer = ("failed", str(error))
            orders.send(answer)
