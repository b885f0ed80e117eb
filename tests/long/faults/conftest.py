"""Real servers whose system fails them, and clients that notice."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.server import Server

SOURCE = Path(__file__).with_name("system_faults.c")

Serve = Callable[..., Server]
"""Starts a server with these settings and, as ``environment``, these variables; it is killed after the test."""


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    servers: list[Server] = []

    def start(*, prologue: str = "", environment: dict[str, str] | None = None, **settings: str) -> Server:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in (environment or {}).items():
                patch.setenv(name, value)
            log = tmp_path / f"server-{len(servers)}.log"
            servers.append(Server(log, prologue=prologue, **{"warm": "pose", **settings}))
        servers[-1].start()
        return servers[-1]

    yield start
    for server in servers:
        if server.runs:
            server.kill()


@pytest.fixture(scope="session")
def system_faults(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The library of ``system_faults.c``, for ``LD_PRELOAD``."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    library = tmp_path_factory.mktemp("system_faults") / "system_faults.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"], check=True)
    return str(library)
