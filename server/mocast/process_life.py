"""The life of a process that serves: until a signal, then drained and stopped, and ended where threads hang."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from mocast.app import Server
from mocast.cluster.worker_place import WorkerPlace
from mocast.settings.settings import Settings

log = structlog.get_logger(__name__)

EXIT_GRACE_S = 3.0
"""How much longer than ``shutdown_timeout_s`` a process may take to end."""


async def serve(
    settings: Settings, place: WorkerPlace | None = None, until: Callable[[], Coroutine[Any, Any, object]] | None = None
) -> None:
    """Serve until SIGTERM, then drain, end every session and stop. SIGINT, or a second signal, ends the draining.

    ``place``: of one of several processes; ``until``: ends it as SIGTERM does.
    """
    stopping, at_once = asyncio.Event(), asyncio.Event()

    def terminate() -> None:
        (at_once if stopping.is_set() else stopping).set()

    def interrupt() -> None:
        stopping.set()
        at_once.set()

    _on_signal(signal.SIGTERM, terminate)
    _on_signal(signal.SIGINT, interrupt)
    server = Server(settings, owns_process=True, place=place)
    async with server.running():
        ends = [asyncio.ensure_future(end) for end in (stopping.wait(), until() if until else None) if end is not None]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()
        waiting = [asyncio.create_task(server.drain()), asyncio.create_task(at_once.wait())]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        _exit_within(settings.shutdown_timeout_s + EXIT_GRACE_S)
    if server.is_building:  # in native code, which nothing interrupts, and which the interpreter's end waits for
        sys.stderr.flush()
        os._exit(0)


def _on_signal(number: signal.Signals, act: Callable[[], None]) -> None:
    """Have the running event loop act when the signal comes."""
    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(number, act)
    except NotImplementedError:  # on Windows, where Python's own handlers wake the loop
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(act))


def _exit_within(seconds: float) -> None:
    """End the process after ``seconds``, if it has not ended by itself: a thread that hangs would keep it for ever."""

    def leave() -> None:
        log.error("threads do not end; the process ends without", threads=[one.name for one in threading.enumerate()])
        os._exit(1)

    timer = threading.Timer(seconds, leave)
    timer.daemon = True
    timer.start()
