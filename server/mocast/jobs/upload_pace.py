"""How fast videos may come: live rooms come first."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from mocast.token_bucket import TokenBucket

BURST_S: Final = 0.1
"""So much of a second's bytes may come at once."""


class UploadPace:
    """A rate that all uploads share while somebody is live; at other times they come as fast as they can.

    Without it, whoever sends over a fast line keeps the event loop busy, and each room's pictures wait for it.
    """

    def __init__(
        self, bytes_per_s: float, is_live: Callable[[], bool], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``bytes_per_s``: 0: any rate."""
        self._is_paced = bytes_per_s > 0
        self._is_live = is_live
        self._bucket = TokenBucket(bytes_per_s or 1, (bytes_per_s or 1) * BURST_S, clock)

    async def wait(self, amount: int) -> None:
        """Return when so many bytes, which have come, do not exceed the rate."""
        if self._is_paced and self._is_live():
            self._bucket.spend(amount)
            await asyncio.sleep(self._bucket.seconds_until(0))
