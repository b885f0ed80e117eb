"""Authentication tokens of VTube Studio, kept so that its user is asked once and not at every start."""

import json
import os
import sys
import threading
from pathlib import Path


class Tokens:
    """Authentication tokens by address; in a file that only its owner may read, or in memory.

    ``put`` and ``forget`` wait for the disk, so they are for worker threads; what they change counts at once.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._writing = threading.Lock()
        self._tokens = _read(path) if path is not None else {}

    def get(self, address: str) -> str | None:
        """Return the token for this VTube Studio; ``None`` where it has to be asked for."""
        return self._tokens.get(address)

    def put(self, address: str, token: str) -> None:
        """Keep a token. Raises ``OSError`` where the file cannot be written."""
        self._tokens[address] = token
        self._write()

    def forget(self, address: str) -> None:
        """Drop a token that is no longer valid. Raises ``OSError`` where the file cannot be written."""
        if self._tokens.pop(address, None) is not None:
            self._write()

    def _write(self) -> None:
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        with self._writing:
            with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(self._tokens.copy(), file)
            beside.replace(self._path)


def default_path() -> Path:
    """Return the file in the user's folder of settings, which differs by system."""
    home = Path.home()
    if sys.platform == "win32":
        folder = Path(os.environ.get("APPDATA") or home / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        folder = home / "Library" / "Application Support"
    else:
        folder = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    return folder / "mocast" / "vtube-studio.json"


def _read(path: Path) -> dict[str, str]:
    """The tokens in a file; none where it is missing or not ours: they can be asked for again."""
    try:
        tokens = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(tokens, dict):
        return {}
    return {str(address): token for address, token in tokens.items() if isinstance(token, str)}
