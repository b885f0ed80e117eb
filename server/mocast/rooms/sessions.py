"""The running sessions: found by their ids, counted, and each in a task of its own that leaves nothing behind."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import structlog

from mocast.errors import Conflict, Forbidden, NotFound
from mocast.limiter import Kind, Limiter
from mocast.model.principal import EVERYBODY, Grant, Principal
from mocast.pipeline.stats import Totals, ViewerStats
from mocast.rooms.publisher import Publisher
from mocast.rooms.session import Session
from mocast.rooms.viewer import Viewer
from mocast.webrtc.offer import Offer

log = structlog.get_logger(__name__)

IDLE_S = 5.0
"""After this long without a session, ``on_idle`` is called: its work delays nobody then."""

CONNECT_GRACE_S = 3.0
"""When the server is full, a session that has been connecting for longer is ended for a new one; most connect within
one second."""


class Sessions:
    """Owns every session in every room."""

    def __init__(
        self,
        limiter: Limiter,
        *,
        trace: Callable[[Session], AbstractContextManager[None]] = lambda _: nullcontext(),
        on_ended: Callable[[Session], object] = lambda _: None,
        on_idle: Callable[[], object] = lambda: None,
    ) -> None:
        """``limiter``: of ``sessions`` and ``viewers``. Each session lives in the context that ``trace`` returns.

        ``on_ended`` is called with each that was started, when it is over. ``on_idle`` is called when there has been
        none for ``IDLE_S``.
        """
        self._limiter = limiter
        self._trace = trace
        self._on_ended = on_ended
        self._on_idle = on_idle
        self._idle_timer: asyncio.TimerHandle | None = None
        self._publishers: dict[str, Publisher] = {}
        self._viewers: dict[str, Viewer] = {}
        self._readers: set[ViewerStats] = set()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._answered_at: dict[str, float] = {}
        "When each session was answered, in seconds of the loop's clock; the oldest first."
        self._empty = asyncio.Event()
        self._empty.set()
        self._ended = Totals()
        self._delivered: Counter[str] = Counter()
        self.publishers_started = 0
        "Publishers taken since the server started."
        self.viewers_started = 0
        "Viewers taken since the server started."

    async def start(self, session: Session, offer: Offer, require_open: Callable[[], None]) -> str:
        """Take a session and return its SDP answer; where there is none, nothing is left of the session.

        Raises what ``Session.accept`` raises, and ``require_open`` where the server stops meanwhile.
        """
        self._add(session)
        self._empty.clear()
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        try:
            answer = await session.accept(offer)
            require_open()
        except BaseException:
            try:
                await session.discard()
            finally:
                self._forget(session)
            raise
        self._answered_at[session.id] = asyncio.get_running_loop().time()
        self._tasks[session.id] = asyncio.create_task(self._live(session), name=f"{session.role} {session.room.name}")
        if isinstance(session, Publisher):
            self.publishers_started += 1
        else:
            self.viewers_started += 1
        return answer

    def get(self, session_id: str, principal: Principal = EVERYBODY) -> Session:
        """Return a publisher's session or a viewer by its id.

        Raises ``NotFound``, also where somebody else owns it, and ``Forbidden`` where the owner's present token lacks
        the grant that the session was started with.
        """
        session = self._publishers.get(session_id) or self._viewers.get(session_id)
        if session is None or not session.is_of(principal):
            raise NotFound("There is no such session; it may have ended.")
        grant: Grant = "publish" if isinstance(session, Publisher) else "subscribe"
        if not principal.may(grant, session.room.name):
            raise Forbidden(f'The token does not grant "{grant}" in the session\'s room.')
        return session

    def publisher(self, session_id: str, principal: Principal = EVERYBODY) -> Publisher:
        """Return a publisher's session by its id. Raises as ``get``, and ``Conflict`` where it is a viewer's."""
        session = self.get(session_id, principal)
        if not isinstance(session, Publisher):
            raise Conflict("This session is a viewer's: only a publisher's can do this.")
        return session

    async def end(self, session_id: str, reason: str, principal: Principal = EVERYBODY) -> None:
        """End a session and wait until its place is free. Raises as ``get``."""
        self.get(session_id, principal).end(reason)
        task = self._tasks.get(session_id)
        if task is not None:
            await asyncio.wait([task])

    async def evict_stale(self, kind: Kind, newcomer: Principal, places: int = 1) -> None:
        """End the oldest session that has been connecting for longer than ``CONNECT_GRACE_S``: the newcomer's own
        first, else anybody's. It never worked, so nothing is lost.

        Raises ``Unavailable`` where ending all such sessions would not free ``places``.
        """
        sessions = self._publishers if kind == "sessions" else self._viewers
        latest = asyncio.get_running_loop().time() - CONNECT_GRACE_S
        stale = [
            session
            for session_id, answered_at in self._answered_at.items()
            if answered_at <= latest and (session := sessions.get(session_id)) and session.state == "connecting"
        ]
        free = self._limiter.most(kind) - self._limiter.held(kind) + sum(map(_places, stale))
        if not stale or free < places:
            raise self._limiter.refusal(kind)
        own_first = min(stale, key=lambda session: not session.is_of(newcomer))
        await self.end(own_first.id, "gave way to another client")

    @contextmanager
    def reading(self) -> Iterator[ViewerStats]:
        """Count what a WebSocket reader is sent while the context lasts."""
        statistics = ViewerStats()
        self._readers.add(statistics)
        try:
            yield statistics
        finally:
            self._readers.discard(statistics)
            self._delivered.update(statistics.counts)

    @property
    def publishers(self) -> tuple[Publisher, ...]:
        """All publishers' sessions."""
        return tuple(self._publishers.values())

    @property
    def viewers(self) -> tuple[Viewer, ...]:
        """All viewers."""
        return tuple(self._viewers.values())

    @property
    def readers(self) -> int:
        """WebSocket readers, in all rooms."""
        return len(self._readers)

    def totals(self) -> Totals:
        """Return what all publishers' sessions counted, the ended ones too."""
        sums = Totals()
        sums.add(self._ended)
        for session in self.publishers:
            sums.add(session.statistics.totals)
        return sums

    def delivered(self) -> Counter[str]:
        """Return what all viewers and readers counted, the ended ones too."""
        sums = self._delivered.copy()
        for statistics in (*(viewer.statistics for viewer in self.viewers), *self._readers):
            sums.update(statistics.counts)
        return sums

    async def wait_unpublished(self, timeout_s: float) -> None:
        """Wait until the present publishers have ended, for ``timeout_s`` at most."""
        publishing = [self._tasks[session_id] for session_id in self._publishers if session_id in self._tasks]
        if publishing:
            await asyncio.wait(publishing, timeout=timeout_s)

    async def close(self, reason: str) -> None:
        """End all of them and wait until they are released."""
        for session in self:
            session.end(reason)
        await self._empty.wait()

    def __iter__(self) -> Iterator[Session]:
        return iter((*self.publishers, *self.viewers))

    def _add(self, session: Session) -> None:
        if isinstance(session, Publisher):
            self._publishers[session.id] = session
            self._limiter.add("sessions", session.client, session.people)
        elif isinstance(session, Viewer):
            self._viewers[session.id] = session
            self._limiter.add("viewers", session.client)

    async def _live(self, session: Session) -> None:
        try:
            with self._trace(session):
                await session.run()
        except Exception:
            log.exception("session crashed", role=session.role, room=session.room.name)
        finally:
            self._tasks.pop(session.id, None)
            self._answered_at.pop(session.id, None)
            self._forget(session)

    def _forget(self, session: Session) -> None:
        if isinstance(session, Publisher) and self._publishers.pop(session.id, None) is not None:
            self._limiter.release("sessions", session.client, session.people)
            self._ended.add(session.statistics.totals)
        elif isinstance(session, Viewer) and self._viewers.pop(session.id, None) is not None:
            self._limiter.release("viewers", session.client)
            self._delivered.update(session.statistics.counts)
        self._on_ended(session)
        if not self._publishers and not self._viewers:
            self._empty.set()
            self._idle_timer = asyncio.get_running_loop().call_later(IDLE_S, self._on_idle)


def _places(session: Session) -> int:
    """Return how many of the server's places a session takes."""
    return session.people if isinstance(session, Publisher) else 1
