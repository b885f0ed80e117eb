"""A compiled network, in as many copies as run at a time."""

from collections.abc import Callable, Sequence
from threading import Lock, Semaphore, Thread
from typing import NamedTuple
from weakref import WeakSet

import openvino as ov
import structlog

from mocast.errors import TrackingError
from mocast.tracking.openvino.networks.joined_outputs import Shape
from mocast.tracking.openvino.runtime.inference_request import InferenceRequest, RequestSlot

log = structlog.get_logger(__name__)


class _Copy(NamedTuple):
    compiled: ov.CompiledModel
    free: "Lock | Semaphore"
    "How many more requests may run on it now."


class NetworkCopies:
    """The copies of a network, and the requests that run on them. Its methods may be called from any thread.

    Each copy takes 6 to 34 MB (measured), so another one is made only when a request had to wait for those there are:
    at the first frame with two hands, or with a second session. That takes tenths of a second, on a thread beside.

    OpenVINO runs a copy of one stream in the thread that asks. One of several streams it runs in threads of its own,
    two in ten of which begin on a busy core (measured). So there may be ``single`` copies of one stream, and one of
    several streams for the cores that are left.
    """

    def __init__(
        self,
        compile_for: Callable[[int], ov.CompiledModel],
        *,
        streams: int,
        single: int,
        shapes: Sequence[Shape] | None = None,
    ) -> None:
        """``compile_for``: compiles a copy of so many streams. ``streams``: of all copies, at most. ``shapes``: as of
        ``InferenceRequest``.

        Raises what ``compile_for`` raises: ``TrackingError``.
        """
        self._compile_for = compile_for
        self._shapes = shapes
        several = [streams - single] if streams > single else []
        first, *self._missing = [1] * min(single, streams) + several
        "Streams of the copies: of the first one, and of those that there may be yet."
        self._copies: tuple[_Copy, ...] = (self._made(first),)
        self._changing = Lock()
        self._growing = Lock()
        "Held while another copy is being made."
        self._requests: WeakSet[InferenceRequest] = WeakSet()

    @property
    def is_used(self) -> bool:
        """Whether somebody still has a request."""
        return len(self._requests) > 0  # not by going over them: another thread may add one meanwhile

    def request(self, on_failure: Callable[[], None]) -> InferenceRequest:
        """Return a new request. Raises ``RuntimeError`` where OpenVINO makes none."""
        with self._changing:
            made = InferenceRequest([_slot(copy) for copy in self._copies], on_failure, self._grow, self._shapes)
            self._requests.add(made)
            return made

    def _grow(self) -> None:
        """Make another copy on a thread of its own, where there may be one and none is in the making."""
        if self._missing and self._growing.acquire(blocking=False):
            try:
                # A thread is a daemon where the one that starts it is, and those that track are. One that returns
                # from OpenVINO after Python's end crashes the process.
                Thread(target=self._add_copy, name="mocast-networks", daemon=False).start()
            except RuntimeError:  # the system has no thread left
                self._growing.release()

    def _add_copy(self) -> None:
        try:
            if not self._missing:
                return  # the last one was made while this thread was asked for
            copy = self._made(self._missing[0])
            with self._changing:
                for request in list(self._requests):
                    request.add_slot(_slot(copy))
                self._copies = (*self._copies, copy)
                del self._missing[0]
        except (TrackingError, RuntimeError) as error:
            self._missing.clear()  # the next frame would try it again
            log.warning("a network has no further copy, so that sessions wait for each other", reason=str(error))
        finally:
            self._growing.release()

    def _made(self, streams: int) -> _Copy:
        # A lock takes a tenth of the time.
        return _Copy(self._compile_for(streams), Lock() if streams == 1 else Semaphore(streams))


def _slot(copy: _Copy) -> RequestSlot:
    return RequestSlot(copy.compiled.create_infer_request(), copy.free, copy.compiled)
