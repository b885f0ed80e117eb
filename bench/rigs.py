"""Camera to rig: ``python -m bench.rigs [--clip FILE] [--seconds 12]``.

How long after a picture left the camera its rig is at the client, and how much of that is not tracking. The server has
one core, the client the other; then the server has both, as on a machine of its own.
"""

import argparse
import asyncio
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench import processes
from bench.clips import YuvPicture, yuv_pictures
from bench.peers import Camera, connected
from bench.report import Figure, parser, percentiles, save, shown, table

PICTURES = 300
ROOM_MS = 25
"""What everything but tracking may take: one frame's wait for its turn among it."""

WARM_UP_FRAMES = 30
"""The first frames find the person; they take longer than those that follow."""


@dataclass(frozen=True, slots=True)
class Run:
    """One session's rigs."""

    delays_ms: NDArray[np.float64]
    tracking_ms: NDArray[np.float64]
    fps: float


CASES: tuple[tuple[str, bool, dict[str, str]], ...] = (
    ("avatar only, balanced, two cores", True, {"returns": "none", "quality": "balanced"}),
    ("avatar only, balanced, one core", False, {"returns": "none", "quality": "balanced"}),
    ("avatar only, fast, one core", False, {"returns": "none", "quality": "fast"}),
    ("with video, balanced, two cores", True, {"returns": "video", "quality": "balanced"}),
    ("with video, balanced, one core", False, {"returns": "video", "quality": "balanced"}),
)
"""The name, whether the server may use every core, the query."""


def main() -> None:
    arguments = parser(__doc__, seconds=12).parse_args()
    processes.pin_client()
    runs = measured(arguments)
    save(
        arguments.out, "rigs", figures(runs), report(runs), {name: run.delays_ms.tolist() for name, run in runs.items()}
    )


def measured(arguments: argparse.Namespace) -> dict[str, Run]:
    """Run every case, each on a server of its own."""
    pictures = yuv_pictures(arguments.clip, PICTURES)
    runs = {}
    for name, has_all_cores, query in CASES:
        cores = processes.ALL_CORES if has_all_cores else (processes.SERVER_CORE,)
        with processes.mocast_server(arguments.out / "mocast.log", cores=cores) as server:
            runs[name] = asyncio.run(rigs(server.url, pictures, arguments.seconds, query))
    return runs


async def rigs(url: str, pictures: list[YuvPicture], seconds: float, query: dict[str, str]) -> Run:
    """Publish for some seconds and follow the rigs."""
    async with connected(url, Camera(pictures, seconds=seconds), channels=("rig", "landmarks"), **query) as peer:
        journey = await peer.finish_messages("rig")
    late = journey.returned & (np.arange(len(journey.sent_at_s)) >= WARM_UP_FRAMES)
    delays_ms = 1e3 * (journey.returned_at_s - journey.sent_at_s)[late]
    tracking_ms = np.array([ms for number, ms in peer.tracking_ms.items() if number >= WARM_UP_FRAMES])
    return Run(delays_ms, tracking_ms, journey.fps_returned(after_s=1.0))


def figures(runs: dict[str, Run]) -> list[Figure]:
    """Each case's 95th percentile beside that of its tracking and what may come on top."""
    return [
        Figure(
            f"camera to rig, {name}, p95", p95(run.delays_ms), "ms", at_most=round(p95(run.tracking_ms) + ROOM_MS, 1)
        )
        for name, run in runs.items()
    ]


def report(runs: dict[str, Run]) -> str:
    """Return all cases as a table."""
    head = ["", "p50 ms", "p95 ms", "max ms", "tracking p50 ms", "p95 ms", "rigs/s"]
    rows = [[name, *shown(run.delays_ms), *shown(run.tracking_ms)[:2], f"{run.fps:.1f}"] for name, run in runs.items()]
    return table(head, rows)


def p95(values: NDArray[np.float64]) -> float:
    """Return the 95th percentile."""
    return percentiles(values)[1]


if __name__ == "__main__":
    main()
