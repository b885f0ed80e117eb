"""When the tracker is told that there is no time for all frames of a stream."""

import time
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import pytest

from mocast.model.frame import Frame
from mocast.tracking.openvino.engine import NetworkTracker
from mocast.tracking.openvino.regions.frame_view import FrameView
from mocast.tracking.openvino.schedule.lateness import Lateness


class Parts:
    """Finds nothing, and notes which frames are late."""

    def __init__(self) -> None:
        self.late: list[bool] = []

    def find(self, view: FrameView) -> dict[str, Any]:
        self.late.append(view.is_late)
        return {}

    def reset(self) -> None:
        pass


class Workers:
    def frame_in_progress(self) -> AbstractContextManager[None]:
        return nullcontext()


@pytest.mark.parametrize(
    ("waited_s", "under_load", "lateness", "is_late"),
    [
        (-60, False, Lateness(), False),
        (60, False, Lateness(), True),
        (-60, True, Lateness(), True),
        (60, True, None, False),
    ],
)
def test_frames_are_late_that_wait_or_whose_camera_is_asked_for_fewer(
    waited_s: float, under_load: bool, lateness: Lateness | None, is_late: bool
) -> None:
    parts = Parts()
    tracker = NetworkTracker(parts, Workers(), lateness)  # type: ignore[arg-type]
    for number in range(20):
        decoded_at_ns = time.monotonic_ns() - round(1e9 * waited_s)  # far off, so that no busy machine matters
        rgb = np.zeros((48, 64, 3), np.uint8)
        tracker.track(Frame(number, 3_000 * number, decoded_at_ns, rgb, under_load=under_load))
    assert parts.late[-1] is is_late
