"""A fan-out: each item is sent to every sink; sinks may be added and removed meanwhile."""

import threading
from collections.abc import Mapping
from typing import Any, Generic, Protocol, TypeVar

import structlog

from mocast.pipeline.failure_log import FailureLog
from mocast.pipeline.fault_counts import FaultCounts
from mocast.pipeline.protocols import Sink

T = TypeVar("T")

log = structlog.get_logger(__name__)

MAX_FAILURES_IN_A_ROW = 30
"""About a second of frames: a sink that fails for so long will not recover."""


class Fanout(Generic[T]):
    """A sink over sinks. They may be added and removed on any thread, also while one thread sends.

    A sink's exceptions do not affect the others: the item is lost for that sink, counted in ``failures`` and logged at
    most once a second. After ``MAX_FAILURES_IN_A_ROW`` the sink is removed and closed.
    """

    def __init__(self, faults: FaultCounts | None = None) -> None:
        """``faults``: where failures are counted for all fan-outs together."""
        self.failures = 0
        "Items that a sink failed on, of all sinks that ever were here."
        self._faults = faults or FaultCounts()
        self._changing = threading.Lock()
        self._members: tuple[_Member[T], ...] = ()

    def add(self, sink: Sink[T]) -> None:
        """Add a sink, which gets the items from the next one on."""
        with self._changing:
            if all(member.sink is not sink for member in self._members):
                self._members = (*self._members, _Member(sink))

    def remove(self, sink: Sink[T]) -> None:
        """Remove a sink, which may still get the item that is being sent. The caller closes it."""
        with self._changing:
            self._members = tuple(member for member in self._members if member.sink is not sink)

    def send(self, item: T) -> None:
        """Send the item to every sink, one after the other; none of them blocks."""
        for member in self._members:
            try:
                member.sink.send(item)
                member.failures_in_a_row = 0
            except Exception:
                self._failed(member)

    def close(self) -> None:
        """Close and forget every sink."""
        with self._changing:
            members, self._members = self._members, ()
        for member in members:
            member.sink.close()

    def __len__(self) -> int:
        """The number of sinks; with 0, no items need to be produced."""
        return len(self._members)

    def _failed(self, member: "_Member[T]") -> None:
        self.failures += 1
        self._faults.count("sinks_failed")
        member.failures_in_a_row += 1
        name = type(member.sink).__name__
        member.log.exception("sink failed", sink=name)
        if member.failures_in_a_row >= MAX_FAILURES_IN_A_ROW:
            log.error("sink is taken out", sink=name, failures=member.failures_in_a_row)
            self._faults.count("sinks_removed")
            self.remove(member.sink)
            member.sink.close()


class _Member(Generic[T]):
    def __init__(self, sink: Sink[T]) -> None:
        self.sink = sink
        self.failures_in_a_row = 0
        self.log = FailureLog(__name__)


class HasFanout(Protocol):
    """A stream of a room, as far as sinks take its items."""

    @property
    def fanout(self) -> Fanout[Any]:
        """Where its items come from."""


class HasStreams(Protocol):
    """A room, as far as outputs and recordings take its streams."""

    @property
    def streams(self) -> Mapping[str, HasFanout]:
        """The room's streams by their names."""
