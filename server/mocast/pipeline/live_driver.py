"""The driver of a publisher's frames: drops those that come too fast, processes the newest in the room's threads."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

import structlog

from mocast.errors import TrackingError
from mocast.model.frame import Frame, RgbImage
from mocast.model.options import DrawOptions, SessionOptions
from mocast.model.tracked import Tracked
from mocast.pipeline.failure_log import FailureLog
from mocast.pipeline.frame_scheduler import FrameScheduler
from mocast.pipeline.processor import FrameProcessor
from mocast.pipeline.slot import LatestSlot
from mocast.tracking.engines import Tracker

log = structlog.get_logger(__name__)

MAX_FAILURES_IN_A_ROW = 30
"""About a second of frames: what fails for so long will not recover."""

STOP_S = 30.0
"""How long stopping waits for a thread: far above the time limit of a tracker. What takes longer will never return."""

TRACKER_FAILED = "the tracker failed and could not be mended"
"""What the client is told; the log says more."""


class DecodedFrame(Protocol):
    """A frame whose pixels are converted only when, and in the thread where, they are needed."""

    number: int
    pts: int
    decoded_at_ns: int

    def to_rgb(self) -> RgbImage:
        """Return the pixels in an array of the caller's own."""


class PictureOutput(Protocol):
    """The sink of finished pictures."""

    @property
    def wanted(self) -> bool:
        """Whether anybody watches: if not, nothing is drawn."""

    def send(self, rgb: RgbImage, pts: int) -> bool:
        """Take a picture without blocking; return whether an older one was dropped for it."""


class LiveDriver:
    """Processes a publisher's newest frame in its threads; older frames that still wait are dropped.

    In ``sync`` pace one thread tracks and draws, so each picture shows its own landmarks. In ``smooth`` pace that
    thread draws every frame with predicted landmarks, and a second one tracks the newest. Privacy forces ``sync``:
    where the prediction is wrong, the face would not be covered.

    Rooms take turns at tracking (``FrameScheduler``). A turn is one frame, or two where the second is light
    (``Tracked.next_is_light``). The frame is chosen when the turn begins, so it is the newest one; in ``sync`` pace the
    turn lasts until it is drawn.

    ``frames_dropped`` counts the frames that were not returned. In ``smooth`` pace a frame is returned even if it was
    not tracked; those are the difference between ``frames_in`` and ``frames_tracked``.
    """

    def __init__(
        self,
        processor: FrameProcessor,
        *,
        release: Callable[[Tracker], None],
        pictures: PictureOutput,
        scheduler: FrameScheduler,
        options: SessionOptions,
        on_failure: Callable[[str], None],
        on_done: Callable[[Frame, Tracked], None] | None = None,
    ) -> None:
        """``release`` returns a tracker, on any thread; ``on_failure`` gets the reason why processing has stopped;
        ``on_done`` each frame and what was found in it, when it is drawn, or tracked where no picture is wanted."""
        self._on_done = on_done
        self.options = options
        self.under_load = False
        "Whether the camera is asked for fewer frames than it has: ``Frame.under_load``."
        self.statistics = processor.statistics
        self._processor = processor
        self._release = release
        self._pictures = pictures
        self._on_failure = on_failure
        self._frames: LatestSlot[DecodedFrame] = LatestSlot()
        self._to_track: LatestSlot[Frame] = LatestSlot()
        self._ticket, self._tracking_ticket = scheduler.ticket(), scheduler.ticket()
        self._processing = threading.Lock()
        self._stopped = False
        self._failures = FailureLog(__name__)
        self._threads = [
            threading.Thread(target=self._run, args=args, name=name, daemon=True)
            for name, args in {
                "mocast-room": (self._frames, self._work),
                "mocast-tracking": (self._to_track, self._track_newest),
            }.items()
        ]

    def start(self) -> None:
        """Start the room's threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Take no more frames and give the tracker back. Blocks until the present frame is done, ``STOP_S`` at most."""
        self._frames.close()
        self._to_track.close()
        self._ticket.cancel()
        self._tracking_ticket.cancel()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(STOP_S)
        if any(thread.is_alive() for thread in self._threads):
            log.error("a room's thread hangs and is left alone")
            self._ticket.give_back()
            self._tracking_ticket.give_back()
            self._stopped = True
        else:
            with self._processing:
                self._stopped = True
        self._release(self._processor.tracker)

    def offer(self, frame: DecodedFrame) -> bool:
        """Put the newest frame into the slot; return whether one that still waited there was dropped. Never blocks."""
        evicted = self._frames.put(frame)
        self.statistics.received(evicted=evicted)
        return evicted

    def replace_tracker(self, tracker: Tracker) -> None:
        """Track with another one from the next frame on; the old one is released. Blocks for a frame at most.

        Once stopped, it is the new one that is released.
        """
        with self._processing:
            unused = tracker if self._stopped else self._processor.replace_tracker(tracker)
        self._release(unused)

    @property
    def turns(self) -> int:
        """How many turns at tracking it had."""
        return self._ticket.turns + self._tracking_ticket.turns

    @property
    def away_s(self) -> float:
        """Seconds in which it neither had a turn nor waited for one."""
        return min(self._ticket.away_s, self._tracking_ticket.away_s)

    @property
    def queue_depths(self) -> dict[str, int]:
        """The frames waiting for the room's thread and for the tracking thread: 0 or 1 each."""
        return {"frame": len(self._frames), "track": len(self._to_track)}

    def _run(self, slot: LatestSlot[Any], work: Callable[[], object]) -> None:
        """A thread's loop: call ``work``, which takes the item from the slot, whenever the slot is filled."""
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
                self._failures.exception("frame failed")
                if failures >= MAX_FAILURES_IN_A_ROW:
                    self._on_failure("frames keep failing")
                    return

    def _work(self) -> None:
        options = self.options
        if self._pictures.wanted and options.pace == "smooth" and options.draw.privacy == "off":
            self._draw_predicted(options.draw)
        else:
            self._track_and_draw()

    def _track_and_draw(self) -> None:
        with self._ticket:
            frame = self._newest()
            if frame is None:
                return
            with self._processing:
                tracked = self._processor.process(frame, analyse=self._hud_needs_analysis)
            if tracked.next_is_light:
                self._ticket.follow_soon()
            if self._pictures.wanted:
                self._return(frame, tracked, self.options.draw)
            else:
                self._count_delay(frame, tracked)

    def _draw_predicted(self, draw: DrawOptions) -> None:
        """Draw the newest frame with predicted landmarks, and hand it to the tracking thread."""
        frame = self._newest()
        if frame is not None:
            self._to_track.put(replace(frame, rgb=frame.rgb.copy()))
            self._return(frame, self._processor.extrapolated(frame), draw)

    def _track_newest(self) -> None:
        """Track the newest frame of the ``smooth`` pace, unless the pace has changed and a later one was tracked."""
        with self._tracking_ticket, self._processing:
            frame = self._to_track.take()
            if frame is None or not self._processor.is_behind(frame):
                return
            if self._processor.process(frame, analyse=self._hud_needs_analysis).next_is_light:
                self._tracking_ticket.follow_soon()

    def _newest(self) -> Frame | None:
        decoded = self._frames.take()
        if decoded is None:
            return None
        rgb = decoded.to_rgb()
        return Frame(decoded.number, decoded.pts, decoded.decoded_at_ns, rgb, under_load=self.under_load)

    def _return(self, frame: Frame, tracked: Tracked, draw: DrawOptions) -> None:
        options = self.options
        exercises = options.analysis.exercises
        picture = self._processor.draw(
            frame, tracked, draw, hud=options.hud, hud_angles=options.hud_angles, hud_exercises=exercises
        )
        if self._pictures.send(picture, frame.pts):
            self.statistics.dropped()
        self._count_delay(frame, tracked)

    @property
    def _hud_needs_analysis(self) -> bool:
        options = self.options
        shows = options.hud_angles or options.analysis.exercises
        return bool(options.hud and shows and self._pictures.wanted)

    def _count_delay(self, frame: Frame, tracked: Tracked) -> None:
        self.statistics.delayed((time.monotonic_ns() - frame.decoded_at_ns) / 1e9)
        if self._on_done is not None:
            self._on_done(frame, tracked)
