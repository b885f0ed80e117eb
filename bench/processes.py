"""Servers in processes of their own, on a core of their own, and what the system says about them."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY_LIMIT_S = 180
STOP_LIMIT_S = 15

_CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = _CORES[0], _CORES[-1]
"""The same one where there is only one, and then the figures are worse than the server's own."""

ALL_CORES = tuple(_CORES)

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Served:
    """A running server."""

    pid: int
    url: str

    def cpu_s(self) -> float:
        """Return the processor time that it has used, all threads together."""
        return _cpu_s(Path(f"/proc/{self.pid}/stat"))

    def cpu_s_by_thread(self) -> dict[int, float]:
        """Return the same for each live thread, by its number."""
        return {int(task.name): _cpu_s(task / "stat") for task in Path(f"/proc/{self.pid}/task").iterdir()}

    def memory_mb(self) -> dict[str, float]:
        """Return its resident, proportional and anonymous memory in MB (10⁶ bytes)."""
        lines = Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()[1:]
        kib = {name: int(rest.split()[0]) for name, rest in (line.split(":", 1) for line in lines)}
        return {name: kib[name] * 1024 / 1e6 for name in ("Rss", "Pss", "Anonymous")}


def pin_client() -> None:
    """Keep this process off the server's core."""
    os.sched_setaffinity(0, {CLIENT_CORE})


def on_server_core(arguments: Sequence[str]) -> list[str]:
    """Return the command that runs Python with these arguments on the server's core alone."""
    return on_cores((SERVER_CORE,), arguments)


def on_cores(cores: Sequence[int], arguments: Sequence[str], python: Sequence[str] = (sys.executable,)) -> list[str]:
    """Return the command that runs Python with these arguments on these cores."""
    return ["taskset", "-c", ",".join(map(str, cores)), *python, *arguments]


@contextmanager
def mocast_server(
    log: Path,
    *flags: str,
    cores: Sequence[int] = (SERVER_CORE,),
    port: int | None = None,
    python: Sequence[str] = (sys.executable,),
) -> Iterator[Served]:
    """Run ``mocast serve`` with its defaults while the context lasts. ``python``: the command that runs Python."""
    with server(["-m", "mocast", "serve", "--log-level", "warning", *flags], log, cores, port, python) as served:
        yield served


@contextmanager
def server(
    arguments: Sequence[str],
    log: Path,
    cores: Sequence[int] = (SERVER_CORE,),
    port: int | None = None,
    python: Sequence[str] = (sys.executable,),
) -> Iterator[Served]:
    """Run a server that takes ``--port`` and answers ``/readyz`` while the context lasts."""
    port = port or free_port()
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            on_cores(cores, [*arguments, "--port", str(port)], python), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        served = Served(process.pid, f"http://127.0.0.1:{port}")
        _wait_until_ready(process, served.url, log)
        yield served
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_ready(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    give_up = time.monotonic() + READY_LIMIT_S
    while not _is_ready(url):
        if process.poll() is not None or time.monotonic() > give_up:
            raise RuntimeError(f"the server did not start; its log:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def free_port() -> int:
    """Return one that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _cpu_s(stat: Path) -> float:
    """User and system time: fields 14 and 15 of proc(5), counted from behind the name, which may hold spaces."""
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S
