"""Camera to landmarks, by FFmpeg's WHIP and by the client of the other benches: ``python -m bench.whip [--rounds 3]``.

Both send the same pictures, 640x480 in H.264 at 30 per second, to one server, in turns; a WebSocket reads the landmarks
of both. The delay is from before a picture is encoded until its landmarks are read. The server has one core, the rest
the other.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import numpy as np
import orjson
from tests.ffmpeg_whip import FPS, publishing

from bench import processes
from bench.clips import yuv_pictures
from bench.ffmpeg_camera import PICTURES
from bench.journey import Journey
from bench.peers import CLOCK_RATE, GRACE_S, Camera, connected
from bench.report import Figure, parser, percentiles, save, shown, table

SETTLE_S = 3.0
"""Left out: the person is found, the handshake's packets are over."""

MOST_APART_MS = 5.0
USUAL, FFMPEG = "aiortc", "FFmpeg, WHIP"
Publish = Callable[[str, argparse.Namespace, float], Awaitable[Journey]]


def main() -> None:
    options = parser(__doc__, seconds=20)
    options.add_argument("--rounds", type=int, default=3, help="of both (default: %(default)s)")
    arguments = options.parse_args()
    processes.pin_client()
    rounds = [
        {name: measured(arguments, publish) for name, publish in CLIENTS.items()} for _ in range(arguments.rounds)
    ]
    delays = {name: np.concatenate([one[name].delays_ms(after_s=SETTLE_S) for one in rounds]) for name in CLIENTS}
    p95 = {name: percentiles(of_it)[1] for name, of_it in delays.items()}
    figures = [
        Figure("camera to landmarks by FFmpeg's WHIP, p95", p95[FFMPEG], "ms"),
        Figure("the same by aiortc", p95[USUAL], "ms"),
        Figure("the difference", abs(p95[FFMPEG] - p95[USUAL]), "ms", at_most=MOST_APART_MS),
    ]
    rows = [
        [name, *shown(delays[name]), *(str(sum(of(one[name]) for one in rounds)) for of in COUNTS)] for name in CLIENTS
    ]
    head = ["", "p50 ms", "p95 ms", "max ms", "sent", "dropped", "waiting"]
    save(arguments.out, "whip", figures, table(head, rows), {name: of_it.tolist() for name, of_it in delays.items()})


COUNTS: tuple[Callable[[Journey], int], ...] = (lambda run: len(run.sent_at_s), Journey.dropped, Journey.waiting)


def measured(arguments: argparse.Namespace, publish: Publish) -> Journey:
    """Run one client on a server of its own."""
    with processes.mocast_server(arguments.out / "mocast.log") as server:
        return asyncio.run(publish(server.url, arguments, SETTLE_S + arguments.seconds))


async def by_aiortc(url: str, arguments: argparse.Namespace, seconds: float) -> Journey:
    """Publish as the other benches do."""
    camera = Camera(yuv_pictures(arguments.clip, PICTURES), seconds=seconds)
    async with reading(url) as read_at_s, connected(url, camera, codec="H264", channels=(), returns="none"):
        await camera.done.wait()
        await asyncio.sleep(GRACE_S)
    return journey(camera.sent_at_s, read_at_s)


async def by_ffmpeg(url: str, arguments: argparse.Namespace, seconds: float) -> Journey:
    """Publish by FFmpeg's muxer, in a process of its own."""
    async with reading(url) as read_at_s:
        sent_at_s = await asyncio.to_thread(_send_by_ffmpeg, url, arguments.clip, seconds)
        await asyncio.sleep(GRACE_S)
    return journey(sent_at_s, read_at_s)


def _send_by_ffmpeg(url: str, clip: Path | None, seconds: float) -> list[float]:
    clips = [str(clip)] if clip else []
    with publishing(f"{url}/whip/bench", *clips, module="bench.ffmpeg_camera") as published:
        time.sleep(seconds)
    return published.sent_at_s


CLIENTS: dict[str, Publish] = {USUAL: by_aiortc, FFMPEG: by_ffmpeg}


@asynccontextmanager
async def reading(url: str) -> AsyncIterator[dict[int, float]]:
    """Read a room's landmarks while the context lasts; yields when each frame's came, by its number since the first.

    That is told by the timestamp, so that a frame that never arrives moves none of the others.
    """
    read_at_s: dict[int, float] = {}

    async def read(reader: aiohttp.ClientWebSocketResponse) -> None:
        async for message in reader:
            now = time.monotonic()
            read_at_s[orjson.loads(message.data)["pts"] * FPS // CLOCK_RATE] = now

    async with aiohttp.ClientSession() as http, http.ws_connect(f"{url}/v1/rooms/bench/landmarks") as reader:
        task = asyncio.create_task(read(reader))
        try:
            yield read_at_s
        finally:
            task.cancel()


def journey(sent_at_s: list[float], read_at_s: dict[int, float]) -> Journey:
    came = [read_at_s.get(number, np.nan) for number in range(len(sent_at_s))]
    return Journey(sent_at_s[0], np.array(sent_at_s), np.array(came))


if __name__ == "__main__":
    main()
