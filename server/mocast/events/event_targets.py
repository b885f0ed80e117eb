"""Every target of events that the operator has named, and the rooms whose events go there."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from mocast.events.event_target import EventTarget
from mocast.events.mqtt import MqttSender
from mocast.events.target_address import TargetAddress, TargetKind
from mocast.events.webhook import WebhookSender
from mocast.model.analysis import Event
from mocast.pipeline.fanout import Fanout


class HasEvents(Protocol):
    """A room, as far as its events are taken."""

    name: str
    events: Fanout[Event]


class EventTargets:
    """Owns the targets. Used on the event loop, but for what rooms send."""

    def __init__(self, addresses: Sequence[TargetAddress] = (), key: bytes | None = None) -> None:
        """``key``: with which webhooks are signed."""
        self._addresses = addresses
        self._key = key
        self.targets: tuple[EventTarget, ...] = ()
        "Those that run."

    async def running(self, _: object = None) -> AsyncIterator[None]:
        """Deliver events as long as the context of an app's life lasts."""
        numbers: Counter[TargetKind] = Counter()
        for address in self._addresses:
            numbers[address.kind] += 1
            self.targets = (*self.targets, self._made(f"{address.kind}-{numbers[address.kind]}", address))
        for target in self.targets:
            target.start()
        yield
        await asyncio.gather(*(target.close() for target in self.targets))

    def watch(self, room: HasEvents) -> None:
        """Take the events of a room that has just been opened, where a target wants any. They are analysed for it."""
        targets = tuple(target for target in self.targets if target.wants(room.name))
        if targets:
            room.events.add(_RoomEvents(room.name, targets))

    def _made(self, label: str, address: TargetAddress) -> EventTarget:
        sender = MqttSender(address) if address.kind == "mqtt" else WebhookSender(address, self._key)
        return EventTarget(address, label, sender)


class _RoomEvents:
    """A sink of one room's events, for the targets that want them."""

    def __init__(self, room: str, targets: Sequence[EventTarget]) -> None:
        self._room = room
        self._targets = targets

    def send(self, event: Event) -> None:
        """Called on the publisher's thread."""
        for target in self._targets:
            target.put(event, self._room)

    def close(self) -> None:
        """Do nothing: the targets outlive the room."""
