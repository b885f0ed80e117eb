"""A client's session, a publisher's or a viewer's: one connection, from the offer to the last port closed."""

import asyncio
import functools
import secrets
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import structlog

from mocast.errors import NotFound, Unprocessable
from mocast.limiter import NOBODY, Client
from mocast.model.made_id import new_id
from mocast.model.options import Format
from mocast.model.principal import EVERYBODY, Principal
from mocast.pipeline.stats import PublisherStats, ViewerStats
from mocast.rooms.broadcast import EVERY_PERSON
from mocast.rooms.client_limits import BitrateLimit, ClientLimits, RateLimit
from mocast.rooms.control import Control
from mocast.rooms.data_channel import CONTROL, MAX_CHANNELS
from mocast.rooms.event_subscription import EventSubscription
from mocast.rooms.expiry import EXPIRED, wait_expired
from mocast.rooms.room import Room
from mocast.rooms.streams import Stream
from mocast.webrtc.offer import Offer, RemoteCandidate
from mocast.webrtc.transport import ClientChannel, OfferedMedia, Transport, TransportEvents
from mocast.webrtc.video_encoder import EncoderFactory

log = structlog.get_logger(__name__)

Role = Literal["publisher", "viewer"]
State = Literal["connecting", "live", "closed"]

CONNECT_TIMEOUT_S = 15.0
CLOSE_TIMEOUT_S = 5.0

BITRATE_CHECK_EVERY_S = 1.0

MakeTransport = Callable[[TransportEvents], Transport]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDependencies:
    """What every session is made from."""

    workers: Executor
    "For what blocks: building and closing trackers, joining threads."
    transport: MakeTransport
    encoders: EncoderFactory
    connect_timeout_s: float = CONNECT_TIMEOUT_S
    limits: ClientLimits = field(default_factory=ClientLimits)
    refused: Counter[str] = field(default_factory=Counter)
    "By the limit's name: how often one was reached."
    tag: str = ""
    "Of this node, which the ids end with; empty where it is alone."


class Session(ABC):
    """One client. ``accept`` answers its offer, ``run`` lives until it ends and leaves nothing behind."""

    role: ClassVar[Role]

    def __init__(
        self,
        room: Room,
        dependencies: SessionDependencies,
        default_format: Format,
        client: Client = NOBODY,
        *,
        owner: Principal = EVERYBODY,
        people: range = EVERY_PERSON,
    ) -> None:
        """``client``: counted by the limiter; ``owner``: its principal, with whose token it expires.

        ``people``: indices of the people whose messages it gets.
        """
        self.client = client
        self._people = people
        self.owner = owner
        self.id = new_id(dependencies.tag)
        self.room = room
        self.etag = f'"{secrets.token_hex(8)}"'
        self.state: State = "connecting"
        self._log = log.bind(room=room.name, session=self.id[:6])
        self._dependencies = dependencies
        self._default_format = default_format
        self._loop = asyncio.get_running_loop()
        self._transport = dependencies.transport(self)
        self._control = Control(self, self._log, dependencies.limits.message_bytes, dependencies.refused)
        self._events = EventSubscription(
            room, self._control.send, lambda dropped: self.statistics.delivered("events", dropped)
        )
        self._messages = RateLimit(dependencies.limits.message_rate)
        self._channels: set[ClientChannel] = set()
        self._detach: dict[str, Callable[[], None]] = {}
        "By a channel's label: what ends its subscription."
        self._connected = asyncio.Event()
        self._ending = asyncio.Event()
        self._reason = ""
        self._ufrags: frozenset[str] = frozenset()
        self._heard_bytes = 0
        self._heard_at_s = self._loop.time()

    async def accept(self, offer: Offer) -> str:
        """Build everything and return the SDP answer.

        Raises ``RequestError`` where the offer cannot be used, ``Unavailable`` where no port is left, and what
        ``_prepare`` raises. The caller must ``run`` or ``discard`` the session afterwards.
        """
        self._ufrags = offer.ufrags
        media = await self._transport.apply_offer(offer)
        await self._prepare(media, offer.wants_video_back)
        return await self._transport.answer()

    async def run(self) -> None:
        """Live until the client leaves, fails to connect, or ``end`` is called; then release all resources."""
        try:
            async with asyncio.TaskGroup() as tasks:
                children = [tasks.create_task(task) for task in self._background_tasks()]
                await self._ending.wait()
                for child in children:
                    child.cancel()
        finally:
            await self.discard()

    def is_of(self, principal: Principal) -> bool:
        """Return whether a principal owns it."""
        return principal.owns(self.owner.subject, self.room.name)

    def end(self, reason: str) -> None:
        """Ask the session to end; may be called again."""
        if not self._ending.is_set():
            self._reason = reason
            self._control.notice("closing", reason)
            self._ending.set()

    def break_off(self, limit: str, reason: str) -> None:
        """End the session as its client has reached a limit, and tell it so: a new session would reach it, too."""
        if not self._ending.is_set():
            self._dependencies.refused[limit] += 1
            self.notice("limit", reason)
            self.end(reason)

    def admit_message(self) -> bool:
        """Count a message of the client's; return whether it is within the rate. A flood of them ends the session."""
        if self._messages.take():
            return True
        if self._messages.is_flooded:
            most = self._dependencies.limits.message_rate
            self.break_off("message_rate", f"a client may send {most:g} messages a second")
        else:
            self._dependencies.refused["message_rate"] += 1
        return False

    async def discard(self) -> None:
        """Close the connection and release all resources. Calling it again does nothing."""
        if self.state == "closed":
            return
        self.state = "closed"
        self._ending.set()
        for detach in self._detach.values():
            detach()
        self._events.close()
        self._stop_media()
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._transport.close()
        except TimeoutError:
            self._log.warning("connection did not close in time")
        finally:
            await self._release()
        self._log.info(f"{self.role} ended", reason=self._reason, **self.stats())

    async def add_candidates(self, candidates: Sequence[RemoteCandidate], ufrag: str | None = None) -> None:
        """Take trickled candidates. ``ufrag``: the ICE user name fragment that they belong to, if the client named it.

        Raises ``Unprocessable`` where they are too many, or where ``ufrag`` is not the offer's: the client restarts
        ICE then, which aiortc cannot. The session goes on as it is.
        """
        self._require_live()
        if ufrag is not None and ufrag not in self._ufrags:
            raise Unprocessable("ICE does not restart here; the session goes on, or the client begins another.")
        await self._transport.add_candidates(candidates)

    @property
    def silent_s(self) -> float:
        """For how many seconds, to within one, the client has sent nothing but connectivity checks."""
        return 0.0 if self._transport.bytes_received > self._heard_bytes else self._loop.time() - self._heard_at_s

    def notice(self, notice: str, detail: str) -> None:
        """Tell the client something that it did not ask for."""
        self._control.notice(notice, detail)

    def flush_events(self) -> None:
        """Send the events that wait for the channel ``control`` to have room."""
        self._events.flush()

    @property
    def reason(self) -> str:
        """Why it ends; empty while it does not."""
        return self._reason

    @property
    @abstractmethod
    def statistics(self) -> PublisherStats | ViewerStats:
        """What is counted and timed."""

    def stats(self) -> Mapping[str, Any]:
        """Return the live statistics, as the API shows them."""
        return self.statistics.snapshot()

    @abstractmethod
    def hello(self) -> list[dict[str, Any]]:
        """Return the control messages with the session's state."""

    @abstractmethod
    async def handle_command(self, command: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a control message. Raises ``Unprocessable`` where it is unknown or impossible."""

    def snapshot(self) -> dict[str, Any]:
        """Return state and statistics, as the API shows them."""
        return {
            "id": self.id,
            "role": self.role,
            "room": self.room.name,
            "state": self.state,
            "statistics": self.stats(),
        }

    @abstractmethod
    async def _prepare(self, media: OfferedMedia, wants_video_back: bool) -> None:
        """Use the lines of the offer, and build what they need."""

    @abstractmethod
    def _stop_media(self) -> None:
        """Stop what sends or receives media, before the connection closes."""

    @abstractmethod
    async def _release(self) -> None:
        """Return what was held, after the connection has closed."""

    def _background_tasks(self) -> list[Coroutine[Any, Any, None]]:
        """What runs as long as the session lives."""
        return [
            self._watch_connecting(),
            self._watch_expiry(),
            self._watch_length(),
            self._watch_bitrate(),
            self._control.serve(),
            self._control.report(),
            self._transport.resolve_candidates(),
        ]

    @abstractmethod
    def _on_live(self) -> None:
        """The client has connected for the first time."""

    def _require_live(self) -> None:
        """Raise ``NotFound`` where the session has ended or is about to."""
        require_live(self._ending)

    def on_data_channel(self, channel: ClientChannel) -> None:
        """Serve a channel that the client has opened, if it is one that we know."""
        self._channels.add(channel)
        channel.on("close", lambda: self._channels.discard(channel))
        if len(self._channels) > MAX_CHANNELS:
            self.end(f"a client may have {MAX_CHANNELS} data channels")
        elif channel.label == CONTROL:
            self._control.attach(channel)
        else:
            channel.on("message", functools.partial(self._take_message, channel))
            if (stream := self.room.streams.get(channel.label)) is not None:
                self._attach(stream, channel)

    def _take_message(self, channel: ClientChannel, message: str | bytes) -> None:
        """Count a message on a channel other than ``control``, and ignore it."""
        self.admit_message()

    def _attach(self, stream: Stream[Any], channel: ClientChannel) -> None:
        """Send a stream on a channel, in the form that its sub-protocol names, in place of an earlier channel."""
        if self.state == "closed":
            return
        if channel.label in self._detach:
            self._detach[channel.label]()
        form = stream.kind.protocols.get(channel.protocol, self._default_format)
        count = functools.partial(self.statistics.delivered, stream.kind.counter)
        subscription = stream.broadcast.attach(
            channel, form, count, first=self.role == "publisher", people=self._people
        )
        self._detach[channel.label] = detach = functools.partial(stream.broadcast.detach, subscription)
        channel.on("close", detach)

    def on_connected(self) -> None:
        """The client has connected."""
        if self.state == "connecting":
            self.state = "live"
            self._connected.set()
            self._on_live()

    async def _watch_expiry(self) -> None:
        """End the session of an owner whose token has expired."""
        await wait_expired(self.owner)
        self.notice("expired", EXPIRED)
        self.end(EXPIRED)

    async def _watch_connecting(self) -> None:
        try:
            async with asyncio.timeout(self._dependencies.connect_timeout_s):
                await self._connected.wait()
        except TimeoutError:
            self.end(f"no connection within {self._dependencies.connect_timeout_s:g} s")

    async def _watch_length(self) -> None:
        """End a session that has lasted for as long as it may."""
        session_s = self._dependencies.limits.session_s
        if session_s:
            await asyncio.sleep(session_s)
            self.break_off("session_length", f"its time is over: {session_s:g} s")

    async def _watch_bitrate(self) -> None:
        """End the session where its client sends above ``input_bitrate``; note when it last sent anything."""
        most = self._dependencies.limits.input_bitrate
        limit = BitrateLimit(most)
        while not limit.is_exceeded(received := self._transport.bytes_received):
            if received > self._heard_bytes:
                self._heard_bytes, self._heard_at_s = received, self._loop.time()
            await asyncio.sleep(BITRATE_CHECK_EVERY_S)
        self.break_off("input_bitrate", f"the client sends more than {most / 1e6:g} Mbit/s")


def require_live(ending: asyncio.Event) -> None:
    """Raise ``NotFound`` where a session has ended or is about to: ``ending`` is set."""
    if ending.is_set():
        raise NotFound("This session has ended.")
