"""A room's frames, from the newest one to its landmarks and its annotated picture."""

import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

import structlog

from mocast.errors import TrackingError
from mocast.model.canvas import HudStats
from mocast.model.frame import Frame, RgbImage
from mocast.model.options import DrawOptions, SessionOptions
from mocast.model.rig import Rig
from mocast.model.tracked import Tracked
from mocast.pipeline.extrapolate import extrapolate
from mocast.pipeline.fanout import Fanout
from mocast.pipeline.frame_scheduler import FrameScheduler
from mocast.pipeline.protocols import Rigger, Tracker
from mocast.pipeline.slot import LatestSlot
from mocast.pipeline.stats import PublisherStats

log = structlog.get_logger(__name__)

MAX_FAILURES_IN_A_ROW = 30
"""About a second of frames: what fails so long will not mend itself."""

LOG_EVERY_S = 1.0

TRACKER_FAILED = "the tracker failed and could not be mended"
"""What the client is told; the log says more."""


class DecodedFrame(Protocol):
    """A frame whose pixels are converted only when, and in the thread where, they are needed."""

    number: int
    pts: int
    decoded_at_ns: int

    def to_rgb(self) -> RgbImage:
        """Return the pixels in an array of the caller's own."""


class Renderer(Protocol):
    """Draws what was tracked."""

    def render(self, rgb: RgbImage, tracked: Tracked, options: DrawOptions, stats: HudStats | None = None) -> RgbImage:
        """Return the finished picture; ``rgb`` belongs to the renderer from here on."""


class PictureOutput(Protocol):
    """Where finished pictures go."""

    @property
    def wanted(self) -> bool:
        """Whether anybody watches: if not, nothing is drawn."""

    def send(self, rgb: RgbImage, pts: int) -> bool:
        """Take a picture without blocking; return whether an older one was dropped for it."""


class Pipeline:
    """One publisher's worker: takes the newest frame, tracks it, hands its rig and landmarks on, draws the picture.

    What nobody wants is not made: no rig while ``rigs`` is empty, no picture while nobody watches. The rig leaves
    first, as an avatar is what shows a delay most; the picture, which takes longest, last.

    In ``sync`` pace one thread does it all, so each picture carries its own landmarks. In ``smooth`` pace that thread
    draws every frame with predicted landmarks, and a second one tracks the newest. Privacy forces ``sync``: a
    predicted face might show.

    Rooms take turns at tracking. A frame is taken only when it is the room's turn, so that it is the newest, and in
    ``sync`` pace the turn lasts until it is drawn.

    ``frames_dropped`` counts the frames whose picture never came back. In ``smooth`` pace a frame that was not tracked,
    as a newer one came, is returned all the same and not among them: it is the gap between ``frames_in`` and
    ``frames_tracked``.
    """

    def __init__(
        self,
        *,
        tracker: Tracker,
        release: Callable[[Tracker], None],
        rigger: Rigger,
        renderer: Renderer,
        rigs: Fanout[Rig],
        landmarks: Fanout[Tracked],
        pictures: PictureOutput,
        turns: FrameScheduler,
        options: SessionOptions,
        on_failure: Callable[[str], None],
    ) -> None:
        self.statistics = PublisherStats()
        self.options = options
        self._tracker = tracker
        self._release = release
        self._rigger = rigger
        self._renderer = renderer
        self._rigs = rigs
        self._landmarks = landmarks
        self._pictures = pictures
        self._on_failure = on_failure
        self._frames: LatestSlot[DecodedFrame] = LatestSlot()
        self._to_track: LatestSlot[Frame] = LatestSlot()
        self._turn, self._turn_to_catch_up = turns.turn(), turns.turn()
        self._tracking = threading.RLock()
        self._history: tuple[Tracked | None, Tracked | None] = (None, None)
        self._stopped = False
        self._logged_at = float("-inf")
        self._threads = [
            threading.Thread(target=self._run, args=args, name=name, daemon=True)
            for name, args in {
                "mocast-room": (self._frames, self._process),
                "mocast-tracking": (self._to_track, self._catch_up),
            }.items()
        ]

    def start(self) -> None:
        """Start the room's threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Take no more frames and give the tracker back. Blocks until the frame in work is done."""
        self._frames.close()
        self._to_track.close()
        self._turn.give_up()
        self._turn_to_catch_up.give_up()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()
        with self._tracking:
            self._stopped = True
        self._release(self._tracker)

    def offer(self, frame: DecodedFrame) -> None:
        """Take the newest frame; one that still waited is dropped and counted. Never blocks."""
        self.statistics.received(evicted=self._frames.put(frame))

    def replace_tracker(self, tracker: Tracker) -> None:
        """Track with another one from the next frame on; the old one is released. Blocks for a frame at most.

        Once stopped, it is the new one that is released.
        """
        with self._tracking:
            if self._stopped:
                unused = tracker
            else:
                unused, self._tracker = self._tracker, tracker
                self._history = (None, None)
        self._release(unused)

    @property
    def queue_depths(self) -> dict[str, int]:
        """Frames that wait for the room's thread and for the tracking one: 0 or 1 each."""
        return {"frame": len(self._frames), "track": len(self._to_track)}

    def _run(self, slot: LatestSlot[Any], work: Callable[[], object]) -> None:
        """Do the work, which takes from the slot, whenever there is something in it."""
        failures = 0
        while slot.wait():
            try:
                work()
                failures = 0
            except TrackingError:
                log.exception("tracker failed")
                self._on_failure(TRACKER_FAILED)
                return
            except Exception:
                self.statistics.dropped()
                failures += 1
                self._log_failure()
                if failures >= MAX_FAILURES_IN_A_ROW:
                    self._on_failure("frames keep failing")
                    return

    def _log_failure(self, event: str = "frame failed") -> None:
        """At most once a second: good and bad frames may alternate."""
        now = time.monotonic()
        if now - self._logged_at >= LOG_EVERY_S:
            self._logged_at = now
            log.exception(event)

    def _process(self) -> None:
        options = self.options
        if self._pictures.wanted and options.pace == "smooth" and options.draw.privacy == "off":
            self._draw_ahead(options.draw)
        else:
            self._track_and_draw()

    def _track_and_draw(self) -> None:
        with self._turn:
            frame = self._newest()
            if frame is None:
                return
            tracked = self._track(frame)
            if self._pictures.wanted:
                self._return(frame, tracked, self.options.draw)
            else:
                self._time(frame)

    def _draw_ahead(self, draw: DrawOptions) -> None:
        """Draw the frame with predicted landmarks; it is tracked when it is the room's turn."""
        frame = self._newest()
        if frame is not None:
            self._to_track.put(Frame(frame.number, frame.pts, frame.decoded_at_ns, frame.rgb.copy()))
            self._return(frame, self._predicted(frame), draw)

    def _newest(self) -> Frame | None:
        decoded = self._frames.take()
        if decoded is None:
            return None
        return Frame(decoded.number, decoded.pts, decoded.decoded_at_ns, decoded.to_rgb())

    def _track(self, frame: Frame) -> Tracked:
        with self._tracking:
            tracked = self._tracker.track(frame)
            self._history = (self._history[1], tracked)
        self.statistics.tracked(tracked.tracking_ns / 1e9, tracked.size_wh)
        if len(self._rigs):
            self._rig(tracked)
        self._landmarks.send(tracked)
        return tracked

    def _rig(self, tracked: Tracked) -> None:
        """Solve the rig and hand it on. Where that fails the frame has no rig, but still landmarks and a picture."""
        started = time.monotonic()
        try:
            rig = self._rigger.rig(tracked)
        except Exception:
            self._log_failure("rig failed")
            return
        self.statistics.rigged(time.monotonic() - started)
        self._rigs.send(rig)

    def _catch_up(self) -> None:
        """Track a frame of the ``smooth`` pace, unless the pace has changed and a newer one was tracked meanwhile."""
        with self._turn_to_catch_up, self._tracking:
            frame, latest = self._to_track.take(), self._history[1]
            if frame is not None and (latest is None or latest.frame < frame.number):
                self._track(frame)

    def _predicted(self, frame: Frame) -> Tracked:
        previous, latest = self._history
        if latest is None:
            return Tracked(frame.number, frame.pts, frame.decoded_at_ns, frame.size_wh)
        return extrapolate(previous, latest, frame.pts)

    def _return(self, frame: Frame, tracked: Tracked, draw: DrawOptions) -> None:
        picture = self._renderer.render(frame.rgb, tracked, draw, self._figures(frame) if self.options.hud else None)
        if self._pictures.send(picture, frame.pts):
            self.statistics.dropped()
        self._time(frame)

    def _time(self, frame: Frame) -> None:
        self.statistics.delayed((time.monotonic_ns() - frame.decoded_at_ns) / 1e9)

    def _figures(self, frame: Frame) -> HudStats:
        return HudStats(
            fps=self.statistics.fps_tracked,
            tracking_ms=self.statistics.tracking_ms,
            delay_ms=(time.monotonic_ns() - frame.decoded_at_ns) / 1e6,
        )
