"""``mocast serve`` loads the libraries of the engine that tracks, and not those of the other."""

import re
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import orjson
import pytest

from tests.e2e.server import Server
from tests.reference_engine import needs_mediapipe

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")


@contextmanager
def serving(folder: Path, monkeypatch: pytest.MonkeyPatch, engine: str) -> Iterator[Server]:
    """A server of that engine that writes to its log what it imports."""
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    server = Server(folder / "log", warm="holistic", engine=engine)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def tracked_and_told(server: Server) -> str:
    """Have a picture tracked; return the name of the engine that did it."""
    picture = (files("mocast.commands") / "doctor.jpg").read_bytes()
    headers = {"Content-Type": "image/jpeg", "Accept": "application/json"}
    request = urllib.request.Request(f"{server.url}/v1/images?tracker=holistic", picture, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        found = orjson.loads(answer.read())
    assert found["pose"], found
    assert found["face"], found
    with urllib.request.urlopen(f"{server.url}/v1/info", timeout=60) as answer:
        return str(orjson.loads(answer.read())["engine"])


def mapped(server: Server) -> set[str]:
    """Files that are in the memory of its process."""
    lines = Path(f"/proc/{server.pid}/maps").read_text().splitlines()
    return {line.split(maxsplit=5)[5] for line in lines if "/" in line}


def imported(server: Server) -> set[str]:
    """The engines, and the libraries of engines, that it has imported."""
    return set(re.findall(r"\| +((?:mocast\.tracking\.)?(?:mediapipe|openvino))\b", server.log_tail(10**7)))


@pytest.mark.parametrize(
    ("engine", "loaded", "other"),
    [("auto", "openvino", "mediapipe"), pytest.param("mediapipe", "mediapipe", "openvino", marks=needs_mediapipe)],
)
def test_only_the_engine_that_tracks_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str, loaded: str, other: str
) -> None:
    with serving(tmp_path, monkeypatch, engine) as server:
        assert tracked_and_told(server) == loaded
        libraries = {path for path in mapped(server) if re.search(r"\.so\b", path)}
        assert any(f"/{loaded}/" in path for path in libraries), libraries
        assert not any(f"/{other}/" in path for path in libraries), libraries
        assert f"mocast.tracking.{loaded}" in imported(server)
        assert not imported(server) & {other, f"mocast.tracking.{other}"}
