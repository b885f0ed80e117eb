"""A lock of a folder among the processes of a machine, which ends with the process that has it."""

import os
import sys
from pathlib import Path

if sys.platform != "win32":
    import fcntl


class FolderLock:
    """Held by one process at a time, once. Where the system or the file system has none, whoever wants it has it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._handle: int | None = None

    def acquire(self) -> bool:
        """Take it, unless another one has it; return whether it is held now. Raises ``OSError`` without the folder."""
        if sys.platform == "win32" or self._handle is not None:
            return True
        self._handle = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            return False
        except OSError:
            pass  # some file systems in a network have none
        return True

    def release(self) -> None:
        """Leave it to others. Calling it again does nothing."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)
