"""What a publisher and a viewer have in common: one peer connection, from the offer to the last port closed."""

import asyncio
import functools
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import structlog
from aiortc import RTCConfiguration, RTCDataChannel, RTCPeerConnection, RTCRtpTransceiver, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack

from mocast.errors import MocastError, NotFound, RequestError, Unavailable
from mocast.model.options import Format
from mocast.pipeline.stats import PublisherStats, ViewerStats
from mocast.rooms.control import Control
from mocast.rooms.data_channel import CONTROL, MAX_CHANNELS
from mocast.rooms.room import Room
from mocast.rooms.streams import Stream
from mocast.webrtc.aiortc import sending as aiortc_sending
from mocast.webrtc.aiortc import tuning as aiortc_tuning
from mocast.webrtc.aiortc.candidates import Candidates
from mocast.webrtc.encoders import EncoderLimits
from mocast.webrtc.offer import Offer, RemoteCandidate

log = structlog.get_logger(__name__)

Role = Literal["publisher", "viewer"]
State = Literal["connecting", "live", "closed"]

CONNECT_TIMEOUT_S = 15.0
CLOSE_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDependencies:
    """What every peer is made from."""

    workers: Executor
    "For what blocks: building and closing trackers, joining threads."
    codecs: tuple[str, ...] = ()
    "Allowed video codecs by preference, such as `video/VP8`; empty: the client's order."
    encoding: EncoderLimits = field(default_factory=EncoderLimits)
    "Of the video that viewers get."
    connect_timeout_s: float = CONNECT_TIMEOUT_S


class Session(ABC):
    """One client. ``accept`` answers its offer, ``run`` lives until it ends and leaves nothing behind."""

    role: ClassVar[Role]

    def __init__(self, room: Room, parts: SessionDependencies, default_format: Format) -> None:
        self.id = secrets.token_urlsafe(18)
        self.room = room
        self.etag = f'"{secrets.token_hex(8)}"'
        self.state: State = "connecting"
        self._log = log.bind(room=room.name, session=self.id[:6])
        self._peer_parts = parts
        self._default_format = default_format
        self._loop = asyncio.get_running_loop()
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._candidates = Candidates(self._pc, self._log)
        self._control = Control(self, self._log)
        self._channels: set[RTCDataChannel] = set()
        self._detach: dict[str, Callable[[], None]] = {}
        "By a channel's label: what ends its subscription."
        self._connected = asyncio.Event()
        self._ending = asyncio.Event()
        self._reason = ""

    async def accept(self, offer: Offer) -> str:
        """Build everything and return the SDP answer.

        Raises ``RequestError`` where the offer cannot be used, ``Unavailable`` where no port is left, and what
        ``_prepare`` raises. The caller must ``run`` or ``discard`` the peer afterwards.
        """
        await self._prepare(offer)
        self._candidates.begin(offer)
        self._pc.on("track", self._on_track)
        self._pc.on("datachannel", self._on_data_channel)
        self._pc.on("connectionstatechange", self._on_connection_state)
        try:
            await self._pc.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
            self._arrange_media()
            if self._pc.sctp is not None:
                aiortc_tuning.bound_messages(self._pc.sctp, self.end)
                aiortc_sending.send_messages_together(self._pc.sctp)
            await self._pc.setLocalDescription(await self._pc.createAnswer())
        except MocastError:
            raise
        except OSError as error:
            raise Unavailable(f"no port can be opened: {error.strerror}") from error
        except Exception as error:
            # aiortc has no error type for a bad offer: what it raises ranges from ValueError to AttributeError.
            self._log.info("offer refused", error=repr(error))
            raise RequestError("the SDP offer cannot be used") from error
        return self._pc.localDescription.sdp

    async def run(self) -> None:
        """Live until the client leaves, fails to connect, or ``end`` is called; then give everything back."""
        try:
            async with asyncio.TaskGroup() as tasks:
                children = [tasks.create_task(duty) for duty in self._background_tasks()]
                await self._ending.wait()
                for child in children:
                    child.cancel()
        finally:
            await self.discard()

    def end(self, reason: str) -> None:
        """Ask the peer to end; may be called again."""
        if not self._ending.is_set():
            self._reason = reason
            self._control.notice("closing", reason)
            self._ending.set()

    async def discard(self) -> None:
        """Close the connection and give back what was held. Calling it again does nothing."""
        if self.state == "closed":
            return
        self.state = "closed"
        self._ending.set()
        for detach in self._detach.values():
            detach()
        self._stop_media()
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await aiortc_tuning.close_peer(self._pc)
        except TimeoutError:
            self._log.warning("peer did not close in time")
        finally:
            await self._release()
        self._log.info(f"{self.role} ended", reason=self._reason, **self.stats())

    async def add_candidates(self, candidates: Sequence[RemoteCandidate]) -> None:
        """Take candidates that came later. Raises ``Unprocessable`` where they are too many."""
        self._require_live()
        await self._candidates.add(candidates)

    def notice(self, notice: str, detail: str) -> None:
        """Tell the client something that it did not ask for."""
        self._control.notice(notice, detail)

    @property
    @abstractmethod
    def statistics(self) -> PublisherStats | ViewerStats:
        """What is counted and timed."""

    def stats(self) -> Mapping[str, Any]:
        """Return the live statistics, as the API shows them."""
        return self.statistics.snapshot()

    @abstractmethod
    def hello(self) -> dict[str, Any]:
        """Return the control message that tells the client how things are."""

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
    async def _prepare(self, offer: Offer) -> None:
        """Build what the offer's media will need."""

    @abstractmethod
    def _arrange_video(self, transceiver: RTCRtpTransceiver | None) -> None:
        """Use the offer's first video line, if there is one. Raises ``RequestError`` where it is of no use."""

    @abstractmethod
    def _on_track(self, track: MediaStreamTrack) -> None:
        """The client has a track."""

    @abstractmethod
    def _stop_media(self) -> None:
        """Stop what sends or receives media, before the connection closes."""

    @abstractmethod
    async def _release(self) -> None:
        """Return what was held, after the connection has closed."""

    def _background_tasks(self) -> list[Coroutine[Any, Any, None]]:
        """What goes on as long as the peer lives."""
        return [
            self._watch_connecting(),
            self._control.serve(),
            self._control.report(),
            self._candidates.resolve(),
        ]

    @abstractmethod
    def _on_live(self) -> None:
        """The peers have connected."""

    def _require_live(self) -> None:
        """Raise ``NotFound`` where the peer has ended or is about to."""
        if self._ending.is_set():
            raise NotFound("this session has ended")

    def _arrange_media(self) -> None:
        """Use the first video line; leave everything else inactive but not rejected (RFC 9725, section 4.2)."""
        transceivers = self._pc.getTransceivers()
        video = next((t for t in transceivers if t.kind == "video" and not t.stopped), None)
        for transceiver in transceivers:
            if transceiver is not video:
                transceiver.direction = "inactive"
                aiortc_tuning.disable_receiver(transceiver.receiver)
        if video is not None and self._peer_parts.codecs:
            aiortc_tuning.prefer_codecs(video, self._peer_parts.codecs)
        self._arrange_video(video)
        if video is not None:
            aiortc_sending.FrameSender(video.sender)
            aiortc_tuning.bound_resends(video.sender)

    def _on_data_channel(self, channel: RTCDataChannel) -> None:
        self._channels.add(channel)
        channel.on("close", lambda: self._channels.discard(channel))
        if len(self._channels) > MAX_CHANNELS:
            self.end(f"a client may have {MAX_CHANNELS} data channels")
        elif channel.label == CONTROL:
            self._control.attach(channel)
        elif (stream := self.room.streams.get(channel.label)) is not None:
            self._attach(stream, channel)

    def _attach(self, stream: Stream[Any], channel: RTCDataChannel) -> None:
        """Send a stream on a channel, in the form that its sub-protocol names, in place of an earlier channel."""
        if self.state == "closed":
            return
        if channel.label in self._detach:
            self._detach[channel.label]()
        form = stream.kind.protocols.get(channel.protocol, self._default_format)
        count = functools.partial(self.statistics.delivered, stream.kind.counter)
        subscription = stream.broadcast.attach(channel, form, count, first=self.role == "publisher")
        self._detach[channel.label] = detach = functools.partial(stream.broadcast.detach, subscription)
        channel.on("close", detach)

    def _on_connection_state(self) -> None:
        match self._pc.connectionState:
            case "connected" if self.state == "connecting":
                self.state = "live"
                self._connected.set()
                self._on_live()
            case "failed" | "closed":
                self.end("the connection was lost")

    async def _watch_connecting(self) -> None:
        try:
            async with asyncio.timeout(self._peer_parts.connect_timeout_s):
                await self._connected.wait()
        except TimeoutError:
            self.end(f"no connection within {self._peer_parts.connect_timeout_s:g} s")
