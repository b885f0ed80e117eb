"""A room's audio: from its publisher to its viewers, in step with the picture, never decoded."""

import time
from collections.abc import Callable
from typing import Final, Protocol

from mocast.rooms.audio_clock import AudioClock
from mocast.rooms.audio_subscription import AudioSubscription
from mocast.rooms.delay_line import DelayLine, Timer
from mocast.rooms.fair_queue import FairQueue
from mocast.rooms.picture_delay import PictureDelay
from mocast.token_bucket import TokenBucket
from mocast.webrtc.transport import OpusPacket

MOST_HELD_S: Final = 0.5
"""Sound is held back no longer than this, however late the picture is."""

MOST_SKEW_S: Final = 0.5
"""Largest difference of the delays of a client's sound and picture to us; a larger one is an error of its clock."""

PACKETS_PER_S: Final = 200
"""Packets of 5 ms; browsers and OBS send 50. What is above is dropped: each costs for every viewer."""

BITS_PER_S: Final = 510_000
"""Opus' own bound (RFC 6716, section 2.1.1)."""

BURST_S: Final = 2.0
"""Burst of both limits: what a bad network held back comes all at once."""


class PacketSink(Protocol):
    """A receiver of a room's audio, such as a viewer's subscription. On the loop only."""

    def put(self, packet: OpusPacket) -> None:
        """Take the next packet, without blocking."""


class RoomAudio:
    """The audio of one room. It holds nothing and costs nothing while nobody has joined."""

    def __init__(
        self,
        viewers: FairQueue,
        clock: Callable[[], float] = time.monotonic,
        call_later: Callable[[float, Callable[[], None]], Timer] | None = None,
    ) -> None:
        self.picture_delay = PictureDelay(clock)
        "Of the pictures that the room's viewers are sent."
        self.audio_clock = AudioClock()
        self.sinks: tuple[PacketSink, ...] = ()
        self._viewers = viewers
        self._clock = clock
        self._call_later = call_later
        self._current: PublishedAudio | None = None

    def begin(self, skew_s: Callable[[], float] = lambda: 0.0) -> "PublishedAudio":
        """Return the audio of another publisher, whose first packet ends the one before.

        ``skew_s`` returns by how many seconds more the publisher's picture takes to us than its sound.
        """
        return PublishedAudio(self, skew_s, DelayLine(self.send, self._clock, self._call_later), self._clock)

    def subscribe(self, count: Callable[[bool], None]) -> AudioSubscription:
        """Return a new viewer's subscription; for ``count`` see there."""
        return AudioSubscription(self, self._viewers, count)

    def join(self, sink: PacketSink) -> None:
        """Add a sink."""
        self.sinks = (*self.sinks, sink)

    def leave(self, sink: PacketSink) -> None:
        """Remove a sink. Doing it again does nothing."""
        self.sinks = tuple(other for other in self.sinks if other is not sink)

    def enter(self, published: "PublishedAudio") -> None:
        """Take this publisher's audio from now on, and end that of the one before."""
        if self._current is not published:
            if self._current is not None:
                self._current.end()
            self._current = published

    def send(self, packet: OpusPacket) -> None:
        """Hand a packet to every sink."""
        for sink in self.sinks:
            sink.put(packet)


class PublishedAudio:
    """One publisher's audio in its room. On the loop only."""

    def __init__(
        self, room: RoomAudio, skew_s: Callable[[], float], line: DelayLine, clock: Callable[[], float]
    ) -> None:
        self._room = room
        self._skew_s = skew_s
        self._line = line
        self._packets = TokenBucket(PACKETS_PER_S, PACKETS_PER_S * BURST_S, clock)
        self._bits = TokenBucket(BITS_PER_S, BITS_PER_S * BURST_S, clock)
        self._has_ended = False

    def put(self, packet: OpusPacket) -> bool:
        """Take a packet as it came; return whether it goes on: not above the limits, or where it came too late."""
        room = self._room
        is_within = self._packets.take() and self._bits.take(8 * len(packet.data))
        if self._has_ended or not is_within:
            return False
        room.enter(self)
        if not room.sinks:
            self._line.close()
            return True
        return self._line.put(room.audio_clock.map(self, packet), packet.arrived_at_s + self._hold_s())

    def end(self) -> None:
        """Drop what waits, and whatever may still come."""
        self._has_ended = True
        self._line.close()

    def _hold_s(self) -> float:
        """For how long a packet waits for the picture that was captured with it."""
        delay_s = self._room.picture_delay.seconds
        if not delay_s:
            return 0.0
        skew_s = self._skew_s()
        return min(max(0.0, delay_s + (skew_s if abs(skew_s) <= MOST_SKEW_S else 0.0)), MOST_HELD_S)
