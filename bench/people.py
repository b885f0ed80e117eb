"""What two people cost: a live session's frame with two beside those with each alone, in turns on one core.

Run: python -m bench.people --left a.mp4 --right b.mp4 [--frames 300] [--quality balanced]
The clips are put side by side. Alone, each is beside a grey wall, so that every picture has as many pixels. A frame is
decoded (VP8), tracked, rigged, drawn and encoded (VP8), as for a publisher. Times are the processor's, of all threads.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import mean

import av
import numpy as np

from bench.clips import SIZE_WH, TICKS, rgb_pictures
from bench.pinned import pin
from mocast.model.frame import Frame, RgbImage
from mocast.model.options import DrawOptions, RigOptions
from mocast.rendering.renderer import Renderer
from mocast.rigging.person_solvers import PersonSolvers
from mocast.tracking.engines import EngineOptions, Tracker
from mocast.tracking.openvino.engine import OpenvinoEngine
from mocast.webrtc.video_encoder import EncoderLimits, VideoEncoder

STAGES = ("decode", "track", "rig", "draw", "encode")
WARM_UP = 30


class Session:
    """A stream with all that a publisher's frames go through, and what each stage took."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker, self._solvers, self._renderer = tracker, PersonSolvers(RigOptions()), Renderer()
        self._camera, self._encoder = (VideoEncoder("VP8", EncoderLimits()) for _ in range(2))
        self._decoder = av.CodecContext.create("vp8", "r")
        self.spent_s: dict[str, list[float]] = defaultdict(list)
        self.people: list[int] = []

    def take(self, number: int, rgb: RgbImage) -> None:
        """Let a picture of the camera through."""
        pts = TICKS * number
        packet = av.Packet(self._camera.encode(rgb, pts).data)
        with self._timed("decode"):
            (decoded,) = self._decoder.decode(packet)
            picture = decoded.to_ndarray(format="rgb24")
        with self._timed("track"):
            tracked = self._tracker.track(Frame(number, pts, time.monotonic_ns(), picture))
        with self._timed("rig"):
            for person in tracked.people:
                self._solvers.rig(person)
        with self._timed("draw"):
            drawn = self._renderer.render(picture, tracked, DrawOptions())
        with self._timed("encode"):
            self._encoder.encode(drawn, pts)
        self.people.append(sum(person.pose is not None for person in tracked.people))

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        began = time.process_time()
        yield
        self.spent_s[stage].append(time.process_time() - began)

    def ms(self, stage: str) -> float:
        """The mean of a stage, without the first frames."""
        return 1e3 * mean(self.spent_s[stage][WARM_UP:])


def main(words: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--left", type=Path, required=True)
    parser.add_argument("--right", type=Path, required=True)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--quality", choices=("exact", "balanced", "fast"), default="balanced")
    given = parser.parse_args(words)
    pin(1)
    engine = OpenvinoEngine(EngineOptions(threads=1, cache_folder=Path.home() / ".cache/mocast"))
    kinds = {"left alone": 1, "right alone": 1, "both": 2}
    sessions = {
        name: Session(engine.build("holistic", given.quality, still=False, people=people))
        for name, people in kinds.items()
    }
    grey = np.full((SIZE_WH[1], SIZE_WH[0], 3), 128, np.uint8)
    pairs = zip(*(rgb_pictures(clip, WARM_UP + given.frames) for clip in (given.left, given.right)), strict=False)
    for number, (left, right) in enumerate(pairs):
        for session, halves in zip(sessions.values(), ((left, grey), (grey, right), (left, right)), strict=True):
            session.take(number, np.ascontiguousarray(np.concatenate(halves, axis=1)))
    report(sessions)


def report(sessions: dict[str, Session]) -> None:
    """Print what each stage took, and the ratios."""
    print("ms a frame   " + "".join(f"{name:>8}" for name in (*STAGES, "sum", "people")))
    for name, session in sessions.items():
        times = [session.ms(stage) for stage in STAGES]
        print(f"{name:13}" + "".join(f"{ms:8.2f}" for ms in (*times, sum(times), mean(session.people[WARM_UP:]))))
    alone, both = [sessions[name] for name in ("left alone", "right alone")], sessions["both"]
    for what, stages in {"a session": STAGES, "tracking and rigs": ("track", "rig")}.items():
        one = mean(sum(session.ms(stage) for stage in stages) for session in alone)
        print(f"{what}: two people cost {sum(both.ms(stage) for stage in stages) / one:.2f} times one")


if __name__ == "__main__":
    main()
