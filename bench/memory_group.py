"""A control group with a limit of memory, and what the kernel counts of it. Takes the rights of root."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
ENDS_S = 10.0
"""In which processes of a group end once the server has."""


@dataclass(frozen=True, slots=True)
class MemoryGroup:
    """A control group of version 1 or 2. Pages of files count for the group that read them first."""

    folder: Path

    @property
    def is_version_2(self) -> bool:
        """Whether its files are those of version 2."""
        return (self.folder / "memory.max").exists()

    def entering(self, command: list[str]) -> list[str]:
        """Return the command that runs another one in the group."""
        return ["sh", "-c", 'echo $$ >"$0" && exec "$@"', str(self.folder / "cgroup.procs"), *command]

    def is_empty(self) -> bool:
        """Whether no process is left in it."""
        return not (self.folder / "cgroup.procs").read_text()

    def memory_mb(self) -> dict[str, float]:
        """Return what it holds in MB (10⁶ bytes): all, anonymous, files' pages, of these the mapped ones."""
        counted = self._counted("memory.stat")
        if self.is_version_2:
            names = ("anon", "file", "file_mapped")
        else:
            names = ("total_rss", "total_cache", "total_mapped_file")
        used = int((self.folder / ("memory.current" if self.is_version_2 else "memory.usage_in_bytes")).read_text())
        values = [used, *(counted[name] for name in names)]
        return dict(zip(("used", "anonymous", "files", "mapped"), (value / 1e6 for value in values), strict=True))

    def pages_read_again(self) -> int:
        """Return how often a process has waited for a page of a file so far (major faults)."""
        counted = self._counted("memory.stat")
        return counted.get("total_pgmajfault", counted.get("pgmajfault", 0))

    def killed(self) -> int:
        """Return how many of its processes the kernel has killed for want of memory."""
        return self._counted("memory.events" if self.is_version_2 else "memory.oom_control")["oom_kill"]

    def _counted(self, file: str) -> dict[str, int]:
        return {name: int(value) for name, value in map(str.split, (self.folder / file).read_text().splitlines())}


@contextmanager
def memory_group(limit_mb: float | None) -> Iterator[MemoryGroup]:
    """Make a group for while the context lasts; without swap. ``None``: with no limit. Raises ``OSError``."""
    has_version_1 = (CGROUPS / "memory").exists()
    folder = (CGROUPS / "memory" if has_version_1 else CGROUPS) / f"mocast-bench-{os.getpid()}"
    folder.mkdir()
    try:
        if limit_mb is not None:
            limit = str(round(limit_mb * 1e6))
            (folder / ("memory.limit_in_bytes" if has_version_1 else "memory.max")).write_text(limit)
        with suppress(OSError):  # the kernel counts no swap
            if not has_version_1:
                (folder / "memory.swap.max").write_text("0")
            elif limit_mb is not None:
                (folder / "memory.memsw.limit_in_bytes").write_text(limit)
        group = MemoryGroup(folder)
        yield group
        give_up = time.monotonic() + ENDS_S
        while not group.is_empty() and time.monotonic() < give_up:
            time.sleep(0.1)
    finally:
        folder.rmdir()


def forget_files(folder: Path) -> None:
    """Have the kernel drop what it holds of a folder's files, but of those that a process has mapped."""
    os.sync()
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
