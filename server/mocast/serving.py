"""Serves in this process, or says why that cannot or may not be done."""

import asyncio
import errno
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Final

from mocast import logs, memory
from mocast.errors import TrackingError, system_reason
from mocast.hosts import bracketed
from mocast.settings.command_line import read_settings
from mocast.settings.settings import Settings
from mocast.tracking.compiling_process import compiling_process
from mocast.tracking.cores import usable_cores
from mocast.tracking.openvino_import import free_kernels_with_networks

if TYPE_CHECKING:
    from mocast.cluster.worker_place import WorkerPlace

OPEN: Final = "mocast: {host} lets other machines in, and nobody is asked for a token: add --auth token, or --insecure"


def serving_settings(flags: Sequence[str]) -> Settings | None:
    """Return the settings to serve with, and configure the logs; ``None`` after saying what is wrong with them."""
    settings = read_settings(list(flags), "serve")
    if settings is None or not may_serve(settings):
        return None
    logs.configure(settings.log_format, settings.log_level)
    return settings


def run_server(
    settings: Settings,
    place: "WorkerPlace | None" = None,
    until: Callable[[], Coroutine[Any, Any, object]] | None = None,
) -> int:
    """Serve in this process; return the exit status. ``place`` and ``until``: those of ``process_life.serve``."""
    memory.share_arenas(memory.ARENAS_A_CORE * usable_cores())
    memory.return_large_blocks()
    if (settings.tracking_threads or usable_cores()) == 1:
        free_kernels_with_networks()
    from mocast.process_life import serve  # noqa: PLC0415

    compiling_process().is_allowed = True
    try:
        return run_until_served(settings, lambda: serve(settings, place, until))
    finally:
        compiling_process().is_allowed = False


def run_until_served(settings: Settings, serve: Callable[[], Coroutine[Any, Any, int | None]]) -> int:
    """Run a coroutine that serves until it ends; return the exit status, 1 after saying why it cannot serve."""
    from mocast.auth.setup import SetupError  # noqa: PLC0415

    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(serve()) or 0
    except (TrackingError, SetupError) as error:  # a setting that cannot be used, found before anything is served
        print(f"mocast: cannot serve: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        reason = system_reason(error) or str(error)
        if error.errno == errno.EEXIST:  # what making a folder says of a file
            reason = os.strerror(errno.ENOTDIR)
        at = error.filename or f"{bracketed(settings.host)}:{settings.port}"
        helps = " (--port PORT names another one)" if error.errno == errno.EADDRINUSE else ""
        print(f"mocast: cannot serve: {at}: {reason}{helps}", file=sys.stderr)
        return 1


def may_serve(settings: Settings) -> bool:
    """Return whether a token is asked for, or none is needed; where neither, say so on standard error."""
    if settings.is_open and not settings.insecure:
        print(OPEN.format(host=", ".join(settings.reached_at)), file=sys.stderr)
        return False
    return True


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the event loop: uvloop, or ``None`` for asyncio's own where there is none, as on Windows."""
    try:
        import uvloop  # noqa: PLC0415
    except ImportError:
        return None
    return uvloop.new_event_loop
