import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from structlog.testing import capture_logs
from tests.peers import HANG_S

from mocast.tracking.compiling_process import CompilingProcess, compiling_process
from mocast.tracking.networks_folder import network_file
from mocast.tracking.openvino.runtime import compiled_file
from mocast.tracking.openvino.runtime.compiled_cache import CompiledCache
from mocast.tracking.openvino.runtime.user_network import UserNetwork

LEAVE_IT_BUSY = """
import os, sys, threading
from pathlib import Path
from mocast.tracking.compiling_process import CompilingProcess

process, begun = CompilingProcess(), Path(sys.argv[1])
process.is_allowed = True
endless = "Path(begun).touch() or __import__('time').sleep(3600)"
names = {"Path": Path, "begun": sys.argv[1]}
threading.Thread(target=process.call, args=(eval, endless, names), daemon=True).start()
while not begun.exists():
    pass
os._exit(0)
"""


@pytest.fixture
def process() -> Iterator[CompilingProcess]:
    made = CompilingProcess()
    made.is_allowed = True
    yield made
    made.end()


def test_it_answers_what_another_process_found_until_that_dies(
    process: CompilingProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "queue.py").write_text("raise SystemExit('what lies here is not imported')")
    assert process.call(os.path.exists, tmp_path)
    if sys.platform == "linux":
        first = "open('/proc/self/oom_score_adj').read() == '1000\\n'"
        assert process.call(eval, first), "where memory runs out it goes first"
    assert not process.call(os.rmdir, tmp_path / "missing"), "an error is an answer"
    process.end()
    assert process.call(os.path.exists, tmp_path), "by the next one"
    with capture_logs() as logs:
        assert not process.call(os._exit, 1)
        assert not process.call(os.path.exists, tmp_path), "none is started any more"
    assert [entry["log_level"] for entry in logs] == ["warning"]


def test_it_ends_with_the_process_that_started_it_whatever_it_computes(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LEAVE_IT_BUSY, str(tmp_path / "begun")]
    # Both write to this pipe, which is read until both have ended.
    subprocess.run(command, stderr=subprocess.PIPE, timeout=HANG_S, check=True)


def test_a_network_is_compiled_there_where_the_owner_of_this_process_allows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compiled_here(*_: object) -> ov.CompiledModel:
        raise RuntimeError("here")

    monkeypatch.setattr(compiled_file, "_compiled_and_kept", compiled_here)
    compiling_process().is_allowed = True
    try:
        network = UserNetwork(network_file("hand_recrop").read_bytes(), CompiledCache(tmp_path))
    finally:
        compiling_process().is_allowed = False
        compiling_process().end()
    assert np.isfinite(network.run(np.zeros(network.shape, np.float32))).all()
    network.close()
