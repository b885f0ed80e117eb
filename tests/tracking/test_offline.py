"""Tracking makes no attempt to reach a network: it runs in processes that die the moment they ask for a socket."""

import platform
import signal
import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest

from tests.reference_engine import ENGINES
from tests.seccomp import killed_by

PYTHON_REFUSAL = """
import os, signal, sys

def refuse(event, arguments):
    if event.startswith("socket."):
        os.kill(os.getpid(), signal.SIGSYS)

sys.addaudithook(refuse)
"""
"""The same for what Python does, by the interpreter's own audit events."""

REFUSAL = (killed_by("socket") if sys.platform == "linux" else "") + PYTHON_REFUSAL

TRACK = """
import logging, sys
import structlog
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
from mocast.tracking.engines import EngineOptions
from mocast.tracking.pool import TrackerPool
from tests.pictures import as_frame, astronaut_frames

pool = TrackerPool(sys.argv[1], EngineOptions(threads=2), warm=[("holistic", "balanced")])
pool.warm()
for name in ("holistic", "pose", "hands", "face"):
    for quality in ("exact", "balanced", "fast"):
        for still in (False, True):
            tracker = pool.acquire(name, quality, still=still)
            for number, moved in enumerate(astronaut_frames(2)):
                tracked = tracker.track(as_frame(moved.rgb, number))
            assert tracked.is_empty == (name == "hands"), name
            pool.release(tracker)
assert len(pool.every_face(still=True).find(moved.rgb, 0)) >= 1
pool.close()
assert pool.failures == 0
print("tracked", pool.engine_name, pool.built)
"""


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=120, check=False
    )


ATTEMPTS = ["import socket; socket.socket()", "import socket; socket.getaddrinfo('a.test', 80)"]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGSYS")
@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_an_attempt_would_be_seen(attempt: str) -> None:
    assert run(REFUSAL + attempt).returncode == -signal.SIGSYS


@pytest.mark.skipif(sys.platform != "linux", reason="seccomp is Linux's")
@pytest.mark.skipif(platform.machine() not in {"x86_64", "aarch64"}, reason="the number of socket() is not known")
@pytest.mark.parametrize(("call", "native"), [("socket", "libc.socket(2, 1, 0)"), ("connect", "libc.connect(0, 0, 0)")])
def test_an_attempt_of_native_code_would_be_seen(call: Literal["socket", "connect"], native: str) -> None:
    assert run(killed_by(call) + native).returncode == -signal.SIGSYS


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGSYS")
@pytest.mark.parametrize("engine", ENGINES)
def test_every_tracker_runs_without_a_socket_and_without_a_word(engine: str) -> None:
    done = run(REFUSAL + TRACK, engine)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"tracked {engine} 25\n", "")


TELEMETRY = """
import sys
from types import ModuleType

class Telemetry(ModuleType):
    def __getattr__(self, name):
        print("asked for", name)
        raise AttributeError(name)

sys.modules["openvino_telemetry"] = Telemetry("openvino_telemetry")
from mocast.cli import main
main(["version"])
from mocast.tracking.openvino.engine import OpenvinoEngine
print("loaded")
"""


def test_openvino_does_not_find_its_telemetry_even_where_that_is_installed() -> None:
    printed = run(TELEMETRY).stdout.splitlines()
    assert printed[1:] == ["loaded"]  # the version is before it


EMBEDDED = """
import sys
from mocast.tracking.openvino.engine import OpenvinoEngine
import openvino
print(sys.modules["openvino.tools.ovc"] is not None, callable(openvino.convert_model))
"""


def test_who_embeds_the_engine_keeps_openvinos_converter_without_its_telemetry(tmp_path: Path) -> None:
    (tmp_path / "openvino_telemetry.py").write_text("print('asked for')")
    found = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
    assert run(found + EMBEDDED).stdout == "True True\n"
    assert "asked for" in run(found + "import openvino").stdout, "or it would not be seen"
