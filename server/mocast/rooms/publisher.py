"""A publisher's session: its driver, its picture, its settings."""

import asyncio
import contextlib
import functools
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from mocast.errors import NotFound, RequestError, TrackingError, Unprocessable
from mocast.limiter import NOBODY, Client
from mocast.model.frame import Frame
from mocast.model.options import AnalysisOptions, PublishRequest, RigOptions, SessionOptions
from mocast.model.principal import EVERYBODY, Principal
from mocast.model.tracked import Tracked
from mocast.pipeline.frame_scheduler import FrameScheduler
from mocast.pipeline.live_driver import LiveDriver
from mocast.pipeline.processor import FrameProcessor
from mocast.pipeline.stats import PublisherStats
from mocast.rendering.renderer import Renderer
from mocast.rooms.camera_rate import CameraRates
from mocast.rooms.pose_feed import PoseChannels
from mocast.rooms.publisher_analysis import LiveAnalyser, PublisherAnalysis
from mocast.rooms.publisher_calibration import LiveRigger, PublisherCalibration
from mocast.rooms.publisher_camera import PublisherCamera
from mocast.rooms.room import Room
from mocast.rooms.room_audio import PublishedAudio
from mocast.rooms.room_mixer import MixingRigger
from mocast.rooms.session import Role, Session, SessionDependencies
from mocast.rooms.video_out import ReturnedPicture, VideoOut
from mocast.tracking.pool import TrackerPool
from mocast.tracking.resilient import ResilientTracker
from mocast.validation import read_change, to_json
from mocast.webrtc.received_frame import ReceivedFrame
from mocast.webrtc.transport import AudioLine, ClientChannel, OfferedMedia, OpusPacket, VideoLine

MEDIA_TIMEOUT_S = 30.0

COMMANDS = ("settings", "calibrate", "calibration", "reset", "gestures", "reference", "ping")
"""What a publisher may ask for on its control channel."""

TRACKER_RESTARTED = "the tracker failed on a picture and was started again"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherDependencies(SessionDependencies):
    """What every publisher shares with the others."""

    trackers: TrackerPool
    rigger: Callable[[RigOptions], LiveRigger]
    analyser: Callable[[AnalysisOptions], LiveAnalyser]
    renderer: Callable[[], Renderer]
    scheduler: FrameScheduler
    "Of all publishers' frames."
    camera_rates: CameraRates
    "What all publishers' cameras are asked for."
    decoder_threads: int = 1
    "Of each publisher's video."
    media_timeout_s: float = MEDIA_TIMEOUT_S
    "A publisher that sends no picture for so long ends."
    trace_frame: Callable[[str, Frame, Tracked], None] | None = None
    "Called with the session's id on the room's thread, when a frame is done."


class Publisher(Session):
    """One publisher."""

    role: ClassVar[Role] = "publisher"

    def __init__(
        self,
        room: Room,
        request: PublishRequest,
        dependencies: PublisherDependencies,
        client: Client = NOBODY,
        *,
        owner: Principal = EVERYBODY,
        take_places: Callable[[int], None] = lambda more: None,
    ) -> None:
        """``take_places(more)`` takes ``more`` of the server's places for publishers, or gives places back where it is
        negative: each person who is tracked takes one. It raises where too few are free."""
        super().__init__(room, dependencies, request.format, client, owner=owner)
        self._take_places = take_places
        self.live_since: datetime | None = None
        self._request = request
        self._dependencies: PublisherDependencies = dependencies
        self._returned: ReturnedPicture | None = None
        self._audio: PublishedAudio | None = None
        self._rigger = dependencies.rigger(request.options.rig)
        self._analyser = dependencies.analyser(request.options.analysis)
        self._analyser.field_of_view = request.options.rig.field_of_view
        self.calibration = PublisherCalibration(self._rigger, room, self._ending)
        self.analysis = PublisherAnalysis(self._analyser, self._ending)
        self._driver: LiveDriver | None = None
        self._camera = PublisherCamera(self, room, dependencies, dependencies.decoder_threads, self._log)
        self._changing = asyncio.Lock()
        self._building: set[asyncio.Future[ResilientTracker]] = set()
        self._poses = PoseChannels(room.fed_mixer, functools.partial(self.notice, "pose-refused"))

    async def _prepare(self, media: OfferedMedia, wants_video_back: bool) -> None:
        """Start the driver.

        Raises ``TrackingError`` where no tracker can be built, ``Unprocessable`` where it cannot track so many people.
        """
        video = media.video
        if video is None:
            raise RequestError("The offer has no video.")
        options = self._request.options
        self._dependencies.trackers.require_people(options.tracker, options.people)
        if wants_video_back:
            self._returned = ReturnedPicture(
                video.codec_name, self._dependencies.encoders, self.room.pictures, self._picture_sent, self.end
            )
            self._return_picture(options)
            video.send(self._returned)
        else:
            options = replace(options, return_="none")
        self._driver = await self._made_driver(options)
        self._events.subscribe(options.events)
        self._driver.start()
        self._camera.receive(video, self._driver, self._dependencies.camera_rates)
        if media.audio is not None:
            self._audio = self.room.audio.begin(functools.partial(_skew_s, video, media.audio))
            media.audio.receive(self._take_audio)

    async def _made_driver(self, options: SessionOptions) -> LiveDriver:
        """Return a driver with a tracker, not started yet. Raises ``TrackingError`` where none can be built."""
        processor = FrameProcessor(
            await self._acquire(options),
            self._dependencies.renderer(),
            every_face=self._dependencies.trackers.every_face(),
            rigger=MixingRigger(self._rigger, self.room.mixer),
            rigs=self.room.streams["rig"].fanout,
            landmarks=self.room.streams["landmarks"].fanout,
            analyser=self._analyser,
            analyses=self.room.streams["analysis"].fanout,
            events=self.room.events,
        )
        trace = self._dependencies.trace_frame
        return LiveDriver(
            processor,
            release=self._dependencies.trackers.release,
            pictures=VideoOut(self._returned, self.room.pictures),
            scheduler=self._dependencies.scheduler,
            options=options,
            on_failure=self._end_from_thread,
            on_done=trace and functools.partial(trace, self.id),
        )

    def _take_audio(self, packet: OpusPacket) -> None:
        if self._audio is not None:
            self.statistics.audio_received(dropped=not self._audio.put(packet))

    def _stop_media(self) -> None:
        self._camera.end()
        self._poses.close()
        if self._audio is not None:
            self._audio.end()
        if self._returned is not None:
            self._returned.stop()

    async def _release(self) -> None:
        """Stop the driver and return every tracker, also one that was still being built for a change."""
        await self._in_worker(self._camera.decoder.close)
        async with self._changing:
            if self._driver is not None:
                await self._in_worker(self._driver.stop)
        for building in self._building:
            with contextlib.suppress(TrackingError):
                await self._in_worker(self._dependencies.trackers.release, await building)

    async def change(self, changes: object) -> dict[str, Any]:
        """Change settings while live, tell the client, and return all of them.

        Raises ``Unprocessable``, and nothing is changed, where one of them is unknown or impossible.
        """
        before = self._options
        try:
            return await self._apply(changes)
        finally:
            if self._options is not before:  # also where whoever asked has gone
                self._control.send_hello()

    async def handle_command(self, command: dict[str, Any]) -> dict[str, Any]:
        """Execute a command and return its answer."""
        match command["type"]:
            case "settings":
                return {"type": "settings", "settings": await self._apply(command.get("settings"))}
            case "calibrate" | "calibration":
                return await self.calibration.handle_command(command)
            case "gestures" | "reference" | "reset":
                return self.analysis.handle_command(command)
            case unknown:
                raise Unprocessable(f'There is no command "{unknown[:40]}"; there are {", ".join(COMMANDS)}.')

    def hello(self) -> list[dict[str, Any]]:
        """Return all settings, the room's clock once a frame has come, and the frame rate where it is bounded."""
        return [{"type": "settings", "settings": self.settings}, *self._camera.hello()]

    def offer(self, frame: ReceivedFrame) -> bool:
        """Have a frame tracked; return whether one that still waited was dropped for it. From any thread."""
        return self._driver is not None and self._driver.offer(frame)

    def send(self, message: dict[str, Any]) -> None:
        """Send the client a control message."""
        self._control.send(message)

    @property
    def is_controlled(self) -> bool:
        """Whether the client has a control channel."""
        return self._control.is_attached

    @property
    def people(self) -> int:
        """How many people are tracked at most; each takes one of the server's places."""
        return self._options.people

    @property
    def settings(self) -> dict[str, Any]:
        """All settings, as the API shows them."""
        return to_json(self._options)

    @property
    def _options(self) -> SessionOptions:
        return self._driver.options if self._driver else self._request.options

    @property
    def statistics(self) -> PublisherStats:
        """What is counted and timed, live."""
        return self._driver.statistics if self._driver else PublisherStats()

    @property
    def queue_depths(self) -> dict[str, int]:
        """Frames that wait in each queue, from the decoder's on."""
        return {"decoder": len(self._camera.decoder), **(self._driver.queue_depths if self._driver else {})}

    def snapshot(self) -> dict[str, Any]:
        """Return state, settings and statistics, as the API shows them."""
        return {**super().snapshot(), "settings": self.settings}

    async def _apply(self, changes: object) -> dict[str, Any]:
        async with self._changing:
            driver = self._live_driver()
            old = driver.options
            new = read_change(old, changes)
            self._analyser.require(new.analysis)
            if self._returned is None and new.return_ == "video":
                raise Unprocessable("No picture can come back: the offer takes no video.")
            tracker = await self._other_tracker(old, new)
            driver.options = new
            self._rigger.options = new.rig
            self._analyser.options = new.analysis
            self._analyser.field_of_view = new.rig.field_of_view
            self._events.subscribe(new.events)
            if not self._ending.is_set():  # else the room may be another's by now
                self.room.draw = new.draw
                self._return_picture(new)
            if tracker is not None:
                replacing = self._loop.run_in_executor(self._dependencies.workers, driver.replace_tracker, tracker)
                try:
                    await asyncio.shield(replacing)
                finally:
                    await asyncio.wait([replacing])  # where whoever asked has gone, too: the next change comes after it
                    if new.people < old.people:  # not before: others may take the places at once
                        self._take_places(new.people - old.people)
        return self.settings

    async def _other_tracker(self, old: SessionOptions, new: SessionOptions) -> ResilientTracker | None:
        """Return the tracker that new options need, with a place for each person more; ``None``: the present one.

        Raises ``Unprocessable`` where it cannot track so many people, ``Unavailable`` or ``TooManyRequests`` where
        there is no place for them, ``TrackingError`` where it cannot be built; nothing has changed then.
        """
        if (new.tracker, new.quality, new.people) == (old.tracker, old.quality, old.people):
            return None
        self._dependencies.trackers.require_people(new.tracker, new.people)
        more_people = max(new.people - old.people, 0)
        if more_people:
            self._take_places(more_people)
        try:
            return await self._acquire(new)
        except BaseException:
            if more_people:
                self._take_places(-more_people)
            raise

    def _return_picture(self, options: SessionOptions) -> None:
        """Send the picture back from now on, or stop that; the video line stays as it was negotiated."""
        if self._returned is not None:
            if options.return_ == "video":
                self._returned.resume()
            else:
                self._returned.pause()

    def _live_driver(self) -> LiveDriver:
        self._require_live()
        if self._driver is None:
            raise NotFound("This session has not begun.")
        return self._driver

    async def _acquire(self, options: SessionOptions) -> ResilientTracker:
        """Return a tracker. One that comes after its caller was cancelled stays in ``_building``."""
        trackers = self._dependencies.trackers
        acquire = functools.partial(
            trackers.acquire, people=options.people, takes_turns=True, on_failure=self._tracker_failed
        )
        building = self._loop.run_in_executor(self._dependencies.workers, acquire, options.tracker, options.quality)
        self._building.add(building)
        await asyncio.wait([building])
        self._building.discard(building)
        return building.result()

    def _tracker_failed(self, error: TrackingError) -> None:
        """Called on the driver's thread. The cause is for the log only, as with every error of status 500."""
        self.statistics.tracker_failed()
        self._log.warning("tracker restarted", error=str(error))
        self._loop.call_soon_threadsafe(self.notice, "tracker-restarted", TRACKER_RESTARTED)

    async def _in_worker(self, call: Callable[..., Any], *args: Any) -> Any:
        """Run a call in a worker thread, to its end even where the caller is cancelled."""
        return await asyncio.shield(self._loop.run_in_executor(self._dependencies.workers, call, *args))

    def _on_live(self) -> None:
        self.live_since = datetime.now(UTC)
        self.room.draw = self._options.draw  # which may have changed since the offer
        self._log.info("publisher live", **self.settings)
        self.room.changed()

    def _background_tasks(self) -> list[Coroutine[Any, Any, None]]:
        return [*super()._background_tasks(), self._watch_media()]

    async def _watch_media(self) -> None:
        await self._connected.wait()
        await self._camera.watch(self._dependencies.media_timeout_s)

    def _take_message(self, channel: ClientChannel, message: str | bytes) -> None:
        """Feed the room's mixer with a pose on a channel of its source's name."""
        if self.admit_message():
            self._poses.take(channel.label, message)

    def _picture_sent(self) -> None:
        self.statistics.sent()

    def _end_from_thread(self, reason: str) -> None:
        self._loop.call_soon_threadsafe(self.end, reason)


def _skew_s(video: VideoLine, audio: AudioLine) -> float:
    """By how many seconds more the picture takes to us than the sound; 0 where the client's reports do not say."""
    return 0.0 if video.lag_s is None or audio.lag_s is None else video.lag_s - audio.lag_s
