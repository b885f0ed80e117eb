"""A room's mixer: the camera's rigs and further sources' poses, from their threads, → the room's rigs."""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from mocast.mixing.complete_pose import completed
from mocast.mixing.mixer import ALIVE_S, Mixer
from mocast.mixing.mixer_options import MixerOptions
from mocast.model.blendshapes import EXPRESSION_COUNT, SHAPE_COUNT
from mocast.model.humanoid import BONE_COUNT, REST_POSITIONS, HumanoidBone
from mocast.model.mixed_parts import SOURCES, SourceName
from mocast.model.rig import Found, Rig
from mocast.model.source_pose import SourcePose
from mocast.model.tracked import Tracked
from mocast.pipeline.fanout import Fanout
from mocast.pipeline.protocols import Rigger

HIGHEST_RATE: Final = 60.0
"""Rigs a second, at most, while there is no camera that they could go out with."""
HELD_S: Final = 1.0
"""Who feeds a source keeps it until so long after its last pose; others' poses are passed over meanwhile."""
SHOWN_S: Final = 10.0
"""A source is shown until so long after its last pose."""
_RATE_WINDOW: Final = 32
"""Poses over which a source's rate is measured."""


@dataclass(slots=True, eq=False)
class _Feed:
    """What is known of a source's last feeder."""

    feeder: object
    "Whoever feeds it: compared by identity."
    came_s: deque[float]
    "When the last poses came."


class RoomMixer:
    """Mixes one room's rigs. Its methods may be called on any thread.

    While no source has fed it lately, a camera's rig passes untouched.
    """

    def __init__(
        self,
        rigs: Fanout[Rig],
        tick: Callable[[], tuple[int, int]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``tick`` returns the room's next frame number, and its pts now: for rigs without a camera's frame."""
        self._rigs = rigs
        self._tick = tick
        self._clock = clock
        self._lock = threading.Lock()
        self._mixer = Mixer()
        self._feeds: dict[SourceName, _Feed] = {}
        self._camera_s: deque[float] = deque(maxlen=_RATE_WINDOW)
        self._camera_rig: Rig | None = None
        "The camera's last."
        self._was_passed = False
        self._sent_at_s = float("-inf")
        "When the last rig without a camera was sent."

    @property
    def options(self) -> MixerOptions:
        """Who leads each part."""
        return self._mixer.options

    @options.setter
    def options(self, options: MixerOptions) -> None:
        with self._lock:
            self._mixer.options = options

    def mixed(self, rig: Rig) -> Rig:
        """Return what the room shows for a camera's rig: the rig itself, where no other source is needed."""
        now_s = self._clock()
        self._camera_s.append(now_s)
        self._camera_rig = rig
        if not self._mixer.is_needed(now_s):
            self._was_passed = True
            return rig
        with self._lock:
            if self._was_passed:
                self._mixer.pass_by(rig)
                self._was_passed = False
            return self._mixer.mix(rig, now_s)

    @contextlib.contextmanager
    def feed(self, source: SourceName) -> Iterator[Callable[[SourcePose], None]]:
        """Yield what takes a source's poses, from any thread, while the context lasts."""
        feeder = object()
        try:
            yield lambda pose: self._hear(source, pose, feeder)
        finally:
            with self._lock:
                feed = self._feeds.get(source)
                if feed is not None and feed.feeder is feeder:
                    del self._feeds[source]

    def _hear(self, source: SourceName, pose: SourcePose, feeder: object) -> None:
        whole = completed(pose)
        with self._lock:
            now_s = self._clock()
            feed = self._feeds.get(source)
            if feed is None or (feed.feeder is not feeder and now_s - feed.came_s[-1] > HELD_S):
                feed = self._feeds[source] = _Feed(feeder, deque(maxlen=_RATE_WINDOW))
            if feed.feeder is not feeder:
                return
            feed.came_s.append(now_s)
            self._mixer.hear(source, whole, now_s)
            rig = self._without_camera(now_s)
        if rig is not None:
            self._rigs.send(rig)

    def _without_camera(self, now_s: float) -> Rig | None:
        """Return a rig where no camera's will come that it could go out with, and one is due."""
        camera_lives = bool(self._camera_s) and now_s - self._camera_s[-1] <= ALIVE_S
        if camera_lives or now_s - self._sent_at_s < 0.9 / HIGHEST_RATE or not len(self._rigs):
            return None
        if self._was_passed and self._camera_rig is not None:
            self._mixer.pass_by(self._camera_rig)
            self._was_passed = False
        self._sent_at_s = now_s
        frame, pts = self._tick()
        now_ns = time.monotonic_ns()
        template = replace(_AT_REST, frame=frame, pts=pts, decoded_at_ns=now_ns, rigged_at_ns=now_ns)
        return self._mixer.mix(template, now_s, is_camera=False)

    def snapshot(self) -> dict[str, Any]:
        """Return who leads each part, and the sources that are there, as the API shows them."""
        with self._lock:
            now_s = self._clock()
            lives = bool(self._camera_s) and now_s - self._camera_s[-1] <= ALIVE_S
            leaders = self._mixer.leaders(self._camera_rig if lives else None, now_s)
            came: dict[SourceName, deque[float]] = {name: feed.came_s for name, feed in self._feeds.items()}
            came["camera"] = self._camera_s
            orders = self._mixer.options
        return {
            "parts": {
                part: {"order": list(getattr(orders, part)), "leader": leader} for part, leader in leaders.items()
            },
            "sources": [
                _source(name, came[name], now_s)
                for name in SOURCES
                if came.get(name) and now_s - came[name][-1] <= SHOWN_S
            ],
        }


def _source(name: SourceName, came_s: deque[float], now_s: float) -> dict[str, Any]:
    """Return a source as the API shows it."""
    times = tuple(came_s)
    silent_s = now_s - times[-1]
    span_s = times[-1] - times[0]
    rate = (len(times) - 1) / span_s if span_s > 0 and silent_s <= ALIVE_S else 0.0
    return {"source": name, "live": silent_s <= ALIVE_S, "fps": round(rate, 1)}


class MixingRigger:
    """A camera's rigger whose rigs are the room's: those of its first person are mixed."""

    def __init__(self, rigger: Rigger, mixer: RoomMixer) -> None:
        self._rigger = rigger
        self._mixer = mixer

    def rig(self, tracked: Tracked) -> Rig:
        """Return the rig of the next frame."""
        rig = self._rigger.rig(tracked)
        return self._mixer.mixed(rig) if rig.person == 0 else rig


_AT_REST: Final = Rig(
    frame=0,
    pts=0,
    decoded_at_ns=0,
    rigged_at_ns=0,
    hips=REST_POSITIONS[HumanoidBone.HIPS].copy(),
    rotations=np.tile(np.array([0, 0, 0, 1], np.float32), (BONE_COUNT, 1)),
    shapes=np.zeros(SHAPE_COUNT, np.float32),
    expressions=np.zeros(EXPRESSION_COUNT, np.float32),
    gaze_deg=np.zeros(2, np.float32),
    found=Found(),
    head=None,
)
