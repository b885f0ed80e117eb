"""Sound for tests: packets, a tone, and the loop's time moved by hand."""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from fractions import Fraction

import numpy as np
from aiortc import MediaStreamTrack
from av import AudioFrame

from mocast.webrtc.transport import OPUS_TICKS_PER_S, OpusPacket
from tests.fakes import SettableClock

PACKET_S = 0.02
PACKET_TICKS = round(PACKET_S * OPUS_TICKS_PER_S)
TONE_HZ = 440


def opus(number: int, *, at_s: float | None = None, timestamp: int | None = None, source: int = 1) -> OpusPacket:
    """The packet of that number from a source that sends one every 20 ms, as it comes from a client."""
    return OpusPacket(
        data=b"opus %d" % number,
        source=source,
        sequence_number=number & 0xFFFF,
        timestamp=(number * PACKET_TICKS if timestamp is None else timestamp) & 0xFFFF_FFFF,
        marker=0,
        arrived_at_s=number * PACKET_S if at_s is None else at_s,
    )


class SettableTimer:
    """A call of ``SettableLoop``'s."""

    def __init__(self, call: Callable[[], None]) -> None:
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        self.call = None


class SettableLoop(SettableClock):
    """Calls what is due, in order; time passes only as the test says."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self._due: list[tuple[float, int, SettableTimer]] = []
        self._numbers = itertools.count()

    def call_later(self, in_s: float, call: Callable[[], None]) -> SettableTimer:
        timer = SettableTimer(call)
        heapq.heappush(self._due, (self.now + in_s, next(self._numbers), timer))
        return timer

    @property
    def timers(self) -> int:
        """How many wait."""
        return sum(timer.call is not None for _, _, timer in self._due)

    def run_until(self, end_s: float) -> None:
        while self._due and self._due[0][0] <= end_s:
            at_s, _, timer = heapq.heappop(self._due)
            self.now = max(self.now, at_s)
            if timer.call is not None:
                timer.call()
        self.now = max(self.now, end_s)


class Tone(MediaStreamTrack):
    """A tone, 20 ms at a time."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._began_at = 0.0
        self._sent = 0

    async def recv(self) -> AudioFrame:
        self._began_at = self._began_at or time.monotonic()
        await asyncio.sleep(max(0.0, self._began_at + self._sent * PACKET_S - time.monotonic()))
        ticks = self._sent * PACKET_TICKS + np.arange(PACKET_TICKS)
        wave = (8_000 * np.sin(2 * np.pi * TONE_HZ / OPUS_TICKS_PER_S * ticks)).astype(np.int16)
        frame = AudioFrame.from_ndarray(np.repeat(wave, 2)[np.newaxis], format="s16", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = (
            OPUS_TICKS_PER_S,
            self._sent * PACKET_TICKS,
            Fraction(1, OPUS_TICKS_PER_S),
        )
        self._sent += 1
        return frame
