"""What all tests share: an environment that is the same on every machine, and how they are dealt out to processes."""

import logging
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from mocast.tracking.cores import usable_cores
from tests.reference_engine import HAS_MEDIAPIPE

# No deadline: a busy machine must not fail a test. The same examples in every run: who changes nothing sees no new
# failure. New examples are tried by ``pytest --hypothesis-profile=explore``.
settings.register_profile("mocast", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile("mocast")

MOST_WORKERS = 4
"""Processes of ``-n auto``, at most: each loads both engines and takes 1 GB. One more than there are cores, as video
comes in real time and a browser's tests mostly wait."""

if not HAS_MEDIAPIPE:
    collect_ignore = [
        *(f"unit/bench/test_{name}.py" for name in ("engine", "parity", "stages")),
        *(f"tracking/test_{name}.py" for name in ("openvino_geometry", "parity", "parity_openvino")),
        "unit/tracking/mediapipe",
        "unit/tracking/test_face_task.py",
    ]
    """What imports it, or what comes with it."""

CACHE = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Take out what this machine would have a say in: the user's settings, and what was compiled in earlier runs.

    A run has one cache folder of its own, which its processes and the servers that they start share. Ctrl-C reaches the
    programs that tests start, even where a shell that runs the tests in the background has it ignored.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in [name for name in os.environ if name.upper().startswith("MOCAST_")]:
        del os.environ[name]
    if not hasattr(config, "workerinput"):  # a worker of pytest-xdist has it from who started it
        config.stash[CACHE] = Path(tempfile.mkdtemp(prefix="mocast-tests-"))
        os.environ["XDG_CACHE_HOME"] = str(config.stash[CACHE])
    configure = structlog.configure
    # Loggers that are cached would keep the configuration of one test for all others.
    structlog.configure = lambda **given: configure(**given | {"cache_logger_on_first_use": False})


def pytest_unconfigure(config: pytest.Config) -> None:
    if CACHE in config.stash:
        shutil.rmtree(config.stash[CACHE], ignore_errors=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    return min(usable_cores() + 1, MOST_WORKERS)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Keep the tests of a file in one process, as they share servers; those of the browser's pages, too."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return "browser" if file.startswith("tests/e2e/test_") else file

    config.option.loadscopereorder = False  # in the order of the folders: what takes longest begins first
    return ByFile(config, log)


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """Commands configure the logs of their process, which here is that of all tests."""
    before, root, ours = structlog.get_config(), logging.getLogger(), logging.getLogger("mocast")
    handlers, levels = root.handlers[:], (root.level, ours.level)
    yield
    structlog.configure(**before)
    root.handlers[:] = handlers
    for logger, level in zip((root, ours), levels, strict=True):
        logger.setLevel(level)


@pytest.fixture(scope="session")
def network_cache() -> Path:
    """Where this run keeps compiled networks; a server that is told no folder takes the same."""
    return Path(os.environ["XDG_CACHE_HOME"]) / "mocast"


@pytest.fixture
def own_address() -> str:
    """One of this machine's that is no loopback, or the test is about nothing."""
    from mocast.webrtc.aiortc.gathering import host_addresses

    found = [address for address in host_addresses() if ":" not in address and not address.startswith("127.")]
    if not found:
        pytest.skip("this machine has no address but loopback's")
    return found[0]
