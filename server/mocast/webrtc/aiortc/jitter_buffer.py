"""A jitter buffer for low delay: frames leave at their marker, and a gap that stays is skipped."""

from collections.abc import Callable
from typing import Protocol

from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.rtp import RtpPacket
from aiortc.utils import uint16_add


class Timer(Protocol):
    """A pending call."""

    def cancel(self) -> None:
        """Do not make the call."""


CallLater = Callable[[float, Callable[[], None]], Timer]

CAPACITY = 512
"""Packets; a power of two. A key frame of 1280x720 at 6 Mbit/s fits several times."""

RETRY_S = 0.05
"""A missing packet is asked for again this often: aiortc asks only once, when the gap shows."""

GIVE_UP_S = 0.3
"""A gap that stays this long is skipped: a retransmission over a slow link (200 ms and more) still makes it."""


def payload_of(packet: RtpPacket) -> bytes:
    """Return the codec's data in a packet, which aiortc leaves in a field that its type does not know."""
    data: bytes = packet._data  # type: ignore[attr-defined]
    return data


class MarkerJitterBuffer(JitterBuffer):
    """Releases a frame as soon as its last packet (RTP marker bit) is there.

    aiortc's own waits for the first packet of the *next* frame, a whole frame interval more, and never gives up on a
    packet that is not resent: one lost packet can stop the picture for hundreds. Here a gap is asked for again every
    ``RETRY_S`` and skipped after ``GIVE_UP_S``; ``on_skip`` is told, to ask for a key frame.
    """

    def __init__(
        self,
        call_later: CallLater,
        on_missing: Callable[[list[int]], None],
        on_skip: Callable[[], None],
        on_frames: Callable[[list[JitterFrame]], None],
    ) -> None:
        super().__init__(capacity=CAPACITY, is_video=True)
        self._call_later = call_later
        self._on_missing = on_missing
        self._on_skip = on_skip
        self._on_frames = on_frames
        self._highest: int | None = None
        self._timer: Timer | None = None
        self._closed = False
        self._blocked_at: int | None = None
        self._retries = 0
        self._newest_timestamp: int | None = None
        self._completes = True
        "Whether the packet in work can be what a frame lacked: not if it follows others of its frame and more come."

    def add(self, packet: RtpPacket) -> tuple[bool, JitterFrame | None]:
        """Take a packet; return the first frame that is complete now, if any (the rest: ``take_all``).

        The flag for a needed key frame stays false: ``on_skip`` is told instead.
        """
        if self._is_late(packet.sequence_number):
            return False, None
        follows = self._highest is not None and packet.sequence_number == uint16_add(self._highest, 1)
        self._completes = bool(packet.marker) or not follows or packet.timestamp != self._newest_timestamp
        self._newest_timestamp = packet.timestamp
        self._note(packet.sequence_number)
        has_cut, frame = super().add(packet)
        self._completes = True
        if has_cut:
            self._on_skip()
        if not follows:
            self._watch()
        return False, frame

    def take_all(self) -> list[JitterFrame]:
        """Return every further frame that is complete."""
        frames = []
        while (frame := self._remove_frame(0)) is not None:
            frames.append(frame)
        return frames

    def close(self) -> None:
        """Stop the timer, for good."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _is_late(self, sequence_number: int) -> bool:
        """Whether a packet's frame is gone already: it was sent twice, or resent after its gap was skipped.

        aiortc takes a packet that is 100 behind for a new start of the stream, but skipped packets come so late, too.
        """
        if self._origin is None:
            return False
        behind = uint16_add(self._origin, -sequence_number)
        if self.capacity <= behind < 0x8000:
            self._highest = None  # a new start
        return 0 < behind < self.capacity

    def _note(self, sequence_number: int) -> None:
        if self._highest is None or 0 < uint16_add(sequence_number, -self._highest) < 0x8000:
            self._highest = sequence_number

    def _remove_frame(self, sequence_number: int) -> JitterFrame | None:
        while self._completes and (packets := self._complete()):
            self.remove(len(packets))
            data = b"".join(payload_of(packet) for packet in packets)
            # Padding between frames has no data, which a decoder would take for the end of the stream.
            if data:
                return JitterFrame(data, packets[0].timestamp)
        return None

    def _complete(self) -> list[RtpPacket]:
        """The packets of the oldest frame; none while one of them is missing."""
        packets: list[RtpPacket] = []
        origin = self._origin or 0
        for offset in range(self.capacity):
            packet = self._packets[(origin + offset) % self.capacity]
            if packet is None:
                break
            if packets and packet.timestamp != packets[0].timestamp:
                return packets
            packets.append(packet)
            if packet.marker:
                return packets
        return []

    def _missing(self) -> list[int]:
        """The sequence numbers between the oldest packet awaited and the newest one seen that are not there."""
        if self._highest is None or self._origin is None:
            return []
        origin = self._origin
        span = uint16_add(self._highest, -origin)
        if span >= self.capacity:
            return []
        return [
            uint16_add(origin, offset)
            for offset in range(span)
            if self._packets[(origin + offset) % self.capacity] is None
        ]

    def _watch(self) -> None:
        if self._timer is None and not self._closed and self._missing():
            self._blocked_at, self._retries = self._origin, 0
            self._timer = self._call_later(RETRY_S, self._check)

    def _check(self) -> None:
        self._timer = None
        missing = self._missing()
        if not missing:
            return
        if self._origin != self._blocked_at:
            self._blocked_at, self._retries = self._origin, 0
        self._retries += 1
        if self._retries * RETRY_S < GIVE_UP_S:
            self._on_missing(missing)
        else:
            self._skip(missing[-1])
        self._timer = self._call_later(RETRY_S, self._check)

    def _skip(self, last_missing: int) -> None:
        """Drop everything up to the last gap, and the rest of the frame that it cut."""
        has_emptied = self.smart_remove(uint16_add(last_missing, -(self._origin or 0)) + 1)
        if has_emptied:
            self._origin = uint16_add(self._highest or 0, 1)
        self._on_skip()
        self._on_frames(self.take_all())
