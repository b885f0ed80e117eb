"""The limits of what one client may send, and of how long it may stay."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mocast.model.frame import MAX_PIXELS
from mocast.token_bucket import TokenBucket

CAMERA_BITRATE: Final = 2_500_000
"""A little above what 640x480 needs (docs/benchmarks.md, "What a camera needs"), and what Chromium sends of anything
larger by itself (libwebrtc, ``GetMaxDefaultVideoBitrateKbps``). The answer is made before a picture's size is known."""

FLOOD: Final = 4
"""A client above its rate loses what is too much; a client above this many times its rate loses its session."""
FLOOD_S: Final = 2.0
"""For how long a client may send that much: what a bad network held back comes all at once."""

BITRATE_MARGIN: Final = 1.25
BITRATE_BURST_S: Final = 5.0
"""A client that is told the highest bitrate needs some seconds to come down to it, and swings around it."""

CLIENT_LIMITS: Final = (
    *("session_length", "media_timeout", "message_rate", "message_bytes"),
    *("input_fps", "input_pixels", "input_bitrate"),
)
"""The limits' names, as the metric ``mocast_refused_total`` has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientLimits:
    """What each client may send, and for how long it may stay."""

    session_s: float = 0
    "0: as long as it likes."
    message_bytes: int = 16_384
    "In one message on ``control``."
    message_rate: float = 50
    "Messages a second, on all data channels or a WebSocket."
    input_fps: float = 60
    "Frames a second that are tracked."
    input_pixels: int = MAX_PIXELS
    "In one frame."
    input_bitrate: int = 20_000_000
    "Bits a second, of video and all else."
    camera_bitrate: int = CAMERA_BITRATE
    "Bits a second of video that a client is asked to send at most."


class RateLimit:
    """The rate of one client's messages or frames. What is above it is refused; ``is_flooded`` ends its session."""

    def __init__(self, per_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        """``per_s``: on average; as many as in a second may come at once."""
        self._bucket = TokenBucket(per_s, max(per_s, 1), clock)
        self.is_flooded = False
        "Whether they came at more than ``FLOOD`` times the rate."
        self._flood = TokenBucket(FLOOD * per_s, FLOOD * per_s * FLOOD_S, clock)

    def take(self) -> bool:
        """Count one; return whether it is within the rate."""
        if not self._flood.take():
            self.is_flooded = True
        return self._bucket.take()


class BitrateLimit:
    """The bitrate that a client was told, with ``BITRATE_MARGIN`` and ``BITRATE_BURST_S`` of tolerance."""

    def __init__(self, bits_per_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        allowed = BITRATE_MARGIN * bits_per_s
        self._bits = TokenBucket(allowed, allowed * BITRATE_BURST_S, clock)
        self._bytes = 0

    def is_exceeded(self, total_bytes: int) -> bool:
        """Take the bytes that have come since the session began; return whether they came too fast."""
        self._bits.spend(8 * (total_bytes - self._bytes))
        self._bytes = total_bytes
        return self._bits.level < 0
