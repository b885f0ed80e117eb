"""The watchdog over one of several workers: asks it at its own socket, again and again, whether it is well."""

import asyncio
from typing import Final

REQUEST: Final = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
WELL: Final = b"HTTP/1.1 200"

ASK_EVERY_S: Final = 5.0
ANSWER_S: Final = 5.0
"""Longest wait for an answer: far above what a busy event loop takes, whose turns are of milliseconds."""
MOST_MISSES: Final = 4
"""So many in a row, and it is not well. Counted, not timed: a parent that was stopped itself has missed nothing."""


async def wait_unwell(path: str) -> str:
    """Wait until a worker that serves is not well any more; return why. ``path``: of its socket.

    Its event loop hangs, or it says by itself that only a new process helps.
    """
    misses, reason = 0, ""
    while misses < MOST_MISSES:
        try:
            async with asyncio.timeout(ANSWER_S):
                is_well = await _is_well(path)
            reason = "it says that it is not well"
        except TimeoutError:
            misses, reason = misses + 1, f"its event loop has hung for {MOST_MISSES * ANSWER_S:g} s"
            continue
        except (FileNotFoundError, ConnectionRefusedError):  # it does not listen yet, or has ended: its parent knows
            is_well = True
        except OSError as error:  # such as all places to wait in being taken
            is_well, reason = False, f"it cannot be reached: {error.strerror}"
        misses = 0 if is_well else misses + 1
        await asyncio.sleep(ASK_EVERY_S)
    return reason


async def _is_well(path: str) -> bool:
    """Ask once. Raises ``OSError``."""
    reader, writer = await asyncio.open_unix_connection(path)
    try:
        writer.write(REQUEST)
        return (await reader.readline()).startswith(WELL)
    finally:
        writer.close()
