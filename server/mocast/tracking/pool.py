"""The pool of trackers: lends them, and builds the networks that they share before the first one is needed."""

from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Final

import structlog

from mocast.errors import TrackingError, Unprocessable
from mocast.model.options import MAX_PEOPLE, OfflineQuality, TrackerName
from mocast.tracking.engines import (
    AUTO,
    DEFAULT_OPTIONS,
    Engine,
    EngineOptions,
    FaceFinder,
    FaceRange,
    NetworkChoice,
    Precision,
    Tracker,
    choose_engine,
    precision_of,
)
from mocast.tracking.every_face import EveryFaceFinder
from mocast.tracking.resilient import ResilientTracker
from mocast.tracking.tracker_thread import TIMEOUT_S, CallThread

MOST_HUNG: Final = 4
"""Threads that may hang in a tracker at a time, each of which may keep a core busy and holds some megabytes. With more,
only a new process helps: no tracker is lent any more, and the server calls itself unhealthy."""

log = structlog.get_logger(__name__)


class TrackerPool:
    """Lends trackers of one engine.

    An engine keeps its networks, which are what takes long to build and much memory, and all its trackers share them.
    So the pool holds no spare trackers: once ``warm`` is done a new one takes milliseconds. All methods may be called
    from any thread; ``acquire`` and ``warm`` may take seconds.
    """

    def __init__(
        self,
        engine: str | Engine = AUTO,
        options: EngineOptions = DEFAULT_OPTIONS,
        *,
        warm: Sequence[tuple[TrackerName, OfflineQuality]] = (),
        timeout_s: float = TIMEOUT_S,
        max_people: int = MAX_PEOPLE,
    ) -> None:
        """``options``: of the engine, where it is named. ``warm``: what ``warm()`` builds. ``timeout_s``: a tracker
        that takes longer for a frame is replaced. ``max_people``: in a picture.

        Raises ``TrackingError`` where the engine does not load.
        """
        if isinstance(engine, str):
            self.engine_name, self._engine = choose_engine(engine, options)
        else:
            self.engine_name, self._engine = type(engine).__name__, engine
        self._warm = tuple(warm)
        self._timeout_s = timeout_s
        self.max_people = max_people
        self._lock = Lock()
        self._lent: set[Tracker] = set()
        self._hanging: set[CallThread] = set()
        self._is_closed = False
        self.built = 0
        "How many trackers were built."
        self.failures = 0
        "How often a tracker failed on a frame or could not be built."
        self.hung = 0
        "How often a tracker did not return; counted as a failure, too."

    @property
    def hanging(self) -> int:
        """How many threads of trackers that hung have not returned yet."""
        with self._lock:
            self._hanging = {thread for thread in self._hanging if thread.is_running}
            return len(self._hanging)

    @property
    def lent(self) -> int:
        """How many trackers are in use."""
        return len(self._lent)

    def describe(self) -> str:
        """Return in a few words what the engine runs on. May take seconds."""
        return self._engine.describe()

    def choices(self) -> Mapping[str, NetworkChoice]:
        """Return what each network that a quality may reduce computes with, and why. May take seconds."""
        return self._engine.choices()

    def precision(self) -> Precision:
        """Return these choices in short, as the ``precision`` of a pool that is to make the same. May take seconds."""
        return precision_of(self._engine.choices())

    def warm(self) -> None:
        """Build a tracker of each kind that the pool was made with; their networks stay. Raises ``TrackingError``."""
        for tracker, quality in self._warm:
            self.release(self.acquire(tracker, quality))
        self._engine.keep()

    def acquire(
        self,
        tracker: TrackerName,
        quality: OfflineQuality,
        *,
        still: bool = False,
        people: int = 1,
        takes_turns: bool = False,
        on_failure: Callable[[TrackingError], None] | None = None,
    ) -> ResilientTracker:
        """Lend a tracker, ``still`` for unrelated pictures. ``on_failure`` is called whenever it fails and is replaced.

        ``people`` and ``takes_turns`` are those of ``Engine.build``. Raises ``TrackingError`` where none can be built.
        """

        def failed(error: TrackingError) -> None:
            self._count_failure()
            if on_failure is not None:
                on_failure(error)

        try:
            lent = ResilientTracker(
                lambda: self._build(tracker, quality, still, people, takes_turns),
                on_failure=failed,
                on_hang=self._hangs,
                timeout_s=self._timeout_s,
            )
        except TrackingError:
            self._count_failure()
            raise
        with self._lock:
            self._lent.add(lent)
        return lent

    def every_face(self, *, still: bool = False) -> EveryFaceFinder:
        """Return a finder of every face, ``still`` for a picture. It loads its networks when it is first used."""
        return EveryFaceFinder(self._face_finder, still=still, on_hang=self._hangs, timeout_s=self._timeout_s)

    def release(self, tracker: Tracker) -> None:
        """Return a tracker to the pool. Releasing it again does nothing."""
        with self._lock:
            self._lent.discard(tracker)
        tracker.close()

    def close(self) -> None:
        """Free the engine's networks. Trackers that are still lent fail from now on."""
        self._is_closed = True
        self._engine.close()

    def require_people(self, tracker: TrackerName, people: int) -> None:
        """Raise ``Unprocessable`` where this tracker cannot track so many people here."""
        if people > self.max_people:
            raise Unprocessable(f"This server tracks {self.max_people} people at most in a picture.")
        if people > 1 and not self._engine.tracks_several(tracker):
            why = f'The tracker "{tracker}" tracks one person; "holistic" and "pose" track several.'
            if not self._engine.tracks_several("holistic"):
                why = f"The engine {self.engine_name} tracks one person; the engine openvino tracks several."
            raise Unprocessable(why)

    def _build(
        self, tracker: TrackerName, quality: OfflineQuality, still: bool, people: int, takes_turns: bool
    ) -> Tracker:
        self._require_usable()
        built = self._engine.build(tracker, quality, still=still, people=people, takes_turns=takes_turns)
        with self._lock:
            self.built += 1
        return built

    def _face_finder(self, reach: FaceRange) -> FaceFinder:
        self._require_usable()
        return self._engine.face_finder(reach)

    def _require_usable(self) -> None:
        if self._is_closed:
            raise TrackingError("the trackers are closed")
        if self.hanging >= MOST_HUNG:
            raise TrackingError(f"{MOST_HUNG} trackers hang; the server must be started again")

    def _hangs(self, thread: CallThread) -> None:
        with self._lock:
            self.hung += 1
            self._hanging.add(thread)
        log.error("tracker hangs; another one takes over", hanging=self.hanging, at_most=MOST_HUNG)

    def _count_failure(self) -> None:
        with self._lock:
            self.failures += 1
