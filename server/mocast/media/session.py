"""A publisher's session: one peer connection, its pipeline and its channels, from the offer to the last port closed."""

import asyncio
import contextlib
import functools
import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import structlog
from aiortc import RTCConfiguration, RTCDataChannel, RTCPeerConnection, RTCRtpTransceiver, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack

from mocast.errors import MocastError, NotFound, RequestError, TrackingError, Unavailable
from mocast.media import aiortc_tuning
from mocast.media.candidates import Candidates
from mocast.media.channels import CONTROL, LANDMARKS, LandmarkFormat, LandmarkSink
from mocast.media.control import Control
from mocast.media.offer import Offer, RemoteCandidate
from mocast.media.video_in import FrameInlet
from mocast.media.video_out import AnnotatedTrack
from mocast.model.choices import Quality, SessionChoices, TrackerName
from mocast.pipeline.pipeline import Pipeline, Renderer
from mocast.pipeline.protocols import Tracker
from mocast.pipeline.stats import Statistics

log = structlog.get_logger(__name__)

Returns = Literal["video", "none"]
State = Literal["connecting", "live", "closed"]

CONNECT_TIMEOUT_S = 15.0
CLOSE_TIMEOUT_S = 5.0

TRACKER_RESTARTED = "the tracker failed on a picture and was started again"


class Trackers(Protocol):
    """Where trackers come from; both calls may block, so they are made in worker threads."""

    def acquire(
        self, tracker: TrackerName, quality: Quality, *, on_failure: Callable[[TrackingError], None] | None = None
    ) -> Tracker:
        """Return a tracker that nobody else uses. ``on_failure`` is called when it failed and was replaced."""

    def release(self, tracker: Any) -> None:
        """Take back a tracker that ``acquire`` returned."""


@dataclass(frozen=True, slots=True)
class SessionParts:
    """What every session is made from."""

    trackers: Trackers
    renderer: Callable[[], Renderer]
    parse_settings: Callable[[object, SessionChoices], SessionChoices]
    "From JSON, changed against what is; raises `Unprocessable`."
    dump_settings: Callable[[SessionChoices], dict[str, Any]]
    workers: Executor
    "For what blocks: building and closing trackers, joining threads."
    codecs: tuple[str, ...] = ()
    "Allowed video codecs by preference, such as `video/VP8`; empty: the client's order."
    connect_timeout_s: float = CONNECT_TIMEOUT_S


@dataclass(frozen=True, slots=True)
class PublishRequest:
    """What a publisher asked for."""

    choices: SessionChoices
    returns: Returns = "video"
    format: LandmarkFormat = "binary"
    replace: str | None = None
    "The session whose room it takes over."


class Session:
    """One publisher. ``accept`` answers its offer, ``run`` lives until it ends and leaves nothing behind."""

    def __init__(self, room: str, request: PublishRequest, parts: SessionParts) -> None:
        self.id = secrets.token_urlsafe(18)
        self.room = room
        self.etag = f'"{secrets.token_hex(8)}"'
        self.state: State = "connecting"
        self._log = log.bind(room=room, session=self.id[:6])
        self._request = request
        self._parts = parts
        self._loop = asyncio.get_running_loop()
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._landmarks = LandmarkSink(request.format)
        self._landmarks.mirrored = request.choices.draw.mirror
        self._control = Control(self, self._log)
        self._output: AnnotatedTrack | None = None
        self._pipeline: Pipeline | None = None
        self._receiver: aiortc_tuning.TunedReceiver | None = None
        self._connected = asyncio.Event()
        self._ending = asyncio.Event()
        self._changing = asyncio.Lock()
        self._building: set[asyncio.Future[Tracker]] = set()
        self._reason = ""
        self._candidates = Candidates(self._pc, self._log)

    async def accept(self, offer: Offer) -> str:
        """Build the session and return the SDP answer.

        Raises ``RequestError`` where the offer cannot be used, ``TrackingError`` where no tracker can be built. The
        caller must ``run`` or ``discard`` the session afterwards.
        """
        choices = self._request.choices
        with_picture = self._request.returns == "video" and offer.wants_video_back
        self._output = AnnotatedTrack(self._picture_sent) if with_picture else None
        renderer = self._parts.renderer()
        self._pipeline = Pipeline(
            tracker=await self._acquire(choices),
            release=self._parts.trackers.release,
            renderer=renderer,
            sinks=[self._landmarks],
            output=self._output,
            choices=choices,
            on_failure=self._fail_from_thread,
        )
        self._landmarks.statistics = self._pipeline.statistics
        self._pipeline.start()
        self._candidates.begin(offer)
        self._pc.on("track", self._on_track)
        self._pc.on("datachannel", self._on_data_channel)
        self._pc.on("connectionstatechange", self._on_connection_state)
        try:
            await self._pc.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
            self._arrange_media()
            if self._pc.sctp is not None:
                aiortc_tuning.bound_messages(self._pc.sctp, self.end)
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
        """Live until the peer leaves, fails to connect, or ``end`` is called; then give everything back."""
        try:
            async with asyncio.TaskGroup() as tasks:
                children = [
                    tasks.create_task(self._watch_connecting()),
                    tasks.create_task(self._control.serve()),
                    tasks.create_task(self._control.report()),
                    tasks.create_task(self._candidates.resolve()),
                ]
                await self._ending.wait()
                for child in children:
                    child.cancel()
        finally:
            await self.discard()

    def end(self, reason: str) -> None:
        """Ask the session to end; may be called again."""
        if not self._ending.is_set():
            self._reason = reason
            self._control.notice("closing", reason)
            self._ending.set()

    async def discard(self) -> None:
        """Close the peer and the pipeline and give the tracker back. Calling it again does nothing."""
        if self.state == "closed":
            return
        self.state = "closed"
        self._ending.set()
        if self._receiver is not None:
            self._receiver.close()
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await aiortc_tuning.close_peer(self._pc)
        except TimeoutError:
            self._log.warning("peer did not close in time")
        finally:
            await self._give_back()
        self._log.info("session ended", reason=self._reason, **self.statistics.snapshot())

    async def _give_back(self) -> None:
        """Stop the pipeline and return every tracker, also one that was still being built for a change."""
        if self._output is not None:
            self._output.stop()
        async with self._changing:
            if self._pipeline is not None:
                await self._in_worker(self._pipeline.stop)
        for building in self._building:
            with contextlib.suppress(TrackingError):
                await self._in_worker(self._parts.trackers.release, await building)

    async def change(self, changes: object) -> dict[str, Any]:
        """Change settings while live, tell the client, and return all of them.

        Raises ``Unprocessable``, and nothing is changed, where one of them is unknown or impossible.
        """
        settings = await self.apply(changes)
        self._control.greet()
        return settings

    async def apply(self, changes: object) -> dict[str, Any]:
        """Change settings as ``change`` does, for a client that is told by the answer to its command."""
        async with self._changing:
            pipeline = self._live_pipeline()
            old = pipeline.choices
            new = self._parts.parse_settings(changes, old)
            if (new.tracker, new.quality) != (old.tracker, old.quality):
                tracker = await self._acquire(new)
                await self._in_worker(pipeline.replace_tracker, tracker)
            pipeline.choices = new
            self._landmarks.mirrored = new.draw.mirror
        return self.settings

    async def add_candidates(self, candidates: Sequence[RemoteCandidate]) -> None:
        """Take candidates that came later. Raises ``Unprocessable`` where they are too many."""
        self._live_pipeline()
        await self._candidates.add(candidates)

    def notice(self, notice: str, detail: str) -> None:
        """Tell the client something that it did not ask for."""
        self._control.notice(notice, detail)

    @property
    def settings(self) -> dict[str, Any]:
        """All settings, as the API shows them."""
        choices = self._pipeline.choices if self._pipeline else self._request.choices
        return self._parts.dump_settings(choices)

    @property
    def statistics(self) -> Statistics:
        """The live figures."""
        return self._pipeline.statistics if self._pipeline else Statistics()

    @property
    def queue_depths(self) -> dict[str, int]:
        """Frames that wait in each queue, from the decoder's on."""
        decoder = self._receiver.queue.qsize() if self._receiver else 0
        return {"decoder": decoder, **(self._pipeline.queue_depths if self._pipeline else {})}

    def snapshot(self) -> Mapping[str, Any]:
        """State, settings and statistics, as the API shows them."""
        return {
            "id": self.id,
            "room": self.room,
            "state": self.state,
            "settings": self.settings,
            "statistics": self.statistics.snapshot(),
        }

    def _live_pipeline(self) -> Pipeline:
        if self._pipeline is None or self._ending.is_set():
            raise NotFound("this session has ended")
        return self._pipeline

    async def _acquire(self, choices: SessionChoices) -> Tracker:
        """Return a tracker. One that comes after its caller was cancelled stays in ``_building``."""
        acquire = functools.partial(self._parts.trackers.acquire, on_failure=self._tracker_failed)
        building = self._loop.run_in_executor(self._parts.workers, acquire, choices.tracker, choices.quality)
        self._building.add(building)
        await asyncio.wait([building])
        self._building.discard(building)
        return building.result()

    def _tracker_failed(self, error: TrackingError) -> None:
        """Called on the room's thread. What exactly failed is for the log only, as with every error of status 500."""
        self.statistics.tracker_failed()
        self._log.warning("tracker restarted", error=str(error))
        self._loop.call_soon_threadsafe(self.notice, "tracker-restarted", TRACKER_RESTARTED)

    async def _in_worker(self, call: Callable[..., Any], *args: Any) -> Any:
        """What has begun is not undone by cancelling the caller, so it is never forgotten half-way either."""
        return await asyncio.shield(self._loop.run_in_executor(self._parts.workers, call, *args))

    def _arrange_media(self) -> None:
        """Use the first video line; leave everything else inactive but not rejected (RFC 9725, section 4.2)."""
        video = [t for t in self._pc.getTransceivers() if t.kind == "video" and not t.stopped]
        for transceiver in self._pc.getTransceivers():
            if not video or transceiver is not video[0]:
                transceiver.direction = "inactive"
                aiortc_tuning.disable_receiver(transceiver.receiver)
        if not video:
            raise RequestError("the offer has no video")
        self._prefer_codecs(video[0])
        if self._output is not None:
            video[0].sender.replaceTrack(self._output)
            video[0].direction = "sendrecv"
        else:
            video[0].direction = "recvonly"

    def _prefer_codecs(self, transceiver: RTCRtpTransceiver) -> None:
        if self._parts.codecs:
            aiortc_tuning.prefer_codecs(transceiver, self._parts.codecs)

    def _on_track(self, track: MediaStreamTrack) -> None:
        receiver = next(r for r in self._pc.getReceivers() if r.track is track)
        if track.kind != "video" or self._receiver is not None or self._pipeline is None:
            aiortc_tuning.disable_receiver(receiver)
            return
        inlet = FrameInlet(self._pipeline.offer, lambda: self.end("the camera's track ended"))
        self._receiver = aiortc_tuning.TunedReceiver(receiver, inlet, self.end, self.statistics.dropped)

    def _on_data_channel(self, channel: RTCDataChannel) -> None:
        if channel.label == LANDMARKS:
            self._landmarks.attach(channel)
        elif channel.label == CONTROL:
            self._control.attach(channel)

    def _on_connection_state(self) -> None:
        match self._pc.connectionState:
            case "connected" if self.state == "connecting":
                self.state = "live"
                self._log.info("session live", **self.settings)
                self._connected.set()
            case "failed" | "closed":
                self.end("the connection was lost")

    async def _watch_connecting(self) -> None:
        try:
            async with asyncio.timeout(self._parts.connect_timeout_s):
                await self._connected.wait()
        except TimeoutError:
            self.end(f"no connection within {self._parts.connect_timeout_s:g} s")

    def _picture_sent(self) -> None:
        self.statistics.sent()

    def _fail_from_thread(self, reason: str) -> None:
        self._loop.call_soon_threadsafe(self.end, reason)
