"""How the executor of this machine starts and ends its processes."""

import multiprocessing.process
import signal
import sys
from multiprocessing.forkserver import ForkServer
from pathlib import Path

import pytest

from mocast.jobs import local_executor
from mocast.jobs.file_task import TrackerChoice
from mocast.jobs.local_executor import LocalExecutor

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux alone")


def test_workers_are_spawned_where_the_temporary_folder_s_path_is_too_long_for_a_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("x" * 108)
    long.mkdir()
    monkeypatch.setitem(multiprocessing.process.current_process()._config, "tempdir", str(long))
    monkeypatch.setattr(local_executor.forkserver, "ensure_running", ForkServer().ensure_running)
    executor = LocalExecutor(1, TrackerChoice())
    executor.close()
    assert executor._context.get_start_method() == "spawn"


def test_the_fork_server_starts_with_sigint_blocked_and_this_process_goes_on_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blocked = []
    monkeypatch.setattr(
        local_executor.forkserver,
        "ensure_running",
        lambda: blocked.append(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())),
    )
    executor = LocalExecutor(1, TrackerChoice())
    executor.close()
    assert executor._context.get_start_method() == "forkserver"
    assert blocked == [True]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
