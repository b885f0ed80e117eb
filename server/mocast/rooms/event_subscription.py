"""A client's subscription to a room's events, on its channel ``control``."""

from collections.abc import Callable, Collection
from typing import Any, Final

from mocast.model.analysis import Event, EventType
from mocast.pipeline.bounded_queue import BoundedQueue
from mocast.pipeline.slot import in_loop
from mocast.rooms.room import Room
from mocast.wire import event_json

MOST_WAITING: Final = 64
"""Events that wait for a client's channel. Then the oldest is dropped and counted, and the next message says so."""


class EventSubscription:
    """Sends the events of some types, in order. While it wants any, it is a sink of the room's.

    Where the channel is full they wait, and are tried again with each event and each ``flush``.
    """

    def __init__(self, room: Room, send: Callable[[dict[str, Any]], bool], count: Callable[[bool], None]) -> None:
        """``send`` returns whether a message is on its way; ``count`` is told of each event whether it was dropped."""
        self._room = room
        self._send = send
        self._count = count
        self._types: frozenset[EventType] = frozenset()
        self._waiting: BoundedQueue[Event] = BoundedQueue(MOST_WAITING, in_loop(self.flush))
        self._next: Event | None = None
        "Taken from the queue, and not sent yet."
        self._missed = 0

    def subscribe(self, types: Collection[EventType]) -> None:
        """Send events of these types from now on, and no others."""
        self._types = frozenset(types)
        if self._types:
            self._room.events.add(self)
        else:
            self._room.events.remove(self)

    def send(self, event: Event) -> None:
        """Take an event. Called on the publisher's thread."""
        if event.type in self._types:
            self._waiting.put(event)

    def flush(self) -> None:
        """Send what waits, as far as the channel takes it. On the event loop."""
        for _ in range(dropped := self._waiting.take_dropped()):
            self._count(True)
        self._missed += dropped
        while (event := self._next or self._waiting.take()) is not None:
            self._next = event
            if not self._send(event_json.message(event, self._room.name, self._missed)):
                return
            self._next, self._missed = None, 0
            self._count(False)

    def close(self) -> None:
        """Send nothing more."""
        self.subscribe(())
