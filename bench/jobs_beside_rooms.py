"""What a live session notices of jobs: ``python -m bench.jobs_beside_rooms [--clip FILE] [--seconds 10] [--rounds 3]``.

One server on one core, where a job's processes are, too. The session runs in turns alone, beside a job that runs, and
beside videos that are sent as fast as the server takes them.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path

import aiohttp
import av
import numpy as np

from bench import processes
from bench.clips import YuvPicture, there_and_back, yuv_pictures
from bench.journey import Journey
from bench.neighbours import Neighbours
from bench.peers import journey
from bench.report import Figure, parser, save, shown, table

PICTURES = 90
SETTLE_S = 2.0
FPS = 30
VIDEO_FRAMES = 100 * FPS
"""More than a job on a busy core gets through in a run."""
TARGET_MS = 5.0
PIECE_BYTES = 2**16
UPLOAD_BYTES = 2**30
"""Larger than what comes in a run, so that one upload lasts for all of it."""

Beside = Callable[[str], AbstractAsyncContextManager[None]]


def main() -> None:
    arguments = _parser().parse_args()
    processes.pin_client()
    pictures = yuv_pictures(arguments.clip, PICTURES)
    neighbours, begun_s = Neighbours(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        video = Path(folder) / "video.mp4"
        write_video(video, pictures)
        beside: dict[str, Beside] = {"alone": alone, "a job runs": partial(job, video), "videos come": uploads}
        flags = ("--jobs-folder", f"{folder}/jobs", "--job-max-mb", "2000")
        runs: dict[str, list[Journey]] = {name: [] for name in beside}
        with processes.mocast_server(arguments.out / "mocast.log", *flags) as server:
            for number in range(arguments.rounds):
                for name in list(beside)[:: -1 if number % 2 else 1]:
                    runs[name].append(asyncio.run(run(server.url, pictures, arguments.seconds, beside[name])))
    p95_ms = {name: median_p95(each) for name, each in runs.items()}
    figures = [
        Figure(
            f"p95 of a session while {name}, more than alone", p95_ms[name] - p95_ms["alone"], "ms", at_most=TARGET_MS
        )
        for name in list(beside)[1:]
    ]
    rows = [row(name, each, p95_ms[name]) for name, each in runs.items()]
    head = ["session", "p50 ms", "p95 ms", "max ms", "p95, median of the rounds", "frames/s returned"]
    text = table(head, rows) + f"\n\nOthers used {neighbours.share():.0%} of the machine."
    data = {name: [each.delays_ms(after_s=SETTLE_S).tolist() for each in group] for name, group in runs.items()}
    save(arguments.out, "jobs_beside_rooms", figures, text, {"delays_ms": data, "seconds": time.monotonic() - begun_s})
    for figure in figures:
        print(f"{figure.name}: {figure.value:+.1f} ms ({'met' if figure.is_met else 'missed'}, {figure.target})")


async def run(url: str, pictures: list[YuvPicture], seconds: float, beside: Beside) -> Journey:
    async with beside(url):
        return await journey(url, pictures, seconds=seconds)


@asynccontextmanager
async def alone(url: str) -> AsyncIterator[None]:
    yield


@asynccontextmanager
async def job(video: Path, url: str) -> AsyncIterator[None]:
    """A job that runs all the while."""
    async with aiohttp.ClientSession(url) as http:
        with video.open("rb") as file:
            answer = await http.post("/v1/jobs", data=file, headers={"Content-Type": "video/mp4"})
        path = f"/v1/jobs/{(await answer.json())['id']}"
        before = await progress(http, path, at_least=30)
        yield
        after = await progress(http, path, at_least=before)
        print(f"frames of the job meanwhile: {after - before}")
        await http.delete(path)


async def progress(http: aiohttp.ClientSession, path: str, *, at_least: int) -> int:
    """Wait until so many frames are done; return how many are. Ends the program where the job has ended."""
    async with http.get(f"{path}/events") as events:
        async for line in events.content:
            if line.startswith(b"data: "):
                state = json.loads(line.removeprefix(b"data: "))
                if state["state"] in ("done", "failed"):
                    raise SystemExit(f"the job does not run all the while: {state['state']} {state['reason']}")
                if state["progress"] and state["progress"]["frames"] >= at_least:
                    return int(state["progress"]["frames"])
    raise SystemExit("the server ended")


@asynccontextmanager
async def uploads(url: str) -> AsyncIterator[None]:
    """A video that comes as fast as it is taken, and is none in the end."""
    sent = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal sent
        piece = b"\0\0\0\x20ftypisom".ljust(PIECE_BYTES, b"\0")
        while True:
            yield piece
            sent += len(piece)

    async with aiohttp.ClientSession(url) as http:
        headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(UPLOAD_BYTES)}
        path = f"/v1/{(await http.post('/v1/jobs', headers=headers)).headers['Location']}"
        headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        sending = asyncio.create_task(http.patch(path, data=pieces(), headers=headers))  # type: ignore[arg-type]
        yield
        sending.cancel()
        await asyncio.wait([sending])
        print(f"MB that came meanwhile: {sent / 1e6:.0f}")
        await http.delete(path)


def write_video(path: Path, pictures: list[YuvPicture]) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
        height, width = pictures[0].shape[0] * 2 // 3, pictures[0].shape[1]
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(VIDEO_FRAMES):
            picture = pictures[there_and_back(number, len(pictures))]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "yuv420p")))
        container.mux(stream.encode(None))


def median_p95(runs: list[Journey]) -> float:
    return float(np.median([np.percentile(each.delays_ms(after_s=SETTLE_S), 95) for each in runs]))


def row(name: str, runs: list[Journey], p95_ms: float) -> list[str]:
    delays_ms = np.concatenate([each.delays_ms(after_s=SETTLE_S) for each in runs])
    fps = np.mean([each.fps_returned(after_s=SETTLE_S) for each in runs])
    return [name, *shown(delays_ms), f"{p95_ms:.1f}", f"{fps:.1f}"]


def _parser() -> argparse.ArgumentParser:
    made = parser(__doc__, seconds=10)
    made.add_argument("--rounds", type=int, default=3, help="of each (default: %(default)s)")
    return made


if __name__ == "__main__":
    main()
