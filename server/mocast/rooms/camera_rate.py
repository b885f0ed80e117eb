"""The frame rate that a camera is asked for, where more frames come than can be tracked."""

import time
from collections.abc import Callable
from typing import Final

WINDOW_S: Final = 1.0
"""Frames are counted for this long before the rate is decided anew."""

TOLERATED_DROPS: Final = 0.4
"""Share of the frames that may be dropped. A server that is a little behind asks for nothing."""

HEADROOM: Final = 1.5
"""Rate that is asked for, as a multiple of the tracked rate. A room tracks its newest frame when its turn comes; the
fewer frames come, the older that one is: with 1.1, the 95th percentile of four sessions' round trips on two busy cores
was 0.20 s, with 1.5 it was 0.15 s."""

FEW_DROPS: Final = 0.2
"""Share of dropped frames up to which the bound rises: the server can track more than before. While it tracks as much
as before, ``HEADROOM`` has a third of the frames dropped."""

RISE: Final = 1.2
"""From one window to the next: from 10 to 30 frames a second in 6 s."""

LATE_WINDOWS: Final = 2
"""Windows in a row with too many drops before a rate is asked for: connecting, a key frame or a change of trackers is
over by then."""

LEAST_FPS: Final = 15.0
"""No camera is asked for less: a frame could be more than 67 ms old when its turn comes."""

SAME: Final = 0.05
"""Share by which a new bound must differ to replace the old one: of a camera that ignores the bound, every window gives
a new one."""


class CameraRate:
    """Bounds a camera's frame rate at ``HEADROOM`` times its tracked rate. From one thread at a time.

    A dropped frame still costs the camera its encoding, both sides its packets and the server its decoding. On a server
    that cannot track all frames of its sessions, that work is taken from the frames that it could track.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock``: seconds."""
        self.fps: float | None = None
        "Frames a second that are asked for at most; ``None``: all that the camera has."
        self._clock = clock
        self._began_s = clock()
        self._received = self._dropped = 0
        self._unbounded_fps = 0.0
        "What the camera sent before it was asked for less."
        self._late_windows = 0

    def received(self, *, dropped: bool) -> bool:
        """Count a frame, and whether one was dropped for it; return whether ``fps`` has changed."""
        self._received += 1
        self._dropped += dropped
        passed_s = self._clock() - self._began_s
        if passed_s < WINDOW_S:
            return False
        before = self.fps
        self._look(self._received / passed_s, self._dropped / self._received)
        self._began_s += passed_s
        self._received = self._dropped = 0
        return self.fps != before

    def _look(self, received_fps: float, dropped: float) -> None:
        """Decide anew. ``dropped``: share of the frames."""
        if self.fps is None:
            self._unbounded_fps = received_fps
        self._late_windows = self._late_windows + 1 if dropped > TOLERATED_DROPS else 0
        if self._late_windows >= LATE_WINDOWS:
            self._late_windows = 0
            bound = max(LEAST_FPS, round(HEADROOM * (1 - dropped) * received_fps, 1))
            if self.fps is None or abs(bound - self.fps) > SAME * self.fps:
                self.fps = bound
        elif self.fps is not None and dropped <= FEW_DROPS:
            more = round(RISE * self.fps, 1)
            self.fps = more if more < self._unbounded_fps else None
