"""The rooms of this server: who publishes where, and how many may."""

import asyncio
from collections.abc import Iterator

import structlog

from mocast.errors import Conflict, NotFound, Unavailable
from mocast.media.offer import Offer
from mocast.media.session import PublishRequest, Session, SessionParts
from mocast.pipeline.stats import Totals

log = structlog.get_logger(__name__)

GIVES_WAY_AFTER_S = 3.0
"""A session that is still connecting then loses its place where all are taken; most connect within one second."""


class Rooms:
    """Owns every session: starts them, finds them, and ends them all when it is closed."""

    def __init__(self, parts: SessionParts, max_sessions: int) -> None:
        self.max_sessions = max_sessions
        self.draining = False
        self._parts = parts
        self._by_room: dict[str, Session] = {}
        self._by_id: dict[str, Session] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._started_at: dict[str, float] = {}
        "When each session was answered, in seconds of the loop's clock; the oldest first."
        self._empty = asyncio.Event()
        self._empty.set()
        self._ended = Totals()
        self.started = 0
        "Sessions taken since the server started."

    async def publish(self, room: str, offer: Offer, request: PublishRequest) -> tuple[Session, str]:
        """Start a session and return it with its SDP answer.

        Raises ``Unavailable`` (full or draining), ``Conflict`` (the room has a publisher that is not the one to be
        replaced), and what ``Session.accept`` raises.
        """
        if self.draining:
            raise _shutting_down()
        holder = self._by_room.get(room)
        if holder is not None and request.replace != holder.id:
            raise Conflict(f'room "{room}" has a publisher; choose another room, or replace that session by its id')
        if holder is None and len(self) >= self.max_sessions:
            late = self._late_to_connect()
            if late is None:
                raise Unavailable("all places are taken; try again later", retry_after_s=10)
            await self.end(late.id, "gave way to another client")
            return await self.publish(room, offer, request)  # from the start: others may have come meanwhile
        session = Session(room, request, self._parts)
        self._by_room[room] = self._by_id[session.id] = session
        self._empty.clear()
        try:
            answer = await self._answer(session, offer)
        except BaseException:
            try:
                await session.discard()
            finally:
                self._forget(session)
                if holder is not None and holder.id in self._by_id:
                    self._by_room[room] = holder
            raise
        if holder is not None:
            holder.end("replaced by a new connection")
        self.started += 1
        self._started_at[session.id] = asyncio.get_running_loop().time()
        self._tasks[session.id] = asyncio.create_task(self._live(session), name=f"session {room}")
        return session, answer

    def session(self, session_id: str) -> Session:
        """Return a session by its id. Raises ``NotFound``."""
        session = self._by_id.get(session_id)
        if session is None:
            raise NotFound("there is no such session; it may have ended")
        return session

    async def end(self, session_id: str, reason: str) -> None:
        """End a session and wait until its room and its place are free. Raises ``NotFound``."""
        self.session(session_id).end(reason)
        task = self._tasks.get(session_id)
        if task is not None:
            await asyncio.wait([task])

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
        await self._empty.wait()

    def __iter__(self) -> Iterator[Session]:
        return iter(tuple(self._by_id.values()))

    def __len__(self) -> int:
        return len(self._by_id)

    def _late_to_connect(self) -> Session | None:
        """The oldest session that should have connected by now."""
        latest = asyncio.get_running_loop().time() - GIVES_WAY_AFTER_S
        for session_id, started_at in self._started_at.items():
            session = self._by_id[session_id]
            if session.state == "connecting" and started_at <= latest:
                return session
        return None

    async def _answer(self, session: Session, offer: Offer) -> str:
        answer = await session.accept(offer)
        if self.draining:
            raise _shutting_down()
        return answer

    async def _live(self, session: Session) -> None:
        try:
            await session.run()
        except Exception:
            log.exception("session crashed", room=session.room)
        finally:
            self._tasks.pop(session.id, None)
            self._started_at.pop(session.id, None)
            self._forget(session)

    def _forget(self, session: Session) -> None:
        if self._by_id.pop(session.id, None) is not None:
            self._ended.add(session.statistics.totals)
        if self._by_room.get(session.room) is session:
            del self._by_room[session.room]
        if not self._by_id:
            self._empty.set()


def _shutting_down() -> Unavailable:
    return Unavailable("this server is shutting down; try again in a moment", retry_after_s=5)
