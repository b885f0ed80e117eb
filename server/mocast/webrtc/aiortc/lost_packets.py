"""Which lost packets of a client's video are asked for again (NACK), and when a key frame costs less."""

from typing import Any, Final

from aiortc.rtcrtpreceiver import NackGenerator
from aiortc.rtp import RTP_HISTORY_SIZE
from aiortc.utils import uint16_add, uint16_gt

MOST_AT_ONCE: Final = 32
"""Packets: a tenth of a second of 4 Mbit/s, or a second of 0.3."""

ASKED_SHARE: Final = 0.1
"""Packets that may be asked for again, as a share of those that come; one that then comes in time does not count."""


class LostPackets(NackGenerator):
    """aiortc's list of missing packets, with a budget.

    Packets that are lost at random are all asked for: each that then comes in time gives back what it took of the
    budget. A full queue loses most packets, also those that are sent again: asking for them would keep it full for
    seconds. So they are given up at once, and a key frame is needed.
    """

    def __init__(self) -> None:
        super().__init__()
        self._budget: float = MOST_AT_ONCE
        self._counted_to = 0
        "The number up to which packets that came have earned something; where it begins matters little."
        self.are_given_up = False
        "Whether some are missing that will not be asked for, until ``forget``."

    def add(self, packet: Any) -> bool:
        """Take a packet; return whether others are missing that were not before, and are to be asked for.

        aiortc's own notes all that a jump of the sequence number skips, then drops most.
        """
        number, newest = packet.sequence_number, self.max_seq
        if newest is not None and number == (newest + 1) & 0xFFFF and not self.missing:
            self.max_seq = number
            return False
        if newest is None or not uint16_gt(number, newest):
            self._earn(number in self.missing)
            return super().add(packet)
        self._earn(ASKED_SHARE * ((newest - self._counted_to) & 0xFFFF))
        self._counted_to = (number - 1) & 0xFFFF  # this one counts with the next, those that it skips never do
        if uint16_gt(number, uint16_add(newest, RTP_HISTORY_SIZE)):
            self.missing.clear()
            self.max_seq = uint16_add(number, -RTP_HISTORY_SIZE - 1)
        before = len(self.missing)
        return super().add(packet) and self._spend(len(self.missing) - before)

    def forget(self) -> None:
        """Take what is missing for lost: what comes of it later was asked for in vain."""
        self.missing.clear()
        self.are_given_up = False

    def _earn(self, packets: float) -> None:
        self._budget = min(MOST_AT_ONCE, self._budget + packets)

    def _spend(self, packets: int) -> bool:
        if self._budget < packets:
            self.missing.clear()
            self.are_given_up = True
            return False
        self._budget -= packets
        return True
