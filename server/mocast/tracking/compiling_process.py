"""A process that compiles networks for this one and ends (``python -m`` this module).

Compiling leaves the heap full of holes, 80 MB for as long as the process lives (measured). Here it is another
process's, which writes what it has compiled to the cache, where this one finds it.
"""

import contextlib
import logging
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from queue import SimpleQueue
from threading import Lock, Thread, Timer
from typing import IO, Any, Final

import structlog

from mocast.memory import let_go_first
from mocast.tracking.openvino_import import leave_out_converter

log = structlog.get_logger(__name__)

IDLE_S: Final = 10.0
"""It ends so long after its last network: longer than networks are measured between two."""


class CompilingProcess:
    """Calls functions in a process of its own, one at a time. Its methods may be called from any thread.

    The process starts with the first call, and ends with this one, however that ends.
    """

    def __init__(self) -> None:
        self.is_allowed = False
        "Set by the owner of this process: ``sys.executable`` may be anything in a program that imports Mocast."
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._timer: Timer | None = None

    def call(self, function: Callable[..., bool], *arguments: Any) -> bool:
        """Return what the function returns there; ``False`` where it raises anything or there is no process.

        The function and its arguments are pickled.
        """
        with self._lock:
            if not self.is_allowed:
                return False
            if self._timer is not None:
                self._timer.cancel()
            try:
                answer = self._answer(pickle.dumps((function, arguments)))
            except (OSError, EOFError, pickle.UnpicklingError) as error:
                self.is_allowed = False
                self._end()
                log.warning("networks are compiled in this process, which then holds more memory", reason=repr(error))
                return False
            self._timer = Timer(IDLE_S, self.end)
            self._timer.name, self._timer.daemon = "mocast-compiling", True
            self._timer.start()
            return answer

    def end(self) -> None:
        """End the process; the next call starts another one."""
        with self._lock:
            self._end()

    def _answer(self, call: bytes) -> bool:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", __name__],  # not what happens to lie where the server was started
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                process_group=None if sys.platform == "win32" else 0,  # Ctrl-C is for the server
            )
        calls, answers = self._process.stdin, self._process.stdout
        assert calls is not None
        assert answers is not None
        calls.write(call)
        calls.flush()
        return bool(pickle.load(answers))

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(OSError):
                process.communicate()


@cache
def compiling_process() -> CompilingProcess:
    """Return the one of this process, which has not started, and is not allowed to, at first."""
    return CompilingProcess()


def main() -> None:
    """Answer calls until nobody can make more, and end at once then, whatever is being compiled."""
    for number in (signal.SIGINT, signal.SIGTERM):  # systemd sends one to each process of a service
        signal.signal(number, signal.SIG_IGN)
    let_go_first()  # without this process the server compiles
    leave_out_converter()
    # What fails here fails again where it is said.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # where libraries print
    calls: SimpleQueue[tuple[Callable[..., bool], tuple[Any, ...]]] = SimpleQueue()
    Thread(target=_answer_all, args=(calls, answers), daemon=True).start()
    with contextlib.suppress(EOFError):
        while True:
            calls.put(pickle.load(sys.stdin.buffer))
    os._exit(0)


def _answer_all(calls: "SimpleQueue[tuple[Callable[..., bool], tuple[Any, ...]]]", answers: IO[bytes]) -> None:
    while True:
        function, arguments = calls.get()
        try:
            answer = function(*arguments)
        except Exception:
            answer = False
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    main()
