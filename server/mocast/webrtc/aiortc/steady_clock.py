"""A clock of aiortc's that no change of the system's time moves."""

import time
from typing import Final

import aiortc.rtcrtpreceiver
import aiortc.rtcrtpsender
import aiortc.rtcsctptransport

_OFFSET_NS: Final = time.time_ns() - time.monotonic_ns()


def time_ns() -> int:
    """Return nanoseconds since 1970, as the wall clock was at the start, and from then on by the monotonic clock."""
    return _OFFSET_NS + time.monotonic_ns()


class SteadyTime:
    """Stands in for the module ``time`` in aiortc, which uses nothing else of it."""

    @staticmethod
    def time() -> float:
        """Return seconds since 1970."""
        return time_ns() / 1e9


def install() -> None:
    """Have aiortc time round trips, jitter and what expires by the steady clock. Doing it again does nothing.

    With the wall clock a jump of it makes a jitter that no report can hold: the task that reports raises, and closing
    the connection waits for it for ever.
    """
    for module in (aiortc.rtcrtpreceiver, aiortc.rtcrtpsender, aiortc.rtcsctptransport):
        setattr(module, "time", SteadyTime)  # noqa: B010 (not an exported name)
