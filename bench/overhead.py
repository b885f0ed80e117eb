"""What a frame costs beside tracking: ``python -m bench.overhead [--clip FILE] [--seconds 10]``.

First a server whose tracker replays recorded landmarks: it does everything but tracking, so that its processor time is
that; also, by kind of work, where the page draws, and no picture is sent back. Then by kind of work with the real
tracker, at a rate that it can follow.
"""

import argparse
import asyncio
import functools
import json
import os
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from bench import processes
from bench.clips import YuvPicture, yuv_pictures
from bench.peers import Camera, connected
from bench.replay import RECORDING, record
from bench.report import Figure, parser, save, table

T = TypeVar("T")

SETTLE_S = 3.0
"""By then connecting and the first key frames are over."""

CODECS = {"VP8": "VP8", "H264": "H.264"}
TARGET_MS = 5.0
PAGE_DRAWS_TARGET_MS = 2.5
ANSWER_LIMIT_S = 5
PICTURES = 90
REAL_FPS = 12
"""Of the real tracker's camera: slow enough that each frame is tracked, drawn and sent."""

WORK_OF_THREADS = {
    "MainThread": "network, data channel, signaling",
    "mocast-room": "conversion, drawing, landmark messages",
    "mocast-encoder": "encoding",
    "video-decoder": "decoding",
}
TRACKING = "tracking"
OTHER = "other Python threads"
WORKS = (*WORK_OF_THREADS.values(), OTHER, TRACKING)


def main() -> None:
    arguments = parser(__doc__, seconds=10).parse_args()
    processes.pin_client()
    arguments.out.mkdir(parents=True, exist_ok=True)
    pictures = yuv_pictures(arguments.clip, PICTURES)
    replayed_ms = {codec: sum(cost_of_all_but_tracking(arguments, pictures, codec).values()) for codec in CODECS}
    page_works_ms = {codec: cost_of_all_but_tracking(arguments, pictures, codec, returns="none") for codec in CODECS}
    page_draws_ms = {codec: sum(works.values()) for codec, works in page_works_ms.items()}
    by_work_ms = {codec: cost_by_work(arguments, pictures, codec) for codec in CODECS}
    figures = [
        Figure(f"everything but tracking, {CODECS[codec]}, processor time a frame", ms, "ms", at_most=TARGET_MS)
        for codec, ms in replayed_ms.items()
    ]
    figures += [
        Figure(f"the same where the page draws, {CODECS[codec]}", ms, "ms", at_most=PAGE_DRAWS_TARGET_MS)
        for codec, ms in page_draws_ms.items()
    ]
    rows = [
        ["**everything but tracking** (30 frames/s, replayed)", *(f"**{ms:.1f}**" for ms in replayed_ms.values())],
        ["**the same where the page draws** (`return=none`)", *(f"**{ms:.1f}**" for ms in page_draws_ms.values())],
    ]
    rows += [
        [f"{work} (the page draws)", *(f"{page_works_ms[codec][work]:.2f}" for codec in CODECS)]
        for work in WORKS
        if work not in (TRACKING, "encoding")
    ]
    rows += [
        [f"{work} ({REAL_FPS} frames/s, real)", *(f"{by_work_ms[codec][work]:.1f}" for codec in CODECS)]
        for work in WORKS
    ]
    text = table(["processor ms a frame", *CODECS.values()], rows)
    save(
        arguments.out,
        "overhead",
        figures,
        text,
        {"replayed_ms": replayed_ms, "page_works_ms": page_works_ms, "by_work_ms": by_work_ms},
    )


def cost_of_all_but_tracking(
    arguments: argparse.Namespace, pictures: list[YuvPicture], codec: str, returns: str = "video"
) -> dict[str, float]:
    """Return processor milliseconds per frame of a server that replays, by what they were spent on."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ[RECORDING] = str(Path(folder) / "landmarks.pickle")
        record(Path(os.environ[RECORDING]), arguments.clip, len(pictures))
        return _cost_by_work(
            "replay", arguments, Path(folder), functools.partial(Camera, pictures), codec, returns=returns
        )


def cost_by_work(arguments: argparse.Namespace, pictures: list[YuvPicture], codec: str) -> dict[str, float]:
    """Return the same of the real tracker, for each returned frame."""
    with tempfile.TemporaryDirectory() as folder:
        camera_of = functools.partial(Camera, pictures, fps=REAL_FPS)
        return _cost_by_work("timed", arguments, Path(folder), camera_of, codec)


def _cost_by_work(
    engine: str,
    arguments: argparse.Namespace,
    folder: Path,
    camera_of: Callable[..., Camera],
    codec: str,
    *,
    returns: str = "video",
) -> dict[str, float]:
    threads_file = folder / "threads.json"
    command = ["-m", "bench.server", engine, "--threads", str(threads_file)]
    with processes.server(command, arguments.out / f"{engine}.log") as server:
        read = functools.partial(used_by_work, server, threads_file)
        measured = used(server, camera_of, arguments.seconds, codec, read, returns=returns)
        before_s, after_s, frames = asyncio.run(measured)
    return {work: 1e3 * (after_s[work] - before_s[work]) / frames for work in WORKS}


def used_by_work(server: processes.Served, threads_file: Path) -> dict[str, float]:
    """Return the processor seconds that the server has used, by what they were spent on."""
    told = ask_threads(server, threads_file)
    used_s = dict.fromkeys(WORKS, 0.0)
    for thread, thread_s in server.cpu_s_by_thread().items():
        tracking_s = told["tracking_s"].get(str(thread), 0.0)
        used_s[work_of(told["names"].get(str(thread)))] += thread_s - tracking_s
        used_s[TRACKING] += tracking_s
    return used_s


def ask_threads(server: processes.Served, threads_file: Path) -> dict[str, dict[str, Any]]:
    """Ask the server what only it knows of its threads."""
    threads_file.unlink(missing_ok=True)
    os.kill(server.pid, signal.SIGUSR1)
    give_up_s = time.monotonic() + ANSWER_LIMIT_S
    while not threads_file.exists():
        if time.monotonic() > give_up_s:
            raise RuntimeError("the server did not tell of its threads")
        time.sleep(0.01)
    told: dict[str, dict[str, Any]] = json.loads(threads_file.read_text())
    return told


def work_of(name: str | None) -> str:
    """Return what a thread does; threads without a Python name are the engine's."""
    if name is None:
        return TRACKING
    return next((work for known, work in WORK_OF_THREADS.items() if name.startswith(known)), OTHER)


async def used(
    server: processes.Served,
    camera_of: Callable[..., Camera],
    seconds: float,
    codec: str,
    read: Callable[[], T],
    *,
    returns: str = "video",
) -> tuple[T, T, int]:
    """Publish; return what ``read`` said when it had settled and at the end, and the frames in between.

    Those are the pictures returned, or where there are none, those whose landmarks were sent.
    """
    camera = camera_of(seconds=SETTLE_S + seconds)
    counter = "frames_sent" if returns == "video" else "landmarks_sent"
    async with connected(server.url, camera, codec=codec, returns=returns) as peer:
        await asyncio.sleep(SETTLE_S)
        before, sent_before = read(), (await peer.statistics())[counter]
        await camera.done.wait()
        after, sent_after = read(), (await peer.statistics())[counter]
    return before, after, sent_after - sent_before


if __name__ == "__main__":
    main()
