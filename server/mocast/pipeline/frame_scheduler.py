"""Whose frame is worked on next when there are more rooms than cores."""

import threading
from collections import deque


class FrameScheduler:
    """So many places to work at, given to whoever has waited longest.

    Who has had a turn waits behind all others for the next. So between two turns of a room every other room has one at
    most, however fast its frames come and however long they take.
    """

    def __init__(self, places: int) -> None:
        self._changing = threading.Lock()
        self._free = places
        self._waiting: deque[Turn] = deque()

    def turn(self) -> "Turn":
        """Return what one thread takes its turns with."""
        return Turn(self)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def join(self, turn: "Turn") -> None:
        """Give it a place, or let it wait."""
        with self._changing:
            if turn.is_given_up:
                return
            if self._free:
                self._free -= 1
                turn.has_place = True
            else:
                turn.woken.clear()
                self._waiting.append(turn)

    def leave(self, turn: "Turn") -> None:
        """Give its place, if it has one, to whoever has waited longest."""
        with self._changing:
            if not turn.has_place:
                return
            turn.has_place = False
            if self._waiting:
                following = self._waiting.popleft()
                following.has_place = True
                following.woken.set()
            else:
                self._free += 1

    def give_up(self, turn: "Turn") -> None:
        """Let it wait no longer, now or later."""
        with self._changing:
            turn.is_given_up = True
            if turn in self._waiting:
                self._waiting.remove(turn)
                turn.woken.set()


class Turn:
    """One thread's: ``with turn:`` waits for a place and holds it until the block ends."""

    def __init__(self, turns: FrameScheduler) -> None:
        self.has_place = False
        self.is_given_up = False
        self.woken = threading.Event()
        "Not set while it waits."
        self.woken.set()
        self._turns = turns

    def __enter__(self) -> None:
        self._turns.join(self)
        self.woken.wait()

    def __exit__(self, *_: object) -> None:
        self._turns.leave(self)

    def give_up(self) -> None:
        """Enter blocks without a place from now on, also the one that is being waited for. From any thread."""
        self._turns.give_up(self)
