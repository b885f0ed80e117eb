"""The registry of rooms: who comes into one, what keeps it, and where it is."""

import asyncio
import functools
import math
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import replace

import structlog

from mocast.errors import Conflict, NotFound, Unavailable
from mocast.limiter import NOBODY, Client, Kind, Limiter
from mocast.model.options import PublishRequest, SubscribeRequest
from mocast.model.principal import EVERYBODY, Principal
from mocast.pipeline.stats import ViewerStats
from mocast.rooms.elsewhere import Elsewhere, RoomPlacement
from mocast.rooms.fair_queue import FairQueue
from mocast.rooms.publisher import Publisher, PublisherDependencies
from mocast.rooms.room import LeaseKind, Room
from mocast.rooms.session import MakeTransport, Session
from mocast.rooms.sessions import Sessions
from mocast.rooms.viewer import Viewer
from mocast.webrtc.offer import Offer

log = structlog.get_logger(__name__)

SILENCE_S = 3.0
"""After this long without a packet a publisher may be replaced by its owner's next one that does not name it: an
encoder that crashed and starts again knows no session id. One that runs sends at least RTCP reports (RFC 3550)."""

NO_PUBLISHER_RETRY_S = 2
"""``Retry-After`` where nobody publishes in a room."""

MOVED = "the room is on another server now"
"""Told to clients when another node has taken over their room, which they find at the same address."""

STOPPING = "the server is shutting down"
"""Told to clients when the server drains, and when it ends their sessions."""


class Rooms:
    """Owns every room, and by ``sessions`` every publisher and viewer; closing it ends them all."""

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
        ``on_idle`` is called when there has been no session for a while, ``on_opened`` with each new room.
        ``placement``: of a server that is one of several; ``None``: every room is here.
        """
        self.sessions = Sessions(limiter, trace=trace, on_ended=self._leave, on_idle=on_idle)
        self._on_opened = on_opened
        self._placement = placement
        self._wanted: Counter[str] = Counter()
        "Requests for a room that are being answered, by its name; only where rooms are placed."
        self._require_headroom = require_headroom
        self.draining = asyncio.Event()
        "Set when no new session is taken any more: the server is about to stop."
        self.closing = asyncio.Event()
        "Set when the running ones are ended."
        self._dependencies = dependencies
        self._limiter = limiter
        self._fair_queue = FairQueue()
        self._by_name: dict[str, Room] = {}

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
        """Start a publisher and return it with its SDP answer.

        It replaces the room's publisher where that has the same owner and ``request`` names it, or it was silent for
        ``SILENCE_S``; it then takes over that one's places. A camera for a part of the person publishes beside the
        room's publisher (``Room.of_part``). ``transport``: a source's, in place of WebRTC. A source needs no free
        place, so that clients who fill the server keep no camera out, and its room takes no other publisher.

        Raises ``Unavailable`` (full or draining), ``TooManyRequests`` (the client's share is used up), ``Conflict``
        (the room has a source or another publisher), and what ``Publisher.accept`` raises.
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
                await self.sessions.evict_stale("sessions", principal, more)
                # From the start: others may have come meanwhile.
                return await self.publish(name, offer, request, client, principal=principal, transport=transport)
            dependencies = replace(self._dependencies, transport=transport) if transport else self._dependencies
            take_places = functools.partial(self._take_places, client)
            session = Publisher(room, request, dependencies, client, owner=principal, take_places=take_places)
            room.publisher = session
            answer = await self.sessions.start(session, offer, self._refuse_when_draining)
        if current is not None:
            current.end("replaced by a new connection")
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

        Raises ``Unavailable`` (full or draining), ``TooManyRequests`` (the client's share is used up), ``Conflict``
        (nobody publishes, and ``needs_publisher``) and what ``Viewer.accept`` raises.
        """
        self._refuse_when_draining()
        self._require_headroom()
        with self._opened(name) as room:
            if needs_publisher and room.publisher is None:
                raise Conflict(f'Nobody publishes in room "{name}".', retry_after_s=NO_PUBLISHER_RETRY_S)
            if not self._has_place("viewers", client):
                await self.sessions.evict_stale("viewers", principal)
                return await self.subscribe(
                    name, offer, request, client, principal=principal, needs_publisher=needs_publisher
                )
            viewer = Viewer(room, request, self._dependencies, client, owner=principal)
            room.viewers += 1
            answer = await self.sessions.start(viewer, offer, self._refuse_when_draining)
        return viewer, answer

    @contextmanager
    def lease_reader(self, name: str, client: Client = NOBODY) -> Iterator[tuple[Room, ViewerStats]]:
        """Keep a room for a WebSocket reader while the context lasts.

        Raises ``Unavailable`` where the server is full or draining, ``TooManyRequests`` where the client's share is.
        """
        with (
            self.lease(name, "reader") as room,
            self._limiter.lease("sockets", client),
            self.sessions.reading() as statistics,
        ):
            yield room, statistics

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

    @property
    def max_sessions(self) -> int:
        """Publishers that there may be."""
        return self._limiter.most("sessions")

    @property
    def max_viewers(self) -> int:
        """Viewers that there may be."""
        return self._limiter.most("viewers")

    def begin_draining(self) -> None:
        """Accept no new session, and tell the clients."""
        if not self.draining.is_set():
            self.draining.set()
            for session in self.sessions:
                session.notice("draining", STOPPING)

    async def drain(self, timeout_s: float) -> None:
        """Accept no new session, tell the clients, and wait until no publisher is left, for ``timeout_s`` at most."""
        self.begin_draining()
        await self.sessions.wait_unpublished(timeout_s)

    def move(self, name: str, reason: str) -> None:
        """End all that is in a room here: another node has it, where its clients meet again."""
        room = self._by_name.get(name)
        if room is None:
            return
        log.info("room moves", room=name, reason=reason)
        for session in self.sessions:
            if session.room.name == name:
                session.end(reason)
        room.moved.set()

    async def close(self) -> None:
        """Accept no new session, end all of them and wait until they are released."""
        self.begin_draining()
        self.closing.set()
        await self.sessions.close(STOPPING)

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
        """Take ``more`` places of publishers; a negative number gives places back. Raises as ``Limiter.take``."""
        if more > 0:
            self._limiter.take("sessions", client, more)
        else:
            self._limiter.release("sessions", client, -more)

    def _has_place(self, kind: Kind, client: Client, places: int = 1) -> bool:
        """Whether the server has free places. Raises ``TooManyRequests`` where the client's share is used up."""
        try:
            self._limiter.require(kind, client, places)
        except Unavailable:
            return False
        return True

    def _leave(self, session: Session) -> None:
        """Let a room go on without a session that has ended."""
        room = session.room
        if isinstance(session, Publisher):
            if room.publisher is session:
                # Where a replacement failed, the publisher that it was to replace has the room again.
                rest = (other for other in self.sessions.publishers if other.room is room and other.state != "closed")
                room.publisher = next(rest, None)
                room.changed()
        else:
            room.viewers -= 1
        self._forget_unused(self._by_name.get(room.name, room))  # ``room`` may be that of a part (``Room.of_part``)


def _require_replaceable(current: Publisher, principal: Principal, session_id: str | None) -> None:
    """Raise ``Conflict`` where a principal's new session may not replace the room's publisher."""
    is_own = current.is_of(principal)
    if not is_own or (session_id != current.id and current.silent_s < SILENCE_S):
        raise Conflict(
            f'Room "{current.room.name}" has a publisher; choose another room, or replace that session by its id.',
            retry_after_s=math.ceil(SILENCE_S) if is_own else None,
        )
