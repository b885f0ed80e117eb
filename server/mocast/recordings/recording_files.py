"""Recordings that are found again by their files: of an earlier run of the server, and of nodes that are no more."""

import errno
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import structlog

from mocast.recordings.recorder import recovered
from mocast.recordings.recording import FILE_NAME, Recording, file_name

log = structlog.get_logger(__name__)

NODE: Final = "node-"
"""What the names of nodes' own folders begin with."""

Aged = tuple[Recording, float]
"""A recording that has ended, and its age in seconds."""


def make_folder(folder: Path) -> None:
    """Make the folder, where it is missing. Raises ``OSError`` where nothing could be written into it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))


def recordings_in(folder: Path) -> list[Aged]:
    """Return the recordings in a folder; none where it cannot be read, which is logged."""
    try:
        paths = [path for path in folder.iterdir() if FILE_NAME.fullmatch(path.name)]
    except FileNotFoundError:
        return []
    except OSError as error:
        log.warning("recordings cannot be read", folder=str(folder), error=str(error))
        return []
    return _taken_up(paths)


def recordings_of_others(shared: Path, recording_id: str) -> list[Aged]:
    """Return the recording of this id in the nodes' folders, or in that of a server that was alone; none or one."""
    name = file_name(recording_id)
    return _taken_up(path for folder in (shared, *shared.glob(f"{NODE}*")) if (path := folder / name).exists())


def _taken_up(paths: Iterable[Path]) -> list[Aged]:
    """Return those that can be read."""
    found = []
    for path in paths:
        try:
            old = recovered(path)
            size = path.stat().st_size
        except (OSError, ValueError) as error:
            log.warning("recording cannot be read", path=str(path), error=str(error))
            continue
        age_s = time.time() - old.started_at.timestamp() - old.trailer.seconds
        recording = Recording(
            path,
            room=old.room,
            streams=old.streams,
            started_at=old.started_at,
            source=old.trailer,
            size=size,
            owner=old.owner,
            account=old.account,
        )
        found.append((recording, age_s))
    return found
