"""A room's landmarks, or its rigs, to every data channel that wants them: made once a frame, handed over at once."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from typing import Generic, Protocol, TypeVar

from mocast.pipeline.fanout import Fanout
from mocast.rooms.channels import send_whole
from mocast.rooms.fair_queue import FairQueue

T = TypeVar("T")

Messages = list[bytes] | list[str]

MAX_BUFFERED_BYTES = 16_384
"""About one frame as JSON, three as binary: what has not left by then is older than what comes next."""


class Channel(Protocol):
    """What is used of a data channel."""

    @property
    def readyState(self) -> str:  # noqa: N802 (W3C's name)
        """Whether it is open."""

    @property
    def bufferedAmount(self) -> int:  # noqa: N802
        """Bytes that have not left."""

    def send(self, data: bytes | str, /) -> None:
        """Send one message."""


class Subscription:
    """One client's channel in a broadcast. Lives on the loop, as all channels do.

    ``count`` is told of every frame whether it was dropped. A frame is dropped whole: when the channel is full, a
    newer one came before the client's turn, or the client takes no message of that length.
    """

    def __init__(self, channel: Channel, form: str, count: Callable[[bool], None]) -> None:
        self.form = form
        self.channel = channel
        self.turn = 0
        self._count = count
        self._waiting: Messages | None = None

    def put(self, messages: Messages, missed: int = 0) -> None:
        """Leave a frame's messages for the next ``flush``; ``missed`` frames before it never came this far."""
        if self.channel.readyState != "open":
            self._waiting = None
            return
        for _ in range(missed + (self._waiting is not None)):
            self._count(True)
        self._waiting = messages

    def flush(self) -> None:
        """Send what waits."""
        messages, self._waiting = self._waiting, None
        if messages is None or self.channel.readyState != "open":
            return
        has_room = self.channel.bufferedAmount <= MAX_BUFFERED_BYTES
        self._count(not (has_room and send_whole(self.channel, messages)))


class Broadcast(Generic[T]):
    """A sink that serves any number of subscriptions, in the fan-out as long as there are any.

    ``send`` is called on the room's thread, where each form's messages are made, once for all. The loop is called
    once a frame: the publisher's own subscription is served there and then, the viewers' when it is their turn.
    """

    def __init__(
        self,
        fanout: Fanout[T],
        encoders: Mapping[str, Callable[[T], Messages]],
        turns: FairQueue,
    ) -> None:
        """``encoders``: by the name of the form in which a client wants it. Called on the room's thread."""
        self._fanout = fanout
        self._encoders = encoders
        self._turns = turns
        self._loop = asyncio.get_running_loop()
        self._first: tuple[Subscription, ...] = ()
        self._others: tuple[Subscription, ...] = ()
        self._handing_over = threading.Lock()
        self._waiting: dict[str, Messages] | None = None
        "The last frame's messages, until the loop takes them. When it is filled, a flush is on its way."
        self._missed = 0
        "Frames that were replaced before the loop took them."

    def attach(
        self, channel: Channel, form: str, count: Callable[[bool], None], *, first: bool = False
    ) -> Subscription:
        """Send on this channel, too. ``first``: before all others. Raises ``KeyError`` where there is no such form."""
        self._encoders[form]
        subscription = Subscription(channel, form, count)
        if first:
            self._first = (*self._first, subscription)
        else:
            self._others = (*self._others, subscription)
        self._fanout.add(self)
        return subscription

    def detach(self, subscription: Subscription) -> None:
        """Send nothing more on a channel. Doing it again does nothing."""
        self._first = tuple(other for other in self._first if other is not subscription)
        self._others = tuple(other for other in self._others if other is not subscription)
        if not len(self):
            self._fanout.remove(self)

    def send(self, item: T) -> None:
        """Make a frame's messages and leave them to the loop."""
        subscriptions = (*self._first, *self._others)
        forms = {subscription.form for subscription in subscriptions if subscription.channel.readyState == "open"}
        if not forms:
            return
        messages = {form: self._encoders[form](item) for form in forms}
        with self._handing_over:
            is_late, self._waiting = self._waiting is not None, messages
            self._missed += is_late
        if not is_late and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._flush)

    def close(self) -> None:
        """Send nothing more."""
        self._first = self._others = ()

    def _flush(self) -> None:
        with self._handing_over:
            messages, self._waiting = self._waiting or {}, None
            missed, self._missed = self._missed, 0
        for subscription in self._first:
            if subscription.form in messages:
                subscription.put(messages[subscription.form], missed)
                subscription.flush()
        for subscription in self._others:
            if subscription.form in messages:
                subscription.put(messages[subscription.form], missed)
                self._turns.ask(subscription)

    def __len__(self) -> int:
        """How many channels are served."""
        return len(self._first) + len(self._others)
