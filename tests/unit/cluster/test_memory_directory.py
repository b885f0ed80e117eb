"""The directory in memory against the model of every directory."""

from collections.abc import Callable

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from tests.directories import DirectoryMachine

from mocast.cluster.memory_directory import MemoryDirectory


def test_it_does_what_the_model_does() -> None:
    async def made(clock: Callable[[], float]) -> MemoryDirectory:
        return MemoryDirectory(clock=clock)

    few = settings(max_examples=25, stateful_step_count=30, deadline=None)
    run_state_machine_as_test(lambda: DirectoryMachine(made), settings=few)
