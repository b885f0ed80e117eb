"""Programs of Debian's packages, unpacked into .tools/ and not installed, which could start a service."""

import os
import shutil
import subprocess
import sysconfig
from contextlib import suppress
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[1] / ".tools"

Program = tuple[str, dict[str, str]]
"""Its path, and the environment that it runs in."""


def find_program(path: str, *packages: str) -> Program | None:
    """Return a program, installed or of these packages; ``None`` where there is none. ``path``: below ``/usr``."""
    name = Path(path).name
    if (found := shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")) is not None:
        return found, dict(os.environ)
    folder = unpacked(*packages)
    if folder is None:
        return None
    libraries = folder / "usr" / "lib" / (sysconfig.get_config_var("MULTIARCH") or "")
    return str(folder / "usr" / path), {**os.environ, "LD_LIBRARY_PATH": str(libraries)}


def unpacked(*packages: str) -> Path | None:
    """Return the folder that holds what these packages install at ``/``; ``None`` where they cannot be fetched."""
    folder = TOOLS / packages[0]
    if not folder.exists() and shutil.which("apt-get") and shutil.which("dpkg"):
        _unpack(packages, folder)
    return folder if folder.exists() else None


def _unpack(packages: tuple[str, ...], folder: Path) -> None:
    TOOLS.mkdir(exist_ok=True)
    draft = folder.with_name(f"{folder.name}-{os.getpid()}")  # of this process, as tests run in several
    draft.mkdir()
    try:
        for command in (["apt-get", "update", "-q"], ["apt-get", "download", "-q", *packages]):
            done = subprocess.run(command, cwd=draft, capture_output=True, check=False)
        files = list(draft.glob("*.deb"))
        if done.returncode == 0 and len(files) == len(packages):
            for file in files:
                subprocess.run(["dpkg", "-x", file, draft / "x"], check=True)
            with suppress(OSError):  # another process of the tests was first
                (draft / "x").rename(folder)
    finally:
        shutil.rmtree(draft)
