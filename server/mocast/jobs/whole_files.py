"""Outputs that appear whole or not at all: written under another name, flushed to the disk, then renamed."""

import os
from pathlib import Path
from types import TracebackType
from typing import Final

UNFINISHED: Final = ".unfinished-"
"""Before the name of a file that is being written. One that is left was not finished, and is overwritten."""


class WholeFiles:
    """The outputs of one file of a run. They get their names together, at ``commit``; else they are deleted."""

    def __init__(self, folder: Path) -> None:
        """Make the folder. Raises ``OSError``."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._unfinished: dict[Path, Path] = {}

    def add(self, name: str) -> Path:
        """Return where to write the output of that name meanwhile; it has the same suffix."""
        path = self._folder / f"{UNFINISHED}{name}"
        self._unfinished[path] = self._folder / name
        return path

    def commit(self) -> list[Path]:
        """Name what was added since the last time, in its order; return the names. Raises ``OSError``."""
        for path in self._unfinished:
            with path.open("rb+") as file:
                os.fsync(file.fileno())
        names = list(self._unfinished.values())
        for path, name in self._unfinished.items():
            path.replace(name)
        self._unfinished.clear()
        sync_folder(self._folder)
        return names

    def __enter__(self) -> "WholeFiles":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for path in self._unfinished:
            path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Have the system write a folder's entries to the disk, where it can."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
