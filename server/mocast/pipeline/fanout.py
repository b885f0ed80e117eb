"""Hands each thing on to everyone who wants it, while some come and others go."""

import threading
from typing import Generic, TypeVar

import structlog

from mocast.pipeline.protocols import Sink

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Fanout(Generic[T]):
    """A sink over sinks. They may be added and removed on any thread, also while one thread sends.

    A sink that raises is taken out, closed and logged: what is wrong with one must not reach the others.
    """

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._sinks: tuple[Sink[T], ...] = ()

    def add(self, sink: Sink[T]) -> None:
        """Send to this one, too, from the next thing on."""
        with self._changing:
            if sink not in self._sinks:
                self._sinks = (*self._sinks, sink)

    def remove(self, sink: Sink[T]) -> None:
        """Send nothing more to this one, but for what is being sent now. The caller closes it."""
        with self._changing:
            self._sinks = tuple(other for other in self._sinks if other is not sink)

    def send(self, item: T) -> None:
        """Hand it to every sink, one after the other; none of them blocks."""
        for sink in self._sinks:
            try:
                sink.send(item)
            except Exception:
                log.exception("sink failed and was taken out", sink=type(sink).__name__)
                self.remove(sink)
                sink.close()

    def close(self) -> None:
        """Close and forget every sink."""
        with self._changing:
            sinks, self._sinks = self._sinks, ()
        for sink in sinks:
            sink.close()

    def __len__(self) -> int:
        """How many sinks there are: 0 means that nothing has to be made."""
        return len(self._sinks)
