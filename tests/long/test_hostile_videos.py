"""Videos that break decoders, run as jobs of a real server by the real ``mocast process``.

Each fails with a sentence, or is done as far as it goes, and the server does not notice.
"""

import asyncio
import random
import struct
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import pytest

from mocast.client import MocastClient
from tests.e2e.server import Server
from tests.pictures import astronaut_frames

MEMORY_MB = 1024
FRAMES = 20
WAIT_S = 240


def made(kind: str, codec: str, size_wh: tuple[int, int] = (320, 240)) -> bytes:
    """A small video of a person."""
    file = BytesIO()
    with av.open(file, "w", format=kind) as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height = size_wh
        stream.pix_fmt = "yuv420p"
        for moved in astronaut_frames(FRAMES, size_wh):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(moved.rgb, "rgb24").reformat(format="yuv420p")))
        container.mux(stream.encode(None))
    return file.getvalue()


def with_noise(video: bytes) -> bytes:
    """The same with a hundredth of its bytes at random, but for its head."""
    noisy, chance = bytearray(video), random.Random(7)
    for _ in range(len(video) // 100):
        noisy[chance.randrange(2_000, len(video))] = chance.randrange(256)
    return bytes(noisy)


def huge_gif(side: int) -> bytes:
    """A GIF of one pixel on a canvas of ``side`` squared (GIF89a specification, sections 18 and 20)."""
    screen = b"GIF89a" + struct.pack("<HHBBB", side, side, 0x80, 0, 0) + bytes(6)
    image = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return screen + 2 * (b"!\xf9\x04\x00\x0a\x00\x00\x00" + image) + b";"


def huge_vp8(side: int) -> bytes:
    """A WebM whose key frames say that they are ``side`` squared (RFC 6386, section 9.1)."""
    video = made("webm", "libvpx")
    at = video.index(b"\x9d\x01\x2a")
    return video[: at + 3] + struct.pack("<HH", side, side) + video[at + 7 :]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    limits = {"job_memory_mb": str(MEMORY_MB), "job_max_s": "120", "job_processes": "1"}
    server = Server(folder / "server.log", jobs_folder=str(folder / "jobs"), warm="", **limits)
    server.start()
    yield server
    server.stop()


async def processed(server: Server, body: bytes, path: Path) -> dict[str, Any]:
    """Send a video; return its job's last state."""
    await asyncio.to_thread(path.write_bytes, body)
    async with MocastClient(server.url) as client, asyncio.timeout(WAIT_S):
        job = await client.process(path, tracker="pose", formats=["mp4", "jsonl", "vrma"])
        return dict(await job.finished())


async def test_a_good_video_is_done(server: Server, tmp_path: Path) -> None:
    state = await processed(server, made("mp4", "libx264"), tmp_path / "wave.mp4")
    assert (state["state"], state["reason"]) == ("done", "")
    assert {result["name"] for result in state["results"]} == {"wave.mp4", "wave.jsonl", "wave.vrma", "summary.json"}
    assert state["progress"]["frames"] == FRAMES


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("empty.mp4", b"\0\0\0\x20ftypisom" + bytes(20)),
        ("garbage.mp4", b"\0\0\0\x20ftypisom" + random.Random(1).randbytes(200_000)),
        ("without an index.mp4", made("mp4", "libx264")[:-1500]),
        ("garbage.mkv", b"\x1a\x45\xdf\xa3" + random.Random(2).randbytes(200_000)),
        ("huge.gif", huge_gif(30_000)),
        ("largest.gif", huge_gif(65_535)),
        ("huge.webm", huge_vp8(16_383)),
    ],
)
async def test_what_cannot_be_decoded_fails_with_a_sentence(
    server: Server, tmp_path: Path, name: str, body: bytes
) -> None:
    pid = server.pid
    state = await processed(server, body, tmp_path / name)
    print(name, state["state"], state["reason"])
    assert state["state"] == "failed"
    assert state["reason"].endswith(".")
    assert (server.runs, server.pid) == (True, pid)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("cut.webm", made("webm", "libvpx")[:-3000]),
        ("cut.ts", made("mpegts", "libx264")[:-5000]),
        ("noisy.ts", with_noise(made("mpegts", "libx264"))),
        ("noisy.webm", with_noise(made("webm", "libvpx"))),
    ],
)
async def test_what_can_be_decoded_in_part_ends_one_way_or_the_other(
    server: Server, tmp_path: Path, name: str, body: bytes
) -> None:
    state = await processed(server, body, tmp_path / name)
    print(name, state["state"], state["reason"], state["progress"])
    assert (state["state"] == "done") == (state["reason"] == "")
    assert state["reason"] == "" or state["reason"].endswith(".")


async def test_the_server_serves_on(server: Server, tmp_path: Path) -> None:
    state = await processed(server, made("webm", "libvpx"), tmp_path / "last.webm")
    assert state["state"] == "done"
