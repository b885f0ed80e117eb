"""Headroom: whether the process may take another client before file descriptors or the container's memory run out."""

import os
import sys
from pathlib import Path
from typing import Final

import structlog

from mocast.errors import Unavailable

if sys.platform != "win32":
    import resource

RESERVED_DESCRIPTORS: Final = 64
"""Kept for what is there already: connections that come in, probes, recordings, sockets of a session in its making."""

MOST_DESCRIPTORS: Final = 65_536
"""The soft limit is raised to the hard one, and no further than this: no server of ours needs more."""

RETRY_AFTER_S: Final = 30

log = structlog.get_logger(__name__)


def raise_descriptor_limit() -> int | None:
    """Raise the soft limit of open files as far as the hard one allows; return it, ``None`` where there is none.

    It is 1,024 by default for the sake of programs that use ``select``, which we do not.
    """
    if sys.platform == "win32":
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MOST_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft


class Headroom:
    """Refuses new clients while descriptors or memory are short. Those that are there keep what they have."""

    def __init__(self, memory_share: float, *, proc: Path = Path("/proc/self"), cgroups: Path = Path("/sys/fs/cgroup")):
        """``memory_share``: of the limit of the process's control group, 0..1; 1: memory is not looked at."""
        self._memory_share = memory_share
        self._descriptors = proc / "fd"
        self._memory = _memory_files(proc, cgroups)

    def require(self) -> None:
        """Raise ``Unavailable`` where there is too little left for another client. Takes some 0.1 ms."""
        limit = _descriptor_limit()
        if limit is not None and limit - self.open_descriptors < RESERVED_DESCRIPTORS:
            log.warning("a client is refused: too few file descriptors are left", limit=limit)
            raise Unavailable("The server has too many connections and files open; try again later.", RETRY_AFTER_S)
        used, memory_limit = self.memory()
        if self._memory_share < 1 and memory_limit and used > self._memory_share * memory_limit:
            log.warning("a client is refused: memory is short", used=used, limit=memory_limit)
            raise Unavailable("The server has too little memory left; try again later.", RETRY_AFTER_S)

    @property
    def open_descriptors(self) -> int:
        """File descriptors that the process has open; 0 where the system does not tell."""
        try:
            # Their number is the folder's size since Linux 6.2; before, the size is 0.
            return self._descriptors.stat().st_size or len(os.listdir(self._descriptors))
        except OSError:
            return 0

    def memory(self) -> tuple[int, int]:
        """Return the memory in use and its limit, both of the control group, in bytes; 0 and 0 where it has none.

        Pages of files do not count, which the kernel takes back before anything fails; Kubernetes' "working set" counts
        those of them that were used twice (``active_file``), half of the code, so that a server at rest seems short.
        """
        if self._memory is None:
            return 0, 0
        used, limit, statistics = self._memory
        try:
            counted = dict(line.split() for line in statistics.read_text().splitlines())
            files = [counted.get(f"total_{name}", counted.get(name, "0")) for name in ("inactive_file", "active_file")]
            return max(0, int(used.read_text()) - sum(map(int, files))), int(limit.read_text())
        except (OSError, ValueError):  # "max": the limit was lifted
            return 0, 0


def machine_bytes() -> int | None:
    """Return the memory of the machine; ``None`` where the system does not tell (Windows)."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else None


def _descriptor_limit() -> int | None:
    """The soft limit of open files; ``None`` where there is none."""
    if sys.platform == "win32":
        return None
    limit: int = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return limit if limit != resource.RLIM_INFINITY else None


def _memory_files(proc: Path, cgroups: Path) -> tuple[Path, Path, Path] | None:
    """The files of usage, limit and statistics of the process's control group, version 2 or 1, where it has a limit.

    In a container its own group is the root of what it sees, whatever ``/proc/self/cgroup`` calls it.
    """
    try:
        lines = [line.split(":", 2) for line in (proc / "cgroup").read_text().splitlines()]
    except OSError:
        return None
    for _, controllers, path in lines:
        if controllers == "memory":
            names, root = ("memory.usage_in_bytes", "memory.limit_in_bytes"), cgroups / "memory"
        elif controllers == "":
            names, root = ("memory.current", "memory.max"), cgroups
        else:
            continue
        for folder in (root / path.lstrip("/"), root):
            used, limit = (folder / name for name in names)
            if _is_limited(limit):
                return used, limit, folder / "memory.stat"
    return None


def _is_limited(limit: Path) -> bool:
    """Whether a group has a limit below the machine's memory: version 1 writes a huge number for none."""
    machine = machine_bytes()
    try:
        return machine is not None and int(limit.read_text()) < machine
    except (OSError, ValueError):
        return False
