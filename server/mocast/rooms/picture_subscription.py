"""A viewer's subscription to the encoded picture: what it is sent, and what it loses."""

import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from mocast.rooms.fair_queue import FairQueue
from mocast.token_bucket import TokenBucket
from mocast.webrtc.transport import VideoSender
from mocast.webrtc.video_encoder import EncodedFrame

MAX_WAITING = 8
"""Pictures that may wait for the fair queue to serve the viewer: a quarter of a second."""

KEY_FRAME_GAP_S = 2.0
"""Least interval between key frames for one viewer, so that a viewer with a lossy link does not cost all viewers
quality."""

BURST_S = 1.0
"""Burst of the link's budget, as seconds of its rate: a key frame is large."""


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
        """How much of a burst is left: 1 all, 0 none; negative where too much was sent."""
        return self._bits.fraction if self._bits is not None else 1.0

    def spend(self, size: int) -> None:
        """Count bytes that were sent."""
        if self._bits is not None:
            self._bits.spend(8 * size)


class Encode(Protocol):
    """The source of a subscription's pictures: ``SharedEncode``."""

    def join(self, subscription: "PictureSubscription", /) -> None:
        """Add a subscription."""

    def leave(self, subscription: "PictureSubscription", /) -> None:
        """Remove a subscription."""


class PictureSubscription:
    """A viewer's ``VideoOutput``, served by the fair queue of all viewers. On the loop only.

    Pictures after a gap cannot be decoded: after a dropped picture, or while the link is too slow, the viewer is sent
    nothing until the next key frame. ``count`` is called for every picture, with whether it was dropped; ``on_failure``
    with the reason why there will be no more.
    """

    def __init__(
        self,
        encode: Encode,
        viewers: FairQueue,
        count: Callable[[bool], None],
        clock: Callable[[], float] = time.monotonic,
        on_failure: Callable[[str], None] = lambda reason: None,
    ) -> None:
        self.failed = on_failure
        self.link = LinkBudget(clock)
        self.last_served = 0
        self._encode = encode
        self._viewers = viewers
        self._count = count
        self._clock = clock
        self._sender: VideoSender | None = None
        self._is_stopped = False
        self._awaits_key_frame = True
        self._was_asked = False
        self._asked_at = float("-inf")
        self._pictures: deque[EncodedFrame] = deque()

    def start(self, sender: VideoSender) -> None:
        """Begin, once the viewer is connected."""
        if not self._is_stopped:
            self._sender = sender
            self._encode.join(self)

    def stop(self) -> None:
        """Stop, for good."""
        self._is_stopped = True
        self._pictures.clear()
        self._encode.leave(self)

    def put(self, picture: EncodedFrame) -> None:
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
        self._viewers.push(self)

    def flush(self) -> None:
        """Send the waiting pictures."""
        while self._pictures and self._sender is not None:
            self._sender.send(self._pictures.popleft())

    def request_key_frame(self) -> None:
        """Ask for a key frame: the viewer cannot decode what it has."""
        self._was_asked = True

    def set_bandwidth(self, bits_per_s: int) -> None:
        """Take the viewer's estimate of its link (REMB)."""
        self.link.estimate(bits_per_s)

    @property
    def bits_per_s(self) -> int | None:
        """The link's estimated bandwidth; ``None`` where unknown."""
        return self.link.bits_per_s

    @property
    def wants_key_frame(self) -> bool:
        """Whether one should be made for this viewer, now."""
        if self._clock() - self._asked_at < KEY_FRAME_GAP_S:
            return False
        return self._was_asked or (self._awaits_key_frame and self.link.fraction > 0.5)

    def key_frame_made(self) -> None:
        """Note that a key frame was made for this viewer."""
        self._asked_at = self._clock()
