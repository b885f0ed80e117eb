"""What tracking tests are run on: each engine, and each quality where qualities differ."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mocast.model.frame import Frame, RgbImage
from mocast.model.options import Quality, TrackerName
from mocast.model.topology import FACE_COUNT, HAND_COUNT, POSE_COUNT
from mocast.model.tracked import Tracked
from mocast.tracking.pool import TrackerPool
from mocast.tracking.resilient import ResilientTracker
from tests.pictures import as_frame
from tests.reference_engine import HAS_MEDIAPIPE

Pools = Callable[[str], TrackerPool]
"""Engine → the pool that all tests of a run share."""


@dataclass(frozen=True, slots=True)
class Variant:
    """An engine and a quality, and the pool that lends their trackers."""

    engine: str
    quality: Quality
    pool: TrackerPool

    @contextmanager
    def lend(self, name: TrackerName, *, still: bool = False) -> Iterator[ResilientTracker]:
        """Lend a tracker. It must not fail while it is lent."""
        tracker = self.pool.acquire(name, self.quality, still=still)
        try:
            yield tracker
            assert tracker.failures == 0
        finally:
            self.pool.release(tracker)

    def track_stream(self, name: TrackerName, pictures: Iterable[RgbImage], *, fps: float = 30) -> list[Tracked]:
        """Return what a new tracker finds in a stream."""
        with self.lend(name) as tracker:
            return track_all(tracker, [as_frame(rgb, number, fps) for number, rgb in enumerate(pictures)])

    def track_still(self, name: TrackerName, rgb: RgbImage) -> Tracked:
        """Return what is found in one picture by itself."""
        with self.lend(name, still=True) as tracker:
            return track_all(tracker, [as_frame(rgb)])[0]


KINDS: list[tuple[str, Quality]] = [
    *([("mediapipe", "exact")] if HAS_MEDIAPIPE else []),
    ("openvino", "exact"),
    ("openvino", "balanced"),
    ("openvino", "fast"),
]


def track_all(tracker: ResilientTracker, frames: Iterable[Frame]) -> list[Tracked]:
    """Track all frames; what comes out is as the model promises, and stays so while the tracker goes on."""
    kept: list[tuple[Tracked, list[NDArray[np.float32]]]] = []
    for frame in frames:
        pixels = frame.rgb.copy()
        tracked = tracker.track(frame)
        assert np.array_equal(pixels, frame.rgb), "the frame was written to"
        assert (tracked.frame, tracked.pts, tracked.size_wh) == (frame.number, frame.pts, frame.size_wh)
        kept.append((tracked, [array.copy() for array in checked_arrays(tracked)]))
    for tracked, copies in kept:
        for array, copy in zip(checked_arrays(tracked), copies, strict=True):
            assert np.array_equal(array, copy), "a later frame changed what was found in an earlier one"
    return [tracked for tracked, _ in kept]


def checked_arrays(tracked: Tracked) -> list[NDArray[np.float32]]:
    """Return all arrays of what was found, each with the shape and the range that the model promises."""
    promised: list[tuple[NDArray[np.float32], tuple[int, ...]]] = []
    if tracked.pose is not None:
        visibility = tracked.pose.visibility
        assert 0 <= visibility.min() <= visibility.max() <= 1
        promised += [(tracked.pose.image, (POSE_COUNT, 3)), (tracked.pose.world, (POSE_COUNT, 3))]
        promised += [(visibility, (POSE_COUNT,))]
    if tracked.face is not None:
        promised += [(tracked.face.image, (FACE_COUNT, 3))]
    for hand in (tracked.left_hand, tracked.right_hand):
        if hand is not None:
            assert 0 < hand.score <= 1
            promised += [(hand.image, (HAND_COUNT, 3)), (hand.world, (HAND_COUNT, 3))]
    for array, shape in promised:
        assert (array.shape, array.dtype, array.flags.c_contiguous) == (shape, np.float32, True)
        assert np.isfinite(array).all()
    return [array for array, _ in promised]


def pixels(landmarks: NDArray[np.float32], size_wh: tuple[int, int]) -> NDArray[np.float32]:
    """Return where image-space landmarks are, (n, 2) pixels."""
    return landmarks[:, :2] * np.array(size_wh, np.float32)
