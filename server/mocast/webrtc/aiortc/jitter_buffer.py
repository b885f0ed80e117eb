"""A jitter buffer for low delay: frames leave at their marker, and a gap that stays is skipped."""

from typing import NamedTuple, Protocol

CAPACITY = 512
"""Packets. A key frame of 1280x720 at 6 Mbit/s fits several times."""

RETRY_S = 0.05
"""How often ``retry`` is called while packets are missing: aiortc asks for them only once, when the gap shows."""

GIVE_UP_S = 0.3
"""A gap that stays this long is skipped: a retransmission over a slow link (200 ms and more) still makes it."""

_NUMBERS = 1 << 16
"""Sequence numbers wrap (RFC 3550, section 5.1)."""


class MediaPacket(Protocol):
    """An RTP packet, its payload unpacked."""

    sequence_number: int
    timestamp: int
    "32 bits, in the codec's clock."
    marker: int
    "1 in the last packet of a frame (RFC 7741, section 4.1; RFC 6184, section 5.1)."
    data: bytes
    "Of the codec."


class AssembledFrame(NamedTuple):
    """An encoded frame, put together from its packets."""

    data: bytes
    timestamp: int
    "RTP's, 32 bits."


class JitterBuffer:
    """Puts packets in order and releases a frame as soon as its last packet (RTP marker bit) is there.

    aiortc's own waits for the first packet of the *next* frame, a whole frame interval more, and never gives up on a
    packet that is not resent: one lost packet can stop the picture for hundreds. Here its owner calls ``retry`` every
    ``RETRY_S`` while ``has_gap``; after ``GIVE_UP_S`` the gap is skipped.
    """

    def __init__(self) -> None:
        self.has_gap = False
        "Whether packets are missing before the newest."
        self._packets: list[MediaPacket | None] = [None] * CAPACITY
        self._origin: int | None = None
        "The sequence number of the oldest packet that is awaited or held."
        self._highest: int | None = None
        "The newest sequence number seen."
        self._newest_timestamp: int | None = None
        self.has_lost = False
        "What the next ``take_loss`` returns."
        self._blocked_at: int | None = None
        self._retries = 0

    def add(self, packet: MediaPacket) -> list[AssembledFrame]:
        """Take a packet; return the frames that are complete now, in their order."""
        number = packet.sequence_number
        if self._origin is None:
            self._origin = number
        behind = (self._origin - number) % _NUMBERS
        if 0 < behind < CAPACITY:
            return []  # its frame is gone already: it was sent twice, or resent after its gap was skipped
        if CAPACITY <= behind < _NUMBERS // 2:  # the stream starts anew
            self._packets = [None] * CAPACITY
            self._origin, self._highest, self.has_lost = number, None, True
        elif (ahead := (number - self._origin) % _NUMBERS) >= CAPACITY:
            if self._remove_frames(ahead - CAPACITY + 1):
                self._origin = number
            self.has_lost = True
        follows = self._highest is not None and number == (self._highest + 1) % _NUMBERS
        # A packet in the middle of the newest frame completes nothing.
        completes = bool(packet.marker) or not follows or packet.timestamp != self._newest_timestamp
        self._newest_timestamp = packet.timestamp
        if self._highest is None or 0 < (number - self._highest) % _NUMBERS < _NUMBERS // 2:
            self._highest = number
        self._packets[number % CAPACITY] = packet
        frames = self._take_complete() if completes else []
        if not follows and not self.has_gap:
            self.has_gap = bool(self._missing())
        return frames

    def retry(self) -> tuple[list[int], list[AssembledFrame]]:
        """Return the sequence numbers to ask for again, and the frames that were complete behind a skipped gap."""
        missing = self._missing()
        if not missing:
            self.has_gap, self._blocked_at = False, None
            return [], []
        if self._origin != self._blocked_at:
            self._blocked_at, self._retries = self._origin, 0
        self._retries += 1
        if self._retries * RETRY_S < GIVE_UP_S:
            return missing, []
        return [], self._skip(missing[-1])

    def give_up(self) -> list[AssembledFrame]:
        """Skip all gaps; return the frames that were complete behind them."""
        missing = self._missing()
        return self._skip(missing[-1]) if missing else []

    def take_loss(self) -> bool:
        """Return whether packets were given up since the last call: what follows refers to what is lost."""
        has_lost, self.has_lost = self.has_lost, False
        return has_lost

    def _take_complete(self) -> list[AssembledFrame]:
        frames = []
        while packets := self._complete():
            self._remove(len(packets))
            data = b"".join(packet.data for packet in packets)
            # Padding between frames has no data, which a decoder would take for the end of the stream.
            if data:
                frames.append(AssembledFrame(data, packets[0].timestamp))
        return frames

    def _complete(self) -> list[MediaPacket]:
        """The packets of the oldest frame; none while one of them is missing."""
        packets: list[MediaPacket] = []
        origin = self._origin or 0
        for offset in range(CAPACITY):
            packet = self._packets[(origin + offset) % CAPACITY]
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
        span = (self._highest - origin) % _NUMBERS
        if span >= CAPACITY:
            return []
        return [
            (origin + offset) % _NUMBERS
            for offset in range(span)
            if self._packets[(origin + offset) % CAPACITY] is None
        ]

    def _skip(self, last_missing: int) -> list[AssembledFrame]:
        """Drop everything up to the last gap, and the rest of the frame that it cut; return what is complete behind."""
        if self._remove_frames((last_missing - (self._origin or 0)) % _NUMBERS + 1):
            self._origin = ((self._highest or 0) + 1) % _NUMBERS
        self.has_lost = True
        return self._take_complete()

    def _remove(self, count: int) -> None:
        origin = self._origin or 0
        for offset in range(count):
            self._packets[(origin + offset) % CAPACITY] = None
        self._origin = (origin + count) % _NUMBERS

    def _remove_frames(self, count: int) -> bool:
        """Remove ``count`` packets and the rest of the frame that they cut; return whether nothing is left."""
        timestamp = None
        origin = self._origin or 0
        for offset in range(CAPACITY):
            packet = self._packets[(origin + offset) % CAPACITY]
            if packet is not None:
                if offset >= count and timestamp != packet.timestamp:
                    self._remove(offset)
                    return False
                timestamp = packet.timestamp
        self._remove(CAPACITY)
        return True
