"""A process of workers, seen from the one that starts it: how it starts, and the lanes by which workers get tasks."""

import contextlib
import multiprocessing
import platform
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import Pipe, forkserver, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from typing import Final

from mocast.errors import ProcessingError
from mocast.jobs import worker_main
from mocast.jobs.file_task import SegmentResult, SegmentTask, TrackerChoice
from mocast.model.options import OfflineQuality, TrackerName
from mocast.tracking.engines import FAST, Precision, installed_engine

WORKER_IMPORTS: Final = "mocast.jobs.worker_imports"
"""Imported by the process that workers are forked from: half a second of each one's start."""

_HAS_FORK_SERVER: Final[bool] = sys.platform == "linux"


def can_fork_with_networks(choice: TrackerChoice) -> bool:
    """Whether workers are forked from a process that has built the networks.

    A forked process has none of OpenVINO's threads. It needs none on a processor, where a network of one stream runs in
    the thread that asks (tried on x86 alone); on a GPU, and with MediaPipe, it would need them.
    """
    is_tried = _HAS_FORK_SERVER and platform.machine() == "x86_64"
    return is_tried and installed_engine(choice.engine) == FAST and choice.device == "cpu"


def start_context() -> ForkServerContext | SpawnContext:
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


class Lane:
    """The way to a worker, a process or one of its threads. Used by one thread, but for ``shorten``."""

    def __init__(self, process: "WorkerProcess", connection: Connection) -> None:
        self._process = process
        self._connection = connection
        self._task: SegmentTask | None = None
        "The task that the worker processes."
        self._telling = threading.Lock()
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

    def process(
        self, task: SegmentTask, on_frames: Callable[[int], object], frames: Callable[[], int | None]
    ) -> SegmentResult:
        """Have the worker process a task, and return its result.

        ``frames`` returns how many frames are to be done where the task was shortened, else ``None``. Raises
        ``ProcessingError``; ``EOFError`` or ``OSError`` where the worker ends.
        """
        try:
            with self._telling:
                self._connection.send(task)
                self._task = task
            self.shorten(task, frames())
            while True:
                kind, value = self._connection.recv()
                if kind == "frames":
                    on_frames(value)
                elif kind == "failed":
                    raise ProcessingError(value)
                else:
                    assert isinstance(value, SegmentResult)
                    return value
        except (EOFError, OSError):
            self._has_ended = True
            raise
        finally:
            with self._telling:
                self._task = None

    def shorten(self, task: SegmentTask, frames: int | None) -> None:
        """Have the worker do so many frames of a task, if it is at it; on any thread."""
        with self._telling:
            if frames is not None and task is self._task:
                self._connection.send(frames)


class WorkerProcess:
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
        self.lanes: tuple[Lane, ...] = tuple(Lane(self, connection) for connection in ours)
        self._child: BaseProcess | _ForkingProcess
        with _sigint_blocked():
            if context is None:
                self._child = _ForkingProcess(theirs)
                ours[0].send((choice, tracker, quality))
            else:
                self._child = context.Process(
                    target=worker_main.work, args=(theirs, choice, tracker, quality), name="mocast-worker", daemon=True
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
        code = f"import sys; sys.path = {sys.path!r}; from mocast.jobs.worker_main import fork; fork({numbers})"
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
