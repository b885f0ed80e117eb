"""A long session: does the delay stay flat, and the memory? ``python -m bench.soak [--clip FILE] [--minutes 10]``."""

import asyncio
import time

import numpy as np

from bench import processes
from bench.clips import YuvPicture, yuv_pictures
from bench.journey import Journey
from bench.peers import Camera, connected
from bench.plots import plot_soak
from bench.report import Figure, parser, percentiles, save, shown, table

EVERY_S = 30.0
PICTURES = 300


def main() -> None:
    options = parser(__doc__, seconds=0)
    options.add_argument("--minutes", type=float, default=10, help="how long (default: %(default)s)")
    arguments = options.parse_args()
    processes.pin_client()
    pictures = yuv_pictures(arguments.clip, PICTURES)
    with processes.mocast_server(arguments.out / "mocast.log") as server:
        run, resident_mb = asyncio.run(soaked(server, pictures, 60 * arguments.minutes))
    parts = [run.delays_ms(after_s=n * EVERY_S, until_s=(n + 1) * EVERY_S) for n in range(len(resident_mb))]
    p95_ms = [percentiles(part)[1] for part in parts]
    minutes = [(number + 1) * EVERY_S / 60 for number in range(len(parts))]
    figures = [
        Figure(
            f"round trip over {arguments.minutes:g} minutes, highest p95 of a half minute",
            max(p95_ms),
            "ms",
            at_most=80,
        ),
        Figure("the same, lowest", min(p95_ms), "ms"),
        Figure(
            "resident memory gained since the first minute", resident_mb[-1] - resident_mb[min(1, len(parts) - 1)], "MB"
        ),
        Figure("frames returned", run.fps_returned(), "frames/s"),
    ]
    rows = [
        [f"{minute:.1f}", *shown(part), f"{memory:.0f}"]
        for minute, part, memory in zip(minutes, parts, resident_mb, strict=True)
    ]
    text = table(["until minute", "p50 ms", "p95 ms", "max ms", "resident MB"], rows)
    text += f"\n\n{len(run.sent_at_s)} frames sent, {int(np.sum(run.returned))} returned, {run.dropped()} dropped."
    save(arguments.out, "soak", figures, text, {"minutes": minutes, "p95_ms": p95_ms, "resident_mb": resident_mb})
    plot_soak(arguments.out / "soak.png", minutes, p95_ms, resident_mb)


async def soaked(server: processes.Served, pictures: list[YuvPicture], seconds: float) -> tuple[Journey, list[float]]:
    """Publish for so long; return what came back, and the memory at the end of every ``EVERY_S``."""
    resident_mb: list[float] = []
    async with connected(server.url, Camera(pictures, seconds=seconds)) as peer:
        began_s = time.monotonic()
        while (number := len(resident_mb) + 1) * EVERY_S <= seconds:
            await asyncio.sleep(began_s + number * EVERY_S - time.monotonic())
            resident_mb.append(server.memory_mb()["Rss"])
        return await peer.finish(), resident_mb


if __name__ == "__main__":
    main()
