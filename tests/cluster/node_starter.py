"""Starts nodes as processes of their own without their imports: a process that has them all forks each of them.

A node's start takes 3 s of processor time otherwise, nearly all of it imports, and these tests start a dozen.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any


class ForkedProcess:
    """A process that the starter forked; of ``subprocess.Popen`` what ``tests.e2e.server`` needs."""

    def __init__(self, pid: int, ended: Path) -> None:
        self.pid = pid
        self._ended = ended
        "A file that is there when it has ended, with its exit status."

    def poll(self) -> int | None:
        """Return the exit status; ``None``: it runs."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            return int(self._ended.read_text())
        return None

    def wait(self, timeout: float = 60) -> int:
        """Wait until it has ended. Raises ``subprocess.TimeoutExpired``."""
        give_up = time.monotonic() + timeout
        while (status := self.poll()) is None:
            if time.monotonic() > give_up:
                raise subprocess.TimeoutExpired("mocast serve", timeout)
            time.sleep(0.02)
        return status

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


class NodeStarter:
    """The process that forks; one for all tests of a run."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.cluster.node_starter"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def start(self, environment: Mapping[str, str], log: Path) -> ForkedProcess:
        """Start ``mocast serve``, its output appended to a file."""
        ended = log.with_suffix(f".{time.monotonic_ns()}.ended")
        order = {"environment": dict(environment), "log": str(log), "ended": str(ended)}
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(order).encode() + b"\n")
        stdin.flush()
        return ForkedProcess(int(stdout.readline()), ended)

    def close(self) -> None:
        """End the process that forks; nodes stay."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def main() -> None:
    """Fork a node for each order on the standard input, and print its number."""
    import mocast.app
    import mocast.cluster.redis_directory
    from tests.cluster import ready_engine  # noqa: F401

    del mocast
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # of those that wait for nodes
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin.buffer:
        _start(json.loads(line), sys.stdout.buffer)


def _start(order: dict[str, Any], told: IO[bytes]) -> None:
    reading, writing = os.pipe()
    if os.fork() == 0:  # waits for the node, so that its status is told to somebody
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        pid = os.fork()
        if pid == 0:
            _be_node(order)
        os.write(writing, str(pid).encode() + b"\n")
        os.close(writing)
        _, status = os.waitpid(pid, 0)
        unfinished = Path(order["ended"] + ".part")
        unfinished.write_text(str(os.waitstatus_to_exitcode(status)))
        unfinished.replace(order["ended"])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told.write(pipe.readline())
        told.flush()


def _be_node(order: dict[str, Any]) -> None:
    from mocast.cli import main as mocast

    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, to in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(descriptor, to)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(order["environment"])
    status = 1
    try:
        status = mocast(["serve"])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
