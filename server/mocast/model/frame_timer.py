"""The seconds between a stream's frames, from their RTP timestamps."""

from typing import Final

from mocast.model.pts import PTS_PER_S

DEFAULT_STEP_S: Final = 1 / 30
MAX_STEP_S: Final = 1.0
"""Gaps are clamped to this: everything is at rest by then."""


class FrameTimer:
    """Counts the seconds of one stream. Unlike tracking's ``TrackingTimestamps``, gaps are clamped."""

    def __init__(self) -> None:
        self.now_s = 0.0
        "Increases with every frame, whatever the timestamps do."
        self._pts: int | None = None

    def step_s(self, pts: int) -> float:
        """Return the seconds since the last frame, above 0: 1/30 where timestamps do not increase."""
        elapsed_s = 0.0 if self._pts is None else (pts - self._pts) / PTS_PER_S
        self._pts = pts
        step_s = min(elapsed_s, MAX_STEP_S) if elapsed_s > 0 else DEFAULT_STEP_S
        self.now_s += step_s
        return step_s
