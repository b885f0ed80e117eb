"""A log of exceptions, one a second at most: what fails in one frame may fail in each."""

import time
from collections.abc import Callable
from typing import Any

import structlog

LOG_EVERY_S = 1.0


class FailureLog:
    """Logs the exception that is being handled, at most once a second: good and bad frames may alternate."""

    def __init__(self, name: str, clock: Callable[[], float] | None = None) -> None:
        """``name`` is the logger's, a module's. ``clock``: seconds; by default the system's monotonic one."""
        self._clock = clock or time.monotonic
        self._log = structlog.get_logger(name)
        self._logged_at = float("-inf")

    def exception(self, event: str, **fields: Any) -> None:
        """Log it, unless one was logged within the last second."""
        now = self._clock()
        if now - self._logged_at >= LOG_EVERY_S:
            self._logged_at = now
            self._log.exception(event, **fields)
