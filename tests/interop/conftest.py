"""A real server for programs that are not ours, which come from PyPI and Debian; nothing here is skipped."""

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import browser, camera_file, chromium_path, pytest_runtest_makereport  # noqa: F401 (fixtures)
from tests.e2e.server import Server
from tests.interop.plain_page import elsewhere  # noqa: F401 (a fixture)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that serves no page of its own to these clients and lets pages of any origin in."""
    folder = tmp_path_factory.mktemp("server")
    jobs = str(folder / "jobs")
    server = Server(folder / "server.log", warm="pose", allowed_origins="*", jobs_folder=jobs)
    server.start()
    yield server
    server.stop()
