"""How far landmarks are from those of a run in one piece, by frames of warm-up: ``python -m bench.seams --clip FILE``.

``mocast process`` cuts long files into segments, and tracks some frames before each one so that its landmarks are as if
nothing had been cut. Here trackers begin in many places of a clip, played forward and backward, and each of their
frames is compared with the same frame of one that began at the clip's start. The row "as segments are" begins with the
frames that ``mocast process`` takes before a segment of this tracker. The last row is the tracker's own noise: two runs
in one piece, in one of which every value of every pixel is off by -1, 0 or 1.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from bench.clips import TICKS, stream, there_and_back
from bench.report import parser, save, table
from mocast.jobs.segment_plan import FAR_BACK, WARM_UP, far_frames
from mocast.model.frame import Frame
from mocast.model.options import OfflineQuality, TrackerName
from mocast.model.tracked import Tracked
from mocast.tracking.engines import FAST, EngineOptions
from mocast.tracking.pool import TrackerPool

AFTER: Final = (0, 8, WARM_UP, 48, 96)
"""Frames of warm-up that are shown."""
BEGINS_EVERY: Final = 44
FPS: Final = 30
AROUND: Final = 4
"""So many frames from each of ``AFTER`` on are taken together."""
PARTS: Final = {"pose": ("pose",), "hands": ("left_hand", "right_hand"), "face": ("face",)}


def main() -> None:
    options = parser(__doc__, seconds=20)
    options.add_argument("--tracker", choices=get_args(TrackerName), default="holistic")
    options.add_argument("--quality", choices=get_args(OfflineQuality), default="balanced")
    arguments = options.parse_args()
    frames = long_clip(list(stream(arguments.clip, None)), round(arguments.seconds * FPS))
    pool = TrackerPool(FAST, EngineOptions(threads=1))
    tracker: TrackerName = arguments.tracker

    def run(part: Sequence[Frame]) -> list[Tracked]:
        return tracked(pool, tracker, arguments.quality, part)

    whole = run(frames)
    begins = range(FAR_BACK, len(frames) - max(AFTER) - AROUND, BEGINS_EVERY)
    begun = {begin: run(frames[begin : begin + max(AFTER) + AROUND]) for begin in begins}
    rows = []
    for after in AFTER:
        pairs = [(begun[begin][k], whole[begin + k]) for begin in begins for k in range(after, after + AROUND)]
        rows.append([f"after {after} frames", *cells(pairs)])
    led_in = [run(segment(frames, begin + WARM_UP, tracker))[-AROUND:] for begin in begins]
    pairs = [
        pair
        for begin, after in zip(begins, led_in, strict=True)
        for pair in zip(after, whole[begin + WARM_UP :], strict=False)
    ]
    rows.append(["as segments are", *cells(pairs)])
    noisy = run(with_noise(frames))
    rows.append(["own noise", *cells(list(zip(noisy, whole, strict=True))[FAR_BACK:])])
    head = (f"{tracker}, {arguments.quality}, px: median, p95", *PARTS)
    save(arguments.out, "seams", [], f"{table(head, rows)}\n\n{len(begins)} beginnings in {len(frames)} frames.", {})


def tracked(pool: TrackerPool, name: TrackerName, quality: OfflineQuality, frames: Sequence[Frame]) -> list[Tracked]:
    """Return what a new tracker finds."""
    tracker = pool.acquire(name, quality)
    try:
        return [tracker.track(frame) for frame in frames]
    finally:
        pool.release(tracker)


def long_clip(frames: Sequence[Frame], count: int) -> list[Frame]:
    """Return so many frames, forward and backward, so that nobody ever jumps."""
    return [
        replace(frames[there_and_back(number, len(frames))], number=number, pts=number * TICKS)
        for number in range(count)
    ]


def segment(frames: Sequence[Frame], begin: int, tracker: TrackerName) -> list[Frame]:
    """Return the frames of a segment that begins there: those before it, and its first ``AROUND``."""
    warm_up = begin - WARM_UP
    far = [replace(frames[number], only_body=True) for number in far_frames(begin, warm_up, tracker=tracker)]
    return [*far, *frames[warm_up : begin + AROUND]]


def with_noise(frames: Sequence[Frame]) -> list[Frame]:
    """Return the frames with every value off by -1, 0 or 1."""
    random = np.random.default_rng(1)
    return [
        replace(
            frame,
            rgb=np.clip(frame.rgb + random.integers(-1, 2, frame.rgb.shape, np.int16), 0, 255).astype(np.uint8),
        )
        for frame in frames
    ]


def cells(pairs: Sequence[tuple[Tracked, Tracked]]) -> list[str]:
    """Return median and p95 of the distances, for each of ``PARTS``."""
    found = []
    for names in PARTS.values():
        distances = [distances_px(*pair, name) for pair in pairs for name in names]
        every = np.concatenate([np.zeros(0), *distances])
        found.append(", ".join(f"{value:.2f}" for value in np.percentile(every, (50, 95))) if len(every) else "")
    return found


def distances_px(one: Tracked, other: Tracked, name: str) -> NDArray[np.float64]:
    """Return how far a part's landmarks are apart, those of a body where they are visible; none where one is not."""
    first, second = getattr(one, name), getattr(other, name)
    if first is None or second is None:
        return np.zeros(0)
    apart = np.hypot(*((first.image - second.image)[:, :2] * one.size_wh).T)
    return np.asarray(apart[first.visibility > 0.5] if name == "pose" else apart, np.float64)


if __name__ == "__main__":
    main()
