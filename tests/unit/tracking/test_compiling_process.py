import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from structlog.testing import capture_logs
from tests.peers import HANG_S

from mocast.tracking.compiling_process import CompilingProcess, compiling_process
from mocast.tracking.folder_lock import FolderLock
from mocast.tracking.networks_folder import network_file
from mocast.tracking.openvino.runtime import compiled_file, network_registry
from mocast.tracking.openvino.runtime.compiled_cache import CompiledCache
from mocast.tracking.openvino.runtime.network_copies import NetworkCopies
from mocast.tracking.openvino.runtime.network_registry import NetworkRegistry
from mocast.tracking.openvino.runtime.user_network import UserNetwork

LEAVE_IT_BUSY = """
import os, sys, threading
from pathlib import Path
from mocast.tracking.compiling_process import CompilingProcess

process, begun = CompilingProcess(), Path(sys.argv[1])
process.is_allowed = True
endless = "Path(begun).touch() or __import__('time').sleep(3600)"
names = {"Path": Path, "begun": sys.argv[1]}
arguments = (Path(begun).parent, bool, eval, endless, names)
threading.Thread(target=process.call, args=arguments, daemon=True).start()
while not begun.exists():
    pass
os._exit(0)
"""


@pytest.fixture(autouse=True)
def is_not_ended_for_being_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mocast.tracking.compiling_process.IDLE_S", 3600.0)


def never() -> bool:
    return False


@pytest.fixture
def process() -> Iterator[CompilingProcess]:
    made = allowed()
    yield made
    made.end()


def allowed(**options: float) -> CompilingProcess:
    made = CompilingProcess(**options)
    made.is_allowed = True
    return made


def test_it_answers_what_another_process_found_until_that_dies(
    process: CompilingProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOCAST_TOKEN", "secret")
    (tmp_path / "queue.py").write_text("raise SystemExit('what lies here is not imported')")
    assert process.call(tmp_path, never, os.path.exists, tmp_path)
    assert process.call(tmp_path, never, eval, "'MOCAST_TOKEN' not in __import__('os').environ")
    if sys.platform == "linux":
        first = "open('/proc/self/oom_score_adj').read() == '1000\\n'"
        assert process.call(tmp_path, never, eval, first), "where memory runs out it goes first"
    assert not process.call(tmp_path, never, os.rmdir, tmp_path / "missing"), "an error is an answer"
    process.end()
    assert process.call(tmp_path, never, os.path.exists, tmp_path), "by the next one"
    with capture_logs() as logs:
        assert not process.call(tmp_path, never, os._exit, 1)
        assert not process.call(tmp_path, never, os.path.exists, tmp_path), "none is started any more"
    assert [entry["log_level"] for entry in logs] == ["warning"]


def test_it_ends_with_the_process_that_started_it_whatever_it_computes(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LEAVE_IT_BUSY, str(tmp_path / "begun")]
    # Both write to this pipe, which is read until both have ended.
    subprocess.run(command, stderr=subprocess.PIPE, timeout=HANG_S, check=True)
    assert FolderLock(tmp_path).acquire(), "another server may compile"


def test_a_call_without_end_is_ended(tmp_path: Path) -> None:
    with capture_logs() as logs:
        assert not allowed(limit_s=0.1).call(tmp_path, never, eval, "__import__('time').sleep(3600)")
    assert [entry["log_level"] for entry in logs] == ["warning"]


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no locks there")
def test_of_several_servers_one_compiles_and_the_others_find_it_or_follow(
    process: CompilingProcess, tmp_path: Path
) -> None:
    made, other, hurried = tmp_path / "made", allowed(), allowed(limit_s=0)
    assert not process.call(tmp_path, made.exists, Path.touch, made), "which returns nothing"
    assert other.call(tmp_path, made.exists, os.rmdir, tmp_path / "missing"), "what is there is not made again"
    with capture_logs() as logs:
        assert not hurried.call(tmp_path, never, os.path.exists, tmp_path), "who has waited too long does it itself"
    assert "without end" in logs[0]["reason"]
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(other.call, tmp_path, never, os.path.exists, tmp_path)
        process.end()
        assert waiting.result()
    other.end()


def test_a_network_is_compiled_there_where_the_owner_of_this_process_allows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compiled_here(*_: object) -> ov.CompiledModel:
        raise RuntimeError("here")

    monkeypatch.setattr(compiled_file, "_compiled_and_kept", compiled_here)
    done: list[str] = []
    monkeypatch.setattr(CompilingProcess, "end", noted(done, CompilingProcess.end))
    monkeypatch.setattr(network_registry, "NetworkCopies", noted(done, NetworkCopies))
    registry = NetworkRegistry(streams=1, cache_folder=tmp_path)
    compiling_process().is_allowed = True
    try:
        registry.prepare({"hand_recrop": "f32"})
        assert done == ["end", "NetworkCopies"], "both would need memory at a time otherwise"
        network = UserNetwork(network_file("hand_recrop").read_bytes(), CompiledCache(tmp_path))
    finally:
        compiling_process().is_allowed = False
        compiling_process().end()
    assert np.isfinite(network.run(np.zeros(network.shape, np.float32))).all()
    network.close()
    registry.close()


def noted(done: list[str], function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that notes each call of another one."""

    def call(*arguments: Any, **options: Any) -> Any:
        done.append(function.__name__)
        return function(*arguments, **options)

    return call
