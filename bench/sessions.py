"""Many sessions in one process: ``python -m bench.sessions ENGINE QUALITY CORES [--clip FILE] [--loads 1x30 ...]``.

Each session has a thread, a newest-frame slot and its turn at tracking, as the server's rooms have; there is no video
coding, no drawing and no network. One more thread puts pictures into the slots, evenly spread over time. A frame's
delay is from when it was due until it was tracked, so that nothing is hidden where even that thread must wait. The last
line is JSON.
"""

import argparse
import gc
import json
import os
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import get_args

import numpy as np

from bench.clips import rgb_pictures, there_and_back
from bench.engines import ENGINE_CHOICES, load, precision_in
from bench.pinned import pin
from bench.processes import Served
from bench.report import percentiles, table
from mocast.model.frame import Frame, RgbImage
from mocast.model.options import Quality
from mocast.pipeline.frame_scheduler import FrameScheduler
from mocast.pipeline.slot import LatestSlot
from mocast.tracking.engines import Tracker

LOADS = tuple(f"{sessions}x30" for sessions in range(1, 9))
PICTURES = 90
APART = 17
"""Pictures between two sessions' places in the clip."""

SETTLE_S = 1.0
"""Left out: the person is found, memory is touched."""

TAIL_S = 0.5
"""Frames come that much longer than they are counted, so that the last that count are not the last of all."""


@dataclass(frozen=True, slots=True)
class Load:
    """What was offered to so many sessions, and what came of it."""

    sessions: int
    fps_each: float
    "Frames that come in, for each session."
    fps: float
    "Frames that were tracked each second, all sessions together."
    slowest_fps: float
    "Those of the session that got the fewest."
    p50_ms: float
    p95_ms: float
    memory_mb: float
    "Resident, of the whole process."

    @property
    def offered_fps(self) -> float:
        """Frames that come in each second, all sessions together."""
        return self.sessions * self.fps_each


@dataclass(slots=True)
class Session:
    """One camera's frames on their way to its tracker."""

    tracker: Tracker
    slot: LatestSlot[Frame] = field(default_factory=LatestSlot)
    done: list[tuple[float, float]] = field(default_factory=list)
    "When each frame that was tracked was due, on the monotonic clock, and how many seconds later it was done."


def main() -> None:
    arguments = options().parse_args()
    cores = pin(arguments.cores)
    name, engine = load(arguments.engine)
    pictures = rgb_pictures(arguments.clip, PICTURES)
    trackers: list[Tracker] = []
    loads: list[Load] = []
    for text in arguments.loads:
        sessions, fps = text.split("x")
        while len(trackers) < int(sessions):
            trackers.append(engine.build("holistic", arguments.quality, still=False))
        loads.append(loaded(trackers[: int(sessions)], float(fps), cores, pictures, arguments.seconds))
    for tracker in trackers:
        tracker.close()
    precision = precision_in(name, engine, arguments.quality)
    engine.close()
    print(report(loads))
    found = {
        "engine": name,
        "quality": arguments.quality,
        "cores": cores,
        "precision": precision,
        "loads": [asdict(load) for load in loads],
    }
    print(json.dumps(found))


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", choices=ENGINE_CHOICES)
    parser.add_argument("quality", choices=get_args(Quality))
    parser.add_argument("cores", type=int)
    parser.add_argument("--clip", type=Path, help="a video of a person (default: the moving astronaut, without hands)")
    parser.add_argument("--loads", nargs="+", default=LOADS, help="SESSIONSxFPS, fewest sessions first (1x30 ... 8x30)")
    parser.add_argument("--seconds", type=float, default=4, help="of each load (default: %(default)s)")
    return parser


def loaded(trackers: list[Tracker], fps: float, cores: int, pictures: list[RgbImage], seconds: float) -> Load:
    """Let so many sessions run side by side for some seconds."""
    scheduler = FrameScheduler(cores)
    sessions = [Session(tracker) for tracker in trackers]
    threads = [threading.Thread(target=work, args=(session, scheduler)) for session in sessions]
    for thread in threads:
        thread.start()
    began_s = time.monotonic()
    feed(sessions, fps, began_s, SETTLE_S + seconds + TAIL_S, pictures)
    for session in sessions:
        session.slot.close()
    for thread in threads:
        thread.join()
    first_s = began_s + SETTLE_S
    counted = [[late_s for due_s, late_s in one.done if first_s <= due_s < first_s + seconds] for one in sessions]
    p50_ms, p95_ms, _ = percentiles(1e3 * np.concatenate([np.array(one) for one in counted]))
    rates = [len(one) / seconds for one in counted]
    gc.collect()
    memory_mb = Served(os.getpid(), "").memory_mb()["Rss"]
    return Load(len(sessions), fps, sum(rates), min(rates), p50_ms, p95_ms, memory_mb)


def feed(sessions: list[Session], fps: float, began_s: float, seconds: float, pictures: list[RgbImage]) -> None:
    """Put a picture into every session's slot ``fps`` times a second, one session after another."""
    count = len(sessions)
    for step in range(round(seconds * fps * count)):
        number, place = divmod(step, count)
        due_s = began_s + step / (fps * count)
        time.sleep(max(0.0, due_s - time.monotonic()))
        rgb = pictures[there_and_back(number + APART * place, len(pictures))]
        sessions[place].slot.put(Frame(number, round(90_000 * due_s), round(1e9 * due_s), rgb))


def work(session: Session, scheduler: FrameScheduler) -> None:
    """Track the newest frame whenever it is this session's turn."""
    ticket = scheduler.ticket()
    while session.slot.wait():
        with ticket:
            frame = session.slot.take()
            if frame is None:
                continue
            session.tracker.track(frame)
        due_s = frame.decoded_at_ns / 1e9
        session.done.append((due_s, time.monotonic() - due_s))


def report(loads: list[Load]) -> str:
    """Return a table."""
    rows = [
        [
            load.sessions,
            f"{load.fps_each:g}",
            f"{load.fps:.1f}",
            f"{load.slowest_fps:.1f}",
            f"{load.p50_ms:.0f}",
            f"{load.p95_ms:.0f}",
            f"{load.memory_mb:.0f}",
        ]
        for load in loads
    ]
    head = ["sessions", "frames/s each", "tracked/s in all", "slowest session", "p50 ms", "p95 ms", "resident MB"]
    return table(head, rows)


if __name__ == "__main__":
    main()
