"""What each client holds at all workers of one machine: a table in memory that they share, a row of it for each."""

import mmap
from hashlib import blake2b
from pathlib import Path
from typing import Final

import numpy as np

SLOTS: Final = 1 << 18
"""Counts in a row, by a hash of whose they are: a client shares one with one of a thousand others by a chance of 0.4%,
and is then refused sooner by what that one holds."""
ROW_BYTES: Final = 4 * SLOTS


def make_table(path: Path, workers: int) -> None:
    """Make the table, with nothing in it, yet all of it on the disk. Raises ``OSError``.

    Where a file has holes, a worker that writes there while the disk is full is ended by the system.
    """
    with path.open("wb") as file:
        for _ in range(workers):
            file.write(bytes(ROW_BYTES))


def clear_row(path: Path, index: int) -> None:
    """Forget what a worker held that has ended."""
    with path.open("r+b") as file:
        file.seek(index * ROW_BYTES)
        file.write(bytes(ROW_BYTES))


class WorkerCounts:
    """The table as one worker sees it: it writes its own row, and reads the others'. For one thread."""

    def __init__(self, path: Path, index: int, secret: str) -> None:
        """``secret``: of the workers, so that nobody knows who shares a slot with whom. Raises ``OSError``."""
        with path.open("r+b") as file:
            table = mmap.mmap(file.fileno(), 0)
        self._rows = np.frombuffer(table, np.int32).reshape(-1, SLOTS)
        self._own = self._rows[index]
        self._key = blake2b(secret.encode(), digest_size=16).digest()

    def add(self, kind: str, share: str, who: str, amount: int) -> None:
        """Count what a client holds more here, or less."""
        self._own[self._slot(kind, share, who)] += amount

    def elsewhere(self, kind: str, share: str, who: str) -> int:
        """Return how much a client holds at the other workers."""
        slot = self._slot(kind, share, who)
        return int(self._rows[:, slot].sum() - self._own[slot])

    def _slot(self, kind: str, share: str, who: str) -> int:
        digest = blake2b(f"{kind} {share} {who}".encode(), digest_size=8, key=self._key).digest()
        return int.from_bytes(digest, "little") % SLOTS
