"""The executor of this machine: worker processes that share their networks' memory; a broken file ends one of them."""

import contextlib
import logging
import multiprocessing
import os
import platform
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from importlib.util import find_spec
from multiprocessing import Pipe, forkserver, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

import structlog

from mocast.errors import ProcessingError
from mocast.jobs.confined import end_with
from mocast.jobs.file_task import OnFrames, SegmentResult, SegmentTask, TrackerChoice
from mocast.memory import keep_what_is, return_free, return_large_blocks, share_arenas
from mocast.model.options import OfflineQuality, TrackerName
from mocast.tracking.cores import usable_cores
from mocast.tracking.engines import AUTO, FAST, Precision

if TYPE_CHECKING:
    from mocast.jobs.segment_work import SegmentWorker

log = structlog.get_logger(__name__)

LANES: Final[dict[TrackerName, int]] = {"holistic": 2}
"""Where processes cannot be forked from one with networks: trackers whose processes work on several segments at a time,
each in a thread. The threads of ``holistic`` share its networks, which are 150 MB. Each network runs once at a time,
which saves 100 MB: two threads take turns, and more would wait for each other. With all other trackers a process works
on one segment: their networks are small, and threads would wait for the interpreter instead."""

WORKER_IMPORTS: Final = "mocast.jobs.worker_imports"
"""Imported by the process that workers are forked from: half a second of each one's start."""

NICENESS: Final = 3
"""Of workers, beside this process, whose thread joins their segments: an eighth of all work. With a third of two cores
it would lag behind, and go on alone when all is tracked."""

SLEEP: Final = ("sleep", "infinity")
"""What a process that has forked workers becomes, so that its memory is theirs alone: what one of them writes to is a
copy, so the networks' memory for what they compute would be there once more."""

TRIMMED_EVERY: Final = 32
"""Frames after which a worker gives back what is free of its heap, in a millisecond; else holes add up."""

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
        self._forks = _forks_with_networks(choice)
        self._lanes: list[_Lane | None] = [None] * self.at_a_time
        self._lock = threading.Lock()
        self._all: set[_Process] = set()
        self._is_closed = False
        self._context = None if self._forks else _start_context()
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

    def _lane(self, task: SegmentTask, number: int) -> "_Lane":
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

    def _usable(self, task: SegmentTask, number: int, of_process: range) -> "_Lane":
        """Return a lane that can be used, after starting a process for those of its range that cannot, if it is one."""
        lane = self._lanes[number]
        if lane is None or not lane.is_usable:
            ended = [one for one in of_process if (it := self._lanes[one]) is None or not it.is_usable]
            process = self._started(task, len(ended))
            for one, new in zip(ended, process.lanes, strict=True):
                self._lanes[one] = new
            lane = process.lanes[ended.index(number)]
        return lane

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


_HAS_FORK_SERVER: Final[bool] = sys.platform == "linux"


def _forks_with_networks(choice: TrackerChoice) -> bool:
    """Whether workers are forked from a process that has built the networks.

    OpenVINO runs a network of one stream on a processor in the thread that asks, and of its own threads, which a forked
    process does not have, needs none: tried on x86 alone. Those of MediaPipe and of GPUs do.
    """
    is_openvino = choice.engine in (AUTO, FAST) and find_spec("openvino") is not None
    is_tried = _HAS_FORK_SERVER and platform.machine() == "x86_64"
    return is_tried and is_openvino and choice.device == "cpu"


def _start_context() -> ForkServerContext | SpawnContext:
    """Return how processes with networks of their own start, and start the fork server, which imports meanwhile.

    It listens on a socket below ``TMPDIR``. Where that cannot be made, as a socket's path has at most 107 bytes, or
    forking is not safe, processes are spawned.
    """
    if sys.platform != "win32":
        resource_tracker.ensure_running()  # its first start ends with SIGINT unblocked
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
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Lane:
    """The way to a worker, a process or one of its threads. Used by one thread."""

    def __init__(self, process: "_Process", connection: Connection) -> None:
        self._process = process
        self._connection = connection
        self._has_ended = False
        self.precision: Precision = "auto"

    @property
    def is_usable(self) -> bool:
        """Whether the worker has not ended."""
        return not self._has_ended and self._process.is_alive

    def wait(self) -> None:
        """Wait until its networks are built. Raises ``ProcessingError`` where they are not, ``EOFError``."""
        kind, value = self._connection.recv()
        if kind == "failed":
            raise ProcessingError(value)
        self.precision = value

    def process(self, task: SegmentTask, on_frames: OnFrames) -> SegmentResult:
        """Return what the worker makes of a task.

        Raises ``ProcessingError``; where the worker ends ``EOFError`` or ``OSError``.
        """
        try:
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
        except (EOFError, OSError):
            self._has_ended = True
            raise


class _Process:
    """A process of workers, seen from here."""

    def __init__(
        self,
        context: ForkServerContext | SpawnContext | None,
        choice: TrackerChoice,
        tracker: TrackerName,
        quality: OfflineQuality,
        lanes: int,
    ) -> None:
        """``context``: ``None`` for one that forks its workers."""
        ours, theirs = zip(*(Pipe() for _ in range(lanes)), strict=True)
        self.lanes: tuple[_Lane, ...] = tuple(_Lane(self, connection) for connection in ours)
        self._child: BaseProcess | _ForkingProcess
        with _sigint_blocked():
            if context is None:
                self._child = _ForkingProcess(theirs)
                ours[0].send((choice, tracker, quality))
            else:
                self._child = context.Process(
                    target=_work, args=(theirs, choice, tracker, quality), name="mocast-worker", daemon=True
                )
                self._child.start()
        for connection in theirs:
            connection.close()  # so that these ends are told when the worker is gone

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._child.is_alive()

    def wait(self) -> None:
        """Wait until its networks are built. Raises ``ProcessingError`` where they are not, ``EOFError``."""
        for lane in self.lanes:
            lane.wait()

    def end(self) -> None:
        """End it and its workers at once. Whoever waits for a lane gets an ``EOFError``."""
        if self._child.is_alive():  # else the fork server has reaped it, and its PID may be another process's by now
            self._child.kill()

    def close(self) -> None:
        """End the process at once, and wait until it has ended."""
        self.end()
        self._child.join()


class _ForkingProcess:
    """The process that workers are forked from.

    One of ``multiprocessing`` would have a process beside it that tracks resources, which is 7 MB, and would import the
    program's main module, and with it settings of a server.
    """

    def __init__(self, lanes: Sequence[Connection]) -> None:
        numbers = [lane.fileno() for lane in lanes]
        code = f"import sys; sys.path = {sys.path!r}; from mocast.jobs.local_executor import fork; fork({numbers})"
        self._process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.DEVNULL, pass_fds=numbers)

    def is_alive(self) -> bool:
        """Return whether it has not ended."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def join(self) -> None:
        """Wait until it has ended."""
        self._process.wait()


def fork(numbers: Sequence[int]) -> None:
    """The main function of a ``_ForkingProcess``. ``numbers``: the file descriptors of its lanes."""
    lanes = [Connection(number) for number in numbers]
    choice, tracker, quality = lanes[0].recv()
    _work(lanes, choice, tracker, quality, forks=True)


def _work(
    lanes: Sequence[Connection],
    choice: TrackerChoice,
    tracker: TrackerName,
    quality: OfflineQuality,
    *,
    forks: bool = False,
) -> None:
    """The main function of a process of workers, one for each lane: itself, processes that it forks, or its threads."""
    end_with(os.getppid())  # whatever it is at, which may take long before anything is said on a lane
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent ends its workers
    os.nice(NICENESS)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # standard output is the parent's, for progress alone
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    share_arenas(1)
    return_large_blocks()
    from mocast.jobs.segment_work import SegmentWorker  # noqa: PLC0415

    try:
        worker = SegmentWorker(choice, tracker, quality, segments=1 if forks else len(lanes))
        answer: tuple[str, str] = "ready", worker.precision
    except ProcessingError as error:
        answer = "failed", str(error)
    for lane in lanes:
        lane.send(answer)
    if answer[0] == "failed":
        return
    if len(lanes) == 1:
        _work_on(lanes[0], worker)
    elif forks and worker.engine_name == FAST:
        _fork_workers(lanes, worker)
    else:
        threads = [threading.Thread(target=_work_on, args=(lane, worker)) for lane in lanes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def _fork_workers(lanes: Sequence[Connection], worker: "SegmentWorker") -> None:
    """Fork a worker for each lane, which share the memory of this process's networks, and only sleep from then on."""
    _wait_for_idle_threads()
    keep_what_is()  # a collection would write to, and so copy, the memory of whatever Python has made
    this = os.getpid()
    for lane in lanes:
        if os.fork() == 0:
            try:
                end_with(this)
                for other in lanes:
                    if other is not lane:
                        other.close()  # so that it is known there when its worker has ended
                _work_on(lane, worker)
            finally:
                os._exit(0)  # not by way of OpenVINO's end, which waits for threads that are not here
    for lane in lanes:
        lane.close()
    with contextlib.suppress(OSError):  # there is no such program: this process waits as it is
        os.execvp(SLEEP[0], SLEEP)
    for _ in lanes:
        os.wait()


def _wait_for_idle_threads() -> None:
    """Wait until the other threads of this process, OpenVINO's, sleep; for half a second at most.

    They do soon after it has loaded a network. What a thread holds locked at a fork stays so in the new process.
    """
    others = [task for task in Path("/proc/self/task").iterdir() if task.name != str(threading.get_native_id())]
    for _ in range(50):
        with contextlib.suppress(OSError):  # one has ended
            if all((task / "stat").read_text().rpartition(")")[2].split()[0] == "S" for task in others):
                return
        time.sleep(0.01)


def _work_on(lane: Connection, worker: "SegmentWorker") -> None:
    """Answer one lane's tasks until the other end is closed, which it is where the parent is gone, killed or not."""
    untrimmed = 0

    def on_frames(frames: int) -> None:
        nonlocal untrimmed
        lane.send(("frames", frames))
        untrimmed += frames
        if untrimmed >= TRIMMED_EVERY:
            untrimmed = 0
            return_free()

    with contextlib.suppress(EOFError, OSError):
        while True:
            task = lane.recv()
            try:
                answer: tuple[str, object] = ("done", worker.process(task, on_frames))
            except ProcessingError as error:
                answer = ("failed", str(error))
            lane.send(answer)
            return_free()
