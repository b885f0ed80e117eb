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
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread, Timer
from typing import IO, Any, Final

import structlog

from mocast.environment import without_settings
from mocast.memory import let_go_first, return_free, share_arenas
from mocast.tracking.folder_lock import FolderLock
from mocast.tracking.openvino_import import leave_out_converter

log = structlog.get_logger(__name__)

IDLE_S: Final = 10.0
"""It ends so long after its last network: longer than networks are measured between two."""

LIMIT_S: Final = 120.0
"""Of a call: twenty times what all of a first start takes on two quiet cores (measured)."""

LOOK_S: Final = 0.1
"""So often one that waits for another server looks whether it is done."""


class CompilingProcess:
    """Calls functions in a process of its own, one at a time. Its methods may be called from any thread.

    The process starts with the first call, and ends with this one, however that ends. Of all servers that use one
    folder one at a time has such a process; the others find there what it has made.
    """

    def __init__(self, limit_s: float = LIMIT_S) -> None:
        """``limit_s``: of a call, and of waiting for another server; then this process computes what it wants."""
        self.is_allowed = False
        "Set by the owner of this process: ``sys.executable`` may be anything in a program that imports Mocast."
        self._limit_s = limit_s
        self._lock = Lock()
        self._turn: FolderLock | None = None
        "Held while there is a process."
        self._process: subprocess.Popen[bytes] | None = None
        self._timer: Timer | None = None

    def call(self, folder: Path, is_done: Callable[[], bool], function: Callable[..., bool], *arguments: Any) -> bool:
        """Have a function that writes to a folder called there; return what it returns, ``False`` where it raises
        anything or there is no process, ``True`` where another server was first.

        ``is_done``: whether what it makes is in the folder. The function and its arguments are pickled.
        """
        with self._lock:
            if not self.is_allowed:
                return False
            self._cancel_timer()
            try:
                if not self._has_turn(folder, is_done):
                    return True
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

    def _has_turn(self, folder: Path, is_done: Callable[[], bool]) -> bool:
        """Wait until no other server compiles for the folder; return whether what is wanted must be made yet.

        Raises ``OSError``.
        """
        if self._turn is not None and self._turn.folder != folder:
            self._end()
        if self._turn is not None:
            return True
        turn, give_up_s = FolderLock(folder), time.monotonic() + self._limit_s
        while not turn.acquire():
            if is_done():
                return False
            if time.monotonic() > give_up_s:
                raise TimeoutError("another server compiles without end")
            time.sleep(LOOK_S)
        if is_done():
            turn.release()
            return False
        self._turn = turn
        return True

    def _answer(self, call: bytes) -> bool:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", __name__],  # not what happens to lie where the server was started
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=without_settings(os.environ),
                process_group=None if sys.platform == "win32" else 0,  # Ctrl-C is for the server
            )
        calls, answers = self._process.stdin, self._process.stdout
        assert calls is not None
        assert answers is not None
        limit = Timer(self._limit_s, self._process.kill)
        limit.daemon = True
        limit.start()
        try:
            calls.write(call)
            calls.flush()
            return bool(pickle.load(answers))
        finally:
            limit.cancel()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _end(self) -> None:
        self._cancel_timer()
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(OSError):
                process.communicate()
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.release()


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
    share_arenas(1)
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
        return_free()  # or what the next call needs comes on top
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    main()
