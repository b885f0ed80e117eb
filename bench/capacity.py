"""How much a server carries, and what is too much: ``python -m bench.capacity [--clip FILE] [--rounds 3] ...``.

Three parts; server and clients have a core each.

- ``sessions``: how many cameras of 30 frames a second a core serves with each tracker, so that each gets 27 or more
  back, 95% of them within 100 ms, beside the server that everybody writes first (``bench.naive_server``). Both take
  turns; each figure is the median of its rounds.
- ``overload``: as many sessions as there may be, and as many clients again that ask for a place without pause. Within
  the same sessions, seconds with and without them take turns.
- ``healthz``: one session, and 1,000 requests a second of ``/healthz``, in turns in the same way.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import NamedTuple

import aiohttp
import numpy as np

from bench import processes
from bench.clips import YuvPicture, yuv_pictures
from bench.journey import Journey
from bench.neighbours import Neighbours
from bench.peers import Camera, Peer, connected
from bench.report import Figure, parser, percentiles, save, table
from bench.rooms import APART, rolled

LEAST_FPS, MOST_DELAY_MS = 27.0, 100.0
"""Nine of ten of the 30 frames that each camera sends a second."""

PICTURES = 150
SETTLE_S = 3.0
PHASE_S = 4.0
"""With or without the others."""
TRACKERS = (
    ("holistic", "balanced"),
    ("pose", "balanced"),
    ("hands", "balanced"),
    ("face", "balanced"),
    ("holistic", "fast"),
)
PARTS = ("sessions", "overload", "healthz")
FLOOD_PER_S = 1_000
ASK_EVERY_S = 0.2
"""Of each client that has no place; well-behaved ones wait for ``Retry-After``."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What so many sessions had: the slowest one's frames a second, and the worst 95th percentile."""

    fps: float
    p95_ms: float
    sent_fps: float
    "Below 30 the clients were too slow, and the run says nothing about the server."
    cpu_ms: float
    "Processor time of the server for each frame that came back: what does not depend on who else uses the machine."

    @property
    def is_kept_up(self) -> bool:
        return self.fps >= LEAST_FPS and self.p95_ms < MOST_DELAY_MS

    def cells(self) -> list[str]:
        yes_or_no = "yes" if self.is_kept_up else "no"
        return [f"{self.fps:.1f}", f"{self.p95_ms:.0f}", f"{self.sent_fps:.1f}", yes_or_no, f"{self.cpu_ms:.1f}"]


class Middle(NamedTuple):
    """A session's round trips."""

    p50_ms: float
    p95_ms: float


def main() -> None:
    options = parser(__doc__, seconds=6)
    options.formatter_class = argparse.RawDescriptionHelpFormatter
    options.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    options.add_argument("--trackers", nargs="+", default=[name for name, _ in TRACKERS], help="leave out the others")
    options.add_argument("--rounds", type=int, default=3, help="of all that takes turns (default: %(default)s)")
    options.add_argument("--most", type=int, default=3, help="sessions that are tried (default: %(default)s)")
    arguments = options.parse_args()
    processes.pin_client()
    pictures, neighbours = yuv_pictures(arguments.clip, PICTURES), Neighbours()
    figures: list[Figure] = []
    texts: list[str] = []
    for part in arguments.parts:
        found, text = {"sessions": capacity, "overload": overload, "healthz": healthz}[part](arguments, pictures)
        figures += found
        texts.append(text)
    texts.append(f"Other programs used {neighbours.share():.0%} of the machine.")
    save(arguments.out, "capacity", figures, "\n\n".join(texts), {})


def capacity(arguments: argparse.Namespace, pictures: list[YuvPicture]) -> tuple[list[Figure], str]:
    """Return how many sessions each server keeps up with, for each tracker."""
    rows, figures = [], []
    for tracker, quality in TRACKERS:
        if tracker not in arguments.trackers:
            continue
        servers = ("Mocast", "naive") if quality == "balanced" else ("Mocast",)
        outcomes = _outcomes(arguments, pictures, tracker, quality, servers)
        for name, found in outcomes.items():
            rows += [[f"{tracker} {quality}", name, count, *one.cells()] for count, one in found.items()]
            most = max((count for count, one in found.items() if one.is_kept_up), default=0)
            figures.append(Figure(f"sessions on a core, {tracker} {quality}, {name}", most, ""))
            by_time = 1e3 / (30 * found[1].cpu_ms)
            figures.append(Figure(f"the same by processor time, {tracker} {quality}, {name}", by_time, ""))
    head = [
        "tracker",
        "server",
        "sessions",
        "frames/s, slowest",
        "p95 ms, worst",
        "sent frames/s",
        "kept up",
        "processor ms a frame",
    ]
    return figures, table(head, rows)


def _outcomes(
    arguments: argparse.Namespace, pictures: list[YuvPicture], tracker: str, quality: str, servers: tuple[str, ...]
) -> dict[str, dict[int, Outcome]]:
    """Try more and more sessions on each server, in turns, until they are too many for it."""
    outcomes: dict[str, dict[int, Outcome]] = {name: {} for name in servers}
    for count in range(1, arguments.most + 1):
        trying = [name for name, found in outcomes.items() if all(one.is_kept_up for one in found.values())]
        runs: dict[str, list[Outcome]] = {name: [] for name in trying}
        for _ in range(arguments.rounds):
            for name in trying:
                run = _tried(arguments, pictures, count, name, tracker=tracker, quality=quality)
                print(tracker, quality, name, count, *run.cells(), file=sys.stderr, flush=True)
                runs[name].append(run)
        for name in trying:
            outcomes[name][count] = Outcome(
                *(median(getattr(run, field) for run in runs[name]) for field in Outcome.__slots__)
            )
    return outcomes


def _tried(arguments: argparse.Namespace, pictures: list[YuvPicture], count: int, name: str, **query: str) -> Outcome:
    """Run so many sessions on a server of their own."""
    log = arguments.out / "capacity.log"
    if name == "naive":
        serving = processes.server(["-m", "bench.naive_server", "--tracker", query["tracker"]], log)
    else:
        serving = processes.mocast_server(log, "--max-sessions", str(count))
    with serving as server:
        return asyncio.run(_outcome(server, pictures, count, arguments.seconds, **query))


async def _outcome(
    server: processes.Served, pictures: list[YuvPicture], count: int, seconds: float, **query: str
) -> Outcome:
    async with _publishing(server.url, pictures, count, SETTLE_S + seconds, **query) as peers:
        await asyncio.sleep(SETTLE_S)
        before_s = server.cpu_s()
        runs = await asyncio.gather(*(peer.finish() for peer in peers))
        cpu_ms = 1e3 * (server.cpu_s() - before_s)
    returned = [run.delays_ms(after_s=SETTLE_S) for run in runs]
    return Outcome(
        fps=min(run.fps_returned(after_s=SETTLE_S) for run in runs),
        p95_ms=max(percentiles(delays_ms)[1] for delays_ms in returned),
        sent_fps=min(run.fps_sent() for run in runs),
        cpu_ms=cpu_ms / max(sum(map(len, returned)), 1),
    )


@asynccontextmanager
async def _publishing(
    url: str, pictures: list[YuvPicture], count: int, seconds: float, **query: str
) -> AsyncIterator[list[Peer]]:
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                connected(url, Camera(rolled(pictures, APART * n), seconds=seconds), room=f"bench-{n}", **query)
            )
            for n in range(count)
        ]


def overload(arguments: argparse.Namespace, pictures: list[YuvPicture]) -> tuple[list[Figure], str]:
    """Return what accepted sessions notice of as many clients again that are refused, and how soon these are."""
    sessions = 1
    answers: list[tuple[int, float]] = []
    with processes.mocast_server(arguments.out / "capacity.log", "--max-sessions", str(sessions)) as server:
        ask = partial(_ask_in_vain, server.url, sessions, answers)
        alone, beside = asyncio.run(_in_turns(server.url, pictures, sessions, arguments.rounds, ask))
    times_ms = percentiles([took_ms for _, took_ms in answers])
    refused = sum(status == 503 for status, _ in answers) / len(answers)
    change = beside.p95_ms / alone.p95_ms
    figures = [
        Figure("p95 of accepted sessions under twice the load, relative", change, "", at_most=1.1),
        Figure("refusals with 503", refused, "", at_least=1),
        Figure("p95 until a refusal", times_ms[1], "ms", at_most=50),
    ]
    head = ["accepted", *_heads("the refused"), "refused", "p50 ms until 503", "p95 ms", "max ms"]
    cells = [sessions, *_compared(alone, beside), len(answers), *(f"{ms:.1f}" for ms in times_ms)]
    return figures, table(head, [cells])


async def _ask_in_vain(url: str, count: int, answers: list[tuple[int, float]]) -> None:
    """Offer as many sessions more, without pause, for ``PHASE_S``."""

    async def ask(number: int) -> None:
        room = f"{url}/v1/rooms/refused-{number}/publish"
        headers = {"Content-Type": "application/sdp"}
        until_s = time.monotonic() + PHASE_S
        while time.monotonic() < until_s:
            began_s = time.monotonic()
            async with http.post(room, data=OFFER, headers=headers) as answer:
                await answer.read()
            answers.append((answer.status, 1e3 * (time.monotonic() - began_s)))
            await asyncio.sleep(ASK_EVERY_S)

    async with aiohttp.ClientSession() as http:
        await asyncio.gather(*(ask(number) for number in range(count)))


OFFER = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\n"
    "a=sendrecv\r\na=rtpmap:96 VP8/90000\r\na=mid:0\r\n"
)
"""Enough to be refused for want of a place."""


def healthz(arguments: argparse.Namespace, pictures: list[YuvPicture]) -> tuple[list[Figure], str]:
    """Return what a session notices of a flood of requests."""
    floods: list[dict[str, float]] = []
    with processes.mocast_server(arguments.out / "capacity.log") as server:
        cpu_us = 1e6 * _cpu_s_per_request(server)
        flood = partial(_flood, f"{server.url}/healthz", floods)
        alone, beside = asyncio.run(_in_turns(server.url, pictures, 1, arguments.rounds, flood))
    middle = {name: median(flood[name] for flood in floods) for name in floods[0]}
    moved_ms = beside.p95_ms - alone.p95_ms
    figures = [
        Figure("p95 of a session moved by 1,000 requests/s of /healthz", moved_ms, "ms", at_most=10),
        Figure("requests/s of /healthz that were answered", middle["per_s"], "", at_least=0.95 * FLOOD_PER_S),
        Figure("processor time of a request of /healthz", cpu_us, "µs"),
    ]
    head = [*_heads("the requests"), "requests/s", "not 200", "p50 ms", "p95 ms", "processor µs"]
    cells = [f"{middle['per_s']:.0f}", f"{middle['failed']:.0f}", f"{middle['p50_ms']:.1f}", f"{middle['p95_ms']:.1f}"]
    return figures, table(head, [[*_compared(alone, beside), *cells, f"{cpu_us:.0f}"]])


def _cpu_s_per_request(server: processes.Served) -> float:
    """Processor time of the server for a request, without a session."""
    floods: list[dict[str, float]] = []
    before_s = server.cpu_s()
    asyncio.run(_flood(f"{server.url}/healthz", floods))
    return (server.cpu_s() - before_s) / (floods[0]["per_s"] * PHASE_S)


def _heads(others: str) -> list[str]:
    return [f"{percentile} ms {when}" for percentile in ("p50", "p95") for when in ("alone", f"beside {others}")]


def _compared(alone: Middle, beside: Middle) -> list[str]:
    return [f"{ms:.1f}" for pair in zip(alone, beside, strict=True) for ms in pair]


async def _flood(url: str, floods: list[dict[str, float]]) -> None:
    command = ["-m", "bench.flood", url, str(FLOOD_PER_S), str(PHASE_S)]
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
    told, _ = await process.communicate()
    floods.append(json.loads(told))


async def _in_turns(
    url: str, pictures: list[YuvPicture], count: int, rounds: int, disturb: Callable[[], Awaitable[None]]
) -> tuple[Middle, Middle]:
    """Return what the worst session had without and with what disturbs: the medians of all phases."""
    spans: list[tuple[float, float]] = []
    seconds = SETTLE_S + rounds * (2 * PHASE_S + 3)
    async with _publishing(url, pictures, count, seconds, quality="fast") as peers:
        await asyncio.sleep(SETTLE_S)
        for _ in range(rounds):
            for work in (lambda: asyncio.sleep(PHASE_S), disturb):
                began_s = time.monotonic()
                await work()
                spans.append((began_s, time.monotonic()))
        runs = await asyncio.gather(*(peer.finish() for peer in peers))
    phases = [np.array([_percentiles(run, *span) for run in runs]).max(axis=0) for span in spans]
    print(*(f"{p50_ms:.0f}/{p95_ms:.0f}" for p50_ms, p95_ms in phases), file=sys.stderr, flush=True)
    return Middle(*np.median(phases[::2], axis=0)), Middle(*np.median(phases[1::2], axis=0))


def _percentiles(run: Journey, began_s: float, ended_s: float) -> tuple[float, float]:
    first_s = float(run.sent_at_s[0])
    return percentiles(run.delays_ms(after_s=began_s - first_s, until_s=ended_s - first_s))[:2]


if __name__ == "__main__":
    main()
