"""``mocast probe`` against a server: the delays of pictures that went there, and of their rigs to a port of an app."""

import json
import subprocess
import sys

import pytest

from mocast import probe_command
from mocast.probe_command import measured, parse_arguments
from tests.integration.http_server import running


async def test_every_picture_s_rig_is_found_at_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_command, "WARM_UP_S", 0.2)
    with running() as server:
        words = ["--server", f"http://127.0.0.1:{server.port}", "--seconds", "1", "--tracker", "pose"]
        delays = await measured(parse_arguments(words))
    assert delays.rigs > 5
    assert delays.pictures >= delays.rigs
    assert len(delays.rig_to_app) >= delays.rigs - 1
    assert (delays.camera_to_rig > 0).all()
    assert (delays.rig_to_app > 0).all()


def test_a_server_that_is_not_there_is_told_in_a_sentence() -> None:
    words = [sys.executable, "-m", "mocast", "probe", "--server", "http://127.0.0.1:9", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("mocast probe: ")
    assert json.dumps(line).isascii()
