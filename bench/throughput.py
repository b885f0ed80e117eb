"""Frames returned per second, and how late, for each tracker beside bare MediaPipe: ``python -m bench.throughput``.

Server and bare MediaPipe have the same one core, one after the other; the camera sends 30 frames per second.
"""

import argparse
import asyncio
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench import processes
from bench.bare import bare_ms
from bench.clips import yuv_pictures
from bench.journey import Journey
from bench.peers import journey
from bench.report import Figure, parser, percentiles, save, shown, table

SETTLE_S = 2.0
"""Left out of the rates: trackers whose networks nobody used before are slow at first."""

PICTURES = 300
CONNECT_S = 2.0
"""Of each session that only times its first picture."""

HEAD = ("", "frames/s", "p50 ms", "p95 ms", "max ms", "dropped", "bare MediaPipe: frames/s", "p50 ms", "p95 ms")


@dataclass(frozen=True, slots=True)
class Case:
    """What one row measures."""

    tracker: str
    quality: str
    returns: str = "video"

    @property
    def name(self) -> str:
        return f"{self.tracker} {self.quality}" + (", return=none" if self.returns == "none" else "")


CASES = (
    Case("holistic", "balanced"),
    Case("holistic", "exact"),
    Case("holistic", "fast"),
    Case("holistic", "balanced", "none"),
    Case("pose", "balanced"),
    Case("hands", "balanced"),
    Case("hands", "fast"),
    Case("face", "balanced"),
)


def main() -> None:
    options = parser(__doc__, seconds=12)
    options.add_argument("--connects", type=int, default=5, help="sessions that time the first picture (default: 5)")
    arguments = options.parse_args()
    processes.pin_client()
    runs, ceilings, first_ms = measured(arguments)
    rows = [row(case, run, ceilings[case.tracker, case.quality]) for case, run in runs.items()]
    first = f"First annotated picture after the POST (holistic): {np.median(first_ms):.0f} ms"
    text = f"{table(HEAD, rows)}\n\n{first}, median of {len(first_ms)}; at most {max(first_ms):.0f} ms."
    data = {case.name: run.delays_ms(after_s=SETTLE_S).tolist() for case, run in runs.items()}
    save(arguments.out, "throughput", figures(runs, first_ms), text, data)


def measured(
    arguments: argparse.Namespace,
) -> tuple[dict[Case, Journey], dict[tuple[str, str], NDArray[np.float64]], list[float]]:
    """Run all cases on one server; bare MediaPipe takes its turn before the first case that it belongs to."""
    pictures = yuv_pictures(arguments.clip, PICTURES)
    runs: dict[Case, Journey] = {}
    ceilings: dict[tuple[str, str], NDArray[np.float64]] = {}
    first_ms: list[float] = []
    with processes.mocast_server(arguments.out / "mocast.log") as server:
        for _ in range(arguments.connects):
            first = asyncio.run(journey(server.url, pictures, seconds=CONNECT_S))
            first_ms.append(first.first_return_ms())
        for case in CASES:
            kind = case.tracker, case.quality
            if kind not in ceilings:
                ceilings[kind] = bare_ms(arguments, *kind)
            query = {"tracker": case.tracker, "quality": case.quality, "returns": case.returns}
            runs[case] = asyncio.run(journey(server.url, pictures, seconds=arguments.seconds + SETTLE_S, **query))
    return runs, ceilings, first_ms


def row(case: Case, run: Journey, bare: NDArray[np.float64]) -> list[str]:
    delays = shown(run.delays_ms(after_s=SETTLE_S))
    ceiling = [f"{1e3 / bare.mean():.1f}", *shown(bare)[:2]]
    return [case.name, f"{run.fps_returned(after_s=SETTLE_S):.1f}", *delays, str(run.dropped()), *ceiling]


def figures(runs: dict[Case, Journey], first_ms: list[float]) -> list[Figure]:
    """Return what has a target."""
    fps = {case.name: run.fps_returned(after_s=SETTLE_S) for case, run in runs.items()}
    pose_p95_ms = percentiles(runs[Case("pose", "balanced")].delays_ms(after_s=SETTLE_S))[1]
    return [
        Figure("holistic balanced, returned", fps["holistic balanced"], "frames/s", at_least=18.5),
        Figure("holistic fast, returned", fps["holistic fast"], "frames/s", at_least=22),
        Figure("pose, returned", fps["pose balanced"], "frames/s", at_least=29.5),
        Figure("pose, round trip p95", pose_p95_ms, "ms", at_most=70),
        Figure("first annotated picture after the POST", float(np.median(first_ms)), "ms", at_most=500),
    ]


if __name__ == "__main__":
    main()
