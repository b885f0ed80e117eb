"""The log of what was refused in rooms: encoders such as OBS show no reason to whoever uses them."""

import time
from collections.abc import Callable
from typing import Final

import structlog
from aiohttp import web

from mocast.errors import MocastError

log = structlog.get_logger(__name__)

LOG_EVERY_S: Final = 1.0
"""Clients that try again and again do not fill the log."""
MOST_SHOWN: Final = 64
"""Characters of a room's name, which may be none."""


class RefusalLog:
    """Logs refusals, one a second at most; the next one says how many were left out."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock``: seconds."""
        self._clock = clock
        self._logged_at_s = float("-inf")
        self._left_out = 0

    def refused(self, route: str, room: str, error: MocastError) -> None:
        """Log why a call was refused. ``route``: with ``{room}`` in the room's place."""
        now_s = self._clock()
        if now_s - self._logged_at_s < LOG_EVERY_S:
            self._left_out += 1
            return
        more = {"left_out": self._left_out} if self._left_out else {}
        self._logged_at_s, self._left_out = now_s, 0
        log.info("refused", route=route, room=room[:MOST_SHOWN], status=error.status, reason=str(error), **more)


REFUSAL_LOG: Final = web.AppKey("refusal_log", RefusalLog)
