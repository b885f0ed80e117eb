"""A room: who publishes in it, who watches, and what goes from the one to the others."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

from mocast.rooms.clock import RoomClock
from mocast.rooms.fair_queue import FairQueue
from mocast.rooms.shared_encode import SharedPictures
from mocast.rooms.streams import Stream
from mocast.webrtc.encoders import EncoderLimits
from mocast.wire.streams import STREAMS

LeaseKind = Literal["reader", "output", "recording"]
"""What keeps a room beside its publisher and its viewers: a WebSocket, an app that is sent to, a recording."""


class Publisher(Protocol):
    """What a room tells of its publisher."""

    @property
    def state(self) -> str:
        """Whether it is connecting, live or closed."""

    @property
    def live_since(self) -> datetime | None:
        """When it connected; ``None`` before."""

    def stats(self) -> Any:
        """Return the live stats, as the API shows them."""


class Room:
    """One room, with or without a publisher. It lives on the loop; its fan-outs may be used from any thread.

    It outlives the publisher's reconnection: who watches stays, and frames go on counting.
    """

    def __init__(self, name: str, viewers: FairQueue, encoding: EncoderLimits) -> None:
        self.name = name
        self.clock = RoomClock()
        self.pictures = SharedPictures(encoding, viewers)
        "The annotated picture, for viewers."
        self.mirrored = False
        "Whether the publisher has its picture mirrored. Landmarks and rigs never are."
        self.streams: dict[str, Stream[Any]] = {
            name: Stream(kind, viewers, lambda: self.mirrored) for name, kind in STREAMS.items()
        }
        self.publisher: Publisher | None = None
        self.viewers = 0
        self.leases: Counter[LeaseKind] = Counter()
        self._watchers: list[Callable[[], None]] = []

    @property
    def is_used(self) -> bool:
        """Whether anybody is in it; if not, it is forgotten."""
        return self.publisher is not None or self.viewers > 0 or self.leases.total() > 0

    def watch(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """Call ``on_change`` when the publisher comes or goes, until what is returned is called."""
        self._watchers.append(on_change)
        return lambda: self._watchers.remove(on_change)

    def changed(self) -> None:
        """Tell those who watch that the publisher came or went."""
        for on_change in tuple(self._watchers):
            on_change()

    def snapshot(self) -> dict[str, Any]:
        """Return the room's state, as the API shows it. It names no session: whoever has an id controls it."""
        publisher = self.publisher
        return {
            "room": self.name,
            "publisher": _publisher(publisher) if publisher else None,
            "viewers": self.viewers,
            "readers": self.leases["reader"],
            "outputs": self.leases["output"],
            "recording": self.leases["recording"] > 0,
            "statistics": publisher.stats() if publisher else None,
        }


def _publisher(publisher: Publisher) -> dict[str, Any]:
    since = publisher.live_since
    return {
        "state": publisher.state,
        "since": since.astimezone(UTC).isoformat(timespec="milliseconds") if since else None,
    }
