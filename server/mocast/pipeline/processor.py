"""The work on one frame, stage after stage: track, rig, analyse, draw."""

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from mocast.model.analysis import Analysis, AngleName, Event
from mocast.model.canvas import HudStats
from mocast.model.frame import Frame, RgbImage
from mocast.model.options import DrawOptions
from mocast.model.rig import Rig
from mocast.model.tracked import NO_FACES, Tracked
from mocast.pipeline.extrapolate import extrapolate
from mocast.pipeline.failure_log import FailureLog
from mocast.pipeline.fanout import Fanout
from mocast.pipeline.protocols import EveryFace, FrameAnalyser, Rigger
from mocast.pipeline.stats import PublisherStats
from mocast.rendering.renderer import Renderer
from mocast.tracking.engines import Tracker

WAITING_TICKS: Final = 22_500
"""A quarter of a second (90 kHz): a person who was not tracked for longer is gone, not just waiting for a turn."""


class FrameProcessor:
    """The processing stages of one stream of frames, in order. It knows no threads, queues or rooms: a driver calls it.

    ``process`` tracks a frame and hands its results to the sinks; ``draw`` makes its picture. The state of each stage
    has one owner: the tracker's, the rigger's and the analyser's is their own, the renderer's is which faces it
    covered, and the last two results, from which ``extrapolated`` predicts, are kept here.

    ``process`` and ``replace_tracker`` are called by one thread at a time. ``extrapolated`` and ``draw`` may be called
    by another one meanwhile.
    """

    def __init__(
        self,
        tracker: Tracker,
        renderer: Renderer,
        *,
        every_face: EveryFace,
        rigger: Rigger | None = None,
        rigs: Fanout[Rig] | None = None,
        landmarks: Fanout[Tracked] | None = None,
        analyser: FrameAnalyser | None = None,
        analyses: Fanout[Analysis] | None = None,
        events: Fanout[Event] | None = None,
    ) -> None:
        """``rigs``, ``landmarks``, ``analyses`` and ``events`` are the sinks. A processor without a ``rigger`` solves
        no rigs; one without an ``analyser`` makes no analyses.

        ``every_face`` is asked while privacy is on.
        """
        self.statistics = PublisherStats()
        self.tracker = tracker
        self._rigger = rigger
        self._renderer = renderer
        self._every_face = every_face
        self._rigs: Fanout[Rig] = Fanout() if rigs is None else rigs
        self._landmarks: Fanout[Tracked] = Fanout() if landmarks is None else landmarks
        self._analyser = analyser
        self._analyses: Fanout[Analysis] = Fanout() if analyses is None else analyses
        self._events: Fanout[Event] = Fanout() if events is None else events
        self._analysis: Analysis | None = None
        "The latest one of person 0, for the HUD."
        self._history: dict[int, tuple[Tracked | None, Tracked]] = {}
        "The last two results of each person, by index."
        self._latest_frame = -1
        "The number of the latest frame that was processed."
        self._failures = FailureLog(__name__)

    def process(self, frame: Frame, *, analyse: bool = False) -> Tracked:
        """Run the stages before drawing, and send each result to its sinks as soon as it is ready.

        The rig is sent first, as delay is most visible in an avatar, then the analysis, which is small. Raises
        ``TrackingError`` where the tracker failed; it must then be replaced. The rig is solved while it has sinks; the
        frame is analysed, with its rig, while analyses or events have any, or with ``analyse``.
        """
        tracked = self._track(frame)
        analyse = self._analyser is not None and (analyse or bool(len(self._analyses) or len(self._events)))
        people = tracked.people
        rigs = list(map(self._solve_rig, people)) if analyse or len(self._rigs) else []
        if analyse:
            for person, rig in zip(people, rigs, strict=True):
                self._analyse(person, rig)
        for person in people:
            self._landmarks.send(person)
        return tracked

    def draw(
        self,
        frame: Frame,
        tracked: Tracked,
        options: DrawOptions,
        *,
        hud: bool = False,
        hud_angles: Sequence[AngleName] = (),
        hud_exercises: Sequence[str] = (),
    ) -> RgbImage:
        """Return the annotated picture; the renderer owns the frame's pixels from now on and may draw on them in
        place.

        ``hud_angles`` and ``hud_exercises``: those of the latest analysis that the HUD shows. Raises ``TrackingError``
        where privacy is on and it cannot be told where faces are.
        """
        faces = NO_FACES if options.privacy == "off" else self._every_face.find(frame.rgb, frame.pts)
        tracked = self._with_waiting(tracked)
        stats = self._hud_stats(frame, tracked, hud_angles, hud_exercises) if hud else None
        return self._renderer.render(frame.rgb, tracked, options, stats, faces)

    def extrapolated(self, frame: Frame) -> Tracked:
        """Return the predicted landmarks for a frame that is not tracked yet; empty before the first tracked frame."""
        history = dict(self._history)  # of this moment: the thread that tracks goes on
        if not history:
            return Tracked(frame.number, frame.pts, frame.decoded_at_ns, frame.size_wh)
        first, *others = (extrapolate(*history[person], frame.pts) for person in sorted(history))
        return replace(first, others=tuple(others)) if others else first

    def is_behind(self, frame: Frame) -> bool:
        """Return whether neither this frame nor a later one was processed."""
        return self._latest_frame < frame.number

    def replace_tracker(self, tracker: Tracker) -> Tracker:
        """Track with another one from the next frame on; return the old one, for its owner to release."""
        old, self.tracker = self.tracker, tracker
        self._history, self._latest_frame = {}, -1
        return old

    def _track(self, frame: Frame) -> Tracked:
        tracked = self.tracker.track(frame)
        self._remember(tracked)
        self.statistics.tracked(tracked.tracking_ns / 1e9, tracked.size_wh)
        return tracked

    def _remember(self, tracked: Tracked) -> None:
        """Keep what was found of each person, but for others than the first who are gone."""
        self._latest_frame = tracked.frame
        history = self._history
        if not tracked.others and len(history) <= 1:  # one person, as nearly always
            before = history.get(tracked.person)
            if before is not None or not history:
                self._history = {tracked.person: (before[1] if before else None, tracked)}
                return
        history = dict(history)
        for person in tracked.people:
            before = history.pop(person.person, None)
            alone = replace(person, others=()) if person.others else person
            history[person.person] = (before[1] if before else None, alone)
        kept = {
            index: (before, latest)
            for index, (before, latest) in history.items()
            if latest.frame == tracked.frame or (not latest.is_empty and tracked.pts - latest.pts <= WAITING_TICKS)
        }
        self._history = kept

    def _with_waiting(self, tracked: Tracked) -> Tracked:
        """Return what was found in a frame, with the predicted landmarks of people who wait for their turn."""
        history, here = self._history, {person.person for person in tracked.people}
        if history.keys() <= here:
            return tracked
        waiting = [extrapolate(*pair, tracked.pts) for index, pair in history.items() if index not in here]
        return replace(tracked, others=(*tracked.others, *waiting))

    def _solve_rig(self, tracked: Tracked) -> Rig | None:
        """Solve the rig. Where that fails the frame has still landmarks and a picture."""
        if self._rigger is None:
            return None
        started = time.monotonic()
        try:
            rig = self._rigger.rig(tracked)
        except Exception:
            self._failures.exception("rig failed")
            return None
        self.statistics.rigged(time.monotonic() - started)
        self._rigs.send(rig)
        return rig

    def _analyse(self, tracked: Tracked, rig: Rig | None) -> None:
        """Analyse the frame. Where that fails the frame has still all the rest."""
        assert self._analyser is not None
        started = time.monotonic()
        try:
            analysis = self._analyser.analyse(tracked, rig)
        except Exception:
            self._failures.exception("analysis failed")
            return
        self.statistics.analysed(time.monotonic() - started)
        if tracked.person == 0:
            self._analysis = analysis
        self._analyses.send(analysis)
        for event in analysis.events:
            self._events.send(event)

    def _hud_stats(
        self, frame: Frame, tracked: Tracked, hud_angles: Sequence[AngleName], hud_exercises: Sequence[str]
    ) -> HudStats:
        angles = self._analysis.angles if self._analysis else None
        counted = self._analysis.repetitions if self._analysis else ()
        return HudStats(
            fps=self.statistics.fps_tracked,
            tracking_ms=self.statistics.tracking_ms,
            delay_ms=(time.monotonic_ns() - frame.decoded_at_ns) / 1e6,
            angles=tuple((name, angles.of(name) if angles else math.nan) for name in hud_angles),
            exercises=tuple(state for state in counted if state.exercise in hud_exercises),
            people=sum(not person.is_empty for person in tracked.people),
        )
