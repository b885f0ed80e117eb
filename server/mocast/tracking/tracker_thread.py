"""Threads for calls into native code, so that a call that hangs holds nobody but its thread."""

import threading
import time
from collections.abc import Callable
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar

import structlog

from mocast.errors import TrackerHung, TrackingError
from mocast.model.frame import Frame
from mocast.model.tracked import Tracked
from mocast.tracking.engines import Tracker

R = TypeVar("R")

TIMEOUT_S: Final = 5.0
"""A frame takes some hundredths of a second, tenths on an overloaded machine: what takes so long never returns."""

WAITS: Final = 4
"""Parts that a time limit is waited for in. A process that was stopped for a minute (SIGSTOP, a paused container) finds
one of them over when it goes on, and not all."""

log = structlog.get_logger(__name__)


class CallThread:
    """Runs calls on its own thread, one at a time, each within a time limit.

    A native call can be neither interrupted nor killed: after ``TrackerHung`` the thread is left alone. Should its call
    return, it drops the result and ends.
    """

    def __init__(self, timeout_s: float, at_end: Callable[[], None] = lambda: None) -> None:
        """``timeout_s``: the limit of each call. ``at_end`` is called on the thread before it ends."""
        self._timeout_s = timeout_s
        self._at_end = at_end
        self._calls: SimpleQueue[Callable[[], Any] | None] = SimpleQueue()
        self._results: SimpleQueue[tuple[Any, Exception | None]] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="mocast-tracker", daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether its thread exists: after ``close`` and ``TrackerHung`` only while its call has not returned."""
        return self._thread.is_alive()

    def call(self, function: Callable[[], R]) -> R:
        """Return what the function returns. Raises what it raises, and ``TrackerHung`` where it does not return.

        After ``TrackerHung`` the thread must be abandoned.
        """
        self._calls.put(function)
        began = time.monotonic()
        for _ in range(WAITS):
            try:
                result, error = self._results.get(timeout=self._timeout_s / WAITS)
            except Empty:
                continue
            if error is not None:
                raise error
            return result  # type: ignore[no-any-return]
        raise TrackerHung(f"the tracker did not return within {time.monotonic() - began:.1f} s")

    def close(self) -> bool:
        """End the thread; return false where that takes too long and is left to itself."""
        self.abandon()
        for _ in range(WAITS):
            self._thread.join(self._timeout_s / WAITS)
        return not self._thread.is_alive()

    def abandon(self) -> None:
        """Have the thread end when its call returns; does not wait."""
        self._calls.put(None)

    def _run(self) -> None:
        try:
            while (call := self._calls.get()) is not None:
                self._results.put(_attempt(call))
                del call  # or the pixels that it refers to would be kept until the next one
        finally:
            try:
                self._at_end()
            except Exception:
                log.exception("tracker could not be closed")


class TrackerThread(CallThread):
    """A tracker on a thread of its own, which closes it before it ends."""

    def __init__(self, tracker: Tracker, timeout_s: float) -> None:
        """``timeout_s``: the limit of each frame."""
        super().__init__(timeout_s, tracker.close)
        self._tracker = tracker

    def track(self, frame: Frame) -> Tracked:
        """Return what is in the frame. Raises ``TrackingError``, after which it must be closed or abandoned."""
        return self.call(partial(self._tracker.track, frame))


def _attempt(call: Callable[[], Any]) -> tuple[Any, Exception | None]:
    """Return a call's result, or its failure as a ``TrackingError``."""
    try:
        return call(), None
    except TrackingError as error:
        return None, error
    except Exception as error:
        log.exception("tracker failed unexpectedly")
        failure = TrackingError(f"the tracker failed: {error!r}")
        failure.__cause__ = error
        return None, failure
