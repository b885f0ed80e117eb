"""A viewer's subscription to a room's audio: what it is sent, and what it loses."""

from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from mocast.rooms.fair_queue import FairQueue
from mocast.webrtc.transport import AudioSender, OpusPacket

MAX_WAITING: Final = 32
"""Packets that may wait for the fair queue to serve the viewer: two thirds of a second of the usual ones."""


class PacketSource(Protocol):
    """The source of a subscription's packets: ``RoomAudio``."""

    def join(self, subscription: "AudioSubscription", /) -> None:
        """Add a subscription."""

    def leave(self, subscription: "AudioSubscription", /) -> None:
        """Remove a subscription."""


class AudioSubscription:
    """A viewer's ``AudioOutput``, served by the fair queue of all viewers. On the loop only.

    ``count`` is called for every packet, with whether it was dropped: the oldest is, where too many wait.
    """

    def __init__(self, source: PacketSource, viewers: FairQueue, count: Callable[[bool], None]) -> None:
        self.last_served = 0
        self._source = source
        self._viewers = viewers
        self._count = count
        self._sender: AudioSender | None = None
        self._is_stopped = False
        self._packets: deque[OpusPacket] = deque()

    def start(self, sender: AudioSender) -> None:
        """Begin, once the viewer is connected."""
        if not self._is_stopped:
            self._sender = sender
            self._source.join(self)

    def stop(self) -> None:
        """Stop, for good."""
        self._is_stopped = True
        self._packets.clear()
        self._source.leave(self)

    def put(self, packet: OpusPacket) -> None:
        """Take a packet for the next ``flush``."""
        if len(self._packets) >= MAX_WAITING:
            self._packets.popleft()
            self._count(True)
        self._packets.append(packet)
        self._viewers.push(self)

    def flush(self) -> None:
        """Send the waiting packets."""
        while self._packets and self._sender is not None:
            self._sender.send(self._packets.popleft())
            self._count(False)
