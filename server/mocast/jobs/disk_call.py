"""Calls that wait for a disk, off the event loop."""

import asyncio
import errno
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, Final, TypeVar

from mocast.errors import InsufficientStorage, Unavailable

T = TypeVar("T")

DISK_TIMEOUT_S: Final = 30.0
"""Long enough for a disk that has to spin up, or that has a thousand files to delete."""

IS_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


async def disk_call(executor: Executor, call: Callable[..., T], *arguments: Any, unbounded: bool = False) -> T:
    """Return what a call returns. ``unbounded``: wait however long it takes.

    Raises what it raises, ``InsufficientStorage`` where the disk is full, ``Unavailable`` where it hangs.
    """
    try:
        async with asyncio.timeout(None if unbounded else DISK_TIMEOUT_S):
            return await asyncio.get_running_loop().run_in_executor(executor, call, *arguments)
    except TimeoutError as error:
        raise Unavailable("The disk does not answer; try again later.", retry_after_s=30) from error
    except OSError as error:
        if error.errno in IS_FULL:
            raise disk_full() from error
        raise


def disk_full() -> InsufficientStorage:
    """Return the error of a disk that has no more room."""
    return InsufficientStorage("The disk is full.").reached("jobs_bytes")
