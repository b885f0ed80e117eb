"""Debian's Redis: where it is, and one that runs for a test."""

import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from tests.debian import Program, find_program

PACKAGES = ("redis-server", "redis-tools", "libjemalloc2", "liblzf1")
START_LIMIT_S = 60


def find_redis() -> Program | None:
    """Return the program; ``None`` where it is not to be had."""
    return find_program("bin/redis-server", *PACKAGES)


class RedisServer:
    """One server on a Unix socket, which may be stopped, killed and started again."""

    def __init__(self, program: Program, folder: Path, *, port: int = 0, keeps_data: bool = False) -> None:
        """``port``: of loopback; 0: none, by the socket alone."""
        self.url = f"redis://127.0.0.1:{port}/0" if port else f"unix://{folder / 'redis.sock'}"
        self._socket = folder / "redis.sock"
        self._log = folder / "redis.log"
        command, self._environment = program
        self._command = [command, "--port", str(port), "--unixsocket", str(self._socket), "--dir", str(folder)]
        self._command += ["--save", "", "--appendonly", "yes" if keeps_data else "no", "--bind", "127.0.0.1"]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with self._log.open("w") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=subprocess.STDOUT, env=self._environment)
        give_up = time.monotonic() + START_LIMIT_S
        while not self._answers():
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < give_up
            time.sleep(0.02)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(str(self._socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def kill(self) -> None:
        """End it without a word."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def forget(self) -> None:
        """Delete what it keeps over a restart."""
        shutil.rmtree(self._socket.parent / "appendonlydir", ignore_errors=True)

    def pause(self) -> None:
        """Let it answer nobody."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def __enter__(self) -> "RedisServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
