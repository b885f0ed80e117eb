"""A room: a publisher, its streams and its picture, and how many subscribe to them."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal, Protocol

from mocast.model.analysis import Event
from mocast.model.options import CameraPart, DrawOptions
from mocast.pipeline.fanout import Fanout
from mocast.rooms.clock import RoomClock
from mocast.rooms.fair_queue import FairQueue
from mocast.rooms.part_camera import PartCamera
from mocast.rooms.room_audio import RoomAudio
from mocast.rooms.room_mixer import RoomMixer
from mocast.rooms.shared_encode import SharedPictures
from mocast.rooms.streams import Stream
from mocast.webrtc.video_encoder import EncoderFactory
from mocast.wire.stream_kinds import STREAMS

LeaseKind = Literal["reader", "output", "recording", "source", "input"]
"""What keeps a room in existence besides its publisher and viewers: a WebSocket reader, an output, a recording, a
camera of the operator's, an input that feeds its mixer."""

SourceState = Literal["connecting", "live", "waiting"]
"""``waiting``: until the next attempt to open it."""


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """The state of the operator's camera of a room."""

    state: SourceState
    reason: str = ""
    "Why it waits: a sentence without the camera's address."


class PublisherState(Protocol):
    """A publisher, as far as a room shows it."""

    @property
    def state(self) -> str:
        """Whether it is connecting, live or closed."""

    @property
    def live_since(self) -> datetime | None:
        """When it connected; ``None`` before."""

    def stats(self) -> Any:
        """Return the live statistics, as the API shows them."""


class Room:
    """One room, with or without a publisher. On the event loop; its fan-outs may be used from any thread.

    It outlives its publisher: viewers stay until the next one comes, and frame numbers and pts go on growing.
    """

    def __init__(self, name: str, fair_queue: FairQueue, encoders: EncoderFactory) -> None:
        self.name = name
        self.clock = RoomClock()
        self.audio = RoomAudio(fair_queue)
        "The publisher's audio, for viewers."
        self.pictures = SharedPictures(encoders, fair_queue, on_encoded=self.audio.picture_delay.left)
        "The annotated picture, for viewers."
        self.draw = DrawOptions()
        "How the publisher's picture is drawn."
        self.streams: dict[str, Stream[Any]] = {
            name: Stream(kind, fair_queue, lambda: self.draw, encoders.faults) for name, kind in STREAMS.items()
        }
        self.mixer = RoomMixer(self.streams["rig"].fanout, self.clock.tick)
        "Mixes the publisher's rigs with further sources."
        self.fed_mixer = self.mixer
        "The mixer that the publisher's own poses feed; in the room of a part's camera, that of the whole room."
        self.events: Fanout[Event] = Fanout(encoders.faults)
        "Events of the analysis. While it has sinks, frames are analysed."
        self.publisher: PublisherState | None = None
        self.source: SourceStatus | None = None
        "Of the camera that the server opens for this room; ``None``: clients publish."
        self.viewers = 0
        self.moved = asyncio.Event()
        "Set when another node has taken over this room: all that is here ends."
        self.leases: Counter[LeaseKind] = Counter()
        self._watchers: list[Callable[[], None]] = []
        self._parts: dict[CameraPart, Room] = {}
        self._make_part: Callable[[], Room] = partial(Room, name, fair_queue, encoders)

    @property
    def is_used(self) -> bool:
        """Whether there is a publisher, a viewer or a lease; a room without any is forgotten."""
        has_parts = any(part.is_used for part in self._parts.values())
        return self.publisher is not None or self.viewers > 0 or self.leases.total() > 0 or has_parts

    def of_part(self, part: CameraPart) -> "Room":
        """Return the room in which a part's camera publishes: this one for ``"all"``, else one of its own.

        That one has no other clients; its rigs go to this room's mixer, and nowhere else.
        """
        if part == "all":
            return self
        if part not in self._parts:
            room = self._parts[part] = self._make_part()
            room.fed_mixer = self.mixer
            room.streams["rig"].fanout.add(PartCamera(self.mixer, part))
        return self._parts[part]

    def watch(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """Call ``on_change`` when the publisher comes or goes, until what is returned is called."""
        self._watchers.append(on_change)
        return lambda: self._watchers.remove(on_change)

    def changed(self) -> None:
        """Call the callbacks of ``watch``: the publisher came or went."""
        for on_change in tuple(self._watchers):
            on_change()

    def snapshot(self) -> dict[str, Any]:
        """Return the room's state, as the API shows it. It names no session: whoever has an id controls it."""
        publisher = self.publisher
        return {
            "room": self.name,
            "publisher": _publisher(publisher) if publisher else None,
            "source": asdict(self.source) if self.source else None,
            "viewers": self.viewers,
            "readers": self.leases["reader"],
            "outputs": self.leases["output"],
            "recording": self.leases["recording"] > 0,
            "statistics": publisher.stats() if publisher else None,
        }


def _publisher(publisher: PublisherState) -> dict[str, Any]:
    since = publisher.live_since
    return {
        "state": publisher.state,
        "since": since.astimezone(UTC).isoformat(timespec="milliseconds") if since else None,
    }
