"""How many cores there are for this process."""

import math
import os
from pathlib import Path

CPU_MAX = Path("/sys/fs/cgroup/cpu.max")
"""A container's share of the processors. Source: "CPU Interface Files" in Linux's admin-guide/cgroup-v2."""


def usable_cores(cpu_max: Path = CPU_MAX) -> int:
    """Return how many cores this process may keep busy: those it may run on, as far as its container's share goes."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = cpu_max.read_text().split()
        return max(1, min(cores, math.ceil(int(quota) / int(period))))
    except (OSError, ValueError):  # there is no such file, or "max" in it: no limit
        return cores
