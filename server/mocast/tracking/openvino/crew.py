"""Who runs the networks of a frame: the thread that tracks it, and others on the cores that are left."""

import atexit
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Condition, Lock, Thread
from typing import Final

CALM: Final = 3
"""How many frames begin while a core is idle before helpers work again, once every core had a frame. With too many
sessions there is a gap between two turns, and a helper that begins in it is one thread too many for the next frame."""


def _nothing() -> None:
    pass


class Task:
    """Work that is done once, by whoever comes first."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._unfinished = Lock()
        self._unfinished.acquire()
        self.error: BaseException | None = None
        "What the work raised, once it is done."

    @property
    def is_done(self) -> bool:
        """Whether it is, well or badly."""
        return not self._unfinished.locked()

    def do(self) -> None:
        """Do the work. Whatever it raises is kept; the work is not, as it may hold a picture."""
        try:
            self._work()
        except BaseException as error:
            self.error = error
        finally:
            self._work = _nothing
            self._unfinished.release()

    def wait(self) -> None:
        """Return when another thread has done it."""
        with self._unfinished:
            pass


class Crew:
    """Shares out the work of those who track among as many threads as there are cores.

    What is offered is done by who waits for it, or by a helper. There is one for each core but one, and it works only
    while fewer frames are tracked than there are cores, and were a short time ago. More threads at work than cores
    would take turns of milliseconds, and what a frame waits for would come as late as what it needs last.
    """

    def __init__(self, cores: int) -> None:
        """``cores``: how many threads work at a time, those that track among them."""
        self._cores = cores
        self._changed = Condition()
        self._offers: deque[Task] = deque()
        self._busy = 0
        "How many threads track a frame, or help."
        self._until_calm = 0
        "How many more frames have to begin while a core is idle."
        self._helpers: list[Thread] = []
        self._is_closed = False

    @contextmanager
    def tracking(self) -> Iterator[None]:
        """Count this thread among those at work."""
        with self._changed:
            self._busy += 1
            self._until_calm = CALM if self._busy >= self._cores else max(0, self._until_calm - 1)
        try:
            yield
        finally:
            with self._changed:
                self._busy -= 1
                self._call()

    def offer(self, work: Callable[[], object]) -> Task:
        """Have something done, at the latest when it is waited for. Helpers begin when one task is waited for."""
        task = Task(work)
        with self._changed:
            self._offers.append(task)
        return task

    def finish(self, task: Task, *, helps: bool = True) -> None:
        """Return when a task is done; do it where nobody does. Raises what its work raises.

        ``helps``: do meanwhile what else is offered. That may last longer than the task.
        """
        while not task.is_done and (following := self._take(task, others=helps)) is not None:
            following.do()
        task.wait()
        if task.error is not None:
            raise task.error

    def withdraw(self, task: Task) -> None:
        """Return when nobody does a task, nor will."""
        with self._changed:
            if task in self._offers:
                self._offers.remove(task)
                return
        task.wait()

    def close(self) -> None:
        """Return when the helpers have ended; those who wait do all by themselves from now on."""
        atexit.unregister(self.close)
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        for helper in self._helpers:
            helper.join()

    def _take(self, preferred: Task, *, others: bool) -> Task | None:
        """Return the task to do next for who waits for one: that, or one of the others."""
        with self._changed:
            task: Task | None = None
            if preferred in self._offers:
                self._offers.remove(preferred)
                task = preferred
            elif others and self._offers:
                task = self._offers.popleft()
            self._call()
            return task

    def _call(self) -> None:
        """Wake helpers for what is offered, as far as cores are idle."""
        for _ in range(min(len(self._offers), self._idle_cores())):
            if len(self._helpers) < self._cores - 1 and not self._is_closed:
                self._hire()
            self._changed.notify()

    def _idle_cores(self) -> int:
        """Return how many there are for helpers."""
        return 0 if self._until_calm else self._cores - self._busy

    def _hire(self) -> None:
        """Begin with another helper, unless the system has no thread left: then those who wait do more."""
        helper = Thread(target=self._help, name="networks", daemon=True)
        with suppress(RuntimeError):
            helper.start()
            self._helpers.append(helper)
            atexit.register(self.close)  # a thread that returns from OpenVINO after Python's end ends the process badly

    def _help(self) -> None:
        while (task := self._helped()) is not None:
            task.do()
            with self._changed:
                self._busy -= 1

    def _helped(self) -> Task | None:
        """Wait for something to help with, and begin; ``None`` at the end."""
        with self._changed:
            while not self._is_closed and (self._idle_cores() <= 0 or not self._offers):
                self._changed.wait()
            if self._is_closed:
                return None
            self._busy += 1
            return self._offers.popleft()
