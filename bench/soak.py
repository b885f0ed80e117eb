"""A long time at full load: do delay, frame rate and memory stay flat? ``python -m bench.soak [--minutes 60]``.

As many publishers as asked for send 30 frames a second each, to a server on a core of its own.
"""

import asyncio
import os
import time
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench import processes
from bench.clips import YuvPicture, yuv_pictures
from bench.journey import Journey
from bench.peers import Camera, connected
from bench.plots import plot_soak
from bench.report import Figure, circumstances, parser, percentiles, save, shown, table, verdict_cells

EVERY_S = 30.0
PICTURES = 300

WARM_UP_MINUTES = 2
"""Not compared: buffers and the allocator's pools are filled."""
COMPARED = 1 / 6
"""Part of the time after the warm-up whose first and last are compared."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What the server holds and has used at one moment."""

    resident_mb: float
    cpu_s: float
    threads: int
    descriptors: int

    @classmethod
    def of(cls, server: processes.Served) -> "Usage":
        """Ask the system."""
        process = Path(f"/proc/{server.pid}")
        threads, descriptors = (len(os.listdir(process / name)) for name in ("task", "fd"))
        return cls(server.memory_mb()["Rss"], server.cpu_s(), threads, descriptors)

    def shown(self) -> list[str]:
        """Return memory, threads and descriptors as cells of a table."""
        return [f"{self.resident_mb:.0f}", str(self.threads), str(self.descriptors)]


def main() -> None:
    options = parser(__doc__, seconds=0)
    options.add_argument("--minutes", type=float, default=10, help="how long (default: %(default)s)")
    options.add_argument("--sessions", type=int, default=1, help="publishers at a time (default: %(default)s)")
    arguments = options.parse_args()
    processes.pin_client()
    pictures = yuv_pictures(arguments.clip, PICTURES)
    with processes.mocast_server(arguments.out / "mocast.log") as server:
        runs, usages = asyncio.run(soaked(server, pictures, 60 * arguments.minutes, arguments.sessions))
    report(arguments.out, runs, usages)


async def soaked(
    server: processes.Served, pictures: list[YuvPicture], seconds: float, sessions: int
) -> tuple[list[Journey], list[Usage]]:
    """Publish for so long; return what came back to each, and the server's usage, first and after every ``EVERY_S``."""
    async with AsyncExitStack() as stack:
        peers = [
            await stack.enter_async_context(
                connected(server.url, Camera(pictures, seconds=seconds), room=f"bench-{number}")
            )
            for number in range(sessions)
        ]
        usages = [Usage.of(server)]
        began_s = time.monotonic()
        while len(usages) * EVERY_S <= seconds:
            await asyncio.sleep(began_s + len(usages) * EVERY_S - time.monotonic())
            usages.append(Usage.of(server))
        return [await peer.finish() for peer in peers], usages


def report(out: Path, runs: list[Journey], usages: list[Usage]) -> None:
    """Print and save the table, the figures and the plot."""
    halves = [
        np.concatenate([run.delays_ms(after_s=n * EVERY_S, until_s=(n + 1) * EVERY_S) for run in runs])
        for n in range(len(usages) - 1)
    ]
    minutes = [(number + 1) * EVERY_S / 60 for number in range(len(halves))]
    p95_ms = np.array([percentiles(half)[1] for half in halves])
    fps = np.array([len(half) / EVERY_S / len(runs) for half in halves])
    resident_mb = np.array([usage.resident_mb for usage in usages[1:]])
    cores = np.diff([usage.cpu_s for usage in usages]) / EVERY_S
    rows = [
        [f"{minute:.1f}", *shown(half), f"{rate:.1f}", f"{used:.2f}", *usage.shown()]
        for minute, half, rate, used, usage in zip(minutes, halves, fps, cores, usages[1:], strict=True)
    ]
    figures = _figures(minutes, p95_ms, fps, resident_mb)
    sent, returned = sum(len(run.sent_at_s) for run in runs), sum(int(np.sum(run.returned)) for run in runs)
    head = ["until minute", "p50 ms", "p95 ms", "max ms", "frames/s", "cores", "resident MB", "threads", "descriptors"]
    text = table(["figure", "measured", "should be", ""], map(verdict_cells, figures))
    text += f"\n\n{sent} frames sent, {returned} returned, {sum(run.dropped() for run in runs)} dropped.\n\n"
    text += table(head, rows)
    data = {"minutes": minutes, "p95_ms": list(p95_ms), "fps": list(fps), "usage": [asdict(usage) for usage in usages]}
    save(out, "soak", figures, text, data)
    (out / "soak.md").write_text(f"{', '.join(f'{k}: {v}' for k, v in circumstances().items())}\n\n{text}\n")
    plot_soak(out / "soak.png", minutes, {"round trip, p95, ms": p95_ms, "frames/s": fps, "resident MB": resident_mb})


def _figures(
    minutes: list[float], p95_ms: NDArray[np.float64], fps: NDArray[np.float64], resident_mb: NDArray[np.float64]
) -> list[Figure]:
    """Compare the first part after the warm-up with the last one."""
    first = min(len(minutes) - 1, round(60 * min(WARM_UP_MINUTES, minutes[-1] / 5) / EVERY_S))
    width = max(1, round((len(minutes) - first) * COMPARED))
    begin, end = slice(first, first + width), slice(-width, None)

    def change_percent(values: NDArray[np.float64]) -> float:
        return 100 * float(np.median(values[end]) / np.median(values[begin]) - 1)

    return [
        Figure(
            f"p95 of the round trip over {minutes[-1]:g} minutes, median of half minutes",
            float(np.median(p95_ms)),
            "ms",
        ),
        Figure("p95, last sixth against the first after the warm-up", change_percent(p95_ms), "%", at_most=10),
        Figure("frames returned to each publisher, median", float(np.median(fps)), "frames/s"),
        Figure("frames/s, last sixth against the first", change_percent(fps), "%", at_least=-3),
        Figure("resident memory, last sixth against the first", change_percent(resident_mb), "%", at_most=3),
        Figure("resident memory at the end", float(resident_mb[-1]), "MB"),
    ]


if __name__ == "__main__":
    main()
