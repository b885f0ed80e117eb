"""The directory in memory against the model of every directory."""

from collections.abc import Callable

from hypothesis import settings
from tests.directories import machine

from mocast.cluster.memory_directory import MemoryDirectory


async def made(clock: Callable[[], float]) -> MemoryDirectory:
    return MemoryDirectory(clock=clock)


TestMemoryDirectory = machine(made)
TestMemoryDirectory.settings = settings(max_examples=12, stateful_step_count=25, deadline=None)
