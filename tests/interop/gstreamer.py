"""GStreamer as a WHIP client and a WHEP player: Debian's, unpacked into .tools/ where it is not installed.

Debian 12 has no ``whipclientsink`` and no ``whepsrc`` (they are of gst-plugins-rs), and PyPI's GStreamer is for macOS
and Windows alone. What these are made of is here: ``webrtcbin``, to which ``gstreamer_client.py`` adds the requests.
"""

import functools
import os
import platform
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.debian import unpacked

CLIENT = Path(__file__).with_name("gstreamer_client.py")
PACKAGES = (
    "gstreamer1.0-plugins-base",
    "gstreamer1.0-plugins-good",
    "gstreamer1.0-plugins-bad",
    "gstreamer1.0-plugins-ugly",
    "gstreamer1.0-libav",
    "gstreamer1.0-nice",
    "python3-gi",
    "gir1.2-gst-plugins-bad-1.0",
)
PYTHON = "/usr/bin/python3"
"""Debian's, for which its bindings are built."""


@functools.cache
def environment() -> dict[str, str]:
    """What GStreamer's programs need to find it. Raises ``RuntimeError`` where there is none and no way to one."""
    if _imports(dict(os.environ)):
        return dict(os.environ)
    listed = subprocess.run(
        ["apt-get", "-s", "install", "--no-install-recommends", *PACKAGES], capture_output=True, text=True, check=False
    )
    missing = [line.split()[1] for line in listed.stdout.splitlines() if line.startswith("Inst ")]
    folder = unpacked("gstreamer1.0-plugins-base", *(name for name in missing if name != "gstreamer1.0-plugins-base"))
    if folder is None:
        raise RuntimeError(f"GStreamer cannot be had here: install {' '.join(PACKAGES)}.")
    place = f"usr/lib/{platform.machine()}-linux-gnu"
    libraries = folder / place
    found = os.environ | {
        "LD_LIBRARY_PATH": f"{libraries}:{libraries}/pulseaudio:{libraries}/blas:{libraries}/lapack",
        "GST_PLUGIN_SYSTEM_PATH_1_0": f"{libraries}/gstreamer-1.0:/{place}/gstreamer-1.0",
        "GST_PLUGIN_SCANNER_1_0": str(libraries / "gstreamer1.0/gstreamer-1.0/gst-plugin-scanner"),
        "GST_REGISTRY_1_0": str(folder / "registry.bin"),
        "GI_TYPELIB_PATH": str(libraries / "girepository-1.0"),
        "PYTHONPATH": str(folder / "usr/lib/python3/dist-packages"),
    }
    if not _imports(found):
        raise RuntimeError("GStreamer does not load from .tools/gstreamer1.0-plugins-base")
    return found


def _imports(variables: dict[str, str]) -> bool:
    if shutil.which(PYTHON) is None:
        return False
    return subprocess.run([PYTHON, CLIENT, "version"], env=variables, capture_output=True, check=False).returncode == 0


def version() -> str:
    """What GStreamer says of itself."""
    done = subprocess.run([PYTHON, CLIENT, "version"], env=environment(), capture_output=True, text=True, check=True)
    return done.stdout.strip()


@dataclass(slots=True)
class Client:
    """A GStreamer in its own process."""

    process: "subprocess.Popen[str]"
    frames: int = 0
    "Pictures that a player has decoded so far."

    def read(self) -> None:
        assert self.process.stdout is not None
        for _ in self.process.stdout:
            self.frames += 1


@contextmanager
def client(*arguments: str) -> Iterator[Client]:
    """Publish or play until the block ends, then say goodbye. Raises ``RuntimeError`` where it does not connect."""
    with subprocess.Popen(
        [PYTHON, CLIENT, *arguments],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=sys.stderr,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        if process.stdout.readline() != "connected\n":
            raise RuntimeError("GStreamer does not connect")
        running = Client(process)
        reader = threading.Thread(target=running.read)
        reader.start()
        try:
            yield running
        finally:
            process.stdin.close()
            reader.join()
    assert process.returncode == 0
