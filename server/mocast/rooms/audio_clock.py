"""A room's clock of audio: packets' numbers and timestamps go on growing while publishers come and go."""

from typing import Final

from mocast.model.wrapping import ahead
from mocast.webrtc.transport import OPUS_TICKS_PER_S, OpusPacket

MOST_SKIPPED: Final = 1_000
"""Packets, 20 s of them. A number that jumps by more is of a source that began anew."""

MOST_DRIFT_S: Final = 1.0
"""Between timestamps and times of arrival. Above it, the source's clock began anew, or stood still."""

PACKET_TICKS: Final = 960
"""A packet of 20 ms, as nearly all are: the least step to the next source's first one."""

_NUMBERS: Final = 1 << 16


class AudioClock:
    """Maps the packets of one source after another to one sequence, in which only lost packets are missing."""

    def __init__(self) -> None:
        self._source: tuple[object, int] | None = None
        self._from: OpusPacket | None = None
        "The source's newest packet, as it came."
        self._to: OpusPacket | None = None
        "The same packet, as it was mapped."

    def map(self, sender: object, packet: OpusPacket) -> OpusPacket:
        """Return a packet with its number and timestamp in the room. ``sender``: whose source it is."""
        source = sender, packet.source
        before, mapped = self._from, self._to
        if before is None or mapped is None:
            number, timestamp, is_newest = 0, 0, True
        else:
            step = (packet.sequence_number - before.sequence_number + _NUMBERS // 2) % _NUMBERS - _NUMBERS // 2
            ticks = ahead(packet.timestamp, before.timestamp)
            elapsed_s = packet.arrived_at_s - before.arrived_at_s
            drift_s = abs(ticks / OPUS_TICKS_PER_S - elapsed_s)
            if source != self._source or abs(step) > MOST_SKIPPED or drift_s > MOST_DRIFT_S:
                step, ticks = 1, max(PACKET_TICKS, round(elapsed_s * OPUS_TICKS_PER_S))
            number, timestamp = mapped.sequence_number + step, mapped.timestamp + ticks
            is_newest = step > 0
        result = packet._replace(sequence_number=number, timestamp=timestamp)
        if is_newest:
            self._source, self._from, self._to = source, packet, result
        return result
