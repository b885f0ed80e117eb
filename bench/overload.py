"""What a server tracks beyond its capacity: ``python -m bench.overload QUALITY CORES [--clip FILE] [--sessions 3 4]``.

Real trackers, on a clock of its own: frames come 30 times a second, sessions take turns at the cores as
``FrameScheduler`` has it, and a frame takes the processor time that its tracker took, and what it costs beside. So the
answer hardly depends on who else uses the machine, but memory and caches that cores share are left out. The trackers
are told how long each frame has waited. ``--patient``: they are told that none has, so nothing is skipped for it.
Cameras heed the frame rate that they are asked for; with ``--deaf`` they send all their frames.
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
from mocast.rooms.camera_rate import CameraRates
from mocast.tracking.engines import Tracker

FPS = 30
PICTURES = 150
APART = 17
"""Pictures between two sessions' places in the clip."""
SETTLE_S = 6.0
"""Left out."""


class Slots:
    """The slots of a frame scheduler, on the bench's clock."""

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self.free_s = self.now_s = 0.0


class Camera:
    """Sends 30 frames a second, or leaves some out where it is asked for fewer. The newest one waits to be tracked."""

    def __init__(self, first_s: float, rates: CameraRates, *, heeds_rate: bool) -> None:
        """``first_s``: when the first frame comes."""
        self.comes_s = first_s
        "When the next frame comes."
        self.newest: tuple[int, float] | None = None
        "The number of the newest frame that has come and waits, and when it came."
        self.waits_since_s = first_s
        "When the first one came since a frame was tracked."
        self.received = 0
        self.turns = 0
        self.away_s = 0.0
        self.rate = rates.add(self, lambda: None)
        self._first_s = first_s
        self._heeds_rate = heeds_rate
        self._next = 0
        self._credit = 0.0

    @property
    def fps(self) -> float:
        """Frames a second that it sends."""
        return FPS if self.rate.fps is None or not self._heeds_rate else min(FPS, self.rate.fps)

    def send(self) -> None:
        """Send the next frame: its time has come."""
        dropped = self.newest is not None
        if not dropped:
            self.waits_since_s = self.comes_s
        self.newest = self._next, self.comes_s
        self.received += 1
        self.rate.received(dropped=dropped)
        self._next += 1
        self._credit += self.fps / FPS
        while self._credit < 1:
            self._next += 1
            self._credit += self.fps / FPS
        self._credit -= 1
        self.comes_s = self._first_s + self._next / FPS


@dataclass(slots=True)
class Stream:
    """One camera's frames on their way to its tracker."""

    tracker: Tracker
    camera: Camera
    place: int
    tracked: list[tuple[float, float]] = field(default_factory=list)
    "When each tracked frame was done, and how long after it came."
    goes_first: bool = False
    "Whether its next frame is tracked before those that wait."
    busy_s: float = 0.0
    "Until when its thread is busy."

    @property
    def ready_s(self) -> float:
        """When its next frame can be tracked, by its own thread."""
        return max(self.camera.waits_since_s if self.camera.newest else self.camera.comes_s, self.busy_s)


@dataclass(frozen=True, slots=True)
class Found:
    """What so many sessions had."""

    sessions: int
    sent_fps: float
    "Frames that come each second, all sessions together."
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
    parser.add_argument("--deaf", action="store_true", help="cameras send all their frames, whatever is asked for")
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
    head = [
        "sessions",
        "sent/s in all",
        "tracked/s in all",
        "over one fewer",
        "slowest session",
        "p95 ms",
        "ms in the tracker",
    ]
    print(table(head, rows(found)))
    print(json.dumps({"quality": arguments.quality, "cores": arguments.cores, "found": [asdict(one) for one in found]}))


def simulated(trackers: list[Tracker], pictures: list[RgbImage], arguments: argparse.Namespace) -> Found:
    """Let the sessions run side by side on cores of their own clock; each frame is tracked when its turn has come."""
    count, end_s = len(trackers), SETTLE_S + arguments.seconds
    slots = Slots(arguments.cores)
    rates = CameraRates(slots, clock=lambda: slots.now_s)
    cameras = [Camera(n / (FPS * count), rates, heeds_rate=not arguments.deaf) for n in range(count)]
    streams = [Stream(*one, APART * n) for n, one in enumerate(zip(trackers, cameras, strict=True))]
    cores = [(0.0, core) for core in range(arguments.cores)]  # when each is free
    waiting = deque(streams)
    received = 0
    spent_ms: list[float] = []
    while cores[0][0] < end_s:
        free_at_s, core = heapq.heappop(cores)
        stream = min(waiting, key=lambda one: (max(free_at_s, one.ready_s), not one.goes_first, waiting.index(one)))
        now_s = max(free_at_s, stream.ready_s)
        while (camera := min(cameras, key=lambda one: one.comes_s)).comes_s <= now_s:
            slots.now_s = camera.comes_s
            camera.send()
        waiting.remove(stream)
        camera = stream.camera
        assert camera.newest is not None
        slots.free_s += now_s - free_at_s
        camera.away_s += max(0.0, stream.ready_s - stream.busy_s)
        camera.turns += 1
        (number, came_s), camera.newest = camera.newest, None
        if now_s < SETTLE_S:
            received = sum(camera.received for camera in cameras)
        waited_s = 0 if arguments.patient else now_s - came_s
        took_ms, is_light = tracked_ms(
            stream, number, waited_s, pictures, under_load=camera.rate.fps is not None and not arguments.patient
        )
        took_ms *= arguments.scale
        # Frames that are received take their share of every core, whether or not they are tracked.
        received_s = sum(camera.fps for camera in cameras) * arguments.received_ms / 1e3
        pace = 1 / max(0.05, 1 - received_s / arguments.cores)
        done_s = stream.busy_s = now_s + pace * (took_ms + arguments.beside_ms * arguments.scale) / 1e3
        if came_s >= SETTLE_S:
            spent_ms.append(took_ms)

            stream.tracked.append((done_s, done_s - came_s))
        stream.goes_first = is_light and not stream.goes_first
        waiting.append(stream)
        heapq.heappush(cores, (done_s, core))
    sent_fps = (sum(camera.received for camera in cameras) - received) / arguments.seconds
    rates = [sum(done_s < end_s for done_s, _ in one.tracked) / arguments.seconds for one in streams]
    delays_ms = [1e3 * delay_s for one in streams for _, delay_s in one.tracked]
    tracking_ms = sum(spent_ms) / max(1, len(spent_ms))
    return Found(count, sent_fps, sum(rates), min(rates), percentiles(delays_ms)[1], tracking_ms)


def tracked_ms(
    stream: Stream, number: int, waited_s: float, pictures: list[RgbImage], *, under_load: bool
) -> tuple[float, bool]:
    """Track a frame; return the processor time that it took, and whether the next one is light."""
    rgb = pictures[there_and_back(number + stream.place, len(pictures))]
    decoded_at_ns = time.monotonic_ns() - round(1e9 * waited_s)
    began_s = time.thread_time()
    tracked = stream.tracker.track(
        Frame(number, round(number * 90_000 / FPS), decoded_at_ns, rgb, under_load=under_load)
    )
    return 1e3 * (time.thread_time() - began_s), tracked.next_is_light


def rows(found: list[Found]) -> list[list[object]]:
    before = {one.sessions: one.fps for one in found}
    return [
        [
            one.sessions,
            f"{one.sent_fps:.1f}",
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
