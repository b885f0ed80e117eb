"""The frame scheduler: whose frame is worked on next when there are more rooms than cores."""

import threading
import time
from collections import deque
from collections.abc import Callable


class FrameScheduler:
    """A fair semaphore: a fixed number of slots to work in, each given to the ticket that has waited longest.

    A ticket that had a slot waits behind all others for its next one; ``Ticket.follow_soon`` makes one exception, never
    two in a row. So between two frames of a room every other room has two at most, however fast its frames come and
    however long they take.
    """

    def __init__(self, slots: int, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock``: seconds."""
        self.slots = slots
        self.clock = clock
        self._changing = threading.Lock()
        self._free = slots
        self._free_s = 0.0
        "For which slots were free, of all together, until ``_changed_s``."
        self._changed_s = clock()
        self._first: deque[Ticket] = deque()
        "Those that go before all others."
        self._waiting: deque[Ticket] = deque()

    def ticket(self) -> "Ticket":
        """Return a ticket for one thread."""
        return Ticket(self)

    @property
    def waiting(self) -> int:
        """How many tickets wait."""
        return len(self._first) + len(self._waiting)

    @property
    def free_s(self) -> float:
        """Seconds for which slots were free, of all slots together."""
        with self._changing:
            self._count_free()
            return self._free_s

    def _count_free(self) -> None:
        """To be called before the number of free slots changes."""
        now_s = self.clock()
        self._free_s += self._free * (now_s - self._changed_s)
        self._changed_s = now_s

    def join(self, ticket: "Ticket") -> None:
        """Give the ticket a slot, or let it wait."""
        with self._changing:
            if ticket.is_cancelled:
                return
            ticket.went_first, ticket.goes_first = ticket.goes_first, False
            if self._free:
                self._count_free()
                self._free -= 1
                ticket.has_slot = True
            else:
                ticket.woken.clear()
                (self._first if ticket.went_first else self._waiting).append(ticket)

    def leave(self, ticket: "Ticket") -> None:
        """Give the ticket's slot, if it has one, to the one that has waited longest."""
        with self._changing:
            if not ticket.has_slot:
                return
            ticket.has_slot = False
            if waiting := self._first or self._waiting:
                following = waiting.popleft()
                following.has_slot = True
                following.woken.set()
            else:
                self._count_free()
                self._free += 1

    def cancel(self, ticket: "Ticket") -> None:
        """Let the ticket wait no longer, now or later."""
        with self._changing:
            ticket.is_cancelled = True
            for waiting in (self._first, self._waiting):
                if ticket in waiting:
                    waiting.remove(ticket)
                    ticket.woken.set()


class Ticket:
    """What one thread queues with: ``with ticket:`` waits for a slot and holds it until the block ends."""

    def __init__(self, scheduler: FrameScheduler) -> None:
        self.has_slot = False
        self.is_cancelled = False
        self.goes_first = self.went_first = False
        "Whether its next slot is given to it before those that wait, and whether its last one was."
        self.woken = threading.Event()
        "Cleared while it waits."
        self.woken.set()
        self.turns = 0
        "How often it had a slot."
        self._scheduler = scheduler
        self._away: tuple[float, float | None] = 0.0, scheduler.clock()
        "Seconds in which it neither had nor waited for a slot, and since when it does so again; ``None``: it does not."

    def __enter__(self) -> None:
        self._away = self.away_s, None
        self._scheduler.join(self)
        self.woken.wait()
        self.turns += 1

    def __exit__(self, *_: object) -> None:
        self._scheduler.leave(self)
        self._away = self._away[0], self._scheduler.clock()

    @property
    def away_s(self) -> float:
        """Seconds in which it neither had a slot nor waited for one. From any thread."""
        away_s, left_s = self._away
        return away_s if left_s is None else away_s + self._scheduler.clock() - left_s

    def follow_soon(self) -> None:
        """Get the next slot ahead of those that wait, but not twice in a row. From the thread that has a slot."""
        self.goes_first = not self.went_first

    def give_back(self) -> None:
        """Give back the slot of a thread that hangs. From any thread."""
        self._scheduler.leave(self)

    def cancel(self) -> None:
        """Let ``with`` blocks begin without a slot from now on, also one that waits for it now. From any thread."""
        self._scheduler.cancel(self)
