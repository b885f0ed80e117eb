"""A tracking engine that costs nothing: it gives back landmarks that were recorded before."""

import os
import pickle
import time
from dataclasses import replace
from pathlib import Path

from bench import engines
from bench.clips import rgb_pictures, there_and_back
from mocast.model.frame import Frame
from mocast.model.options import Quality, TrackerName
from mocast.model.tracked import Tracked
from mocast.tracking.engines import AUTO, EngineOptions, NetworkChoice

RECORDING = "BENCH_RECORDING"
"""Environment variable: the recording's path, because an engine is made by name alone."""


def record(path: Path, clip: Path | None, count: int) -> None:
    """Track ``count`` pictures with the real holistic tracker and keep what it finds."""
    _, engine = engines.load(AUTO)
    tracker = engine.build("holistic", "balanced", still=False)
    frames = (Frame(number, 3_000 * number, 0, rgb) for number, rgb in enumerate(rgb_pictures(clip, count)))
    tracked = [tracker.track(frame) for frame in frames]
    tracker.close()
    engine.close()
    path.write_bytes(pickle.dumps(tracked))


class ReplayEngine:
    """Builds trackers that replay the recording of ``BENCH_RECORDING``."""

    def __init__(self, _: EngineOptions) -> None:
        self._recorded: list[Tracked] = pickle.loads(Path(os.environ[RECORDING]).read_bytes())

    def choices(self) -> dict[str, NetworkChoice]:
        """Return that there is nothing to choose: no network runs here."""
        return {}

    def build(self, tracker: TrackerName, quality: Quality, *, still: bool, **live: object) -> "ReplayTracker":
        """Return one at once."""
        return ReplayTracker(self._recorded)

    def keep(self) -> None:
        """Do nothing: there are no networks."""

    def describe(self) -> str:
        """Return how much was recorded."""
        return f"{len(self._recorded)} recorded frames"

    def close(self) -> None:
        """There is nothing to free."""


class ReplayTracker:
    """Gives each frame what was found in the same picture when it was recorded."""

    def __init__(self, recorded: list[Tracked]) -> None:
        self._recorded = recorded

    def track(self, frame: Frame) -> Tracked:
        """Return the recorded landmarks as this frame's."""
        recorded = self._recorded[there_and_back(frame.number, len(self._recorded))]
        now_ns = time.monotonic_ns()
        return replace(
            recorded,
            frame=frame.number,
            pts=frame.pts,
            decoded_at_ns=frame.decoded_at_ns,
            size_wh=frame.size_wh,
            tracked_at_ns=now_ns,
            tracking_ns=0,
        )

    def close(self) -> None:
        """There is nothing to give back."""
