"""A stream's messages to every client that subscribes: encoded once a frame, handed to the event loop in one call."""

from collections.abc import Callable, Mapping
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from mocast.model.options import MAX_PEOPLE
from mocast.pipeline.fanout import Fanout
from mocast.pipeline.slot import LatestSlot, in_loop
from mocast.rooms.data_channel import DataChannel, has_room, send_all
from mocast.rooms.fair_queue import FairQueue
from mocast.wire.stream_kinds import Messages


class StreamItem(Protocol):
    """An item of a stream: of one person in one frame."""

    @property
    def frame(self) -> int:
        """The number of the frame."""

    @property
    def person(self) -> int:
        """The index of the person."""


T = TypeVar("T", bound=StreamItem)

EVERY_PERSON: Final = range(MAX_PEOPLE)
"""The indices of all people."""


class FrameMessages(NamedTuple):
    """The messages of a frame, of each person by form, in the order in which they were made."""

    frame: int
    people: tuple[tuple[int, Mapping[str, Messages]], ...]

    def of(self, form: str, people: range) -> list[Messages]:
        """Return the messages in a form, of people with these indices."""
        return [forms[form] for person, forms in self.people if person in people and form in forms]


def _join(waiting: FrameMessages, newer: FrameMessages) -> FrameMessages | None:
    """Return both where they are of one frame, whose people come by rising index."""
    if waiting.frame != newer.frame or waiting.people[-1][0] >= newer.people[0][0]:
        return None
    return FrameMessages(waiting.frame, waiting.people + newer.people)


class Subscription:
    """One client's channel in a broadcast. On the event loop only.

    ``count`` is called for every frame, with whether it was dropped. A frame is dropped whole: when the channel is
    full, a newer one came before the fair queue served the client, or the client takes no message of that length.
    Messages of several people in a frame may come one after the other.
    """

    def __init__(self, channel: DataChannel, form: str, count: Callable[[bool], None], people: range) -> None:
        self.form = form
        self.channel = channel
        self.people = people
        "Whose messages are sent, by their indices."
        self.last_served = 0
        self._count = count
        self._waiting: list[Messages] = []
        "The messages of ``_frame`` that were not sent yet."
        self._frame: int | None = None
        self._has_sent: bool | None = None
        "Whether the first messages of that frame were sent, or dropped; ``None`` before either."

    def put(self, frame: int, messages: list[Messages], missed: int = 0) -> None:
        """Keep messages of a frame for the next ``flush``; ``missed`` frames before it were dropped earlier."""
        if self.channel.readyState != "open":
            self._waiting = []
            return
        is_same = frame == self._frame
        for _ in range(missed + (bool(self._waiting) and not is_same and self._has_sent is None)):
            self._count(True)
        if is_same:
            self._waiting += messages
        else:
            self._frame, self._waiting, self._has_sent = frame, messages, None

    def flush(self) -> None:
        """Send the waiting messages."""
        waiting, self._waiting = self._waiting, []
        if not waiting or self.channel.readyState != "open":
            return
        if self._has_sent is None:
            is_sent = has_room(self.channel) and all(send_all(self.channel, messages) for messages in waiting)
            self._has_sent = is_sent
            self._count(not is_sent)
        elif self._has_sent:
            for messages in waiting:
                send_all(self.channel, messages)


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
        self._newest: LatestSlot[FrameMessages] = LatestSlot(in_loop(self._flush), _join)
        "The last frame's messages, until the loop takes them."
        self._told_missed = 0
        "Frames that were replaced before the loop took them, as far as subscriptions were told."

    def attach(
        self,
        channel: DataChannel,
        form: str,
        count: Callable[[bool], None],
        *,
        first: bool = False,
        people: range = EVERY_PERSON,
    ) -> Subscription:
        """Subscribe a channel; ``first``: served before all others; ``people``: to whose messages.

        Raises ``KeyError`` where there is no such form.
        """
        self._encoders[form]
        subscription = Subscription(channel, form, count, people)
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
        """Encode the messages of a person in a frame and pass them to the loop."""
        person = item.person
        subscriptions = (*self._first, *self._others)
        forms = {
            subscription.form
            for subscription in subscriptions
            if subscription.channel.readyState == "open" and person in subscription.people
        }
        if not forms:
            return
        messages = {form: self._encoders[form](item) for form in forms}
        self._newest.put(FrameMessages(item.frame, ((person, messages),)))

    def close(self) -> None:
        """Send nothing more, and close every channel, so that clients know. From any thread."""
        self._close_channels()

    def _close_all(self) -> None:
        subscriptions = (*self._first, *self._others)
        self._first = self._others = ()
        for subscription in subscriptions:
            subscription.channel.close()

    def _flush(self) -> None:
        frame = self._newest.take()
        evictions = self._newest.evictions
        missed, self._told_missed = evictions - self._told_missed, evictions
        if frame is None:
            return
        for subscription in self._first:
            if messages := frame.of(subscription.form, subscription.people):
                subscription.put(frame.frame, messages, missed)
                subscription.flush()
        for subscription in self._others:
            if messages := frame.of(subscription.form, subscription.people):
                subscription.put(frame.frame, messages, missed)
                self._viewers.push(subscription)

    def __len__(self) -> int:
        """How many channels are served."""
        return len(self._first) + len(self._others)
