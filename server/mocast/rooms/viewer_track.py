"""One viewer's share of a picture that is encoded for all: what it is given, and what it loses."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiortc.mediastreams import VIDEO_TIME_BASE, MediaStreamError, MediaStreamTrack
from av import Packet

from mocast.token_bucket import TokenBucket

MAX_WAITING = 8
"""Pictures for a viewer whose turn does not come: a quarter of a second."""

KEY_FRAME_GAP_S = 2.0
"""Between key frames that one viewer asks for: one on a bad line must not spoil everyone's picture."""

BURST_S = 1.0
"""A viewer's line may carry at once what it carries in that time: a key frame is large."""


@dataclass(frozen=True, slots=True)
class SharedPicture:
    """An encoded picture."""

    data: bytes
    is_key_frame: bool
    pts: int


class LinkBudget:
    """What a viewer's link can carry now, by the viewer's own estimate (REMB); without one, anything."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.bits_per_s: int | None = None
        self._clock = clock
        self._bits: TokenBucket | None = None

    def estimate(self, bits_per_s: int) -> None:
        """Take the viewer's estimate of its link."""
        self.bits_per_s = bits_per_s
        if self._bits is None:
            self._bits = TokenBucket(bits_per_s, bits_per_s * BURST_S, self._clock)
        else:
            self._bits.change(bits_per_s, bits_per_s * BURST_S)

    @property
    def fraction(self) -> float:
        """How much of a burst is left: 1 all, 0 none, below that what was sent too much."""
        return self._bits.fraction if self._bits is not None else 1.0

    def spend(self, size: int) -> None:
        """Count bytes that were sent."""
        if self._bits is not None:
            self._bits.spend(8 * size)


class ViewerTrack(MediaStreamTrack):
    """What a viewer's sender takes from, in turn with the other viewers. On the loop only.

    What follows a gap cannot be decoded: a viewer that lost a picture, or whose line cannot carry all of them, is given
    nothing more until the next key frame. ``count`` is told of every picture whether it was dropped.
    """

    kind = "video"

    def __init__(
        self,
        on_join: Callable[["ViewerTrack"], None],
        on_leave: Callable[["ViewerTrack"], None],
        count: Callable[[bool], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.link = LinkBudget(clock)
        self.last_served = 0
        self._on_join = on_join
        self._on_leave = on_leave
        self._count = count
        self._clock = clock
        self._has_joined = False
        self._awaits_key_frame = True
        self._was_asked = False
        self._asked_at = float("-inf")
        self._pictures: deque[SharedPicture] = deque()
        self._ready = asyncio.Event()

    async def recv(self) -> "Packet[Any]":
        """Wait for the next picture; the first call joins. Raises ``MediaStreamError`` once the track is stopped."""
        if not self._has_joined and self.readyState == "live":
            self._has_joined = True
            self._on_join(self)
        while self.readyState == "live":
            await self._ready.wait()
            if self._pictures and self.readyState == "live":
                return _packet(self._pictures.popleft())
            self._ready.clear()
        raise MediaStreamError

    def stop(self) -> None:
        """End the track and wake whoever waits in ``recv``."""
        super().stop()
        self._on_leave(self)
        self._ready.set()

    def put(self, picture: SharedPicture) -> None:
        """Take a picture for the next ``flush``, or drop it."""
        left = self.link.fraction
        if self._awaits_key_frame and not (picture.is_key_frame and left > 0.5):
            self._count(True)
        elif left <= 0 or len(self._pictures) >= MAX_WAITING:
            self._awaits_key_frame = True
            self._count(True)
        else:
            self._awaits_key_frame = self._was_asked = False
            self.link.spend(len(picture.data))
            self._pictures.append(picture)
            self._count(False)

    def flush(self) -> None:
        """Let the sender have what waits."""
        self._ready.set()

    def ask_for_key_frame(self) -> None:
        """The viewer says that it cannot decode what it has."""
        self._was_asked = True

    @property
    def wants_key_frame(self) -> bool:
        """Whether one should be made for this viewer, now."""
        if self._clock() - self._asked_at < KEY_FRAME_GAP_S:
            return False
        return self._was_asked or (self._awaits_key_frame and self.link.fraction > 0.5)

    def key_frame_made(self) -> None:
        """One was made for this viewer."""
        self._asked_at = self._clock()


def _packet(picture: SharedPicture) -> "Packet[Any]":
    packet = Packet(picture.data)
    packet.pts, packet.time_base = picture.pts, VIDEO_TIME_BASE
    return packet
