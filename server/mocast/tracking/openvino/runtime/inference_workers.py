"""Inference workers: threads that run the networks of a frame, on cores that the tracking threads leave idle."""

import atexit
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Condition, Lock, Thread
from typing import Final

COOLDOWN_FRAMES: Final = 3
"""After all cores were busy: how many frames must begin while a core is idle before workers run again. Measured: with
too many sessions there is a gap between two frames, and a worker that begins in it is one thread too many for the
next."""


def _nothing() -> None:
    pass


class InferenceTask:
    """A function that is run once, by the first thread that takes it."""

    def __init__(self, function: Callable[[], object]) -> None:
        self._function = function
        self._unfinished = Lock()
        self._unfinished.acquire()
        self.is_done = False
        "Whether the function has returned or raised."
        self.error: BaseException | None = None
        "What the function raised, once it has run."

    def run(self) -> None:
        """Run the function and keep what it raises. It is dropped afterwards, as it may hold a picture."""
        try:
            self._function()
        except BaseException as error:
            self.error = error
        finally:
            self._function = _nothing
            self.is_done = True
            self._unfinished.release()

    def wait(self) -> None:
        """Return when another thread has run it."""
        with self._unfinished:
            pass


class InferenceWorkers:
    """Runs tasks on as many threads as there are cores, the tracking threads among them. Own work.

    A submitted task is run by the thread that joins it, or by a worker. There is one worker fewer than there are cores,
    and a worker takes a task only while fewer frames are in progress than there are cores, and were a short time ago.
    With more busy threads than cores the system would switch between them every few milliseconds, and the network that
    a frame needs first would be done as late as the last one.
    """

    def __init__(self, cores: int) -> None:
        """``cores``: threads that may run networks at a time, the tracking threads among them."""
        self._cores = cores
        self._lock = Lock()
        self._changed = Condition(self._lock)
        self._queue: deque[InferenceTask] = deque()
        self._busy = 0
        "Threads that track a frame, or run a task as workers."
        self._cooldown = 0
        "Frames that must begin while a core is idle before workers run again."
        self._workers: list[Thread] = []
        self._is_closed = False

    @contextmanager
    def frame_in_progress(self) -> Iterator[None]:
        """Count this thread as busy."""
        with self._lock:
            self._busy += 1
            self._cooldown = COOLDOWN_FRAMES if self._busy >= self._cores else max(0, self._cooldown - 1)
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1
                self._wake_workers()

    def submit(self, function: Callable[[], object]) -> InferenceTask:
        """Queue a function. Workers begin when the first task of the queue is joined."""
        task = InferenceTask(function)
        with self._lock:
            self._queue.append(task)
        return task

    def join(self, task: InferenceTask, *, runs_others: bool = True) -> None:
        """Return when a task is done; run it here if no thread has taken it. Raises what its function raises.

        ``runs_others``: run other tasks of the queue while a worker runs this one. That may last longer than the task.
        """
        while not task.is_done:
            taken = self._take(task, others=runs_others)
            if taken is None:
                task.wait()
            else:
                taken.run()
        if task.error is not None:
            raise task.error

    def cancel(self, task: InferenceTask) -> None:
        """Remove a task from the queue, or wait until the thread that runs it is done."""
        with self._lock:
            if task in self._queue:
                self._queue.remove(task)
                return
        task.wait()

    def close(self) -> None:
        """Return when the workers have ended. Tasks are run by the threads that join them from now on."""
        atexit.unregister(self.close)
        with self._lock:
            self._is_closed = True
            self._changed.notify_all()
        for worker in self._workers:
            worker.join()

    def _take(self, preferred: InferenceTask, *, others: bool) -> InferenceTask | None:
        """Take a task out of the queue: the preferred one, or another one."""
        with self._lock:
            task: InferenceTask | None = None
            if preferred in self._queue:
                self._queue.remove(preferred)
                task = preferred
            elif others and self._queue:
                task = self._queue.popleft()
            self._wake_workers()
            return task

    def _wake_workers(self) -> None:
        """Wake, or start, a worker for each queued task and idle core."""
        for _ in range(min(len(self._queue), self._idle_cores())):
            if len(self._workers) < self._cores - 1 and not self._is_closed:
                self._start_worker()
            self._changed.notify()

    def _idle_cores(self) -> int:
        return 0 if self._cooldown else self._cores - self._busy

    def _start_worker(self) -> None:
        """Start another worker, unless the system has no thread left: then joining threads run more tasks."""
        worker = Thread(target=self._work, name="networks", daemon=True)
        with suppress(RuntimeError):
            worker.start()
            self._workers.append(worker)
            atexit.register(self.close)  # a thread that returns from OpenVINO after Python's end crashes the process

    def _work(self) -> None:
        while (task := self._next()) is not None:
            task.run()
            with self._lock:
                self._busy -= 1

    def _next(self) -> InferenceTask | None:
        """Wait for a task that a worker may run, and count the worker as busy; ``None`` when closed."""
        with self._lock:
            while not self._is_closed and (self._idle_cores() <= 0 or not self._queue):
                self._changed.wait()
            if self._is_closed:
                return None
            self._busy += 1
            return self._queue.popleft()
