"""How many cores this process may use."""

import contextlib
import math
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

MEMBERSHIP: Final = Path("/proc/self/cgroup")
"""The control groups of this process, one a line: ``number:controllers:path``. Source: cgroups(7)."""
CGROUPS: Final = Path("/sys/fs/cgroup")
"""Where control groups are mounted."""


def usable_cores(membership: Path = MEMBERSHIP, cgroups: Path = CGROUPS) -> int:
    """Return how many cores this process may keep busy: those it may run on, up to its quota of processor time.

    Containers and systemd set the quota (``docker --cpus``, ``CPUQuota=``) on the process's control group or on one of
    that group's parents; the smallest counts.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quotas = [quota for folder in _folders(membership, cgroups) if (quota := _quota(folder)) is not None]
    return max(1, min(cores, math.ceil(min(quotas, default=cores))))


def keep_to_share(index: int, count: int) -> None:
    """Run this thread, and threads and processes that it starts, on this process's part of its cores: one of ``count``.

    Does nothing where there are fewer cores than parts, or where the system does not let it. Processes of Python that
    share cores wait for each other: while the thread that holds one's lock is set aside for the other's turn, all of
    its own threads wait, whatever cores are free.
    """
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = sorted(os.sched_getaffinity(0))
    if count > len(cores):
        return
    with contextlib.suppress(OSError):  # forbidden, or cores were taken away meanwhile
        os.sched_setaffinity(0, cores[index * len(cores) // count : (index + 1) * len(cores) // count])


def _folders(membership: Path, cgroups: Path) -> Iterator[Path]:
    """Yield the folders that may hold a quota: those of the process's groups, and of all their parents."""
    try:
        lines = membership.read_text().splitlines()
    except OSError:  # not Linux
        return
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers and "cpu" not in controllers.split(","):
            continue
        # Version 2 has one tree and names no controllers; version 1 has one for ``cpu``, mostly with ``cpuacct``.
        root = cgroups / controllers
        # A container that has no namespace of its own sees the host's path here, but its own group as the root.
        group = PurePosixPath(*(part for part in path.split("/") if part not in ("", "..")))
        yield from (root / folder for folder in (group, *group.parents))


def _quota(folder: Path) -> float | None:
    """Return a control group's quota, in cores; ``None`` where it has none.

    Source: "CPU Interface Files" in Linux's admin-guide/cgroup-v2, and scheduler/sched-bwc for version 1.
    """
    try:
        quota, period = (folder / "cpu.max").read_text().split()
        return int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):  # there is no such file, or "max" in it
        pass
    try:
        quota_us, period_us = (int((folder / f"cpu.cfs_{name}_us").read_text()) for name in ("quota", "period"))
        return quota_us / period_us if quota_us > 0 else None  # -1: none
    except (OSError, ValueError, ZeroDivisionError):
        return None
