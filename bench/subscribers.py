"""What viewers cost their publisher: ``python -m bench.subscribers [--clip FILE] [--seconds 8] [--rounds 3]``.

The same publisher without viewers, with twenty that get rigs, with twenty that get landmarks, too, and with twenty that
get the picture by WHEP, in turns; each figure is the median of its rounds. Server, publisher and the viewers share all
cores; the viewers take what the others leave. Those of data are a browser's, those of the picture cost little
(``bench/picture_viewers.py``). Quality ``fast`` leaves something: where tracking takes all there is, anything at all
costs frames.
"""

import argparse
import asyncio
import json
import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from bench import processes
from bench.clips import YuvPicture, yuv_pictures
from bench.peers import Camera, connected
from bench.report import Figure, parser, save, table

PICTURES = 150
Ask = Callable[[], dict[str, list[int]]]
"""Tells for each label the least and the most messages that any viewer got."""

VIEWERS = 20
ALONE = "no viewers"
CASES: dict[str, tuple[str, ...]] = {
    ALONE: (),
    "rig": ("rig",),
    "rig and landmarks": ("rig", "landmarks"),
    "the picture": ("picture",),
}
SETTLE_S = 3.0
CONNECT_LIMIT_S = 60


@dataclass(frozen=True, slots=True)
class Run:
    """One publisher, with or without viewers."""

    fps_tracked: float
    fps_rig_sent: float
    "Rigs on the publisher's own channel."
    delay_ms: float
    cpu: float
    "Cores that the server used."
    loop_cpu: float
    "The part of them that was its event loop's."
    worst_viewer: float
    "The part of the tracked frames of which the worst served viewer got the rig, or the picture."
    dropped: float
    "Frames of the publisher's."


def main() -> None:
    arguments = _parser().parse_args()
    pictures = yuv_pictures(arguments.clip, PICTURES)
    cases = [ALONE, *(name for name in CASES if name in arguments.of and name != ALONE)]
    rounds = [{name: measured(arguments, pictures, CASES[name]) for name in cases} for _ in range(arguments.rounds)]
    runs = {name: middle([one[name] for one in rounds]) for name in cases}
    figures = [
        Figure(
            f"frames per second with {VIEWERS} viewers of {name}",
            runs[name].fps_tracked,
            "fps",
            at_least=round(0.98 * runs[ALONE].fps_tracked, 1),
        )
        for name in cases
        if name != ALONE
    ]
    data = {name: [str(one[name]) for one in rounds] for name in cases}
    save(arguments.out, "subscribers", figures, report(runs), data)


def measured(arguments: argparse.Namespace, pictures: list[YuvPicture], labels: tuple[str, ...]) -> Run:
    """Run one case on a server of its own."""
    with processes.mocast_server(arguments.out / "mocast.log", cores=processes.ALL_CORES) as server:
        return asyncio.run(_run(server, pictures, labels, arguments.seconds))


async def _run(server: processes.Served, pictures: list[YuvPicture], labels: tuple[str, ...], seconds: float) -> Run:
    camera = Camera(pictures, seconds=seconds + SETTLE_S + CONNECT_LIMIT_S)
    async with connected(server.url, camera, channels=("landmarks", "rig"), returns="none", quality="fast") as peer:
        with _watchers(server.url, labels) as ask:
            await asyncio.sleep(SETTLE_S)
            watched, before, cpu = await asyncio.to_thread(ask), await peer.statistics(), _cpu(server)
            began_at = time.monotonic()
            await asyncio.sleep(seconds)
            elapsed_s, now, after = time.monotonic() - began_at, _cpu(server), await peer.statistics()
            seen = await asyncio.to_thread(ask)
    tracked = after["frames_tracked"] - before["frames_tracked"]
    got_by_worst = seen[labels[0]][0] - watched[labels[0]][0] if labels else 0
    return Run(
        fps_tracked=tracked / elapsed_s,
        fps_rig_sent=(after["rigs_sent"] - before["rigs_sent"]) / elapsed_s,
        delay_ms=after["delay_ms"],
        cpu=(now[0] - cpu[0]) / elapsed_s,
        loop_cpu=(now[1] - cpu[1]) / elapsed_s,
        worst_viewer=got_by_worst / tracked if labels else float("nan"),
        dropped=after["frames_dropped"] - before["frames_dropped"],
    )


def _cpu(server: processes.Served) -> tuple[float, float]:
    """Processor time of the whole server and of its event loop, which is its first thread."""
    return server.cpu_s(), server.cpu_s_by_thread()[server.pid]


@contextmanager
def _watchers(url: str, labels: tuple[str, ...]) -> Iterator[Ask]:
    """Let viewers watch while the context lasts; yields what tells how many messages they got."""
    if not labels:
        yield dict
        return
    command = [sys.executable, "-m", "bench.watchers", url, "bench", str(VIEWERS), ",".join(labels)]
    if labels == ("picture",):
        command = [sys.executable, "-m", "bench.picture_viewers", url, "bench", str(VIEWERS)]
    # They would be on machines of their own.
    with subprocess.Popen(
        ["nice", "-n", "19", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        asking, answers = process.stdin, process.stdout
        assert asking is not None
        assert answers is not None
        if answers.readline().strip() != "ready":
            raise RuntimeError("the viewers did not connect")

        def ask() -> dict[str, list[int]]:
            asking.write("\n")
            asking.flush()
            counts: dict[str, list[int]] = json.loads(answers.readline())
            return counts

        yield ask
        asking.close()


def middle(runs: list[Run]) -> Run:
    """Return the median of each figure."""
    return Run(*(median(getattr(run, name) for run in runs) for name in Run.__slots__))


def report(runs: dict[str, Run]) -> str:
    """Return all cases as a table."""
    head = [
        "viewers",
        "tracked fps",
        "own rigs/s",
        "delay ms",
        "server, cores",
        "of it the loop",
        "worst viewer got",
        "publisher lost",
    ]
    return table(
        head,
        [
            [
                name if name == ALONE else f"{VIEWERS}: {name}",
                f"{run.fps_tracked:.1f}",
                f"{run.fps_rig_sent:.1f}",
                f"{run.delay_ms:.0f}",
                f"{run.cpu:.2f}",
                f"{run.loop_cpu:.3f}",
                "" if math.isnan(run.worst_viewer) else f"{run.worst_viewer:.0%}",
                f"{run.dropped:g}",
            ]
            for name, run in runs.items()
        ],
    )


def _parser() -> argparse.ArgumentParser:
    made = parser(__doc__, seconds=8)
    made.add_argument(
        "--of", nargs="+", choices=CASES, default=list(CASES), help="what the viewers get (default: all cases)"
    )
    made.add_argument("--rounds", type=int, default=3, help="of all cases (default: %(default)s)")
    return made


if __name__ == "__main__":
    main()
