"""A room's mixer: the camera's rigs and further sources' poses, from their threads, → the room's rigs."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np

from mocast.mixing.complete_pose import completed
from mocast.mixing.liveness import Liveness
from mocast.mixing.mixer import Mixer
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
"""Rigs a second, at most, while no camera is live with whose rigs the poses could go out."""
HELD_S: Final = 1.0
"""A source belongs to one feeder until this long after its last pose; other feeders' poses are ignored meanwhile."""
SHOWN_S: Final = 10.0
"""A source is listed until this long after its last pose."""


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
        self._feeders: dict[SourceName, object] = {}
        "The feeder of each source; compared by identity."
        self._camera = Liveness()
        self._camera_rig: Rig | None = None
        "The camera's last."
        self._is_bypassed = False
        self._sent_at_s = float("-inf")
        "When the last rig without a camera was sent."
        self._sent_pts: int | None = None
        "The pts of that rig, until a camera's rig has a later one."

    @property
    def options(self) -> MixerOptions:
        """Who leads each part."""
        return self._mixer.options

    @options.setter
    def options(self, options: MixerOptions) -> None:
        with self._lock:
            self._mixer.change(options, self._clock())

    def mixed(self, rig: Rig) -> Rig:
        """Return what the room shows for a camera's rig: the rig itself, where no other source is needed.

        Rigs without a camera may have been sent while its frame was tracked; its pts is then moved behind theirs.
        """
        rig = self._in_order(rig)
        now_s = self._clock()
        self._camera.received(now_s)
        self._camera_rig = rig
        if not self._mixer.is_needed(now_s):
            self._is_bypassed = True
            return rig
        with self._lock:
            if self._is_bypassed:
                self._mixer.bypass(rig)
                self._is_bypassed = False
            return self._mixer.mix(rig, now_s)

    def _in_order(self, rig: Rig) -> Rig:
        if self._sent_pts is None:
            return rig
        with self._lock:
            if rig.pts > self._sent_pts:
                self._sent_pts = None
                return rig
            self._sent_pts += 1
            return replace(rig, pts=self._sent_pts)

    @contextlib.contextmanager
    def feed(self, source: SourceName) -> Iterator[Callable[[SourcePose], None]]:
        """Yield what takes a source's poses, from any thread, while the context lasts."""
        feeder = object()
        try:
            yield lambda pose: self._receive(source, pose, feeder)
        finally:
            with self._lock:
                if self._feeders.get(source) is feeder:
                    del self._feeders[source]

    def _receive(self, source: SourceName, pose: SourcePose, feeder: object) -> None:
        whole = completed(pose)
        with self._lock:
            now_s = self._clock()
            if self._feeders.setdefault(source, feeder) is not feeder:
                if now_s - self._mixer.liveness()[source].at_s <= HELD_S:
                    return
                self._feeders[source] = feeder
            self._mixer.receive(source, whole, now_s)
            rig = self._without_camera(now_s)
        if rig is not None:
            self._rigs.send(rig)

    def _without_camera(self, now_s: float) -> Rig | None:
        """Return a rig of the further sources alone, where no camera is live and one is due; else ``None``."""
        if self._camera.is_live(now_s) or now_s - self._sent_at_s < 0.9 / HIGHEST_RATE or not len(self._rigs):
            return None
        if self._is_bypassed and self._camera_rig is not None:
            self._mixer.bypass(self._camera_rig)
            self._is_bypassed = False
        self._sent_at_s = now_s
        frame, pts = self._tick()
        self._sent_pts = pts
        now_ns = time.monotonic_ns()
        template = replace(_AT_REST, frame=frame, pts=pts, decoded_at_ns=now_ns, rigged_at_ns=now_ns)
        return self._mixer.mix(template, now_s, is_camera=False)

    def snapshot(self) -> dict[str, Any]:
        """Return who leads each part, and the sources that are there, as the API shows them."""
        with self._lock:
            now_s = self._clock()
            leaders = self._mixer.leaders(self._camera_rig if self._camera.is_live(now_s) else None, now_s)
            live = self._mixer.liveness() | {"camera": self._camera}
            orders = self._mixer.options
        return {
            "parts": {
                part: {"order": list(getattr(orders, part)), "leader": leader} for part, leader in leaders.items()
            },
            "sources": [
                {"source": name, "live": live[name].is_live(now_s), "fps": round(live[name].fps(now_s), 1)}
                for name in SOURCES
                if name in live and now_s - live[name].at_s <= SHOWN_S
            ],
        }


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
