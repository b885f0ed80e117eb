"""The executor of this machine: worker processes, each with its own networks, which a broken file ends and no more."""

import contextlib
import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

import structlog

from mocast.errors import ProcessingError
from mocast.jobs.confined import end_with
from mocast.jobs.file_task import OnFrames, SegmentResult, SegmentTask, TrackerChoice
from mocast.memory import return_large_blocks, share_arenas
from mocast.model.options import OfflineQuality, TrackerName
from mocast.tracking.cores import usable_cores
from mocast.tracking.engines import Precision

if TYPE_CHECKING:
    from mocast.jobs.segment_work import SegmentWorker

log = structlog.get_logger(__name__)

LANES: Final[dict[TrackerName, int]] = {"holistic": 2}
"""Trackers whose processes work on several segments at a time, each in a thread. The threads of ``holistic`` share its
networks, which are 150 MB. Each network runs once at a time, which saves 100 MB: two threads take turns, and more would
wait for each other. With all other trackers a process works on one segment: their networks are small, and threads would
wait for the interpreter instead."""

WORKER_IMPORTS: Final = "mocast.jobs.worker_imports"
"""Imported by the process that workers are forked from: half a second of each one's start."""

NICENESS: Final = 3
"""Of workers, beside this process, whose thread joins their segments: an eighth of all work. With a third of two cores
it would lag behind, and go on alone when all is tracked."""

DIED: Final = "The process that worked on it ended: it ran out of memory, or the file is made to break decoders."

_Order = tuple[SegmentTask, "Future[SegmentResult]"]


class LocalExecutor:
    """Has segments processed by worker processes, each of which works on one at a time, or on as many as ``LANES``.

    A thread here waits for each lane. Processes start with their first task. The first one of all starts alone: it
    measures which precision is faster and leaves compiled networks in the cache, where the others find both. A task
    whose process ended is tried once more in a process of its own, so that it is known whose fault it was.
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
        self._processes: list[_Process | None] = [None] * self.at_a_time
        "By place; the last ones stay empty where processes have several lanes."
        self._lock = threading.Lock()
        self._all: set[_Process] = set()
        self._is_closed = False
        self._context = _start_context()
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
        place, lane = divmod(number, _lanes(task))
        told = 0

        def on_frames(task: SegmentTask, frames: int) -> None:
            nonlocal told
            told += frames
            self._on_frames(task, frames)

        try:
            return self._process(task, place).process(task, lane, on_frames)
        except (EOFError, OSError):
            self._on_frames(task, -told)
        alone = None
        try:
            alone = self._started(task, lanes=1)
            return alone.process(task, 0, self._on_frames)
        except (EOFError, OSError) as error:
            raise ProcessingError(DIED) from error
        finally:
            self._end(alone)

    def _process(self, task: SegmentTask, place: int) -> "_Process":
        """Return the process at a place, a new one where there is none or it ended."""
        if not self._is_measured:
            with self._measuring:
                if not self._is_measured:
                    process = self._living(task, place)
                    self._choice = replace(self._choice, precision=process.precision)
                    self._is_measured = True
                    return process
        with self._starting[place]:
            return self._living(task, place)

    def _living(self, task: SegmentTask, place: int) -> "_Process":
        process = self._processes[place]
        if process is None or not process.is_alive:
            self._end(process)
            process = self._started(task, min(_lanes(task), self.at_a_time - place * _lanes(task)))
            self._processes[place] = process
        return process

    def _started(self, task: SegmentTask, lanes: int) -> "_Process":
        """Start a process. Raises ``ProcessingError`` where its engine does not load, ``EOFError`` where it ends."""
        with self._lock:
            if self._is_closed:
                raise EOFError
            options = task.file.options
            process = _Process(self._context, self._choice, options.tracker, options.quality, lanes)
            self._all.add(process)
        try:
            process.wait()
        except BaseException:
            self._end(process)
            raise
        return process

    def _end(self, process: "_Process | None") -> None:
        if process is not None:
            with self._lock:
                self._all.discard(process)
            process.close()


def _lanes(task: SegmentTask) -> int:
    return LANES.get(task.file.options.tracker, 1)


_HAS_FORK_SERVER: Final[bool] = sys.platform == "linux"


def _start_context() -> ForkServerContext | SpawnContext:
    """Return how workers start, and start the fork server where there is one: it imports while this process goes on.

    Workers are forked from a process that has imported what they need, where that is safe. It listens on a socket below
    ``TMPDIR``. Where that cannot be made, as a socket's path has at most 107 bytes, workers are spawned.
    """
    if _HAS_FORK_SERVER:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([WORKER_IMPORTS])
        with contextlib.suppress(OSError), _sigint_blocked():
            forkserver.ensure_running()
            return context
    return multiprocessing.get_context("spawn")


@contextlib.contextmanager
def _sigint_blocked() -> Iterator[None]:
    """Block SIGINT in this thread, and so in processes that it starts meanwhile.

    Ctrl-C goes to the whole group. A process that still imports does not ignore it yet, and would print a traceback.
    """
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # its first start ends with SIGINT unblocked
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Process:
    """A worker process, seen from here. Each lane is used by one thread."""

    def __init__(
        self,
        context: ForkServerContext | SpawnContext,
        choice: TrackerChoice,
        tracker: TrackerName,
        quality: OfflineQuality,
        lanes: int,
    ) -> None:
        ours, theirs = zip(*(context.Pipe() for _ in range(lanes)), strict=True)
        self._lanes: tuple[Connection, ...] = ours
        self._child: BaseProcess = context.Process(
            target=_work, args=(theirs, choice, tracker, quality), name="mocast-worker", daemon=True
        )
        with _sigint_blocked():
            self._child.start()
        for connection in theirs:
            connection.close()  # so that these ends are told when the worker is gone
        self.precision: Precision = "auto"

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._child.is_alive()

    def wait(self) -> None:
        """Wait until its networks are built. Raises ``ProcessingError`` where they are not, ``EOFError``."""
        kind, value = self._lanes[0].recv()
        if kind == "failed":
            raise ProcessingError(value)
        self.precision = value

    def process(self, task: SegmentTask, lane: int, on_frames: OnFrames) -> SegmentResult:
        """Return what the worker makes of a task. Raises ``ProcessingError``, and ``EOFError`` where it ends."""
        connection = self._lanes[lane]
        connection.send(task)
        while True:
            kind, value = connection.recv()
            if kind == "frames":
                on_frames(task, value)
            elif kind == "failed":
                raise ProcessingError(value)
            else:
                assert isinstance(value, SegmentResult)
                return value

    def end(self) -> None:
        """End the process at once. Whoever waits for a lane gets an ``EOFError``."""
        if self._child.is_alive():  # else the fork server has reaped it, and its PID may be another process's by now
            self._child.kill()

    def close(self) -> None:
        """End the process at once, and wait until it has ended."""
        self.end()
        self._child.join()


def _work(lanes: Sequence[Connection], choice: TrackerChoice, tracker: TrackerName, quality: OfflineQuality) -> None:
    """The worker's main function. On each lane it answers a task with its frames as they are done, then its result."""
    end_with(os.getppid())  # whatever it is at, which may take long before anything is said on a lane
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent ends its workers
    os.nice(NICENESS)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # standard output is the parent's, for progress alone
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    share_arenas(1)
    return_large_blocks()
    from mocast.jobs.segment_work import SegmentWorker  # noqa: PLC0415

    try:
        worker = SegmentWorker(choice, tracker, quality, segments=len(lanes))
    except ProcessingError as error:
        lanes[0].send(("failed", str(error)))
        return
    lanes[0].send(("ready", worker.precision))
    threads = [threading.Thread(target=_work_on, args=(lane, worker)) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _work_on(lane: Connection, worker: "SegmentWorker") -> None:
    """Answer one lane's tasks until the other end is closed, which it is where the parent is gone, killed or not."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            task = lane.recv()
            try:
                answer: tuple[str, object] = ("done", worker.process(task, lambda n: lane.send(("frames", n))))
            except ProcessingError as error:
                answer = ("failed", str(error))
            lane.send(answer)
