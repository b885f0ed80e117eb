"""Keeps a whole process on some cores, so that what it measures does not depend on how many the machine has."""

import os
from pathlib import Path


def pin(cores: int) -> int:
    """Keep all threads of this process, and those that they will make, on the first ``cores`` of its cores.

    Return how many cores it has from now on. Call it before an engine is made: engines count their cores then. Where
    the system cannot (macOS, Windows) the process keeps all cores.
    """
    if not hasattr(os, "sched_setaffinity"):
        return os.cpu_count() or 1
    chosen = set(sorted(os.sched_getaffinity(0))[:cores])
    for thread in Path("/proc/self/task").iterdir():  # libraries that are loaded already have made some
        os.sched_setaffinity(int(thread.name), chosen)
    return len(chosen)
