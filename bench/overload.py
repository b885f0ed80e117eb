"""What a server tracks beyond its capacity: ``python -m bench.overload QUALITY CORES [--clip FILE] [--sessions 3 4]``.

Real trackers, on a clock of its own: frames come 30 times a second, sessions take turns at the cores as
``FrameScheduler`` has it, and a frame takes the processor time that its tracker took, and what it costs beside. So the
answer hardly depends on who else uses the machine, but memory and caches that cores share are left out. The trackers
are told how long each frame has waited. ``--patient``: they are told that none has, so nothing is skipped for it.
"""

import argparse
import heapq
import json
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import get_args

from bench.clips import rgb_pictures, there_and_back
from bench.engines import load
from bench.report import percentiles, table
from mocast.model.frame import Frame, RgbImage
from mocast.model.options import Quality
from mocast.tracking.engines import Tracker

FPS = 30
PICTURES = 150
APART = 17
"""Pictures between two sessions' places in the clip."""
SETTLE_S = 2.0
"""Left out."""


@dataclass(slots=True)
class Stream:
    """One camera's frames on their way to its tracker."""

    tracker: Tracker
    first_s: float
    "When its first frame comes."
    place: int
    tracked: list[tuple[float, float]] = field(default_factory=list)
    "When each tracked frame was done, and how long after it came."
    goes_first: bool = False
    "Whether its next frame is tracked before those that wait."
    last: int = -1
    "Number of its newest frame that was tracked."


@dataclass(frozen=True, slots=True)
class Found:
    """What so many sessions had."""

    sessions: int
    fps: float
    "Frames tracked each second, all sessions together."
    slowest_fps: float
    p95_ms: float
    tracking_ms: float
    "Processor time of a frame in its tracker."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("quality", choices=get_args(Quality))
    parser.add_argument("cores", type=int)
    parser.add_argument("--clip", type=Path, help="a video of a person (default: the moving astronaut, without hands)")
    parser.add_argument("--sessions", type=int, nargs="+", default=list(range(1, 9)))
    parser.add_argument("--seconds", type=float, default=4, help="of each, on its clock (default: %(default)s)")
    parser.add_argument("--beside-ms", type=float, default=6.5, help="of a tracked frame (docs/benchmarks.md)")
    parser.add_argument("--received-ms", type=float, default=2.0, help="of each frame, dropped ones too")
    parser.add_argument("--scale", type=float, default=1.0, help="how much slower the machine is than this one")
    parser.add_argument("--patient", action="store_true", help="trackers are not told that frames wait")
    arguments = parser.parse_args()
    pictures = rgb_pictures(arguments.clip, PICTURES)
    _, engine = load("openvino", threads=1)  # whose work is all done in the thread that asks
    found = []
    for count in arguments.sessions:
        trackers = [engine.build("holistic", arguments.quality, still=False, takes_turns=True) for _ in range(count)]
        found.append(simulated(trackers, pictures, arguments))
        for tracker in trackers:
            tracker.close()
    engine.close()
    head = ["sessions", "tracked/s in all", "over one fewer", "slowest session", "p95 ms", "ms in the tracker"]
    print(table(head, rows(found)))
    print(json.dumps({"quality": arguments.quality, "cores": arguments.cores, "found": [asdict(one) for one in found]}))


def simulated(trackers: list[Tracker], pictures: list[RgbImage], arguments: argparse.Namespace) -> Found:
    """Let the sessions run side by side on cores of their own clock; each frame is tracked when its turn has come."""
    count, end_s = len(trackers), SETTLE_S + arguments.seconds
    streams = [Stream(tracker, n / (FPS * count), APART * n) for n, tracker in enumerate(trackers)]
    cores = [(0.0, core) for core in range(arguments.cores)]  # when each is free
    waiting = deque(sorted(streams, key=lambda one: one.first_s))
    busy_s: dict[int, float] = {}
    spent_ms: list[float] = []
    # Frames that are received take their share of every core, whether or not they are tracked.
    pace = 1 / max(0.05, 1 - count * FPS * arguments.received_ms / 1e3 / arguments.cores)
    while cores[0][0] < end_s:
        now_s, core = heapq.heappop(cores)
        stream = min(
            waiting,
            key=lambda one: (max(now_s, next_frame(one, busy_s)[1]), not one.goes_first, waiting.index(one)),
        )
        waiting.remove(stream)
        now_s = max(now_s, next_frame(stream, busy_s)[1])
        number = int((now_s - stream.first_s) * FPS + 1e-6)
        came_s = stream.first_s + number / FPS
        took_ms, is_light = tracked_ms(stream, number, 0 if arguments.patient else now_s - came_s, pictures)
        took_ms *= arguments.scale
        done_s = now_s + pace * (took_ms + arguments.beside_ms * arguments.scale) / 1e3
        busy_s[id(stream)], stream.last = done_s, number
        if came_s >= SETTLE_S:
            spent_ms.append(took_ms)
            stream.tracked.append((done_s, done_s - came_s))
        stream.goes_first = is_light and not stream.goes_first
        waiting.append(stream)
        heapq.heappush(cores, (done_s, core))
    rates = [sum(done_s < end_s for done_s, _ in one.tracked) / arguments.seconds for one in streams]
    delays_ms = [1e3 * delay_s for one in streams for _, delay_s in one.tracked]
    return Found(count, sum(rates), min(rates), percentiles(delays_ms)[1], sum(spent_ms) / max(1, len(spent_ms)))


def next_frame(stream: Stream, busy_s: dict[int, float]) -> tuple[int, float]:
    """Return the number of the first frame that the stream has not tracked, and when it can be, by its own thread."""
    number = stream.last + 1
    return number, max(stream.first_s + number / FPS, busy_s.get(id(stream), 0.0))


def tracked_ms(stream: Stream, number: int, waited_s: float, pictures: list[RgbImage]) -> tuple[float, bool]:
    """Track a frame; return the processor time that it took, and whether the next one is light."""
    rgb = pictures[there_and_back(number + stream.place, len(pictures))]
    decoded_at_ns = time.monotonic_ns() - round(1e9 * waited_s)
    began_s = time.thread_time()
    tracked = stream.tracker.track(Frame(number, round(number * 90_000 / FPS), decoded_at_ns, rgb))
    return 1e3 * (time.thread_time() - began_s), tracked.next_is_light


def rows(found: list[Found]) -> list[list[object]]:
    before = {one.sessions: one.fps for one in found}
    return [
        [
            one.sessions,
            f"{one.fps:.1f}",
            f"{one.fps / before[one.sessions - 1]:.2f}" if one.sessions - 1 in before else "",
            f"{one.slowest_fps:.1f}",
            f"{one.p95_ms:.0f}",
            f"{one.tracking_ms:.1f}",
        ]
        for one in found
    ]


if __name__ == "__main__":
    main()
