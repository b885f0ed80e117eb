"""The parent of several processes that serve one port: it owns that port and the directory of their rooms.

Workers accept from the same listening sockets, so that none of what waits there is lost with one of them. One that ends
by itself, or hangs, is started again; until then its rooms are free for the others.
"""

import asyncio
import secrets
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

import structlog

from mocast.addresses import own_names
from mocast.api.http_site import listen
from mocast.auth.setup import make_authenticator
from mocast.certificate import keep_certificate
from mocast.cluster.directory import NodeState, Renewal
from mocast.cluster.directory_server import serve_directory
from mocast.cluster.memory_directory import MemoryDirectory
from mocast.cluster.worker_counts import clear_row, make_table
from mocast.cluster.worker_place import WorkerPlace
from mocast.retry_delays import RetryDelays
from mocast.settings.settings import Settings
from mocast.tracking.cores import usable_cores
from mocast.workers.watchdog import wait_unwell
from mocast.workers.worker_settings import fed_rooms

log = structlog.get_logger(__name__)

SETTLED_S: Final = 10.0
"""A worker that ends sooner than this after its start is started again later each time."""

BACKLOG: Final = 1_024

STACKS_S: Final = 3.0
"""How long a worker that hangs has to write its stacks."""

NOT_STARTED: Final = 71
"""Status in place of a process's that the system had no memory or descriptors for (sysexits.h: EX_OSERR)."""


class WorkerDirectory(MemoryDirectory):
    """The directory of the workers' rooms, which a worker that is gone can be taken out of."""

    def __init__(self) -> None:
        super().__init__()
        self._ids: dict[str, str] = {}
        "Of each tag's process."

    async def renew(self, node: NodeState, *, changed: bool, since: int, released: Mapping[str, int]) -> Renewal:
        """See ``Directory``."""
        self._ids[node.tag] = node.id
        return await super().renew(node, changed=changed, since=since, released=released)

    async def forget(self, tag: str) -> None:
        """Free the rooms of a process that has ended."""
        node_id = self._ids.pop(tag, None)
        if node_id is not None:
            await self.leave(node_id)


async def serve_by_workers(settings: Settings, flags: Sequence[str], count: int) -> int:
    """Serve until SIGTERM or SIGINT, which the workers get, too; return the exit status.

    Raises ``OSError`` where the port is taken, ``SetupError`` where nobody could be authenticated.
    """
    make_authenticator(settings.auth_options)  # which makes the secret where there is none yet
    if settings.tls_files is not None and settings.tls_self_signed:
        keep_certificate(*settings.tls_files, own_names(settings))
    with ExitStack() as held:
        listening = await listen(settings.host, settings.port, BACKLOG)
        for one in listening:
            held.enter_context(one)
        folder = held.enter_context(tempfile.TemporaryDirectory(prefix="mocast-"))
        directory = WorkerDirectory()
        async with serve_directory(directory, Path(folder) / "directory"):
            places = _places(settings, listening, folder, count)
            make_table(places[0].counts_path, count)
            parent = _Parent(flags, directory)
            log.info("workers", count=count, host=settings.host, port=listening[0].getsockname()[1])
            if count > (cores := usable_cores()):
                log.warning(
                    "more workers than cores: they share them, and each has its networks in memory", cores=cores
                )
            return await parent.run(places)


def _places(settings: Settings, listening: Sequence[socket.socket], folder: str, count: int) -> list[WorkerPlace]:
    descriptors, secret = tuple(one.fileno() for one in listening), secrets.token_hex(32)
    rooms = tuple(sorted(fed_rooms(settings)))
    return [WorkerPlace(index, count, secret, folder, descriptors, rooms) for index in range(count)]


class _Parent:
    """Starts workers, again where one ends by itself, and passes signals on."""

    def __init__(self, flags: Sequence[str], directory: WorkerDirectory) -> None:
        self._flags = flags
        self._directory = directory
        self._running: dict[int, asyncio.subprocess.Process] = {}
        self._stopping = asyncio.Event()

    async def run(self, places: Sequence[WorkerPlace]) -> int:
        """Run all of them until they have been stopped; return the worst exit status."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._pass_on, number)
        try:
            return max(await asyncio.gather(*(self._keep(place) for place in places)))
        finally:
            self._signal(signal.SIGKILL)

    def _pass_on(self, number: signal.Signals) -> None:
        self._stopping.set()
        self._signal(number)

    def _signal(self, number: signal.Signals) -> None:
        for process in self._running.values():
            with suppress(ProcessLookupError):  # it has ended, and nobody has been told yet
                process.send_signal(number)

    async def _keep(self, place: WorkerPlace) -> int:
        """Run one worker, again and again, until it is to stop. One that cannot even start ends all."""
        delays, was_settled = RetryDelays(), False
        while True:
            started_at = time.monotonic()
            status = await self._run_once(place)
            if self._stopping.is_set():
                return 0 if -status in (signal.SIGTERM, signal.SIGINT) else abs(status)  # it had hardly begun
            lived_s = time.monotonic() - started_at
            if lived_s >= SETTLED_S:
                was_settled = True
                delays.reset()
            elif not was_settled and status in (1, 2):  # which it has said the reason for
                self._pass_on(signal.SIGTERM)
                return status
            log.error("a worker has ended; it starts again", worker=place.index, status=status, seconds=round(lived_s))
            if lived_s < SETTLED_S:
                await self._pause(delays.next_s())

    async def _run_once(self, place: WorkerPlace) -> int:
        command = [sys.executable, "-P", "-m", "mocast.workers.worker", *self._flags]
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.PIPE, pass_fds=place.listening, start_new_session=True
            )
        except OSError as error:  # the others go on
            log.error("a worker cannot be started", worker=place.index, error=error.strerror)  # noqa: TRY400
            return NOT_STARTED
        self._running[place.index] = process
        watching = asyncio.create_task(self._watch(place, process), name=f"watchdog of worker {place.index}")
        if self._stopping.is_set():  # it came while this one was started
            process.send_signal(signal.SIGTERM)
        assert process.stdin is not None
        process.stdin.write(place.to_json())  # and is kept open: its end is this process's end
        try:
            return await process.wait()
        finally:
            watching.cancel()
            await asyncio.wait([watching])
            del self._running[place.index]
            await self._directory.forget(place.tag)
            with suppress(FileNotFoundError):  # it could not be started
                clear_row(place.counts_path, place.index)

    async def _watch(self, place: WorkerPlace, process: asyncio.subprocess.Process) -> None:
        """End a worker that hangs, so that it starts again. Where it can, it writes first what each thread does."""
        reason = await wait_unwell(place.path)
        if self._stopping.is_set():  # which takes its time, and has a limit of its own
            return
        log.error("a worker is ended", worker=place.index, reason=reason)
        with suppress(ProcessLookupError):  # it has ended, and nobody has been told yet
            process.send_signal(signal.SIGABRT)
            process.send_signal(signal.SIGCONT)  # of one that was stopped, too
            await asyncio.sleep(STACKS_S)
            process.kill()

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
