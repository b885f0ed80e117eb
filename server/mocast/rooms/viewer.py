"""Someone who watches a room: its annotated picture, its landmarks, its rig, whichever the offer asks for."""

import functools
from typing import Any, ClassVar

from aiortc import RTCRtpTransceiver
from aiortc.mediastreams import MediaStreamTrack

from mocast.errors import Unprocessable
from mocast.model.options import SubscribeRequest
from mocast.pipeline.stats import ViewerStats
from mocast.rooms.room import Room
from mocast.rooms.session import Role, Session, SessionDependencies
from mocast.rooms.viewer_track import ViewerTrack
from mocast.webrtc.aiortc import tuning as aiortc_tuning
from mocast.webrtc.offer import Offer


class Viewer(Session):
    """One viewer. Whatever it sends, or is too slow to take, is its own loss."""

    role: ClassVar[Role] = "viewer"

    def __init__(self, room: Room, request: SubscribeRequest, parts: SessionDependencies) -> None:
        super().__init__(room, parts, request.format)
        self._statistics = ViewerStats()
        self._wants_video = False
        self._track: ViewerTrack | None = None
        self._stop_watching = room.watch(self._control.send_hello)

    def hello(self) -> dict[str, Any]:
        """Return the room's state."""
        return {"type": "room", "room": self.room.snapshot()}

    @property
    def statistics(self) -> ViewerStats:
        """What was sent and dropped."""
        return self._statistics

    def snapshot(self) -> dict[str, Any]:
        """Return state and statistics, and whether video is sent, as the API shows them."""
        return {**super().snapshot(), "video": self._track is not None}

    async def handle_command(self, command: dict[str, Any]) -> dict[str, Any]:
        """Refuse every command: a viewer changes nothing."""
        raise Unprocessable(f'"{command["type"][:40]}" is not a command for a viewer; "ping" is')

    async def _prepare(self, offer: Offer) -> None:
        self._wants_video = offer.wants_video_back

    def _arrange_video(self, transceiver: RTCRtpTransceiver | None) -> None:
        if transceiver is None:
            return
        if not self._wants_video:
            transceiver.direction = "inactive"
            return
        codec = aiortc_tuning.negotiated_codec(transceiver)
        try:
            self._track = self.room.pictures.track(codec, functools.partial(self.statistics.delivered, "frames"))
        except KeyError as error:
            raise Unprocessable(f"pictures cannot be sent as {codec}") from error
        aiortc_tuning.listen_to_receiver(transceiver.sender, self._track.ask_for_key_frame, self._track.link.estimate)
        transceiver.sender.replaceTrack(self._track)
        transceiver.direction = "sendonly"

    def _on_track(self, track: MediaStreamTrack) -> None:
        receiver = next(r for r in self._pc.getReceivers() if r.track is track)
        aiortc_tuning.disable_receiver(receiver)

    def _on_live(self) -> None:
        self._log.info("viewer live")

    def _stop_media(self) -> None:
        self._stop_watching()
        if self._track is not None:
            self._track.stop()

    async def _release(self) -> None:
        """Nothing is left that was not closed with the connection."""
