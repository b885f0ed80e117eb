"""An engine whose trackers hang in the C library's ``pause`` while the file that ``HANGS`` names says so."""

import ctypes
import os
from contextlib import suppress
from pathlib import Path

from mocast.model.frame import Frame
from mocast.model.options import Quality, TrackerName
from mocast.model.tracked import Tracked
from mocast.tracking.engines import EngineOptions, NetworkChoice
from tests.fakes import CentreTracker

FLAG = Path(os.environ["HANGS"])
"""``one``: the next frame; ``all``: every one."""


class HangingTracker(CentreTracker):
    """Finds the brightest square, or hangs."""

    def track(self, frame: Frame) -> Tracked:
        with suppress(FileNotFoundError):
            wanted = FLAG.read_text()
            if wanted == "one":
                FLAG.unlink()
            ctypes.CDLL(None).pause()
        return super().track(frame)


class HangingEngine:
    """An ``Engine`` of such trackers."""

    def __init__(self, _: EngineOptions) -> None: ...

    def build(self, tracker: TrackerName, quality: Quality, *, still: bool, **live: object) -> HangingTracker:
        return HangingTracker(tracker, quality)

    def face_finder(self, *_: object) -> None:
        return None

    def keep(self) -> None: ...

    def describe(self) -> str:
        return "hangs"

    def choices(self) -> dict[str, NetworkChoice]:
        return {}

    def close(self) -> None: ...
