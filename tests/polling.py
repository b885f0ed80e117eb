"""Waiting for what no event tells of: asked again and again, until a test that hangs is to fail."""

import asyncio
import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

HANG_S: Final = 120
"""Only a hang takes so long, on the busiest machine."""
EVERY_S: Final = 0.005


def wait_until(look: Callable[[], T]) -> T:
    """Return what ``look`` returns, as soon as that is true. Blocks."""
    give_up = time.monotonic() + HANG_S
    while not (found := look()):
        assert time.monotonic() < give_up, f"never so: {look}"
        time.sleep(EVERY_S)
    return found


async def until(look: Callable[[], T]) -> T:
    """Return what ``look`` returns, as soon as that is true; meanwhile the event loop goes on."""
    give_up = time.monotonic() + HANG_S
    while not (found := look()):
        assert time.monotonic() < give_up, f"never so: {look}"
        await asyncio.sleep(EVERY_S)
    return found
