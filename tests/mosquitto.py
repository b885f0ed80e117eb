"""Debian's MQTT broker: where it is, and one that runs for a test."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.debian import Program, find_program

PACKAGES = ("mosquitto", "libdlt2", "libwrap0", "libnsl2")
START_LIMIT_S = 60


def find_mosquitto() -> Program | None:
    """Return the program; ``None`` where it is not to be had."""
    return find_program("sbin/mosquitto", *PACKAGES)


@contextmanager
def broker(program: Program, folder: Path, port: int, password_file: Path | None = None) -> Iterator[None]:
    """Run it while the context lasts, on loopback."""
    access = f"password_file {password_file}\nallow_anonymous false" if password_file else "allow_anonymous true"
    config = folder / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\n{access}\nuser root\npersistence false\n")
    command, environment = program
    with (folder / "mosquitto.log").open("w") as log:
        process = subprocess.Popen([command, "-c", str(config)], stdout=log, stderr=subprocess.STDOUT, env=environment)
        try:
            give_up = time.monotonic() + START_LIMIT_S
            while not _listens(port):
                assert process.poll() is None, (folder / "mosquitto.log").read_text()
                assert time.monotonic() < give_up
                time.sleep(0.02)
            yield
        finally:
            process.kill()
            process.wait()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
