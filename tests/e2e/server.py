"""A real ``mocast serve`` in a process of its own."""

import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.ports import free_port

START_LIMIT_S = 300
"""Far above what a start takes: a limit for a server that hangs, not a measurement."""

STOP_LIMIT_S = 120


class Server:
    """A server on a port of its own, which keeps that port when it is stopped and started again."""

    def __init__(self, log: Path, *, prologue: str = "", **settings: str) -> None:
        """``settings``: environment variables without their ``MOCAST_``, in any case.

        ``prologue``: Python code that its process runs first.
        """
        self.log = log
        self._prologue = prologue
        self.port = free_port()
        host = settings.get("host", "127.0.0.1")
        self.url = f"{'https' if 'tls_self_signed' in settings else 'http'}://{host}:{self.port}"
        own = {"host": host, "port": str(self.port), "precision": "f32"} | settings
        inherited = {name: value for name, value in os.environ.items() if not name.upper().startswith("MOCAST_")}
        self.environment = inherited | {f"MOCAST_{name.upper()}": value for name, value in own.items()}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and return when ``/readyz`` says 200."""
        self.launch()
        assert self._process is not None
        give_up = time.monotonic() + START_LIMIT_S
        while not self._ready():
            assert self._process.poll() is None, f"the server ended by itself:\n{self.log_tail()}"
            if time.monotonic() > give_up:
                self._end_with_its_stacks()
                raise AssertionError(f"the server was not ready after {START_LIMIT_S} s:\n{self.log_tail(20_000)}")
            time.sleep(0.05)

    def launch(self) -> None:
        """Start it, and go on."""
        assert self._process is None, "the server runs already"
        with self.log.open("ab") as log:
            entry = f"{self._prologue}\nfrom mocast.cli import main\nraise SystemExit(main(['serve']))"
            command = [sys.executable, "-X", "faulthandler", "-c", entry]
            self._process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=subprocess.STDOUT)

    def stop(self, status: int = 0) -> None:
        """Ask it to stop, as systemd and Docker do, and check that it did so, with this status."""
        self.send_signal(signal.SIGTERM)
        self.wait(status)

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, and go on."""
        assert self._process is not None, "the server does not run"
        self._process.send_signal(number)

    def wait(self, status: int = 0) -> None:
        """Wait until it has ended after a signal, and check that it did so with this status."""
        assert self._process is not None, "the server does not run"
        process, self._process = self._process, None
        try:
            code = process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process = process
            self._end_with_its_stacks()
            raise AssertionError(f"the server ignored SIGTERM for {STOP_LIMIT_S} s:\n{self.log_tail(20_000)}") from None
        assert code == status, f"the server ended with {code}:\n{self.log_tail()}"

    def kill(self) -> None:
        """End it at once, as a crash or a power cut does."""
        assert self._process is not None, "the server does not run"
        process, self._process = self._process, None
        process.kill()
        process.wait()

    def _end_with_its_stacks(self) -> None:
        """End a server that hangs, which writes what each of its threads does to its log."""
        assert self._process is not None
        self._process.send_signal(signal.SIGABRT)
        self._process.wait()
        self._process = None

    @property
    def pid(self) -> int:
        """The system's number of its process."""
        assert self._process is not None, "the server does not run"
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether it was started and not stopped since."""
        return self._process is not None

    def log_tail(self, characters: int = 4000) -> str:
        """Return the end of its log."""
        return self.log.read_text(errors="replace")[-characters:]

    def _ready(self) -> bool:
        try:
            tls = ssl._create_unverified_context() if self.url.startswith("https") else None
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=START_LIMIT_S, context=tls) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
