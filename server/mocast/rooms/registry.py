"""The registry of rooms and sessions, and the limits of how many publishers and viewers there may be."""

import asyncio
import functools
import math
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import replace

import structlog

from mocast.errors import Conflict, Forbidden, NotFound, Unavailable
from mocast.limiter import NOBODY, Client, Kind, Limiter
from mocast.model.options import PublishRequest, SubscribeRequest
from mocast.model.principal import EVERYBODY, Grant, Principal
from mocast.pipeline.stats import Totals, ViewerStats
from mocast.rooms.elsewhere import Elsewhere, RoomPlacement
from mocast.rooms.fair_queue import FairQueue
from mocast.rooms.publisher import Publisher, PublisherDependencies
from mocast.rooms.room import LeaseKind, Room
from mocast.rooms.session import MakeTransport, Session
from mocast.rooms.viewer import Viewer
from mocast.webrtc.offer import Offer

log = structlog.get_logger(__name__)

IDLE_S = 5.0
"""Without a session for so long, a moment's work is in nobody's way."""

CONNECT_GRACE_S = 3.0
"""When the server is full, a session that has been connecting for longer is ended for a new one; most connect within
one second."""

SILENCE_S = 3.0
"""A publisher from whom nothing came for so long gives way to its owner's next one: an encoder that died and starts
again does not know its session's id. One that lives sends at least its reports (RFC 3550), some each second."""

NO_PUBLISHER_RETRY_S = 2
"""After how long it is worth asking again for a room in which nobody publishes."""

MOVED = "the room is on another server now"
"""What clients are told whose room another node has; at the same address they find it there."""

STOPPING = "the server is shutting down"
"""What clients are told when it drains, and when it ends their sessions."""


class Rooms:
    """Owns every room and every session in them: starts them, finds them, and ends them all when it is closed."""

    def __init__(
        self,
        dependencies: PublisherDependencies,
        limiter: Limiter,
        require_headroom: Callable[[], None] = lambda: None,
        *,
        trace: Callable[[Session], AbstractContextManager[None]] = lambda _: nullcontext(),
        on_idle: Callable[[], object] = lambda: None,
        on_opened: Callable[[Room], object] = lambda _: None,
        placement: RoomPlacement | None = None,
    ) -> None:
        """``limiter``: of ``sessions``, ``viewers`` and ``sockets``. ``require_headroom`` raises ``Unavailable`` where
        the process has no resources for another client. Each session lives in the context that ``trace`` returns.
        ``on_idle`` is called when there has been no session for ``IDLE_S``, ``on_opened`` with each new room.
        ``placement``: of a server that is one of several; ``None``: every room is here.
        """
        self._trace = trace
        self._on_idle = on_idle
        self._on_opened = on_opened
        self._placement = placement
        self._wanted: Counter[str] = Counter()
        "Requests for a room that are being answered, by its name; only where rooms are placed."
        self._idle_timer: asyncio.TimerHandle | None = None
        self._require_headroom = require_headroom
        self.draining = asyncio.Event()
        "Set when no new session is taken any more: the server is about to stop."
        self.closing = asyncio.Event()
        "Set when the running ones are ended."
        self._dependencies = dependencies
        self._limiter = limiter
        self._fair_queue = FairQueue()
        self._by_name: dict[str, Room] = {}
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

    @asynccontextmanager
    async def acquire(self, name: str, *, opens: bool, is_forwarded: bool = False) -> AsyncIterator[Elsewhere | None]:
        """Yield the other node that has a room, or ``None``: then it stays here while the context lasts.

        ``opens`` and ``is_forwarded``: as ``RoomPlacement`` has them. Raises ``Unavailable`` where no node has a place.
        """
        if self._placement is None:
            yield None
            return
        self._wanted[name] += 1
        try:
            yield await self._placement.acquire(name, opens=opens, is_forwarded=is_forwarded)
        finally:
            self._wanted[name] -= 1
            self._release_unused(name)

    async def publish(
        self,
        name: str,
        offer: Offer,
        request: PublishRequest,
        client: Client = NOBODY,
        *,
        principal: Principal = EVERYBODY,
        transport: MakeTransport | None = None,
    ) -> tuple[Publisher, str]:
        """Start a session and return it with its SDP answer. One that replaces another needs free places for more
        people alone.

        It replaces a publisher of the same owner's that ``request`` names, or that was silent for ``SILENCE_S``.
        A camera for a part of the person has a place of its own beside the room's publisher (``Room.of_part``).
        ``transport``: of a source, in place of WebRTC. It needs no free place, so that clients who fill the server keep
        no camera out, and its room takes no other publisher. Raises ``Unavailable`` (full or draining),
        ``TooManyRequests`` (the client's share is), ``Conflict`` (the room has a source or another publisher), and what
        ``Publisher.accept`` raises.
        """
        self._refuse_when_draining()
        self._require_headroom()
        with self._opened(name) as whole:
            room = whole.of_part(request.part)
            if room.leases["source"] and transport is None:
                raise Conflict(f'Room "{name}" is fed by a camera of the server\'s; choose another room.')
            current = self._publisher(room)
            if current is not None:
                _require_replaceable(current, principal, request.replace)
            places = request.options.people
            more = places - (current.people if current is not None else 0)
            if more > 0 and transport is None and not self._has_place("sessions", client, more):
                await self._evict_stale("sessions", self._publishers, principal, more)
                # From the start: others may have come meanwhile.
                return await self.publish(name, offer, request, client, principal=principal, transport=transport)
            dependencies = replace(self._dependencies, transport=transport) if transport else self._dependencies
            take_places = functools.partial(self._take_places, client)
            session = Publisher(room, request, dependencies, client, owner=principal, take_places=take_places)
            self._publishers[session.id] = session
            self._limiter.add("sessions", client, places)
            room.publisher = session
            answer = await self._accept(session, offer)
        if current is not None:
            current.end("replaced by a new connection")
        self.publishers_started += 1
        return session, answer

    async def subscribe(
        self,
        name: str,
        offer: Offer,
        request: SubscribeRequest,
        client: Client = NOBODY,
        *,
        principal: Principal = EVERYBODY,
        needs_publisher: bool = False,
    ) -> tuple[Viewer, str]:
        """Start a viewer and return it with its SDP answer; the room may have no publisher yet.

        Raises ``Unavailable`` (full or draining), ``TooManyRequests`` (the client's share is), ``Conflict`` (nobody
        publishes, and ``needs_publisher``) and what ``Viewer.accept`` raises.
        """
        self._refuse_when_draining()
        self._require_headroom()
        with self._opened(name) as room:
            if needs_publisher and room.publisher is None:
                raise Conflict(f'Nobody publishes in room "{name}".', retry_after_s=NO_PUBLISHER_RETRY_S)
            if not self._has_place("viewers", client):
                await self._evict_stale("viewers", self._viewers, principal)
                return await self.subscribe(
                    name, offer, request, client, principal=principal, needs_publisher=needs_publisher
                )
            viewer = Viewer(room, request, self._dependencies, client, owner=principal)
            self._viewers[viewer.id] = viewer
            self._limiter.add("viewers", client)
            room.viewers += 1
            answer = await self._accept(viewer, offer)
        self.viewers_started += 1
        return viewer, answer

    @contextmanager
    def lease_reader(self, name: str, client: Client = NOBODY) -> Iterator[tuple[Room, ViewerStats]]:
        """Keep a room for a WebSocket reader while the context lasts.

        Raises ``Unavailable`` where the server is full or draining, ``TooManyRequests`` where the client's share is.
        """
        statistics = ViewerStats()
        with self.lease(name, "reader") as room, self._limiter.lease("sockets", client):
            self._readers.add(statistics)
            try:
                yield room, statistics
            finally:
                self._readers.discard(statistics)
                self._delivered.update(statistics.counts)

    @contextmanager
    def lease_input(self, name: str, client: Client = NOBODY) -> Iterator[Room]:
        """Keep a room for a client that feeds its mixer while the context lasts. Raises as ``lease_reader``."""
        with self.lease(name, "input") as room, self._limiter.lease("sockets", client):
            yield room

    @contextmanager
    def lease(self, name: str, kind: LeaseKind) -> Iterator[Room]:
        """Keep a room, created if necessary, while the context lasts.

        Raises ``Unavailable`` where the server is draining.
        """
        self._refuse_when_draining()
        self._require_headroom()
        with self._opened(name) as room:
            room.leases[kind] += 1
            try:
                yield room
            finally:
                room.leases[kind] -= 1

    def room(self, name: str) -> Room:
        """Return a room by its name. Raises ``NotFound`` where nobody is in it."""
        room = self._by_name.get(name)
        if room is None:
            raise NotFound(f'Nobody is in room "{name}".')
        return room

    def session(self, session_id: str, principal: Principal = EVERYBODY) -> Session:
        """Return a publisher's session or a viewer by its id.

        Raises ``NotFound``, also where it is another's, and ``Forbidden`` where the owner is not granted here what it
        was started with: its other tokens may be for less.
        """
        session = self._publishers.get(session_id) or self._viewers.get(session_id)
        if session is None or not _owns(principal, session):
            raise NotFound("There is no such session; it may have ended.")
        grant: Grant = "publish" if isinstance(session, Publisher) else "subscribe"
        if not principal.may(grant, session.room.name):
            raise Forbidden(f'The token does not grant "{grant}" in the session\'s room.')
        return session

    def publisher(self, session_id: str, principal: Principal = EVERYBODY) -> Publisher:
        """Return a publisher's session by its id. Raises as ``session``, and ``Conflict`` where it is a viewer's."""
        session = self.session(session_id, principal)
        if not isinstance(session, Publisher):
            raise Conflict("This session is a viewer's: only a publisher's can do this.")
        return session

    async def end(self, session_id: str, reason: str, principal: Principal = EVERYBODY) -> None:
        """End a session and wait until its place is free. Raises as ``session``."""
        self.session(session_id, principal).end(reason)
        task = self._tasks.get(session_id)
        if task is not None:
            await asyncio.wait([task])

    @property
    def publishers(self) -> tuple[Publisher, ...]:
        """All publishers' sessions."""
        return tuple(self._publishers.values())

    @property
    def viewers(self) -> tuple[Viewer, ...]:
        """All viewers."""
        return tuple(self._viewers.values())

    @property
    def max_sessions(self) -> int:
        """Publishers that there may be."""
        return self._limiter.most("sessions")

    @property
    def max_viewers(self) -> int:
        """Viewers that there may be."""
        return self._limiter.most("viewers")

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

    def begin_draining(self) -> None:
        """Accept no new session, and tell the clients."""
        if not self.draining.is_set():
            self.draining.set()
            for session in (*self.publishers, *self.viewers):
                session.notice("draining", STOPPING)

    async def drain(self, timeout_s: float) -> None:
        """Accept no new session, tell the clients, and wait until no publisher is left, for ``timeout_s`` at most."""
        self.begin_draining()
        publishing = [self._tasks[session.id] for session in self.publishers if session.id in self._tasks]
        if publishing:
            await asyncio.wait(publishing, timeout=timeout_s)

    def move(self, name: str, reason: str) -> None:
        """End all that is in a room here: another node has it, where its clients meet again."""
        room = self._by_name.get(name)
        if room is None:
            return
        log.info("room moves", room=name, reason=reason)
        for session in (*self.publishers, *self.viewers):
            if session.room.name == name:
                session.end(reason)
        room.moved.set()

    async def close(self) -> None:
        """Accept no new session, end all of them and wait until they are released."""
        self.begin_draining()
        self.closing.set()
        for session in (*self.publishers, *self.viewers):
            session.end(STOPPING)
        await self._empty.wait()

    def __iter__(self) -> Iterator[Room]:
        return iter(tuple(self._by_name.values()))

    def __len__(self) -> int:
        return len(self._by_name)

    @contextmanager
    def _opened(self, name: str) -> Iterator[Room]:
        """Yield a room by its name, created if necessary; afterwards it is removed if nobody uses it."""
        room = self._by_name.get(name)
        if room is None:
            room = self._by_name[name] = Room(name, self._fair_queue, self._dependencies.encoders)
            self._on_opened(room)
        try:
            yield room
        finally:
            self._forget_unused(room)

    def _forget_unused(self, room: Room) -> None:
        if not room.is_used and self._by_name.get(room.name) is room:
            del self._by_name[room.name]
            self._release_unused(room.name)

    def _release_unused(self, name: str) -> None:
        if self._placement is not None and name not in self._by_name and not self._wanted[name]:
            del self._wanted[name]
            self._placement.release(name)

    def _refuse_when_draining(self) -> None:
        if self.draining.is_set():
            # Other nodes go on, and load balancers lead to them.
            raise Unavailable(
                "This server is shutting down; try again in a moment.",
                retry_after_s=5 if self._placement is None else 1,
            )

    def _publisher(self, room: Room) -> Publisher | None:
        """The session that publishes in a room."""
        return room.publisher if isinstance(room.publisher, Publisher) else None

    def _take_places(self, client: Client, more: int) -> None:
        """Take more places of publishers, or give some back. Raises as ``Limiter.take``."""
        if more > 0:
            self._limiter.take("sessions", client, more)
        else:
            self._limiter.release("sessions", client, -more)

    def _has_place(self, kind: Kind, client: Client, places: int = 1) -> bool:
        """Whether the server has free places. Raises ``TooManyRequests`` where the client's share is taken."""
        try:
            self._limiter.require(kind, client, places)
        except Unavailable:
            return False
        return True

    async def _evict_stale(
        self, kind: Kind, sessions: Mapping[str, Session], newcomer: Principal, places: int = 1
    ) -> None:
        """End a session, anybody's, that is connecting for longer than the grace time: of the newcomer's own, else of
        all, the oldest. It never worked, so nothing is lost with it. Raises ``Unavailable`` without one, and where all
        of them would not make so many places free."""
        latest = asyncio.get_running_loop().time() - CONNECT_GRACE_S
        stale = [
            session
            for session_id, answered_at in self._answered_at.items()
            if answered_at <= latest and (session := sessions.get(session_id)) and session.state == "connecting"
        ]
        free = self._limiter.most(kind) - self._limiter.held(kind) + sum(map(_places, stale))
        if not stale or free < places:
            raise self._limiter.refusal(kind)
        own_first = min(stale, key=lambda session: not _owns(newcomer, session))
        await self.end(own_first.id, "gave way to another client")

    async def _accept(self, session: Session, offer: Offer) -> str:
        """Return a session's answer; where there is none, nothing is left of the session."""
        self._empty.clear()
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        try:
            answer = await session.accept(offer)
            self._refuse_when_draining()
        except BaseException:
            try:
                await session.discard()
            finally:
                self._forget(session)
            raise
        self._answered_at[session.id] = asyncio.get_running_loop().time()
        self._tasks[session.id] = asyncio.create_task(self._live(session), name=f"{session.role} {session.room.name}")
        return answer

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
        room = session.room
        if isinstance(session, Publisher) and self._publishers.pop(session.id, None) is not None:
            self._limiter.release("sessions", session.client, session.people)
            self._ended.add(session.statistics.totals)
            if room.publisher is session:
                # A replacement that failed leaves the room to whom it would have replaced.
                rest = (other for other in self.publishers if other.room is room and other.state != "closed")
                room.publisher = next(rest, None)
                room.changed()
        elif isinstance(session, Viewer) and self._viewers.pop(session.id, None) is not None:
            self._limiter.release("viewers", session.client)
            self._delivered.update(session.statistics.counts)
            room.viewers -= 1
        self._forget_unused(self._by_name.get(room.name, room))  # the whole of it, where this is a part's
        if not self._publishers and not self._viewers:
            self._empty.set()
            self._idle_timer = asyncio.get_running_loop().call_later(IDLE_S, self._on_idle)


def _require_replaceable(current: Publisher, principal: Principal, session_id: str | None) -> None:
    """Raise ``Conflict`` where a principal's next session may not take the place of the room's publisher."""
    is_own = _owns(principal, current)
    if not is_own or (session_id != current.id and current.silent_s < SILENCE_S):
        raise Conflict(
            f'Room "{current.room.name}" has a publisher; choose another room, or replace that session by its id.',
            retry_after_s=math.ceil(SILENCE_S) if is_own else None,
        )


def _places(session: Session) -> int:
    """Return how many of the server's places a session takes."""
    return session.people if isinstance(session, Publisher) else 1


def _owns(principal: Principal, session: Session) -> bool:
    return principal.owns(session.owner.subject, session.room.name)
