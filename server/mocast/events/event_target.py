"""A target of events: a bounded queue, and a task that delivers them in order and tries again, holding up nobody."""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

import structlog

from mocast.events.target_address import TargetAddress
from mocast.model.analysis import Event
from mocast.pipeline.bounded_queue import BoundedQueue
from mocast.pipeline.slot import in_loop
from mocast.retry_delays import RetryDelays

MOST_WAITING: Final = 256
"""Events that wait for a target. Then the oldest is dropped and counted."""
KEEP_S: Final = 300.0
"""An event that could not be delivered for this long is dropped and counted: it is no news any more."""
LONGEST_DELAY_S: Final = 30.0
CLOSE_S: Final = 2.0
"""For which the events that wait at the server's end are still delivered."""

Fate = Literal["delivered", "dropped", "failed"]
"""``failed``: attempts, of which an event may have several."""

log = structlog.get_logger(__name__)


class NotDelivered(Exception):
    """An attempt has failed; the text says why, in a sentence without the target's address."""

    def __init__(self, reason: str, retry_after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class TargetGone(NotDelivered):
    """The target wants no event ever again."""


@dataclass(frozen=True, slots=True)
class SentEvent:
    """An event on its way to a target."""

    event: Event
    room: str
    id: str = field(default_factory=lambda: f"evt_{secrets.token_hex(12)}")
    "The same in every attempt, so that the receiver can tell that it has it already."
    wanted_at_s: float = field(default_factory=time.monotonic)


class EventSender(Protocol):
    """Speaks a target's protocol. Used by one task."""

    async def open(self) -> None:
        """Connect, where the protocol does that first. Raises ``NotDelivered``."""

    async def send(self, sent: SentEvent) -> None:
        """Deliver one event. Raises ``NotDelivered``, after which it is closed and opened again."""

    async def lost(self) -> str:
        """Wait until the connection that ``open`` made is lost; return why."""

    async def close(self) -> None:
        """Close the connection. May be called at any time."""


class EventTarget:
    """One target: takes events on any thread and delivers them in a task of the event loop."""

    def __init__(self, address: TargetAddress, label: str, sender: EventSender) -> None:
        """``label``: in metrics and logs."""
        self.address = address
        self.label = label
        self._counts: Counter[Fate] = Counter()
        self._sender = sender
        self._arrived = asyncio.Event()
        self._waiting: BoundedQueue[SentEvent] = BoundedQueue(MOST_WAITING, in_loop(self._arrived.set))
        self._current: SentEvent | None = None
        "What is being delivered, until it is."
        self._is_closing = False
        self._retry_after_s = 0.0
        "What the target asked for when it failed last."
        self._said = ""
        self._task: asyncio.Task[None] | None = None

    def wants(self, room: str) -> bool:
        """Return whether it is sent events of a room."""
        return self.address.options.room in (None, room)

    def put(self, event: Event, room: str) -> None:
        """Take an event; never blocks. Called on any thread."""
        if self.address.options.wants(event):
            self._waiting.put(SentEvent(event, room))

    @property
    def waiting(self) -> int:
        """Events that wait."""
        return len(self._waiting) + (self._current is not None)

    def start(self) -> None:
        """Begin to deliver. On the event loop."""
        self._task = asyncio.create_task(self._run(), name=f"events to {self.label}")

    async def close(self) -> None:
        """Deliver what waits, for ``CLOSE_S`` at most, and end."""
        if self._task is None:
            return
        self._is_closing = True
        self._arrived.set()
        if not self._said:
            await asyncio.wait([self._task], timeout=CLOSE_S)
        self._task.cancel()
        await asyncio.wait([self._task])

    def count(self, fate: Fate) -> int:
        """Return how many events, or attempts, met this fate."""
        self._count_dropped()
        return self._counts[fate]

    def _count_dropped(self) -> None:
        """Count what the queue dropped."""
        self._counts["dropped"] += self._waiting.take_dropped()

    async def _run(self) -> None:
        delays = RetryDelays(LONGEST_DELAY_S)
        try:
            while True:
                if await self._deliver_until_it_fails(delays.reset):
                    break
                await asyncio.sleep(delays.next_s(self._retry_after_s))
        finally:
            await self._sender.close()

    async def _deliver_until_it_fails(self, on_delivered: Callable[[], None]) -> bool:
        """Deliver until an attempt fails or it is closed; return whether it is closed."""
        try:
            await self._sender.open()
            await self._deliver_all(on_delivered)
        except TargetGone as error:
            self._say(f"{error}; it is sent no more events")
            await self._discard_all()
        except NotDelivered as error:
            self._counts["failed"] += 1
            self._retry_after_s = min(error.retry_after_s, KEEP_S)
            self._say(str(error))
            await self._sender.close()
            return self._is_closing
        except Exception:  # a fault of ours, or of a library's; the event is tried again like any other
            self._counts["failed"] += 1
            log.exception("event target failed", target=self.label)
            await self._sender.close()
            return self._is_closing
        return True

    async def _deliver_all(self, on_delivered: Callable[[], None]) -> None:
        """Deliver events as they come, until it is closed. Raises ``NotDelivered``; the event stays the next one."""
        while True:
            self._count_dropped()
            self._current = self._current or self._waiting.take()
            if self._current is None:
                if self._is_closing:
                    return
                await self._wait_for_event()
            elif time.monotonic() - self._current.wanted_at_s > KEEP_S:
                self._current = None
                self._counts["dropped"] += 1
            else:
                await self._sender.send(self._current)
                self._current = None
                self._counts["delivered"] += 1
                self._say("")
                on_delivered()

    async def _wait_for_event(self) -> None:
        """Wait for the next event. Raises ``NotDelivered`` where the connection is lost first."""
        self._arrived.clear()
        if len(self._waiting) or self._is_closing:
            return
        arrived, lost = asyncio.create_task(self._arrived.wait()), asyncio.create_task(self._sender.lost())
        try:
            await asyncio.wait([arrived, lost], return_when=asyncio.FIRST_COMPLETED)
            if not arrived.done():
                raise NotDelivered(lost.result())
        finally:
            arrived.cancel()
            lost.cancel()

    async def _discard_all(self) -> None:
        """Drop and count all that comes, until it is closed."""
        while not self._is_closing:
            self._count_dropped()
            self._current = self._current or self._waiting.take()
            if self._current is None:
                self._arrived.clear()
                await self._arrived.wait()
            else:
                self._current = None
                self._counts["dropped"] += 1

    def _say(self, reason: str) -> None:
        """Log what is wrong with the target when that changes."""
        if reason == self._said:
            return
        self._said = reason
        if reason:
            log.warning("event target fails", target=self.label, at=self.address.name, reason=reason)
        else:
            log.info("event target takes events again", target=self.label, at=self.address.name)
