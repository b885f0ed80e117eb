"""Small real classes that stand in for slow or outside parts, and builders of valid data."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mocast.errors import Conflict, TrackingError, Unavailable, Unprocessable
from mocast.limiter import Limit, Limiter
from mocast.model.blendshapes import EXPRESSION_COUNT, SHAPE_COUNT
from mocast.model.canvas import HudStats
from mocast.model.frame import Frame, RgbImage
from mocast.model.humanoid import BONE_COUNT
from mocast.model.options import DrawOptions, Quality, RigOptions, SessionOptions, TrackerName
from mocast.model.rig import Found, Rig
from mocast.model.tracked import NO_FACES, FaceBoxes, Pose, Tracked
from mocast.pipeline.fanout import Fanout
from mocast.rigging.calibration.calibration import Calibration
from mocast.webrtc.video_encoder import EncodedFrame

_RIG_DEFAULTS = RigOptions()


def rig(frame: int = 0, *, pts: int | None = None, decoded_at_ns: int = 0, hips_x: float = 0.0) -> Rig:
    """A rig at rest."""
    return Rig(
        frame=frame,
        pts=3000 * frame if pts is None else pts,
        decoded_at_ns=decoded_at_ns,
        rigged_at_ns=time.monotonic_ns(),
        hips=np.float32([hips_x, 0.9, 0]),
        rotations=np.tile(np.float32([0, 0, 0, 1]), (BONE_COUNT, 1)),
        shapes=np.zeros(SHAPE_COUNT, np.float32),
        expressions=np.zeros(EXPRESSION_COUNT, np.float32),
        gaze_deg=np.zeros(2, np.float32),
        found=Found(),
        head=None,
    )


def make_limiter(**server: int) -> Limiter:
    """A limiter of what the server has, without a client's share of it: what is needed for pictures, and ``server``."""
    pictures = {"uploads": 64, "upload_bytes": 2**27, "pictures": 8}
    return Limiter({kind: Limit(server=most) for kind, most in {**pictures, **server}.items()})  # type: ignore[misc]


class HttpTransport:
    """The transport of a request that knows where it comes from."""

    def __init__(self, peername: object) -> None:
        self._peername = peername

    def get_extra_info(self, name: str, default: object = None) -> object:
        return self._peername if name == "peername" else default

    def is_closing(self) -> bool:
        return False


class CentreTracker:
    """Finds a "pose" whose 33 landmarks all lie at the middle of the brightest square of the picture.

    Of several people, all are there.
    """

    def __init__(
        self, name: TrackerName = "pose", quality: Quality = "balanced", *, takes_s: float = 0.0, people: int = 1
    ) -> None:
        self.people = people
        self.name = name
        self.quality = quality
        self.closed = False
        self.frames: list[int] = []
        self.fail_on: set[int] = set()
        self._takes_s = takes_s

    def track(self, frame: Frame) -> Tracked:
        started = time.monotonic_ns()
        self.frames.append(frame.number)
        if frame.number in self.fail_on:
            raise TrackingError("told to fail")
        if self._takes_s:
            time.sleep(self._takes_s)
        rows, columns = np.nonzero(frame.rgb[..., 0] > 200)
        pose = None
        if len(rows):
            height, width = frame.rgb.shape[:2]
            image = np.tile(np.float32([columns.mean() / width, rows.mean() / height, 0]), (33, 1))
            pose = Pose(image, np.zeros((33, 3), np.float32), np.ones(33, np.float32))
        done = time.monotonic_ns()
        first = Tracked(
            frame.number,
            frame.pts,
            frame.decoded_at_ns,
            frame.size_wh,
            tracked_at_ns=done,
            tracking_ns=done - started,
            pose=pose,
        )
        return replace(first, others=tuple(replace(first, person=person) for person in range(1, self.people)))

    def close(self) -> None:
        self.closed = True


SHORT_S = 0.05


class CallLimit(float):
    """A time limit of a tracker's calls: short while a call is made that hangs, and above what any other takes."""

    def __new__(cls, *, is_short: bool = False) -> "CallLimit":
        return super().__new__(cls, 60)

    def __init__(self, *, is_short: bool = False) -> None:
        self.is_short = is_short

    def __truediv__(self, parts: float) -> float:
        return SHORT_S if self.is_short else super().__truediv__(parts)


OnFailure = Callable[[TrackingError], None] | None


class NoFaces:
    """Finds no face, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def find(self, rgb: RgbImage, pts: int) -> FaceBoxes:
        self.asked += 1
        return NO_FACES


class FakeTrackers:
    """Gives out ``CentreTracker``s and remembers them."""

    def __init__(self) -> None:
        self.out: list[CentreTracker] = []
        self.released: list[CentreTracker] = []
        self._lock = threading.Lock()

    def acquire(
        self,
        tracker: TrackerName,
        quality: Quality,
        *,
        still: bool = False,
        people: int = 1,
        takes_turns: bool = False,
        on_failure: OnFailure = None,
    ) -> CentreTracker:
        with self._lock:
            self.out.append(CentreTracker(tracker, quality, people=people))
            return self.out[-1]

    def require_people(self, tracker: TrackerName, people: int) -> None:
        if people > 1 and tracker not in ("holistic", "pose"):
            raise Unprocessable(f'The tracker "{tracker}" tracks one person.')

    def every_face(self, *, still: bool = False) -> NoFaces:
        return NoFaces()

    def release(self, tracker: CentreTracker) -> None:
        with self._lock:
            tracker.close()
            self.released.append(tracker)


class GatedTrackers(FakeTrackers):
    """Makes whoever wants a tracker wait for ``gate``, and says by ``wanted`` that somebody does."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted = threading.Event()
        self.gate = threading.Event()

    def acquire(self, tracker: TrackerName, quality: Quality, **more: Any) -> CentreTracker:
        self.wanted.set()
        assert self.gate.wait(60)
        return super().acquire(tracker, quality, **more)


class FailingTrackers(FakeTrackers):
    """Gives out trackers that fail on their first frame."""

    def acquire(self, tracker: TrackerName, quality: Quality, **more: Any) -> CentreTracker:
        failing = super().acquire(tracker, quality, **more)
        failing.fail_on = {0}
        return failing


class CountingRigger:
    """Holds the rest pose; the hips' x says how many rigs it made."""

    def __init__(self, options: RigOptions = _RIG_DEFAULTS) -> None:
        self.options = options
        self.made = 0
        self.fail_on: set[int] = set()
        self.calibrations: dict[int, Calibration | None] = {}
        self.sees_face = True
        self.may_measure = threading.Event()
        "A calibration lasts until the first frame at which it is set."
        self.may_measure.set()
        self._on_done: Callable[[Calibration], None] | None = None
        self._person = 0

    def calibration_of(self, person: int) -> Calibration | None:
        return self.calibrations.get(person)

    def replace_calibration(self, person: int, calibration: Calibration | None) -> None:
        self.calibrations[person] = calibration

    def calibrate(self, seconds: float, t_pose: bool, person: int, *, on_done: Callable[[Calibration], None]) -> None:
        if not self.sees_face:
            raise Conflict("No face is seen to calibrate.")
        self._on_done, self._person = on_done, person

    def stop_calibrating(self) -> None:
        self._on_done = None

    def rig(self, tracked: Tracked) -> Rig:
        self.made += 1
        if self._on_done is not None and self.may_measure.is_set():
            on_done, self._on_done = self._on_done, None
            measured = self.calibrations[self._person] = Calibration()
            on_done(measured)
        if tracked.frame in self.fail_on:
            raise RuntimeError("told to fail")
        made = rig(tracked.frame, pts=tracked.pts, decoded_at_ns=tracked.decoded_at_ns, hips_x=self.made / 1000)
        return replace(made, person=tracked.person)


class PlainRenderer:
    """Draws nothing."""

    def render(
        self,
        rgb: RgbImage,
        tracked: Tracked,
        options: DrawOptions,
        stats: HudStats | None = None,
        faces: FaceBoxes = NO_FACES,
    ) -> RgbImage:
        return rgb


class CollectingOutput:
    """Keeps every picture that it is sent."""

    def __init__(self) -> None:
        self.pictures: list[tuple[int, RgbImage]] = []
        self.wanted = True

    def send(self, rgb: RgbImage, pts: int) -> bool:
        self.pictures.append((pts, rgb))
        return False


class CollectingSink:
    """Keeps all that it is sent, and lets a test wait for it."""

    def __init__(self) -> None:
        self.tracked: list[Tracked] = []
        self.closed = False
        self._changed = threading.Condition()

    def send(self, tracked: Tracked) -> None:
        with self._changed:
            self.tracked.append(tracked)
            self._changed.notify_all()

    def close(self) -> None:
        self.closed = True

    def wait_for(self, count: int, timeout_s: float = 60) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.tracked) >= count, timeout_s), len(self.tracked)


class ReadyFrame:
    """A frame whose pixels are there already."""

    def __init__(self, number: int, rgb: RgbImage | None = None) -> None:
        self.number = number
        self.pts = number * 3000
        self.decoded_at_ns = time.monotonic_ns()
        self._rgb = np.zeros((48, 64, 3), np.uint8) if rgb is None else rgb

    def to_rgb(self) -> RgbImage:
        return self._rgb.copy()


def options(**draw: object) -> SessionOptions:
    """Session options with some of how they are drawn."""
    return SessionOptions(draw=DrawOptions(**draw))  # type: ignore[arg-type]


class SettableClock:
    """Stands in for the ``time`` module: a monotonic clock that a test moves by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@dataclass
class FakeStream:
    """A stream that is only a fan-out."""

    fanout: Fanout[Any] = field(default_factory=Fanout)


class HeldRoom:
    """A room of streams that counts who holds it."""

    def __init__(self) -> None:
        self.streams = {name: FakeStream() for name in ("landmarks", "rig", "analysis")}
        self.held = 0

    def sinks(self, stream: str) -> int:
        """How many sinks a stream has."""
        return len(self.streams[stream].fanout)


class HeldRooms:
    """Rooms by name, each made when it is first held."""

    def __init__(self) -> None:
        self.by_name: dict[str, HeldRoom] = {}
        self.draining = False

    @contextmanager
    def lease(self, name: str, kind: str) -> Iterator[HeldRoom]:
        assert kind == "recording"
        if self.draining:
            raise Unavailable("draining")
        room = self.by_name.setdefault(name, HeldRoom())
        room.held += 1
        try:
            yield room
        finally:
            room.held -= 1


class FrameSender:
    """A client's connection, as far as pictures go: keeps what was sent."""

    def __init__(self) -> None:
        self.sent: list[EncodedFrame] = []
        self._has_more = asyncio.Event()

    def send(self, frame: EncodedFrame) -> None:
        self.sent.append(frame)
        self._has_more.set()

    async def until(self, count: int) -> None:
        """Wait until so many pictures were sent."""
        async with asyncio.timeout(60):
            while len(self.sent) < count:
                self._has_more.clear()
                await self._has_more.wait()


class FakeKeyboard:
    """Keeps what is pressed (``+a``) and let go (``-a``)."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.is_closed = False
        self._changed = asyncio.Event()

    def press(self, name: str) -> None:
        self._do(f"+{name}")

    def release(self, name: str) -> None:
        self._do(f"-{name}")

    def close(self) -> None:
        self.is_closed = True

    async def until(self, count: int) -> None:
        """Wait until so much was done."""
        async with asyncio.timeout(60):
            while len(self.did) < count:
                self._changed.clear()
                await self._changed.wait()

    def _do(self, what: str) -> None:
        self.did.append(what)
        self._changed.set()
