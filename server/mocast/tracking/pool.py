"""Has trackers ready before they are asked for."""

from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock
from weakref import WeakKeyDictionary

from mocast.errors import TrackingError
from mocast.model.choices import Quality, TrackerName
from mocast.tracking.engines import Engine, EngineTracker, load_engine
from mocast.tracking.resilient import ResilientTracker

REFILL_AFTER_S = 3.0
"""Building a tracker keeps a core busy for half a second, which the session that has just begun needs for itself."""

MOST_KINDS = 3
"""Of which spares are kept, the latest used: memory is dearer than the half second that building one takes."""

MOST_STILL = 2
"""Spares of one kind for still pictures: they come back after every picture, and come in bursts."""

Choice = tuple[TrackerName, Quality, bool]
"""Tracker, quality, and whether it is for still pictures."""


class TrackerPool:
    """Lends trackers, and keeps a spare of what is in use so that a new session need not wait for one.

    A tracker that comes back forgets what it saw and becomes a spare, or is closed where there is one already. All
    methods may be called from any thread; ``acquire`` and ``warm`` may take seconds, ``release`` never blocks.
    """

    def __init__(
        self,
        engine: str | Engine = "mediapipe",
        *,
        threads: int | None = None,
        warm: Sequence[tuple[TrackerName, Quality]] = (),
        refill_after_s: float = REFILL_AFTER_S,
    ) -> None:
        self._engine = load_engine(engine, threads=threads) if isinstance(engine, str) else engine
        self._warm = tuple(warm)
        self._refill_after_s = refill_after_s
        self._lock = Lock()
        self._spares: dict[Hashable, list[EngineTracker]] = {}  # the kind used last is the last
        self._lent: WeakKeyDictionary[ResilientTracker, Choice] = WeakKeyDictionary()
        self._refilling: set[Hashable] = set()
        self._closing = Event()
        self._refills = ThreadPoolExecutor(1, "tracker-refill")
        self._returns = ThreadPoolExecutor(1, "tracker-return")
        self.built = 0
        "How many trackers were built."
        self.failures = 0
        "How often a tracker failed on a frame or could not be built."

    @property
    def spares(self) -> int:
        """How many trackers are ready and unused."""
        with self._lock:
            return sum(len(spares) for spares in self._spares.values())

    def warm(self) -> None:
        """Build a spare of each choice that the pool was told to have ready. Raises ``TrackingError``."""
        for tracker, quality in self._warm:
            self._fill((tracker, quality, False))

    def acquire(
        self,
        tracker: TrackerName,
        quality: Quality,
        *,
        still: bool = False,
        on_failure: Callable[[TrackingError], None] | None = None,
    ) -> ResilientTracker:
        """Lend a tracker: a spare at once, or a new one. ``on_failure`` is called whenever it fails and is replaced.

        Raises ``TrackingError`` where none can be built.
        """
        choice: Choice = (tracker, quality, still)

        def failed(error: TrackingError) -> None:
            self._count_failure()
            if on_failure is not None:
                on_failure(error)

        try:
            lent = ResilientTracker(lambda: self._take(choice), on_failure=failed)
        except TrackingError:
            self._count_failure()
            raise
        with self._lock:
            self._lent[lent] = choice
        return lent

    def release(self, tracker: ResilientTracker) -> None:
        """Take a tracker back. Releasing it again, or after it was closed, does nothing."""
        with self._lock:
            choice = self._lent.pop(tracker, None)
        inner = tracker.detach()
        if inner is None or choice is None:
            return
        try:
            self._returns.submit(self._take_back, inner, choice)
        except RuntimeError:  # the pool is closed
            inner.close()

    def close(self) -> None:
        """Close all spares, now and as they come back. Trackers that are lent go on working."""
        self._closing.set()
        self._refills.shutdown(cancel_futures=True)
        self._returns.shutdown()
        with self._lock:
            spares = [spare for kind in self._spares.values() for spare in kind]
            self._spares.clear()
        for spare in spares:
            spare.close()

    def _kind(self, choice: Choice) -> Hashable:
        tracker, quality, still = choice
        return self._engine.kind(tracker, quality, still=still), still

    def _take(self, choice: Choice) -> EngineTracker:
        if self._closing.is_set():
            raise TrackingError("the trackers are closed")
        kind = self._kind(choice)
        with self._lock:
            spares = self._spares.get(kind)
            taken = spares.pop() if spares else None
        if taken is None:
            taken = self._build(choice)
        _, _, still = choice
        if not still:
            self._refill_later(choice)
        return taken

    def _build(self, choice: Choice) -> EngineTracker:
        tracker, quality, still = choice
        built = self._engine.build(tracker, quality, still=still)
        with self._lock:
            self.built += 1
        return built

    def _refill_later(self, choice: Choice) -> None:
        kind = self._kind(choice)
        with self._lock:
            if kind in self._refilling or self._closing.is_set():
                return
            self._refilling.add(kind)
            self._refills.submit(self._refill, choice)

    def _refill(self, choice: Choice) -> None:
        if self._closing.wait(self._refill_after_s):
            return
        with self._lock:
            self._refilling.discard(self._kind(choice))
        try:
            self._fill(choice)
        except TrackingError:
            self._count_failure()  # the session that asks for one will be told why

    def _fill(self, choice: Choice) -> None:
        """Build a spare unless there is one."""
        if not self._has_room(choice):
            return
        self._keep(self._build(choice), choice)

    def _take_back(self, tracker: EngineTracker, choice: Choice) -> None:
        _, _, still = choice
        # Still trackers look at every picture afresh: there is nothing to forget.
        if self._closing.is_set() or not self._has_room(choice) or not (still or tracker.reset()):
            tracker.close()
        else:
            self._keep(tracker, choice)

    def _has_room(self, choice: Choice) -> bool:
        _, _, still = choice
        with self._lock:
            return len(self._spares.get(self._kind(choice), ())) < (MOST_STILL if still else 1)

    def _keep(self, tracker: EngineTracker, choice: Choice) -> None:
        kind = self._kind(choice)
        with self._lock:
            self._spares[kind] = [*self._spares.pop(kind, []), tracker]
            crowded = [self._spares.pop(next(iter(self._spares)))] if len(self._spares) > MOST_KINDS else []
        for spares in crowded:
            for spare in spares:
                spare.close()

    def _count_failure(self) -> None:
        with self._lock:
            self.failures += 1
