"""Cache folder of compiled networks, so that the next start is fast."""

import errno
import mmap
import os
import time
from contextlib import suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from shutil import copyfileobj, disk_usage
from tempfile import TemporaryFile, mkstemp
from threading import Lock
from typing import Final
from weakref import WeakValueDictionary

import numpy as np
import structlog
from numpy.typing import NDArray

log = structlog.get_logger(__name__)

_DIGEST_BYTES: Final = sha256().digest_size
PIECE_BYTES: Final = 2**16
"""In which a file is written. Linux keeps what was written in one go in one piece, of up to 2 MB, and maps all of it
where a byte of it is read: 24 MB of the files of ``holistic``, not 9 (measured)."""
ROOM_BYTES: Final = 2**25
"""That must be free on the disk for another file, of which the largest has 30 MB."""
_ABANDONED_S: Final = 600
"""Seconds after which a temporary file counts as left by a process that was killed."""
_told: Final[set[Path]] = set()
"""Folders of which was said that they cannot be written."""
_telling: Final = Lock()


class MappedFile:
    """What a file of the cache holds, as it lies there: pages that the system loads when they are read, shares with all
    that read this file, and may take back. Must live for as long as its memory is read."""

    def __init__(self, whole: mmap.mmap) -> None:
        self._whole = whole
        self.content = np.frombuffer(whole, np.uint8)[:-_DIGEST_BYTES]
        "(bytes,) uint8, without the digest."

    def unload(self) -> None:
        """Let go of what was read of it, where the system can: a page is loaded again when it is read again."""
        if hasattr(mmap, "MADV_DONTNEED"):
            with suppress(OSError):  # such as in a process whose memory is locked
                self._whole.madvise(mmap.MADV_DONTNEED)


class CompiledCache:
    """Files of bytes by name. Any number of threads and processes may use one folder at a time.

    An entry is valid only for its *origin*, which is what it was made from: entries of another origin, and damaged or
    truncated ones, count as missing.
    """

    def __init__(self, folder: Path | None) -> None:
        """Without a folder nothing is kept."""
        self.folder: Final = folder
        self.keeps = folder is not None
        "Whether what is written is there later; not from when the folder could not be written until it can."
        self._mapped: WeakValueDictionary[tuple[str, bytes], MappedFile] = WeakValueDictionary()
        "What is in use of the files, by name and origin: copies of a network share it."

    def read(self, name: str, origin: bytes) -> bytes | None:
        """Return what was written under that name for that origin, or ``None``."""
        mapped = self.map(name, origin)
        return None if mapped is None else mapped.content.tobytes()

    def map(self, name: str, origin: bytes) -> MappedFile | None:
        """Return the same as it lies in the file. One that is written anew does not change it."""
        folder = self.folder
        if folder is None:
            return None
        if (shared := self._mapped.get((name, origin))) is not None:
            return shared
        try:
            with (folder / name).open("rb") as file:
                # OpenVINO takes no memory that may not be written, though it does not write.
                whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        except (OSError, ValueError):  # there is none, or it is empty
            return None
        mapped = MappedFile(whole)
        if whole[-_DIGEST_BYTES:] != _digest(origin, mapped.content):
            return None
        return self._mapped.setdefault((name, origin), mapped)

    def write(self, name: str, origin: bytes, content: bytes) -> None:
        """Write an entry, in place of one of the same name. A folder that cannot be written is logged once.

        That it cannot now says nothing about later: a disk may have room again.
        """
        folder = self.folder
        if folder is None:
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle, path = mkstemp(dir=folder, prefix=f"{name}.")
            try:
                with open(handle, "wb", buffering=PIECE_BYTES) as file:
                    whole = content + _digest(origin, content)  # behind it, so that it begins with a page
                    copyfileobj(BytesIO(whole), file, PIECE_BYTES)
                os.replace(path, folder / name)  # readers see the old file or the new one, never half of it
                self._mapped.pop((name, origin), None)
                _remove_abandoned(folder, name)
            except BaseException:
                with suppress(OSError):
                    os.unlink(path)
                raise
        except OSError as error:
            self._note(error)
        else:
            self._note(None)

    def is_writable(self) -> bool:
        """Return whether an entry can be written now. A folder that cannot be written is logged once in a process."""
        if self.folder is None:
            return False
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _try(self.folder)
        except OSError as error:
            self._note(error)
            return False
        self._note(None)
        return True

    def _note(self, error: OSError | None) -> None:
        """Note whether the folder could be written."""
        assert self.folder is not None
        self.keeps = error is None
        with _telling:  # networks are compiled side by side, and several caches may have one folder
            is_first = error is not None and self.folder not in _told
            if is_first:
                _told.add(self.folder)
        if is_first:
            log.warning("compiled networks cannot be kept, so that each start is slow", reason=str(error))


def _try(folder: Path) -> None:
    """Raise ``OSError`` where no file can be written to a folder."""
    TemporaryFile(dir=folder).close()
    if disk_usage(folder).free < ROOM_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _remove_abandoned(folder: Path, name: str) -> None:
    for path in folder.glob(f"{name}.*"):
        with suppress(OSError):
            if path.stat().st_mtime < time.time() - _ABANDONED_S:
                path.unlink()


def _digest(origin: bytes, content: bytes | NDArray[np.uint8]) -> bytes:
    digest = sha256(len(origin).to_bytes(8, "big") + origin)
    digest.update(content.data if isinstance(content, np.ndarray) else content)
    return digest.digest()
