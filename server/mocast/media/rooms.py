"""The rooms of this server: who publishes where, and how many may."""

import asyncio
from collections.abc import Iterator

import structlog

from mocast.errors import Conflict, NotFound, Unavailable
from mocast.media.offer import Offer
from mocast.media.session import PublishRequest, Session, SessionParts
from mocast.pipeline.stats import Totals

log = structlog.get_logger(__name__)


class Rooms:
    """Owns every session: starts them, finds them, and ends them all when it is closed."""

    def __init__(self, parts: SessionParts, max_sessions: int) -> None:
        self.max_sessions = max_sessions
        self.draining = False
        self._parts = parts
        self._by_room: dict[str, Session] = {}
        self._by_id: dict[str, Session] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = Totals()
        self.started = 0
        "Sessions taken since the server started."

    async def publish(self, room: str, offer: Offer, request: PublishRequest) -> tuple[Session, str]:
        """Start a session and return it with its SDP answer.

        Raises ``Unavailable`` (full or draining), ``Conflict`` (the room has a publisher that is not the one to be
        replaced), and what ``Session.accept`` raises.
        """
        if self.draining:
            raise Unavailable("this server is shutting down; try again in a moment", retry_after_s=5)
        holder = self._by_room.get(room)
        if holder is not None and request.replace != holder.id:
            raise Conflict(f'room "{room}" has a publisher; choose another room, or replace that session by its id')
        if holder is None and len(self) >= self.max_sessions:
            raise Unavailable(f"all {self.max_sessions} places are taken; try again later", retry_after_s=10)
        session = Session(room, request, self._parts)
        self._by_room[room] = self._by_id[session.id] = session
        try:
            answer = await session.accept(offer)
        except BaseException:
            self._forget(session)
            if holder is not None and holder.id in self._by_id:
                self._by_room[room] = holder
            await session.discard()
            raise
        if holder is not None:
            holder.end("replaced by a new connection")
        self.started += 1
        task = asyncio.create_task(self._live(session), name=f"session {room}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return session, answer

    def session(self, session_id: str) -> Session:
        """Return a session by its id. Raises ``NotFound``."""
        session = self._by_id.get(session_id)
        if session is None:
            raise NotFound("there is no such session; it may have ended")
        return session

    def totals(self) -> Totals:
        """Return what all sessions counted, the ended ones too."""
        sums = Totals()
        sums.add(self._ended)
        for session in self:
            sums.add(session.statistics.totals)
        return sums

    async def close(self) -> None:
        """Take no one new, end every session and wait until nothing of them is left."""
        self.draining = True
        for session in tuple(self):
            session.notice("draining", "the server is shutting down")
            session.end("the server is shutting down")
        if self._tasks:
            await asyncio.wait(self._tasks)

    def __iter__(self) -> Iterator[Session]:
        return iter(tuple(self._by_id.values()))

    def __len__(self) -> int:
        return len(self._by_id)

    async def _live(self, session: Session) -> None:
        try:
            await session.run()
        except Exception:
            log.exception("session crashed", room=session.room)
        finally:
            self._forget(session)

    def _forget(self, session: Session) -> None:
        if self._by_id.pop(session.id, None) is not None:
            self._ended.add(session.statistics.totals)
        if self._by_room.get(session.room) is session:
            del self._by_room[session.room]
