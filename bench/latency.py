"""Delay over time, ours and the naive server's: ``python -m bench.latency [--clip FILE] [--seconds 25]``.

Each server has one core, the client the other; they run one after the other on the same pictures.
"""

import argparse
import asyncio

from bench import processes
from bench.clips import yuv_pictures
from bench.journey import Journey
from bench.peers import journey
from bench.plots import plot_delays
from bench.report import Figure, parser, percentiles, save, shown, table

OURS, NAIVE = "Mocast", "naive server"
PICTURES = 300


def main() -> None:
    arguments = parser(__doc__, seconds=25).parse_args()
    processes.pin_client()
    runs = measured(arguments)
    last_s = arguments.seconds * 2 / 3
    _, p95_ms, _ = percentiles(runs[OURS].delays_ms(after_s=last_s))
    _, naive_p95_ms, _ = percentiles(runs[NAIVE].delays_ms(after_s=last_s))
    figures = [
        Figure(f"round trip, last third of {arguments.seconds:g} s, p95", p95_ms, "ms", at_most=80),
        Figure("the same, naive server", naive_p95_ms, "ms"),
    ]
    head = [
        "",
        "p50 ms",
        "p95 ms",
        "max ms",
        "p95 of the last third",
        "frames/s sent",
        "returned",
        "dropped",
        "waiting",
    ]
    save(
        arguments.out,
        "latency",
        figures,
        table(head, [row(name, run, last_s) for name, run in runs.items()]),
        data(runs),
    )
    plot_delays(arguments.out / "delay.png", {name: line(run) for name, run in runs.items()})


def measured(arguments: argparse.Namespace) -> dict[str, Journey]:
    """Run both servers."""
    pictures = yuv_pictures(arguments.clip, PICTURES)
    servers = {
        OURS: processes.mocast_server(arguments.out / "mocast.log"),
        NAIVE: processes.server(["-m", "bench.naive_server"], arguments.out / "naive.log"),
    }
    runs = {}
    for name, starting in servers.items():
        with starting as server:
            runs[name] = asyncio.run(journey(server.url, pictures, seconds=arguments.seconds))
    return runs


def row(name: str, run: Journey, last_s: float) -> list[str]:
    rates = [f"{run.fps_sent():.1f}", f"{run.fps_returned():.1f}"]
    last_p95 = shown(run.delays_ms(after_s=last_s))[1]
    return [name, *shown(run.delays_ms()), last_p95, *rates, str(run.dropped()), str(run.waiting())]


def line(run: Journey) -> tuple[list[float], list[float]]:
    """Return when frames came back, in seconds since the first was sent, and how long each had taken in ms."""
    return (run.returned_at_s[run.returned] - run.sent_at_s[0]).tolist(), run.delays_ms().tolist()


def data(runs: dict[str, Journey]) -> dict[str, dict[str, list[float]]]:
    return {name: dict(zip(("returned_at_s", "delay_ms"), line(run), strict=True)) for name, run in runs.items()}


if __name__ == "__main__":
    main()
