"""The frame rates that cameras are asked for, where more frames come than can be tracked."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

WINDOW_S: Final = 1.0
"""Frames, and the time of slots, are counted for this long before rates are decided anew."""

FEW_DROPS: Final = 0.05
"""Share of the frames that may be dropped. A server that is a little behind asks for nothing."""

SATURATED: Final = 0.02
"""Share of the time of slots that is free at most where there is no time for more frames."""

SPARE: Final = 0.06
"""Share that is free at least where there is time for more. What is free does not rest: the cores encode and decode."""

ROOM_SATURATED: Final = 0.15
ROOM_SPARE: Final = 0.25
"""The same of the time of one room, between its frames: Python's lock takes it up to 5 ms of each, too."""

LOAD: Final = 0.96
"""Share of what is tracked that cameras are asked for, so that what is free is between ``SATURATED`` and ``SPARE``.
Frames come by no common clock: with less free they wait longer for their turn, and more are dropped for a newer one."""

RISE: Final = 1.2
"""From one rate to the next at most: from 15 to 30 frames a second in four steps."""

UNREACHED: Final = 1.1
"""A bound that is so many times the rate of the fastest camera bounds none."""

LATE_WINDOWS: Final = 3
"""Windows in a row with too many drops before a rate is asked for, by the one in which most frames were tracked. So
connecting, a key frame, a change of trackers, or what another program does for a moment does not count: after it, a
camera would send less than can be tracked for seconds."""

SPARE_WINDOWS: Final = 2
"""Windows in a row with time for more before a rate rises, by the one with the least of it."""

LEAST_FPS: Final = 15.0
"""No camera is asked for less: the frame after one is 67 ms later then, and nothing is extrapolated further than 75."""

SAME: Final = 0.01
"""Share by which a rate must differ to replace the one before."""


BITS_OF_PIXEL: Final = 2_000_000 / (640 * 480 * 30)
"""What landmarks need (docs/benchmarks.md, "What a camera needs"), and the page sends at most of 640x480."""

FULL_FPS: Final = 30.0
"""The frame rate at which it was measured."""


def bitrate(fps: float | None, size_wh: tuple[int, int], most: int) -> int:
    """Return the bits a second of a camera that is asked for ``fps`` frames: each has as many as one at ``FULL_FPS``.

    Else an encoder spends on fewer frames what it has for all, and each takes longer to encode, send and decode: at 15
    frames a second a third, twice and two thirds longer (VP8, 640x480). ``most``: of a camera that sends all frames.
    """
    if fps is None or 0 in size_wh:
        return most
    width, height = size_wh
    return round(min(1.0, fps / FULL_FPS) * min(most, BITS_OF_PIXEL * FULL_FPS * width * height))


class Scheduler(Protocol):
    """The slots that frames are tracked in, as far as it matters here: a ``FrameScheduler``."""

    slots: int

    @property
    def free_s(self) -> float:
        """Seconds for which slots were free, of all slots together."""


class Turns(Protocol):
    """A room's turns at these slots: a ``LiveDriver``."""

    @property
    def turns(self) -> int:
        """How many it had."""

    @property
    def away_s(self) -> float:
        """Seconds in which it neither had one nor waited for one, as there was no frame."""


class CameraRates:
    """Bounds the frame rates of all cameras of a process, so that few frames are sent that it has no time for.

    A dropped frame still costs the camera its encoding, both sides its packets and the server its decoding: work that
    is taken from the frames that could be tracked. And frames of cameras that send a little less than can be tracked
    hardly wait for their turn.

    All cameras have one bound, as rooms take turns: where no slot is ever free, ``LOAD`` of what is tracked of the one
    that is tracked most often. That may be one that does not heed it, or is not asked: it has as many turns as others.
    While slots are free the bound rises. A camera whose own room is too slow, though slots are free, has a bound of its
    own by the same rule.
    """

    def __init__(self, scheduler: Scheduler, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock``: seconds."""
        self._scheduler = scheduler
        self._clock = clock
        self._deciding = threading.Lock()
        self._cameras: list[CameraRate] = []
        self._bound = _Bound(SATURATED, SPARE)
        self._began_s = 0.0
        self._free_s = 0.0

    @property
    def fps(self) -> float | None:
        """Frames a second that every camera is asked for at most; ``None``: all that it has."""
        return self._bound.fps

    def add(self, turns: Turns, on_change: Callable[[], object]) -> "CameraRate":
        """Return the rate of another camera. ``on_change``: called on a thread of any camera, when it is another."""
        with self._deciding:
            if not self._cameras:
                self._bound = _Bound(SATURATED, SPARE)
                self._begin(self._clock())
            camera = CameraRate(self, turns, on_change)
            self._cameras.append(camera)
            return camera

    def remove(self, camera: "CameraRate") -> None:
        """Forget a camera that has gone."""
        with self._deciding:
            if camera in self._cameras:
                self._cameras.remove(camera)

    def look(self) -> None:
        """Decide anew where a window has passed."""
        now_s = self._clock()
        if now_s - self._began_s < WINDOW_S or not self._deciding.acquire(blocking=False):
            return
        try:
            changed = self._decide(now_s)
        finally:
            self._deciding.release()
        for camera in changed:
            camera.on_change()

    def _begin(self, now_s: float) -> None:
        self._began_s, self._free_s = now_s, self._scheduler.free_s

    def _decide(self, now_s: float) -> "list[CameraRate]":
        """Decide by the window that ends now; return the cameras whose rate is another."""
        passed_s = now_s - self._began_s
        if passed_s < WINDOW_S:  # another thread was first
            return []
        free = (self._scheduler.free_s - self._free_s) / (self._scheduler.slots * passed_s)
        self._begin(now_s)
        before = [camera.fps for camera in self._cameras]
        seen = [camera.take(passed_s) for camera in self._cameras]
        received_fps = [one.received_fps for one in seen]
        everybody = _Window(
            received_fps=max(received_fps, default=0.0),
            tracked_fps=max((one.tracked_fps for one in seen), default=0.0),
            dropped=sum(one.dropped * one.received_fps for one in seen) / max(sum(received_fps), 1e-9),
            free=free,
        )
        self._bound.look(everybody)
        for camera, one in zip(self._cameras, seen, strict=True):
            # Where no slot is free, nothing tells whether a room would be too slow with one.
            camera.own.look(one if free > SATURATED else replace(one, dropped=0.0))
        return [camera for camera, fps in zip(self._cameras, before, strict=True) if camera.fps != fps]


class CameraRate:
    """The rate of one camera."""

    def __init__(self, rates: CameraRates, turns: Turns, on_change: Callable[[], object]) -> None:
        self.on_change = on_change
        self.own = _Bound(ROOM_SATURATED, ROOM_SPARE)
        "What its room can track by itself."
        self._rates = rates
        self._turns = turns
        self._before = (turns.turns, turns.away_s)
        self._received = self._dropped = 0

    @property
    def fps(self) -> float | None:
        """Frames a second that it is asked for at most; ``None``: all that it has."""
        return min((fps for fps in (self._rates.fps, self.own.fps) if fps is not None), default=None)

    def received(self, *, dropped: bool) -> None:
        """Count a frame, and whether one was dropped for it. From one thread at a time."""
        self._received += 1
        self._dropped += dropped
        self._rates.look()

    def take(self, passed_s: float) -> "_Window":
        """Return what was since the last call, that long ago."""
        (turns, away_s), self._before = self._before, (self._turns.turns, self._turns.away_s)
        received, self._received, dropped, self._dropped = self._received, 0, self._dropped, 0
        return _Window(
            received_fps=received / passed_s,
            tracked_fps=(self._before[0] - turns) / passed_s,
            dropped=dropped / max(received, 1),
            free=(self._before[1] - away_s) / passed_s,
        )


@dataclass(frozen=True, slots=True)
class _Window:
    """What was counted in a window, of one camera or of all of them."""

    received_fps: float
    "Of all cameras, that of the fastest; so is ``tracked_fps``."
    tracked_fps: float
    dropped: float
    "Share of the frames."
    free: float
    "Share of the time in which a frame would have had its turn at once."


class _Bound:
    """One bound, by the windows that it is shown."""

    def __init__(self, saturated: float, spare: float) -> None:
        """``saturated``, ``spare``: the shares of the time, free at most and at least, by which it falls and rises."""
        self.fps: float | None = None
        "Frames a second; ``None``: there is no bound."
        self._saturated, self._spare = saturated, spare
        self._late_fps: list[float] = []
        "What was tracked in each of the latest windows in a row with too many drops."
        self._free: list[float] = []
        "What was free in each of the latest windows since the rate was changed."

    def look(self, window: _Window) -> None:
        """Decide anew, by the next window."""
        is_late = window.dropped > FEW_DROPS and window.free <= self._saturated
        self._late_fps = [*self._late_fps, window.tracked_fps] if is_late else []
        self._free = [*self._free, window.free][-SPARE_WINDOWS:]
        if len(self._late_fps) == LATE_WINDOWS:
            wanted = LOAD * max(self._late_fps)
            # Halfway: one that does not heed it has what others leave, and so the more the lower this is.
            self._set(wanted if self.fps is None else (self.fps + wanted) / 2)
            self._late_fps = []
        elif self.fps is not None and len(self._free) == SPARE_WINDOWS and min(self._free) > self._spare:
            self._set(self.fps * min(RISE, LOAD / (1 - min(self._free))))
            if self.fps > UNREACHED * window.received_fps:
                self.fps = None

    def _set(self, fps: float) -> None:
        fps = max(LEAST_FPS, round(fps, 1))
        if self.fps is None or abs(fps - self.fps) > SAME * self.fps:
            self.fps = fps
            self._free = []
