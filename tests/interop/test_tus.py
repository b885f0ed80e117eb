"""tuspy, tus's own client for Python, sends a video to a real server, which processes it."""

import asyncio
import subprocess
import sys
from pathlib import Path

import av
import pytest

from mocast.client import MocastClient
from tests.e2e.server import Server
from tests.pictures import astronaut_frames

ROOT = Path(__file__).resolve().parents[2]
UV = ROOT / ".tools" / "uv" / "bin" / "uv"


@pytest.fixture(scope="module")
def tus_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with tuspy, from PyPI."""
    folder = tmp_path_factory.mktemp("tuspy")
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    python = folder / "bin" / "python"
    subprocess.run([UV, "pip", "install", "--quiet", "--python", python, "tuspy==1.1.0"], check=True)
    return python


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "wave.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for moved in astronaut_frames(10, (320, 240)):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(moved.rgb, "rgb24").reformat(format="yuv420p")))
        container.mux(stream.encode(None))
    return path


async def test_an_upload_that_was_broken_off_goes_on_and_is_processed(
    server: Server, tus_python: Path, clip: Path
) -> None:
    address = f"{server.url}/v1/jobs?tracker=pose&formats=jsonl"
    command = [tus_python, Path(__file__).with_name("tus_client.py"), address, clip]
    sent = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: ASYNC221
    assert sent.returncode == 0, sent.stderr
    async with MocastClient(server.url) as client:
        job = client.job(sent.stdout.strip().rpartition("/")[2])
        state = await job.finished()
        assert (state["state"], state["name"], state["received"]) == (
            "done",
            "wave.mp4",
            (await asyncio.to_thread(clip.stat)).st_size,
        )
        await job.download("wave.jsonl", lines := clip.with_name("out.jsonl"))
        await job.delete()
    assert '"landmarks":10,' in await asyncio.to_thread(lines.read_text)
