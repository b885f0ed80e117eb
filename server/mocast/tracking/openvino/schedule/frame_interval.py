"""Frame interval: how far apart a stream's frames are, so that its networks run as often at 60 frames/s as at 30."""

from typing import Final

FULL_STEP_US: Final = 33_333
"""A frame at 30 frames per second, for which the qualities' numbers of frames were chosen."""
FAST_STEP_US: Final = 25_000
"""Below this mean interval the camera is faster than 30 frames per second, whose frames may come unevenly."""
MAX_STEP_US: Final = 200_000
"""A longer step is a pause, not a rate."""
GAIN: Final = 0.1
"""Weight of the newest step in the moving average."""


class FrameInterval:
    """The moving average of the time from one frame of a stream to the next, by the frames' own timestamps."""

    def __init__(self) -> None:
        self._mean_us = 0.0
        self._before_us: int | None = None

    def share(self, time_us: int) -> float:
        """Return how much of a frame at 30 frames per second the frame of that time is, 0..1: 0.5 at 60.

        1 at 30 and at less: the time of a frame that was left out is not made up for, or overload would make more work.
        """
        before_us, self._before_us = self._before_us, time_us
        if before_us is not None and 0 < (step_us := time_us - before_us) <= MAX_STEP_US:
            self._mean_us += (GAIN if self._mean_us else 1.0) * (step_us - self._mean_us)
        return self._mean_us / FULL_STEP_US if 0 < self._mean_us < FAST_STEP_US else 1.0
