"""A viewer's session: a room's annotated picture, its audio and its streams, whichever the offer asks for."""

import functools
from typing import Any, ClassVar

from mocast.errors import Unprocessable
from mocast.limiter import NOBODY, Client
from mocast.model.options import SubscribeRequest
from mocast.model.principal import EVERYBODY, Principal
from mocast.pipeline.stats import ViewerStats
from mocast.rooms.audio_subscription import AudioSubscription
from mocast.rooms.picture_subscription import PictureSubscription
from mocast.rooms.room import Room
from mocast.rooms.session import Role, Session, SessionDependencies
from mocast.webrtc.transport import OfferedMedia


class Viewer(Session):
    """One viewer. What it sends, or is too slow to take, does not affect others."""

    role: ClassVar[Role] = "viewer"

    def __init__(
        self,
        room: Room,
        request: SubscribeRequest,
        dependencies: SessionDependencies,
        client: Client = NOBODY,
        *,
        owner: Principal = EVERYBODY,
    ) -> None:
        super().__init__(room, dependencies, request.format, client, owner=owner, people=range(request.people))
        self._statistics = ViewerStats()
        self._pictures: PictureSubscription | None = None
        self._audio: AudioSubscription | None = None
        self._event_types = request.events
        self._stop_watching = room.watch(self._control.send_hello)

    def hello(self) -> list[dict[str, Any]]:
        """Return the room's state."""
        return [{"type": "room", "room": self.room.snapshot()}]

    @property
    def statistics(self) -> ViewerStats:
        """What was sent and dropped."""
        return self._statistics

    def snapshot(self) -> dict[str, Any]:
        """Return state and statistics, and whether video and audio are sent, as the API shows them."""
        return {**super().snapshot(), "video": self._pictures is not None, "audio": self._audio is not None}

    async def handle_command(self, command: dict[str, Any]) -> dict[str, Any]:
        """Refuse every command: a viewer changes nothing."""
        raise Unprocessable(f'There is no command "{command["type"][:40]}" for a viewer; there is "ping".')

    async def _prepare(self, media: OfferedMedia, wants_video_back: bool) -> None:
        """Subscribe to picture, audio and events.

        Raises ``Unprocessable`` where the client has no codec for the picture.
        """
        if media.video is not None and wants_video_back:
            count = functools.partial(self.statistics.delivered, "frames")
            self._pictures = self.room.pictures.subscribe(media.video.codec_name, count, self.end)
            media.video.send(self._pictures)
        if media.audio is not None and media.audio.is_wanted:
            self._audio = self.room.audio.subscribe(functools.partial(self.statistics.delivered, "audio_packets"))
            media.audio.send(self._audio)
        self._events.subscribe(self._event_types)

    def _on_live(self) -> None:
        self._log.info("viewer live")

    def _stop_media(self) -> None:
        self._stop_watching()
        if self._pictures is not None:
            self._pictures.stop()
        if self._audio is not None:
            self._audio.stop()

    async def _release(self) -> None:
        """Nothing is left that was not closed with the connection."""
