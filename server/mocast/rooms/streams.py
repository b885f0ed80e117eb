"""A room's streams: each a fan-out on the publisher's thread, and a broadcast of encoded messages to clients."""

import asyncio
import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from mocast.model.options import DrawOptions
from mocast.pipeline.fanout import Fanout
from mocast.pipeline.fault_counts import FaultCounts
from mocast.rooms.broadcast import Broadcast, StreamItem
from mocast.rooms.fair_queue import FairQueue
from mocast.wire.stream_kinds import Encoder, Messages, StreamKind

T = TypeVar("T", bound=StreamItem)


class Stream(Generic[T]):
    """One stream of one room.

    ``fanout`` passes the items on the publisher's thread to outputs and recordings; ``broadcast`` encodes them for data
    channels and WebSockets. No items are produced while there is no sink: see ``Fanout.__len__``.
    """

    def __init__(
        self, kind: StreamKind[T], viewers: FairQueue, draw: Callable[[], DrawOptions], faults: FaultCounts
    ) -> None:
        """``viewers`` and ``faults``: shared by all rooms. ``draw``: the publisher's options, for ``Encoder``."""
        self.kind = kind
        self.fanout: Fanout[T] = Fanout(faults)

        def encode(encoder: Encoder[T], item: T) -> Messages:
            return encoder(item, draw())

        self.broadcast = Broadcast(
            self.fanout, {form: functools.partial(encode, encoder) for form, encoder in kind.encoders.items()}, viewers
        )

    @contextlib.contextmanager
    def wanted(self) -> Iterator["asyncio.Future[None]"]:
        """Have items produced while the context lasts; yields a future that is done when the first one has come."""
        sink: _FirstItem[T] = _FirstItem()
        self.fanout.add(sink)
        try:
            yield sink.came
        finally:
            self.fanout.remove(sink)


class _FirstItem(Generic[T]):
    """A sink that discards items; the future ``came`` is done at the first one."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.came: asyncio.Future[None] = self._loop.create_future()

    def send(self, item: T) -> None:
        """Called on the publisher's thread."""
        if not self.came.done() and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._set)

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def _set(self) -> None:
        if not self.came.done():
            self.came.set_result(None)
