"""A delay line for audio: packets leave in their order, each when it is due."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from mocast.webrtc.transport import OpusPacket

MOST_WAITING: Final = 128
"""Packets: a fourth more than are let in within 0.5 s, the longest that they are held (``room_audio``)."""

MOST_AT_ONCE: Final = 16
"""Packets that leave before the event loop goes on: each goes to every viewer."""


class Timer(Protocol):
    """What is called later, unless it is cancelled."""

    def cancel(self) -> None:
        """Do not call it."""


class DelayLine:
    """Holds packets until they are due. On the loop only; ``close`` cancels its timer.

    Packets leave in the order of their numbers: one that comes late is put before those that overtook it, as long as
    they are still held.
    """

    def __init__(
        self,
        release: Callable[[OpusPacket], None],
        clock: Callable[[], float] = time.monotonic,
        call_later: Callable[[float, Callable[[], None]], Timer] | None = None,
    ) -> None:
        self._release = release
        self._clock = clock
        self._call_later = call_later or asyncio.get_running_loop().call_later
        self._waiting: deque[tuple[float, OpusPacket]] = deque()
        "When each is due, in order."
        self._released: int | None = None
        "The number of the last one."
        self._timer: Timer | None = None

    def put(self, packet: OpusPacket, due_at_s: float) -> bool:
        """Take a packet; return ``False`` where it is dropped: a later one has left, or the line is full."""
        number = packet.sequence_number
        if (self._released is not None and number <= self._released) or len(self._waiting) >= MOST_WAITING:
            return False
        if not self._waiting and due_at_s <= self._clock():
            self._leave(packet)
            return True
        place = len(self._waiting)
        while place and self._waiting[place - 1][1].sequence_number >= number:
            place -= 1
        if place < len(self._waiting) and self._waiting[place][1].sequence_number == number:
            return False
        if place:
            due_at_s = max(due_at_s, self._waiting[place - 1][0])
        if place < len(self._waiting):
            due_at_s = min(due_at_s, self._waiting[place][0])
        self._waiting.insert(place, (due_at_s, packet))
        self._wake()
        return True

    def close(self) -> None:
        """Drop what waits; nothing leaves any more until something is put."""
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def __len__(self) -> int:
        """How many packets wait."""
        return len(self._waiting)

    def _wake(self) -> None:
        if self._timer is None and self._waiting:
            self._timer = self._call_later(max(0.0, self._waiting[0][0] - self._clock()), self._work)

    def _work(self) -> None:
        self._timer = None
        for _ in range(MOST_AT_ONCE):
            if not self._waiting or self._waiting[0][0] > self._clock():
                break
            self._leave(self._waiting.popleft()[1])
        self._wake()

    def _leave(self, packet: OpusPacket) -> None:
        self._released = packet.sequence_number
        self._release(packet)
