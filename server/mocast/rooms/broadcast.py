"""A stream's messages to every client that subscribes: encoded once a frame, handed to the event loop in one call."""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from mocast.pipeline.fanout import Fanout
from mocast.pipeline.slot import LatestSlot, in_loop
from mocast.rooms.data_channel import DataChannel, has_room, send_all
from mocast.rooms.fair_queue import FairQueue
from mocast.wire.stream_kinds import Messages

T = TypeVar("T")


class Subscription:
    """One client's channel in a broadcast. On the event loop only.

    ``count`` is called for every frame, with whether it was dropped. A frame is dropped whole: when the channel is
    full, a newer one came before the fair queue served the client, or the client takes no message of that length.
    """

    def __init__(self, channel: DataChannel, form: str, count: Callable[[bool], None]) -> None:
        self.form = form
        self.channel = channel
        self.last_served = 0
        self._count = count
        self._waiting: Messages | None = None

    def put(self, messages: Messages, missed: int = 0) -> None:
        """Keep a frame's messages for the next ``flush``; ``missed`` frames before it were dropped earlier."""
        if self.channel.readyState != "open":
            self._waiting = None
            return
        for _ in range(missed + (self._waiting is not None)):
            self._count(True)
        self._waiting = messages

    def flush(self) -> None:
        """Send the waiting messages."""
        messages, self._waiting = self._waiting, None
        if messages is not None and self.channel.readyState == "open":
            self._count(not (has_room(self.channel) and send_all(self.channel, messages)))


class Broadcast(Generic[T]):
    """A sink with any number of subscriptions; it is in the fan-out only while it has some.

    ``send`` is called on the publisher's thread, where each form is encoded once for all clients. The loop is called
    once a frame: the publisher's own subscription is served at once, the viewers' from the fair queue.
    """

    def __init__(
        self,
        fanout: Fanout[T],
        encoders: Mapping[str, Callable[[T], Messages]],
        viewers: FairQueue,
    ) -> None:
        """``encoders``: by the name of the form in which a client wants it. Called on the room's thread."""
        self._fanout = fanout
        self._encoders = encoders
        self._viewers = viewers
        self._first: tuple[Subscription, ...] = ()
        self._others: tuple[Subscription, ...] = ()
        self._close_channels = in_loop(self._close_all)
        self._newest: LatestSlot[dict[str, Messages]] = LatestSlot(in_loop(self._flush))
        "The last frame's messages by form, until the loop takes them."
        self._told_missed = 0
        "Frames that were replaced before the loop took them, as far as subscriptions were told."

    def attach(
        self, channel: DataChannel, form: str, count: Callable[[bool], None], *, first: bool = False
    ) -> Subscription:
        """Subscribe a channel; ``first``: served before all others. Raises ``KeyError`` where there is no such form."""
        self._encoders[form]
        subscription = Subscription(channel, form, count)
        if first:
            self._first = (*self._first, subscription)
        else:
            self._others = (*self._others, subscription)
        self._fanout.add(self)
        return subscription

    def detach(self, subscription: Subscription) -> None:
        """Unsubscribe a channel. Doing it again does nothing."""
        self._first = tuple(other for other in self._first if other is not subscription)
        self._others = tuple(other for other in self._others if other is not subscription)
        if not len(self):
            self._fanout.remove(self)

    def send(self, item: T) -> None:
        """Encode a frame's messages and pass them to the loop."""
        subscriptions = (*self._first, *self._others)
        forms = {subscription.form for subscription in subscriptions if subscription.channel.readyState == "open"}
        if not forms:
            return
        self._newest.put({form: self._encoders[form](item) for form in forms})

    def close(self) -> None:
        """Send nothing more, and close every channel, so that clients know. From any thread."""
        self._close_channels()

    def _close_all(self) -> None:
        subscriptions = (*self._first, *self._others)
        self._first = self._others = ()
        for subscription in subscriptions:
            subscription.channel.close()

    def _flush(self) -> None:
        messages = self._newest.take() or {}
        evictions = self._newest.evictions
        missed, self._told_missed = evictions - self._told_missed, evictions
        for subscription in self._first:
            if subscription.form in messages:
                subscription.put(messages[subscription.form], missed)
                subscription.flush()
        for subscription in self._others:
            if subscription.form in messages:
                subscription.put(messages[subscription.form], missed)
                self._viewers.push(subscription)

    def __len__(self) -> int:
        """How many channels are served."""
        return len(self._first) + len(self._others)
