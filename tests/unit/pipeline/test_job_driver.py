import numpy as np
from tests import people

from mocast.model.frame import Frame
from mocast.model.options import DrawOptions
from mocast.model.tracked import Tracked
from mocast.pipeline.job_driver import JobFrame, tracked_frames

PICTURE = np.zeros((48, 64, 3), np.uint8)


class ShakingProcessor:
    """Finds a body that jumps from frame to frame, and remembers what it is told to draw."""

    def __init__(self) -> None:
        self.drawn: list[tuple[int, Tracked]] = []

    def process(self, frame: Frame) -> Tracked:
        found = people.pose()
        found.image[:, 0] += 0.1 * (frame.number % 2)
        return people.tracked(pose=found, pts=frame.pts)

    def draw(self, frame: Frame, tracked: Tracked, options: DrawOptions) -> np.ndarray:
        self.drawn.append((frame.number, tracked))
        return frame.rgb


def test_with_smoothing_the_picture_shows_the_smoothed_landmarks_of_its_own_frame() -> None:
    processor = ShakingProcessor()
    frames = [
        JobFrame(Frame(number, 3000 * number, 0, PICTURE), number, PICTURE.copy, number - 2) for number in range(40)
    ]
    found = list(tracked_frames(processor, frames, DrawOptions(), smooth=True))  # type: ignore[arg-type]
    assert [item.source_pts for item, _, _ in found] == list(range(40))
    assert [number for number, _ in processor.drawn] == list(range(2, 40))
    assert all(drawn is None for _, _, drawn in found[:2])
    for (item, tracked, _), (number, shown) in zip(found[2:], processor.drawn, strict=True):
        assert (item.source_pts, tracked.pts) == (number, 3000 * number)
        assert shown is tracked
    jumps = np.diff([tracked.pose.image[0, 0] for _, tracked, _ in found[5:-5] if tracked.pose])
    assert abs(jumps).max() < 0.05
