"""A disk that is full, or that does not answer: the recording ends, and nobody else notices."""

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from mocast.limiter_setup import MOST_DOWNLOADS
from tests.e2e.server import Server
from tests.long.faults.clients import ask, asked, longest_gap_s, publishing
from tests.long.faults.conftest import Serve

SMALL_DISK = """
import ctypes, os
libc, user, group = ctypes.CDLL(None), os.getuid(), os.getgid()
assert libc.unshare(0x10020000) == 0, "no namespaces of users and mounts"
for name, text in ("setgroups", "deny"), ("uid_map", f"0 {{user}} 1"), ("gid_map", f"0 {{group}} 1"):
    with open(f"/proc/self/{{name}}", "w") as file:
        file.write(text)
assert libc.mount(b"tmpfs", {folder!r}, b"tmpfs", 0, b"size=128k") == 0, "no tmpfs"
"""
"""A disk of 128 KiB at a folder, which this process alone sees."""

SHORT_FILES = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (131072, 131072))\n"
"""No file may be larger than 128 KiB, as with a quota."""


async def ended(server: Server, recording: str) -> dict[str, object]:
    """Wait until a recording has ended."""
    async with asyncio.timeout(60):
        while (shown := asked(server, f"/v1/recordings/{recording}"))["state"] == "recording":  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    return shown


@pytest.mark.parametrize(
    ("prologue", "reason"),
    [(SMALL_DISK, "the disk is full"), (SHORT_FILES, "its file is as large as the system allows")],
)
async def test_a_full_disk_ends_the_recording_with_its_reason_and_the_session_lives_on(
    serve: Serve, tmp_path: Path, prologue: str, reason: str
) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    prologue = prologue.format(folder=str(folder).encode())
    if subprocess.run([sys.executable, "-c", prologue], check=False).returncode:  # noqa: ASYNC221
        pytest.skip("this machine does not let its users mount anything")
    server = serve(prologue=prologue, recordings_folder=str(folder))
    async with publishing(server) as peer:
        recording = asked(server, "/v1/rooms/room/recordings", "POST")["id"]
        shown = await ended(server, recording)
        assert (shown["state"], shown["reason"]) == ("failed", reason)
        status, lines = await asyncio.to_thread(ask, server, f"/v1/recordings/{recording}.jsonl")
        assert (status, lines[-1:]) == (200, b"\n"), "what was written is whole"
        assert await longest_gap_s(peer, 2) < 2
        assert asked(server, f"/v1/recordings/{recording}")["size"] == len(lines) > 100_000
        assert ask(server, f"/v1/recordings/{recording}", "DELETE")[0] == 204
        again = asked(server, "/v1/rooms/room/recordings", "POST")
        assert again["state"] == "recording", "after the recovery there is room again"


async def test_a_disk_that_hangs_ends_the_recording_and_holds_nothing_else(
    serve: Serve, tmp_path: Path, system_faults: str
) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    environment = {"LD_PRELOAD": system_faults, "HANGING_FOLDER": str(folder)}
    server = serve(environment=environment, recordings_folder=str(folder))
    flag = tmp_path / "recordings.hangs"
    async with publishing(server) as peer:
        recording = asked(server, "/v1/rooms/room/recordings", "POST")["id"]
        await asyncio.sleep(1)
        flag.touch()
        assert await longest_gap_s(peer, 3) < 2
        shown = await ended(server, recording)
        assert (shown["state"], shown["reason"]) == ("failed", "the disk does not answer")
        # More downloads than there are threads for files, were they not limited.
        clients, download = ThreadPoolExecutor(40), partial(ask, server, f"/v1/recordings/{recording}.jsonl")
        downloads = [asyncio.get_running_loop().run_in_executor(clients, download) for _ in range(40)]
        async with asyncio.timeout(60):
            while sum(task.done() for task in downloads) < 40 - MOST_DOWNLOADS:  # noqa: ASYNC110 (no event tells)
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
        assert [task.result()[0] for task in downloads if task.done()] == [503] * (40 - MOST_DOWNLOADS)
        refused = await asyncio.to_thread(ask, server, "/v1/rooms/another/recordings", "POST")
        assert (refused[0], b"The disk does not answer" in refused[1]) == (503, True)
        async with publishing(server, "other"):
            assert await longest_gap_s(peer, 1) < 2
        assert ask(server, "/v1/info")[0] == 200
        flag.unlink()
        statuses = [status for status, _ in await asyncio.gather(*downloads)]
        assert sorted(statuses) == [200] * MOST_DOWNLOADS + [503] * (40 - MOST_DOWNLOADS)
        again = asked(server, "/v1/rooms/room/recordings", "POST")["id"]
        assert asked(server, f"/v1/recordings/{again}/stop", "POST")["state"] == "stopped"


async def test_a_server_whose_disk_hangs_stops_all_the_same(serve: Serve, tmp_path: Path, system_faults: str) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    environment = {"LD_PRELOAD": system_faults, "HANGING_FOLDER": str(folder)}
    server = serve(environment=environment, recordings_folder=str(folder), shutdown_timeout_s="4", drain_s="0")
    async with publishing(server):
        asked(server, "/v1/rooms/room/recordings", "POST")
        (tmp_path / "recordings.hangs").touch()
        await asyncio.sleep(1)
    began = asyncio.get_running_loop().time()
    await asyncio.to_thread(server.stop, 1)
    assert asyncio.get_running_loop().time() - began < 4 + 3 + 5
    assert "threads do not end" in server.log_tail(20_000)
