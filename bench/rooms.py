"""How many sessions a server keeps up with: ``python -m bench.rooms [--clip FILE] [--seconds 10] [--rooms 4] ...``.

The server has all cores, and the clients share them: each encodes and decodes 30 frames per second, which takes an
eighth of a core more. A number of sessions is kept up with where each of them gets ``LEAST_FPS`` with a 95th percentile
of the round trip of at most ``MOST_DELAY_MS``.

Cameras heed the frame rate that they are asked for, as the page's do; with ``--deaf`` they send all their frames.
"""

import argparse
import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

from bench import processes
from bench.clips import YuvPicture, yuv_pictures
from bench.journey import Journey
from bench.peers import Camera, connected
from bench.report import Figure, parser, percentiles, save, table

LEAST_FPS, MOST_DELAY_MS = 25.0, 120.0
TARGETS = {"balanced": 2, "fast": 3}
"""Quality → sessions that two cores are to keep up with."""

PICTURES = 150
SETTLE_S = 3.0
"""By then all sessions are connected and their key frames over."""

APART = 17
"""Pictures between two cameras' places in the clip."""


def main() -> None:
    options = parser(__doc__, seconds=10)
    options.add_argument("--rooms", type=int, default=4, help="at most (default: %(default)s)")
    options.add_argument("--fewest", type=int, default=1, help="at least (default: %(default)s)")
    options.add_argument("--qualities", nargs="+", choices=TARGETS, default=list(TARGETS))
    options.add_argument("--deaf", action="store_true", help="cameras send all their frames, whatever is asked for")
    arguments = options.parse_args()
    pictures = yuv_pictures(arguments.clip, PICTURES)
    runs = {
        (quality, count): measured(arguments, pictures, quality, count)
        for quality in arguments.qualities
        for count in range(arguments.fewest, arguments.rooms + 1)
    }
    figures = [
        Figure(f"sessions on all cores, clients among them, {quality}", kept_up(runs, quality), "", at_least=least)
        for quality, least in TARGETS.items()
        if quality in arguments.qualities
    ]
    head = ["", "sessions", "frames/s, slowest session", "sent", "p50 ms, worst", "p95 ms, worst", "frames/s in all"]
    head += ["server, cores", "clients, cores"]
    data = {f"{quality}, {count}": [summary(run) for run in each.runs] for (quality, count), each in runs.items()}
    save(arguments.out, "rooms", figures, table(head, rows(runs)), data)


@dataclass(frozen=True, slots=True)
class Together:
    """What sessions had that ran side by side, and what they took when all had settled."""

    runs: list[Journey]
    server_cores: float
    client_cores: float


Runs = dict[tuple[str, int], Together]
"""Quality and number of sessions → what they had."""


def measured(arguments: argparse.Namespace, pictures: list[YuvPicture], quality: str, count: int) -> Together:
    """Run so many sessions on a server of their own."""
    flags = ("--max-sessions", str(count))
    with processes.mocast_server(arguments.out / "mocast.log", *flags, cores=processes.ALL_CORES) as server:
        seconds = SETTLE_S + arguments.seconds
        cameras = [
            Camera(rolled(pictures, APART * n), seconds=seconds, heeds_rate=not arguments.deaf) for n in range(count)
        ]
        return asyncio.run(published(server, cameras, quality))


async def published(server: processes.Served, cameras: list[Camera], quality: str) -> Together:
    """Publish each camera to a room of its own; return what came back."""
    async with AsyncExitStack() as stack:
        peers = [
            await stack.enter_async_context(connected(server.url, camera, room=f"bench-{n}", quality=quality))
            for n, camera in enumerate(cameras)
        ]
        await asyncio.sleep(SETTLE_S)
        before_s = (server.cpu_s(), time.process_time(), time.monotonic())
        await asyncio.gather(*(camera.done.wait() for camera in cameras))  # after which both would rest
        server_s, client_s, passed_s = (
            after - before
            for after, before in zip((server.cpu_s(), time.process_time(), time.monotonic()), before_s, strict=True)
        )
        runs = await asyncio.gather(*(peer.finish() for peer in peers))
    return Together(list(runs), server_s / passed_s, client_s / passed_s)


def rolled(pictures: list[YuvPicture], start: int) -> list[YuvPicture]:
    """Return the pictures from another one on; where the clip ends it begins anew."""
    start %= len(pictures)
    return pictures[start:] + pictures[:start]


def summary(run: Journey) -> dict[str, float]:
    p50_ms, p95_ms, _ = percentiles(run.delays_ms(after_s=SETTLE_S))
    return {"fps": run.fps_returned(after_s=SETTLE_S), "sent_fps": run.fps_sent(), "p50_ms": p50_ms, "p95_ms": p95_ms}


def is_kept_up(runs: list[Journey]) -> bool:
    """Whether all sessions that ran together were served."""
    return all(one["fps"] >= LEAST_FPS and one["p95_ms"] <= MOST_DELAY_MS for one in map(summary, runs))


def kept_up(runs: Runs, quality: str) -> int:
    """Return how many sessions of this quality were served at most."""
    return max((count for (of, count), each in runs.items() if of == quality and is_kept_up(each.runs)), default=0)


def rows(runs: Runs) -> list[list[str]]:
    made = []
    for (quality, count), each in runs.items():
        found = [summary(run) for run in each.runs]
        slowest, sent = (f"{min(one[key] for one in found):.1f}" for key in ("fps", "sent_fps"))
        worst = [f"{max(one[key] for one in found):.0f}" for key in ("p50_ms", "p95_ms")]
        cores = [f"{each.server_cores:.2f}", f"{each.client_cores:.2f}"]
        made.append([quality, str(count), slowest, sent, *worst, f"{sum(one['fps'] for one in found):.1f}", *cores])
    return made


if __name__ == "__main__":
    main()
