"""What a server saves while the page draws: ``python -m bench.drawing [--clip FILE] [--rounds 5]``.

One session on one core, whose picture comes back (``return=video``) and does not (``return=none``, as with the page's
``draw=here``), in turns, switched while it is live. What a frame costs outside of tracking is the processor time of all
threads but the tracker's, which is the busiest. It counts for what it says only where (nearly) every frame is tracked.
"""

import argparse
import asyncio
from dataclasses import dataclass
from statistics import median

from bench import processes
from bench.clips import YuvPicture, yuv_pictures
from bench.neighbours import Neighbours
from bench.peers import Camera, Peer, connected
from bench.report import Figure, parser, save, table

PICTURES = 150
SETTLE_S = 2.0
RETURNS = ("video", "none")


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor time for each tracked frame."""

    ms: float
    "In all."
    outside_ms: float
    "Outside of the tracker's thread."
    fps: float

    @property
    def sessions(self) -> float:
        """How many sessions of 30 frames a second two cores have time for."""
        return 2 * 1e3 / (30 * self.ms)


def main() -> None:
    options = parser(__doc__, seconds=6)
    options.formatter_class = argparse.RawDescriptionHelpFormatter
    options.add_argument("--rounds", type=int, default=5, help="of both, in turns (default: %(default)s)")
    options.add_argument("--tracker", default="holistic")
    options.add_argument("--quality", default="balanced")
    arguments = options.parse_args()
    processes.pin_client()
    pictures, neighbours = yuv_pictures(arguments.clip, PICTURES), Neighbours()
    with processes.mocast_server(arguments.out / "drawing.log") as server:
        costs = asyncio.run(measured(arguments, server, pictures))
    middle = {
        name: Cost(*(median(getattr(cost, field) for cost in found) for field in Cost.__slots__))
        for name, found in costs.items()
    }
    server_s, page_s = middle["video"], middle["none"]
    figures = [
        Figure("a frame outside of tracking, the page draws", page_s.outside_ms, "ms", at_most=2.5),
        Figure("a frame outside of tracking, the server draws", server_s.outside_ms, "ms"),
        Figure("sessions for two cores, relative", page_s.sessions / server_s.sessions, "", at_least=1.12),
    ]
    rows = [
        [f"return={name}", f"{cost.ms:.2f}", f"{cost.outside_ms:.2f}", f"{cost.sessions:.2f}", f"{cost.fps:.1f}"]
        for name, cost in middle.items()
    ]
    head = ["", "processor ms a frame", "outside of tracking", "sessions for two cores", "frames/s"]
    text = f"{table(head, rows)}\n\nOther programs used {neighbours.share():.0%} of the machine."
    save(arguments.out, "drawing", figures, text, {})


async def measured(
    arguments: argparse.Namespace, server: processes.Served, pictures: list[YuvPicture]
) -> dict[str, list[Cost]]:
    """Return what each phase cost, by ``return``."""
    costs: dict[str, list[Cost]] = {name: [] for name in RETURNS}
    seconds = SETTLE_S + arguments.rounds * len(RETURNS) * (SETTLE_S + arguments.seconds) + SETTLE_S
    camera = Camera(pictures, seconds=seconds)
    async with connected(server.url, camera, tracker=arguments.tracker, quality=arguments.quality) as peer:
        await asyncio.sleep(SETTLE_S)
        for _ in range(arguments.rounds):
            for name in RETURNS:
                await peer.change(**{"return": name})
                await asyncio.sleep(SETTLE_S)
                costs[name].append(await _cost(peer, server, arguments.seconds))
    return costs


async def _cost(peer: Peer, server: processes.Served, seconds: float) -> Cost:
    tracked, threads, total_s = (await peer.statistics())["frames_tracked"], server.cpu_s_by_thread(), server.cpu_s()
    await asyncio.sleep(seconds)
    frames = (await peer.statistics())["frames_tracked"] - tracked
    spent = {number: after_s - threads.get(number, 0) for number, after_s in server.cpu_s_by_thread().items()}
    total_s = server.cpu_s() - total_s
    return Cost(1e3 * total_s / frames, 1e3 * (total_s - max(spent.values())) / frames, frames / seconds)


if __name__ == "__main__":
    main()
