"""The frame rate that a camera is asked for, where more frames come than can be tracked."""

import time
from collections.abc import Callable
from typing import Final

WINDOW_S: Final = 1.0
"""Frames are counted for this long before the rate is decided anew."""

TOLERATED_DROPS: Final = 0.25
"""Share of the frames that may be dropped. A server that is a little behind asks for nothing."""

HEADROOM: Final = 1.2
"""Rate that is asked for, as a multiple of the tracked rate: with none to spare, a core that is free waits for a frame.
With 1.5 a third of what four sessions on two cores sent was dropped, and what was tracked was no newer: fewer frames
are older when a room's turn comes, but turns come sooner."""

FEW_DROPS: Final = 0.08
"""Share of dropped frames up to which the bound rises: the server can track more than before. While it tracks as much
as before, ``HEADROOM`` has a sixth of the frames dropped."""

RISE: Final = 1.2
"""From one window to the next: from 10 to 30 frames a second in 6 s."""

LATE_WINDOWS: Final = 3
"""Windows in a row with too many drops before a rate is asked for, by the one in which most frames were tracked. So
connecting, a key frame, a change of trackers, or what another program does for a moment does not count: after it, a
camera would send less than can be tracked for seconds."""

LEAST_FPS: Final = 15.0
"""No camera is asked for less: a frame could be more than 67 ms old when its turn comes."""

SAME: Final = 0.1
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
        self._late_fps: list[float] = []
        "Tracked frames a second, in each of the latest windows in a row with too many drops."

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
        self._late_fps = [*self._late_fps, (1 - dropped) * received_fps] if dropped > TOLERATED_DROPS else []
        if len(self._late_fps) >= LATE_WINDOWS:
            bound = max(LEAST_FPS, round(HEADROOM * max(self._late_fps), 1))
            self._late_fps = []
            if self.fps is None or abs(bound - self.fps) > SAME * self.fps:
                self.fps = bound
        elif self.fps is not None and dropped <= FEW_DROPS:
            more = round(RISE * self.fps, 1)
            self.fps = more if more < self._unbounded_fps else None
