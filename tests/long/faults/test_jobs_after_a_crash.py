"""A server that is killed while a job runs and a video is half there: its worker ends, and the next server goes on."""

import asyncio
import time
from pathlib import Path

import aiohttp
import av
import pytest

from mocast.client import MocastClient
from tests.long.faults.conftest import Serve
from tests.pictures import astronaut_frames

FRAMES = 150
TUS = {"Tus-Resumable": "1.0.0"}
CHUNK = {**TUS, "Content-Type": "application/offset+octet-stream"}
WAIT_S = 300


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "wave.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for moved in astronaut_frames(FRAMES, (320, 240)):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(moved.rgb, "rgb24").reformat(format="yuv420p")))
        container.mux(stream.encode(None))
    return path


def processes_of(folder: Path) -> list[str]:
    """The command lines that name a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # it has ended
            continue
        if str(folder) in words:
            found.append(words)
    return found


async def test_a_killed_server_leaves_no_worker_and_the_next_one_goes_on(
    serve: Serve, tmp_path: Path, clip: Path
) -> None:
    folder = tmp_path / "jobs"
    server = serve(jobs_folder=str(folder), job_processes="1")
    body = await asyncio.to_thread(clip.read_bytes)
    half = len(body) // 2
    async with MocastClient(server.url) as client, aiohttp.ClientSession(server.url) as http:
        job = await client.process(clip, tracker="pose", formats=["jsonl"])
        made = await http.post("/v1/jobs?tracker=pose&formats=jsonl", headers={**TUS, "Upload-Length": str(len(body))})
        upload = f"/v1/{made.headers['Location']}"
        sent = await http.patch(upload, data=body[:half], headers={**CHUNK, "Upload-Offset": "0"})
        assert sent.status == 204
        async with asyncio.timeout(WAIT_S):
            async for state in job.progress():
                if state["progress"] and state["progress"]["frames"]:
                    break
        server.kill()
    deadline = time.monotonic() + 20
    while processes_of(folder):
        assert time.monotonic() < deadline, processes_of(folder)
        await asyncio.sleep(0.1)
    server.start()
    async with (
        asyncio.timeout(WAIT_S),
        MocastClient(server.url) as client,
        aiohttp.ClientSession(server.url) as http,
    ):
        assert (await http.head(upload, headers=TUS)).headers["Upload-Offset"] == str(half)
        sent = await http.patch(upload, data=body[half:], headers={**CHUNK, "Upload-Offset": str(half)})
        assert (sent.status, sent.headers["Upload-Offset"]) == (204, str(len(body)))
        for id in (job.id, made.headers["Location"].rpartition("/")[2]):
            state = await client.job(id).finished()
            assert state["state"] == "done", state
            assert {result["name"] for result in state["results"]} >= {"summary.json"}
