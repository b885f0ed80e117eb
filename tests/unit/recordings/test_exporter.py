import asyncio
from pathlib import Path
from typing import Any

import pytest
from bvh import Bvh
from tests import motions
from tests.fakes import make_limiter

from mocast.errors import Unavailable, Unprocessable
from mocast.memory import FIRST_TO_GO
from mocast.recordings import exporter as module
from mocast.recordings.exporter import Exporter
from mocast.recordings.recorder import Recorder


def recording(path: Path, frames: int = 10) -> Path:
    """A recording's file."""
    recorder = Recorder(path, "hall", ("rig",), max_s=600, max_bytes=10**9)
    for frame in range(frames):
        recorder.sinks["rig"].send(motions.rig(frame))
    recorder.sinks["rig"].close()
    recorder.run(lambda: None)
    return path


async def test_export_is_made_and_its_place_is_free_again(tmp_path: Path) -> None:
    exports = Exporter(make_limiter(exports=1))
    path = recording(tmp_path / "a.jsonl")
    for _ in range(2):
        async with exports.exported(path, "bvh", fps=15) as file:
            parsed = Bvh(file.read().decode())
            with pytest.raises(Unavailable):
                async with exports.exported(path, "vrma"):
                    pass
        assert parsed.nframes == 5
        assert file.closed


async def test_what_cannot_be_exported_is_told_in_the_exports_own_words(tmp_path: Path) -> None:
    with pytest.raises(Unprocessable, match="it holds no rig"):
        async with Exporter(make_limiter(exports=1)).exported(recording(tmp_path / "a.jsonl", frames=0), "vrma"):
            pass


async def test_recording_that_was_deleted_meanwhile_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        async with Exporter(make_limiter(exports=1)).exported(tmp_path / "none.jsonl", "vrma"):
            pass


async def test_errors_of_who_fetches_stay_what_they_are(tmp_path: Path) -> None:
    exports = Exporter(make_limiter(exports=1))
    with pytest.raises(ConnectionResetError):
        async with exports.exported(recording(tmp_path / "a.jsonl"), "vrma"):
            raise ConnectionResetError
    assert exports._limiter.held("exports") == 0


async def test_process_ends_with_the_client_that_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[asyncio.subprocess.Process] = []
    started = asyncio.Event()
    really = asyncio.create_subprocess_exec

    async def sleeping(*_: Any, **pipes: Any) -> asyncio.subprocess.Process:
        made.append(await really("sleep", "60", **pipes))
        started.set()
        return made[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", sleeping)
    monkeypatch.setenv("MOCAST_TOKEN", "secret")
    exports = Exporter(make_limiter(exports=1))

    async def fetch() -> None:
        async with exports.exported(tmp_path / "a.jsonl", "bvh"):
            pytest.fail("nothing was made")

    fetching = asyncio.create_task(fetch())
    await started.wait()
    await asyncio.sleep(0)
    process = Path(f"/proc/{made[0].pid}")
    assert (process / "oom_score_adj").read_text() == f"{FIRST_TO_GO}\n", "where memory runs out the export goes first"
    assert b"MOCAST_TOKEN" not in (process / "environ").read_bytes(), "it has no secrets of the server's"
    fetching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetching
    assert made[0].returncode == -9
    assert exports._limiter.held("exports") == 0


async def test_export_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAKING_TIMEOUT_S", 0)
    with pytest.raises(Unavailable, match="too long"):
        async with Exporter(make_limiter(exports=1)).exported(recording(tmp_path / "a.jsonl"), "bvh"):
            pass
